// Buttons that copy: <button data-copies="id"> what an element shows, <button data-copied-text="..."> a text.
// Without this module they are hidden, and what they would copy can be selected.

const SHOWN = 2000; // for so long a button says that it has copied

function show(root) {
  for (const button of root.querySelectorAll(".copy[hidden]")) button.hidden = false;
}

// What is written in an element, without its headings: folded frames are copied too, and not what they are called.
function textOf(element) {
  const texts = element.matches("pre") ? [element] : [...element.querySelectorAll("p, pre, li")].filter((part) => !part.parentElement.closest("pre"));
  return texts.map((part) => part.textContent.replace(/\n$/, "")).join("\n");
}

async function copy(button) {
  const target = document.getElementById(button.dataset.copies);
  const text = button.dataset.copiedText ?? textOf(target);
  try {
    await navigator.clipboard.writeText(text);
    say(button, "Copied");
  } catch { // over plain HTTP browsers let no page copy
    getSelection().selectAllChildren(target ?? button.previousElementSibling);
    say(button, "Selected");
  }
}

function say(button, words) {
  const before = button.dataset.words ??= button.textContent;
  button.textContent = words;
  status.textContent = words;
  setTimeout(() => { if (button.textContent === words) button.textContent = before; }, SHOWN);
}

const status = Object.assign(document.createElement("p"), { className: "visually-hidden", role: "status" });
document.body.append(status);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".copy");
  if (button) copy(button);
});
document.addEventListener("bellhop:changed", (event) => show(event.target));
show(document);
