// What every page does: times in one zone, a question before what cannot be undone, live fragments, menus, shortcuts,
// and the status.

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

// The title and the icon of the window say what is wrong, too: people watch it in another one. What is spoken is only
// that something else is wrong now, and not that it has been so for some seconds more.
const plain = document.querySelector("meta[name=title]")?.content;
document.getElementById("alarms")?.addEventListener("bellhop:changed", (event) => {
  const { short = "", severity = "good" } = event.target.querySelector("[data-short]")?.dataset ?? {};
  const title = short ? `⚠ ${short} · ${plain}` : plain;
  if (document.title === title) return;
  document.title = title;
  const icon = document.getElementById("icon");
  icon.href = icon.dataset[severity] ?? icon.href;
  document.getElementById("status-said").textContent = short || "All is well";
});

(document.querySelector(".notice.bad[tabindex]:not([data-sample] *)") ?? document.querySelector("[aria-invalid=true]:not([data-sample] *)"))?.focus();
