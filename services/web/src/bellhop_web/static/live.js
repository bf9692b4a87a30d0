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
  const token = document.querySelector("meta[name=csrf-token]").content;
  for (const field of element.querySelectorAll("input[name=csrf_token]")) field.value = token;
  tellTimes(element);
  if (focused) document.getElementById(focused)?.focus();
  element.dispatchEvent(new CustomEvent("bellhop:changed", { bubbles: true }));
}

export function listen(main) {
  const topics = main?.dataset.live.trim();
  if (!topics) return;
  const query = new URLSearchParams(topics.split(/\s+/).map((topic) => ["topic", topic]));
  let source, later;
  const close = () => {
    clearTimeout(later);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    source = new EventSource(`/live?${query}`);
    source.onopen = () => { main.dataset.liveState = "open"; };
    source.onerror = () => {
      main.dataset.liveState = "waiting";
      // The browser comes back by itself from a lost connection, but not from a refusal.
      if (source?.readyState === EventSource.CLOSED) later = setTimeout(open, 10000 + 5000 * Math.random());
    };
    source.addEventListener("fragments", (event) => {
      for (const [id, html] of Object.entries(JSON.parse(event.data))) replace(id, html);
    });
  };
  // A page that nobody sees gives its connection back: over HTTP/1.1 a browser has only six for all its windows.
  const follow = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  follow();
}
