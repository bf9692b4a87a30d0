// The list of jobs: j and k lead down and up its rows, Enter opens one, and newer jobs of a filtered list are counted.

import { onKey } from "./keys.js";

const PERIOD = 10000;
const place = document.getElementById("newer");

function rows() { return [...document.querySelectorAll("#jobs tbody th a")]; }

function step(by) {
  const all = rows();
  const here = all.indexOf(document.activeElement?.closest("tr")?.querySelector("th a"));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

async function count() {
  if (document.hidden) return;
  try {
    const answer = await fetch(place.dataset.newer, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
  } catch { /* the next one may come through */ }
}

onKey("j", () => step(1));
onKey("k", () => step(-1));
if (place?.dataset.newer) setInterval(count, PERIOD);
