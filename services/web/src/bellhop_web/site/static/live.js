// Live fragments: <main data-live="topic topic"> listens to one stream of events and replaces the inner HTML of the
// elements that an event names. The mark says whether what is shown is live, and since when it is not.
// Without this module a page shows what was true when it was loaded.

import { clock, freeze, heardOf, serverNow, formatTimes, thaw } from "./times.js";

const SILENCE = 25000; // the server gives a sign of life every 10 s
const shown = new Map(), held = new Map();
let pressed = false;

function replace(id, html) {
  const element = document.getElementById(id);
  if (!element || shown.get(id) === html) return;
  if (pressed || isPointedAt(element)) {
    held.set(id, html);
    element.classList.toggle("held", !pressed);
    return;
  }
  held.delete(id);
  element.classList.remove("held");
  shown.set(id, html);
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...element.querySelectorAll("details[open][id]")].map((details) => details.id);
  element.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const token = document.querySelector("meta[name=csrf-token]").content;
  for (const field of element.querySelectorAll("input[name=csrf_token]")) field.value = token;
  formatTimes(element);
  if (focused) document.getElementById(focused)?.focus();
  element.dispatchEvent(new CustomEvent("bellhop:changed", { bubbles: true }));
}

// A list does not move while somebody points at it: what has come is shown when the pointer leaves it.
function isPointedAt(element) {
  return "hold" in element.dataset && matchMedia("(hover: hover)").matches && element.matches(":hover");
}

function release() {
  for (const [id, html] of [...held]) replace(id, html);
}

function watchPointer() {
  document.addEventListener("pointerdown", () => { pressed = true; });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => setTimeout(() => { pressed = false; release(); }));
  }
  for (const element of document.querySelectorAll("[data-hold]")) element.addEventListener("mouseleave", release);
}

class Refusal extends Error {
  constructor(answer) {
    super(`refused with ${answer.status}`);
    this.status = answer.redirected ? 401 : answer.status;
    this.pause = 1000 * Math.min(Number(answer.headers.get("Retry-After")) || 10, 60);
  }
}

async function read(url, signal, hear) {
  const answer = await fetch(url, { signal, cache: "no-store", headers: { Accept: "text/event-stream" } });
  if (!answer.ok || answer.redirected) throw new Refusal(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const name = /^event: (.*)$/m.exec(event)?.[1];
      if (name) hear(name, JSON.parse(/^data: (.*)$/m.exec(event)[1]));
    }
  }
}

const ENDS = {
  401: ["signed-out", "Signed out", "Sign in", () => `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`],
  403: ["signed-out", "You no longer have access to this", "Sign in", () => "/sign-in"],
  410: ["ended", "This is not there any more", "Load the page again", () => location.href],
  other: ["ended", "Not live", "Load the page again", () => location.href],
};

class Mark {
  constructor(main) {
    this.main = main;
    this.element = document.getElementById("live-mark");
    this.tries = document.getElementById("live-tries"); // beside the mark, which is read out when it changes
    this.tried = 0;
    this.own = "own" in main.dataset;
    this.loaded = [...(this.element?.childNodes ?? [])]; // as of when a page was loaded that is not live itself
    this.heard = heardOf(document);
    this.say("connecting");
  }

  say(state, words = "", link = null) {
    if (this.main.dataset.liveState === state) return;
    this.main.dataset.liveState = state;
    if (state !== "waiting") this.count(0);
    this.main.classList.toggle("stale", this.own && !["open", "connecting"].includes(state));
    if (!this.element) return;
    if (state === "open" && !this.own) this.element.replaceChildren(...this.loaded);
    else if (state !== "connecting") this.element.replaceChildren(words, ...(link ? [" ", link] : []));
  }

  count(tried) {
    this.tried = tried;
    if (this.tries) this.tries.textContent = tried > 1 ? `${tried} tries` : "";
  }

  live() {
    this.heard = serverNow();
    thaw();
    this.say("open", "Live");
  }

  waiting() {
    if (this.own) freeze(this.heard);
    this.say("waiting", `Reconnecting since ${clock(this.heard)}`);
  }

  retrying() {
    this.waiting();
    this.count(this.tried + 1);
  }

  ended(status) {
    const [state, words, label, address] = ENDS[status] ?? ENDS.other;
    if (this.own) freeze(this.heard);
    const link = Object.assign(document.createElement("a"), { href: address(), textContent: label });
    this.say(state, `${words}; as of ${clock(this.heard)}.`, link);
  }
}

export function listen(main) {
  const topics = main?.dataset.live.trim();
  if (!topics) return;
  const url = `/live?${new URLSearchParams(topics.split(/\s+/).map((topic) => ["topic", topic]))}`;
  const mark = new Mark(main);
  let controller, silence, again;

  function hear(name, data) {
    if (name === "gone") return end(410);
    if (name === "beat") heardOf(data);
    clearTimeout(silence);
    silence = setTimeout(open, SILENCE);
    mark.live();
    if (name === "fragments") for (const [id, html] of Object.entries(data)) replace(id, html);
  }
  function close() {
    clearTimeout(again);
    clearTimeout(silence);
    controller?.abort();
    controller = undefined;
  }
  function end(status) {
    close();
    mark.ended(status);
  }
  async function open(first) {
    close();
    if (!first) mark.retrying();
    const mine = controller = new AbortController();
    silence = setTimeout(open, SILENCE);
    let pause = 1000 + 2000 * Math.random();
    try {
      await read(url, mine.signal, (name, data) => mine === controller && hear(name, data));
    } catch (error) {
      if (mine !== controller) return;
      if (error.status && ![408, 429, 500, 502, 503, 504].includes(error.status)) return end(error.status);
      pause = error.pause ?? pause;
    }
    if (mine !== controller) return;
    clearTimeout(silence);
    mark.waiting();
    again = setTimeout(open, pause);
  }
  function over() { return ["signed-out", "ended"].includes(main.dataset.liveState); }
  // A page that nobody sees gives its connection back: over HTTP/1.1 a browser has only six for all its windows.
  function follow(event) { if (document.hidden) close(); else if (!over()) open(!event); }

  watchPointer();
  document.addEventListener("visibilitychange", follow);
  addEventListener("online", follow);
  addEventListener("offline", () => { if (!over()) { close(); mark.waiting(); again = setTimeout(open, 1000); } });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && follow(event));
  follow();
}
