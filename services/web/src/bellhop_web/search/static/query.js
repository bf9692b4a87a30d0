// The query box: / and Ctrl-K lead into it, and what fits in the place of the word that is typed is offered below it.

import { onKey } from "./keys.js";

const input = document.querySelector("input[data-suggest]");
const list = document.getElementById("q-suggestions");
const PAUSE = 120;
let asked, waiting, chosen = -1;

// The word in which the caret stands: a blank between quotes parts no words.
function word() {
  const before = input.value.slice(0, input.selectionStart);
  const begin = /(?:[^\s"]|"(?:[^"\\]|\\.)*(?:"|$))*$/.exec(before).index;
  return { begin, end: input.selectionStart, text: before.slice(begin) };
}

function close() {
  list.hidden = true;
  chosen = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function choose(number) {
  const all = [...list.children];
  chosen = (number + all.length) % all.length;
  all.forEach((one, place) => one.setAttribute("aria-selected", String(place === chosen)));
  all[chosen].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", all[chosen].id);
}

function take(suggestion) {
  const { begin, end } = word();
  const whole = !/[:.]$/.test(suggestion);
  const rest = input.value.slice(end);
  const added = suggestion + (whole && !rest.startsWith(" ") ? " " : "");
  input.value = input.value.slice(0, begin) + added + rest;
  input.setSelectionRange(begin + added.length, begin + added.length);
  close();
  if (!whole) look();
}

function show(suggestions) {
  list.replaceChildren(...suggestions.map(({ text, words }, place) => {
    const item = document.createElement("li");
    item.id = `q-suggestion-${place}`;
    item.role = "option";
    item.setAttribute("aria-selected", "false");
    item.append(Object.assign(document.createElement("code"), { textContent: text }));
    if (words) item.append(Object.assign(document.createElement("small"), { textContent: words }));
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(text); });
    return item;
  }));
  list.hidden = !suggestions.length;
  chosen = -1;
  input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-expanded", String(!list.hidden));
}

async function look() {
  asked?.abort();
  asked = new AbortController();
  const { text } = word();
  try {
    const answer = await fetch(`${input.dataset.suggest}?${new URLSearchParams({ word: text })}`, { signal: asked.signal });
    if (!answer.ok) return close();
    const { suggestions } = await answer.json();
    if (document.activeElement === input && text === word().text) show(suggestions.filter((one) => one.text !== text));
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
}

function press(event) {
  if (event.key === "Escape" && !list.hidden) return event.preventDefault(), close();
  if (event.key === "ArrowDown" && list.hidden) return event.preventDefault(), look();
  if (list.hidden) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
  } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
    event.preventDefault();
    take(list.children[chosen].firstChild.textContent);
  }
}

function enter() {
  input.focus();
  input.setSelectionRange(input.value.length, input.value.length);
}

if (input) {
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    input.setAttribute(name, value);
  }
  input.addEventListener("input", soon);
  input.addEventListener("keydown", press);
  input.addEventListener("blur", close);
  onKey("/", enter);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    enter();
  });
}
