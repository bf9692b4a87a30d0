// What every page does: times in one zone, a question before what cannot be undone, live fragments, menus, shortcuts,
// and the alarm.

import { offerKeys } from "./keys.js";
import { listen } from "./live.js";
import { offerMenus } from "./menus.js";
import { heardOf, nameZone, formatTimes } from "./times.js";

heardOf(document);
nameZone();
formatTimes(document);
setInterval(() => formatTimes(document), 1000);
listen(document.querySelector("main[data-live]"));
offerMenus();
offerKeys();

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

// The title of the window says so too when nothing runs: people watch it in another one.
const plain = document.querySelector("meta[name=title]")?.content;
document.getElementById("alarms")?.addEventListener("bellhop:changed", (event) => {
  const alarm = event.target.querySelector("[data-short]")?.dataset.short;
  document.title = alarm ? `⚠ ${alarm} · ${plain}` : plain;
});

(document.querySelector(".notice.bad[tabindex]:not([data-sample] *)") ?? document.querySelector("[aria-invalid=true]:not([data-sample] *)"))?.focus();
