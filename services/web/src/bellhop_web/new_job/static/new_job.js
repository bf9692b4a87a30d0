// The page of a new job: tasks are found while one types, and dates are those of the reader's zone.

import { zone } from "./times.js";

const field = document.querySelector("input[name=zone]");
if (field && !document.querySelector("[aria-invalid=true]")) {
  field.value = zone;
  for (const name of document.querySelectorAll("[data-zone-of-form]")) name.textContent = zone;
}

const filter = document.querySelector("[data-filter]");
const tasks = [...document.querySelectorAll("#tasks > li")];

function find() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const task of tasks) task.hidden = !words.every((word) => task.textContent.toLowerCase().includes(word));
  const found = tasks.filter((task) => !task.hidden).length;
  document.getElementById("found").textContent = `${found} ${found === 1 ? "task" : "tasks"}`;
  document.getElementById("none").hidden = found > 0;
}

filter?.addEventListener("input", find);
