// The form of a schedule: what it means and its next runs while one types, and the fields of the chosen task.

import { formatTimes } from "./times.js";

const place = document.getElementById("preview");
const form = place?.closest("form");
const FIELDS = ["csrf_token", "rule", "crontab", "interval_seconds", "interval_unit", "once_at", "time_zone", "starts_at", "ends_at"];
const PAUSE = 250, AGAIN = 1000;
let waiting, asked;

async function look() {
  asked?.abort();
  asked = new AbortController();
  const all = new FormData(form);
  const body = new URLSearchParams(FIELDS.map((name) => [name, all.get(name) ?? ""]));
  try {
    const answer = await fetch(place.dataset.preview, { method: "POST", body, signal: asked.signal });
    if (!answer.ok) return;
    place.innerHTML = await answer.text();
    formatTimes(place);
  } catch (error) {
    if (error.name !== "AbortError") waiting = setTimeout(look, AGAIN);
  }
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
}

// The server makes the fields of a task's arguments; with scripts they come without another page.
async function chooseTask() {
  const body = new URLSearchParams(new FormData(form));
  body.set("choose", "yes");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok || answer.redirected) throw new Error(`refused with ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["arguments", "of-jobs"]) document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
  } catch {
    form.querySelector(".choose").hidden = false;
  }
}

// A zone that nobody has chosen is that of the browser.
function offerZone() {
  const field = form.elements.time_zone;
  if (!("ofBrowser" in field.dataset) || field.value !== field.defaultValue) return;
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
}

if (form) {
  offerZone();
  form.querySelector(".choose").hidden = true;
  form.elements.task.addEventListener("change", chooseTask);
  form.addEventListener("click", (event) => {
    const preset = event.target.closest?.("[name=preset]");
    if (!preset) return;
    event.preventDefault();
    form.elements.crontab.value = preset.value;
    look();
  });
  form.addEventListener("input", (event) => { if (FIELDS.includes(event.target.name)) soon(); });
  look();
}
