// Live fragments: <main data-live="topic topic"> listens to one stream of events and replaces the inner HTML of the
// elements that an event names. Without this module a page shows what was true when it was loaded.

import { tellTimes } from "./times.js";

const shown = new Map();

function replace(id, html) {
  const element = document.getElementById(id);
  if (!element || shown.get(id) === html) return;
  shown.set(id, html);
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.innerHTML = html;
  tellTimes(element);
  if (focused) document.getElementById(focused)?.focus();
  element.dispatchEvent(new CustomEvent("bellhop:changed", { bubbles: true }));
}

export function listen(main) {
  const topics = main?.dataset.live.trim();
  if (!topics) return;
  const query = new URLSearchParams(topics.split(/\s+/).map((topic) => ["topic", topic]));
  let source;
  const open = () => {
    source = new EventSource(`/live?${query}`);
    source.onopen = () => { main.dataset.liveState = "open"; };
    source.onerror = () => { main.dataset.liveState = "waiting"; };
    source.addEventListener("fragments", (event) => {
      for (const [id, html] of Object.entries(JSON.parse(event.data))) replace(id, html);
    });
    source.addEventListener("bye", () => source.close());
  };
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
}
