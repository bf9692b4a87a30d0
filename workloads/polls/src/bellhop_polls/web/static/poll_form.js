// The form of a new poll: options added and removed, names suggested from earlier polls, and a preview.

import { timeLeft } from "./time_left.js";
import { serverNow } from "./times.js";

const FEWEST = 2;
const MOST = 20;
const form = document.getElementById("new-poll");
const list = document.getElementById("options");
const add = document.getElementById("add-option");
const names = document.getElementById("names");
const preview = document.getElementById("preview");
const previewOf = (part) => preview.querySelector(`[data-preview=${part}]`);

const rows = () => [...list.querySelectorAll(".option")];
const inputs = () => [...list.querySelectorAll("input")];
const blank = list.querySelector(".option").cloneNode(true);

function take(row) {
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.textContent = "Remove";
  remove.addEventListener("click", () => {
    const place = rows().indexOf(row);
    row.remove();
    arrange();
    inputs()[Math.min(place, rows().length - 1)].focus();
  });
  row.append(remove);
}

function append() {
  const row = blank.cloneNode(true);
  row.querySelector("input").value = "";
  take(row);
  list.append(row);
  arrange();
  row.querySelector("input").focus();
}

function arrange() {
  rows().forEach((row, index) => {
    const [label, input, remove] = [row.querySelector("label"), row.querySelector("input"), row.querySelector("button")];
    const words = `Option ${index + 1}`;
    input.id = label.htmlFor = `field-options-${index + 1}`;
    label.textContent = input.placeholder = words;
    input.required = index < FEWEST;
    remove.hidden = rows().length <= FEWEST;
    remove.setAttribute("aria-label", `Remove option ${index + 1}`);
  });
  add.hidden = rows().length >= MOST;
  show();
}

function begin() {
  const all = rows();
  const written = all.filter((row) => row.querySelector("input").value);
  const kept = all.filter((row, index) => index < FEWEST || written.includes(row));
  list.replaceChildren(...kept);
  kept.forEach(take);
  arrange();
}

function bar(name) {
  const item = document.createElement("li");
  const words = document.createElement("span");
  words.className = "name";
  words.textContent = name;
  const count = document.createElement("span");
  count.className = "count";
  count.textContent = "0";
  const meter = document.createElement("meter");
  meter.setAttribute("aria-label", `${name}: 0 votes`);
  item.append(words, count, meter);
  return item;
}

function show() {
  previewOf("title").textContent = form.elements.title.value.trim();
  const written = inputs().map((input) => input.value.trim() || input.placeholder);
  previewOf("options").replaceChildren(...written.map(bar));
  const closes = new Date(form.elements.closes_at.value);
  previewOf("left").textContent = Number.isNaN(closes.getTime()) ? "" : timeLeft((closes - serverNow()) / 1000).replace("closing", "already closed");
}

let asked;
function suggest(typed) {
  clearTimeout(asked);
  asked = setTimeout(async () => {
    const answer = await fetch(`/api/polls/options?${new URLSearchParams({ q: typed })}`).catch(() => undefined);
    if (!answer?.ok) return;
    const { options } = await answer.json();
    names.replaceChildren(...options.map((name) => Object.assign(document.createElement("option"), { value: name })));
  }, 150);
}

begin();
preview.hidden = false;
add.addEventListener("click", append);
form.addEventListener("input", (event) => {
  show();
  if (event.target.name === "options") suggest(event.target.value);
});
list.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.name !== "options") return;
  event.preventDefault();
  const next = inputs()[inputs().indexOf(event.target) + 1];
  if (next) next.focus();
  else if (rows().length < MOST) append();
});
