// What every page does: times in the reader's own zone, a question before what cannot be undone, and live fragments.

import { listen } from "./live.js";
import { tellTimes } from "./times.js";

tellTimes(document);
setInterval(() => tellTimes(document), 1000);
listen(document.querySelector("main[data-live]"));

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

document.querySelector(".notice.bad[tabindex]")?.focus();
