// The time bar: dragging across it shows the time between, and its dates are those of the reader's zone.
// Without this module the same is done by the two fields and in the page's own zone.

import { zone } from "./times.js";

const CLICK = 5; // pixels; what moved less was no drag
const MINUTE = 60000;

function show(since, until) {
  const query = new URLSearchParams(location.search);
  for (const name of ["range", "zone"]) query.delete(name);
  query.set("since", new Date(since).toISOString());
  query.set("until", new Date(until).toISOString());
  location.search = query;
}

// Where on the plot a pointer is, between 0 and 1.
function share(plot, event) {
  const { left, width } = plot.getBoundingClientRect();
  return Math.min(Math.max((event.clientX - left) / width, 0), 1);
}

class Brush {
  constructor(plot, event) {
    this.plot = plot;
    this.from = this.to = share(plot, event);
    this.start = event.clientX;
    this.drags = false;
  }

  move(event) {
    this.drags ||= Math.abs(event.clientX - this.start) >= CLICK;
    if (!this.drags) return;
    this.to = share(this.plot, event);
    this.box ??= this.plot.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
    const { width, height } = this.plot.viewBox.baseVal;
    const facts = { class: "brush", y: 0, height, x: width * Math.min(this.from, this.to), width: width * Math.abs(this.to - this.from) };
    for (const [name, value] of Object.entries(facts)) this.box.setAttribute(name, value);
  }

  end() {
    this.box?.remove();
    if (!this.drags) return;
    const { since, until } = this.plot.closest(".timebar").dataset;
    const [first, last] = [Date.parse(since), Date.parse(until)];
    const at = (part) => Math.round((first + (last - first) * part) / MINUTE) * MINUTE;
    const [begin, end] = [this.from, this.to].sort((one, other) => one - other).map(at);
    show(begin, Math.max(end, begin + MINUTE));
  }
}

function watch(main) {
  let brush;
  main.addEventListener("pointerdown", (event) => {
    const plot = event.target.closest?.(".timebar .plot");
    if (plot && event.button === 0 && event.pointerType !== "touch") brush = new Brush(plot, event);
  });
  document.addEventListener("pointermove", (event) => brush?.move(event));
  document.addEventListener("pointerup", () => {
    const ended = brush;
    brush = undefined;
    ended?.end();
    if (ended?.drags) document.addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
  });
  document.addEventListener("pointercancel", () => { brush?.box?.remove(); brush = undefined; });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && brush) { brush.box?.remove(); brush = undefined; }
  });
  main.addEventListener("dragstart", (event) => { if (event.target.closest?.(".plot")) event.preventDefault(); });
}

// As a field for dates and times has it, in the reader's zone.
function typed(moment) {
  const shape = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  const found = Object.fromEntries(new Intl.DateTimeFormat("en-GB", shape).formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));
  return `${found.year}-${found.month}-${found.day}T${found.hour}:${found.minute}`;
}

function nameZones() {
  for (const link of document.querySelectorAll("a[data-zoned]")) {
    const address = new URL(link.href);
    address.searchParams.set("zone", zone);
    link.href = address;
  }
  for (const form of document.querySelectorAll("form[data-zoned]")) {
    form.elements.namedItem("zone").value = zone;
    for (const field of form.querySelectorAll("[data-at]")) field.value = typed(field.dataset.at);
  }
}

nameZones();
watch(document.getElementById("content"));
