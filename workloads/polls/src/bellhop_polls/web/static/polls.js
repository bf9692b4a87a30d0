// Polls: how long each one stays open, counted down, and forms that go when it closes.

import { timeLeft } from "./time_left.js";
import { serverNow } from "./times.js";

function tell(root) {
  for (const element of root.querySelectorAll("[data-closes]")) {
    const words = timeLeft((new Date(element.dataset.closes) - serverNow()) / 1000);
    if (element.textContent !== words) element.textContent = words;
  }
  if (!document.querySelector("[data-closed]")) return;
  for (const part of document.querySelectorAll("[data-while-open]")) part.hidden = true;
}

tell(document);
setInterval(() => tell(document), 1000);
document.addEventListener("bellhop:changed", () => tell(document));
