// Times: <time datetime> in the reader's own zone, and <time class="ago"> as how long ago.

const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

export function inWords(seconds) {
  let left = Math.round(Math.abs(seconds));
  const words = [];
  for (const [unit, size] of UNITS) {
    if (left >= size) words.push(`${Math.floor(left / size)} ${unit}`);
    left %= size;
  }
  return words.slice(0, 2).join(" ") || "0 s";
}

function told(time, now) {
  const moment = new Date(time.dateTime);
  if (!time.classList.contains("ago")) return full.format(moment);
  const distance = (now - moment) / 1000;
  if (Math.abs(distance) < 1) return "now";
  return distance > 0 ? `${inWords(distance)} ago` : `in ${inWords(distance)}`;
}

export function tellTimes(root) {
  const now = Date.now();
  for (const time of root.querySelectorAll("time[datetime]")) {
    const words = told(time, now);
    if (time.textContent !== words) time.textContent = words;
    if (!time.dataset.told) {
      time.dataset.told = "yes";
      time.title = `${full.format(new Date(time.dateTime))} (${time.dateTime})`;
    }
  }
}
