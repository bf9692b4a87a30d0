// The form of a schedule: what it means and its next runs while one types, and what the chosen task takes.

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

function showTask() {
  for (const task of document.querySelectorAll("[data-task]")) {
    task.hidden = task.dataset.task !== form.elements.task.value;
    task.open = !task.hidden;
    if (task.open) offerArguments(task.dataset.args);
  }
}

// What nobody has typed yet gives way to what the chosen task requires.
function offerArguments(text) {
  const field = form.elements.args;
  if (field.value.trim() !== (field.dataset.offered ?? "{}")) return;
  field.value = field.dataset.offered = text;
}

if (form) {
  form.elements.task.addEventListener("change", showTask);
  showTask();
  form.addEventListener("input", (event) => { if (FIELDS.includes(event.target.name)) soon(); });
  look();
}
