// Forms made of a schema: fields and JSON are two views of the same value, and the server turns one into the other.
// With scripts that happens in place: when the view is changed, or the kind of a value that may be of several.

const PART = "[data-schema-form]";

async function show(part, view) {
  const form = part.closest("form");
  const body = new URLSearchParams(new FormData(form));
  body.set(`${part.dataset.schemaForm}:view`, view);
  part.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const made = page.querySelector(`[data-schema-form="${part.dataset.schemaForm}"]`);
    if (!made) throw new Error(`answered with ${answer.status}`);
    part.replaceWith(made);
    return made;
  } catch {
    return null; // the button then does it with the whole page, which says what is wrong
  } finally {
    part.removeAttribute("aria-busy");
  }
}

async function change(part, view, focus) {
  const made = await show(part, view);
  made?.querySelector(focus)?.focus();
  return made;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.(`${PART} button[name$=":view"]`);
  if (!button || button.dataset.plain) return;
  event.preventDefault();
  const part = button.closest(PART);
  if (await change(part, button.value, `button[value="${button.value}"]`)) return;
  button.dataset.plain = "yes";
  button.click();
});

document.addEventListener("change", (event) => {
  const choice = event.target.closest?.(`${PART} [data-branch]`);
  if (choice) change(choice.closest(PART), "fields", `[id="${choice.id}"]`);
});

document.documentElement.classList.add("scripts");
