// A field for a date and time: written and sent in UTC, shown and changed in the reader's own zone.

const field = document.querySelector("input[data-utc]");
const HOURS = [0.5, 1, 2];
let hint, words;
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
      field.value = local(new Date(Math.ceil(Date.now() / 60000) * 60000 + hours * 3600000)); // the field holds whole minutes
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    row.append(button);
  }
  field.after(row);
}

// Say what is odd about a time that the clock skips or shows twice.
function check() {
  const chosen = new Date(field.value);
  const known = !Number.isNaN(chosen.getTime());
  const skipped = known && local(chosen) !== field.value;
  field.setCustomValidity(skipped ? "This time does not exist in your time zone, for the clock goes forward." : "");
  const twice = known && !skipped && HOURS.some((hours) => local(new Date(chosen.getTime() + hours * 3600000)) === field.value);
  hint.textContent = twice ? `${words} This time comes twice, for the clock goes back; the first is taken.` : words;
}

if (field) {
  const sent = field.value;
  const written = new Date(`${sent}Z`);
  if (!Number.isNaN(written.getTime())) field.value = local(written);
  const shown = field.value;
  document.querySelector("[data-zone]").textContent = `your time zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  hint = document.getElementById("hint-closes_at");
  words = hint.textContent;
  addShortcuts();
  field.addEventListener("input", check);
  field.form.addEventListener("formdata", (event) => {
    const chosen = new Date(field.value);
    if (field.value === shown) event.formData.set(field.name, sent);
    else if (!Number.isNaN(chosen.getTime())) event.formData.set(field.name, utc(chosen));
  });
}
