// Keyboard shortcuts: single keys that a page offers, the places of the bar after `g`, and the dialog that lists them.
// People whose speech or assistive software types letters switch them off in the dialog (WCAG 2.1.4).

const SETTING = "bellhop-single-keys", SECOND_KEY = 1500;
const handlers = new Map();
let afterG = 0;

function areOn() {
  try { return localStorage.getItem(SETTING) !== "off"; } catch { return true; }
}

function isTyping(element) {
  return element.closest?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]") != null;
}

// Call `handler` when this key is pressed, but not while somebody types, in a dialog, or with Ctrl, Alt or Meta.
export function onKey(key, handler) { handlers.set(key, handler); }

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

function goTo(key) {
  const link = [...document.querySelectorAll("a[data-key]")].find((one) => one.dataset.key === key);
  if (link) location.href = link.href;
  return Boolean(link);
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat && event.key === "g") return;
  if (!areOn() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const second = Date.now() - afterG < SECOND_KEY;
  afterG = 0;
  if (second && goTo(event.key)) return event.preventDefault();
  if (event.key === "g") afterG = Date.now();
  const handler = handlers.get(event.key);
  if (handler) {
    event.preventDefault();
    handler(event);
  }
}

export function offerKeys() {
  onKey("?", () => openDialog("shortcuts"));
  document.addEventListener("keydown", press);
  for (const opener of document.querySelectorAll("[data-opens]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => openDialog(opener.dataset.opens));
  }
  const box = document.getElementById("single-keys");
  if (!box) return;
  box.checked = areOn();
  box.addEventListener("change", () => { try { localStorage.setItem(SETTING, box.checked ? "on" : "off"); } catch { /* for this page alone */ } });
}
