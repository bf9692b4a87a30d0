// A field for a date and time: written and sent in UTC, shown and changed in the reader's own zone.

const field = document.querySelector("input[data-utc]");
const SHORTCUTS = [["in 1 hour", 1], ["in 1 day", 24], ["in 1 week", 168]];

// What a datetime-local field holds for a moment, read as local time or as UTC.
function local(moment) {
  return utc(new Date(moment - moment.getTimezoneOffset() * 60000));
}

function utc(moment) {
  return moment.toISOString().slice(0, 16);
}

function addShortcuts() {
  const row = document.createElement("div");
  row.className = "shortcuts";
  for (const [words, hours] of SHORTCUTS) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = words;
    button.addEventListener("click", () => {
      field.value = local(new Date(Date.now() + hours * 3600000));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    row.append(button);
  }
  field.after(row);
}

if (field) {
  const written = new Date(`${field.value}Z`);
  if (!Number.isNaN(written.getTime())) field.value = local(written);
  const zone = document.querySelector("[data-zone]");
  zone.textContent = `your time zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  addShortcuts();
  field.form.addEventListener("formdata", (event) => {
    const chosen = new Date(field.value);
    if (!Number.isNaN(chosen.getTime())) event.formData.set(field.name, utc(chosen));
  });
}
