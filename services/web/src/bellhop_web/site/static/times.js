// Times: <time datetime> in the reader's own zone, or in the page's, and <time class="ago"> as how long ago. The title
// of each names the moment in that zone and in UTC. All are told by the server's clock, and stand still while the page is not live: what it knew then is what it says.

const main = document.getElementById("content");
const OWN = Intl.DateTimeFormat().resolvedOptions().timeZone;
export const zone = main?.dataset.zone || OWN;
const SHAPES = {
  full: { day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minutes: { day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minute: { hour: "2-digit", minute: "2-digit" },
  "day-minute": { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit" },
  date: { day: "2-digit", month: "short", year: "numeric" },
};
SHAPES.exact = { ...SHAPES.full, fractionalSecondDigits: 3 }; // in titles alone
const OTHER = zone === "UTC" ? OWN : "UTC";
const formats = formatsIn(zone), others = formatsIn(OTHER);
const UNITS = [["y", 31536000], ["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
let ahead = 0, frozen;

function formatsIn(timeZone) {
  return Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [
    name, new Intl.DateTimeFormat("en-GB", { ...shape, hourCycle: "h23", timeZone }),
  ]));
}

// As the server writes it: 31 Jan 2030, 09:30:00.
function formatMoment(moment, shape, using = formats) {
  return using[shape].format(moment).replace(" at ", ", ").replace("Sept", "Sep");
}

// In the zone of the page, and in UTC as logs have it; in the browser's zone on a page in UTC.
function titleOf(moment) {
  const shape = moment.getMilliseconds() ? "exact" : "full";
  const words = `${formatMoment(moment, shape)} ${zone}`;
  return OTHER === zone ? words : `${words}\n${formatMoment(moment, shape, others)} ${OTHER}`;
}

export function clock(moment) { return formatMoment(new Date(moment), "second"); }

export function serverNow() { return Date.now() + ahead; }
export function freeze(moment) { frozen = moment; formatTimes(document); }
export function thaw() { if (frozen !== undefined) { frozen = undefined; formatTimes(document); } }

// Learn the server's clock, of the page or of a sign of life, and return what it said.
export function heardOf(source) {
  const page = source === document;
  const said = Date.parse(page ? document.querySelector("meta[name=now]")?.content : source.now);
  if (Number.isNaN(said)) return serverNow();
  const loaded = performance.getEntriesByType("navigation")[0];
  const came = page && loaded ? performance.timeOrigin + loaded.responseStart : Date.now();
  ahead = Math.abs(said - came) < 2000 ? 0 : said - came;
  return said;
}

export function inWords(seconds) {
  let left = Math.round(Math.abs(seconds));
  const words = [];
  for (const [unit, size] of UNITS) {
    if (left >= size) words.push(`${Math.floor(left / size)} ${unit}`);
    left %= size;
  }
  return words.slice(0, 2).join(" ") || "0 s";
}

// From ten minutes on nobody wants to see seconds pass.
function roughly(seconds) { return seconds < 600 ? seconds : seconds - seconds % 60; }

function describe(time, now) {
  const moment = new Date(time.dateTime);
  if (!time.classList.contains("ago")) return formatMoment(moment, time.dataset.shape ?? "full");
  const distance = (now - moment) / 1000;
  if (Math.abs(distance) < 1) return "now";
  const words = inWords(roughly(Math.abs(distance)));
  return distance > 0 ? `${words} ago` : `in ${words}`;
}

// Words of a chart or a hint, with moments in them as {2030-01-31T09:30:00+00:00|minute}.
function fill(words) {
  return words.replace(/\{(\d{4}-\d\d-\d\dT[\d:.]+\+00:00)\|([a-z-]+)\}/g, (_, moment, shape) => formatMoment(new Date(moment), shape));
}

export function formatTimes(root) {
  const now = frozen ?? serverNow();
  for (const time of root.querySelectorAll("time[datetime]")) {
    const words = describe(time, now);
    if (time.textContent !== words) time.textContent = words;
    if (!time.dataset.titled) {
      time.dataset.titled = "yes";
      time.title = titleOf(new Date(time.dateTime));
    }
  }
  for (const element of root.querySelectorAll("[data-words]")) {
    const words = fill(element.dataset.words);
    if (element.textContent !== words) element.textContent = words;
  }
  for (const element of root.querySelectorAll("[data-hint]")) element.title = fill(element.dataset.hint);
}

export function nameZone() {
  for (const element of document.querySelectorAll("[data-name-of-zone]")) element.textContent = zone;
  for (const element of document.querySelectorAll("[data-browser-zone]")) element.textContent = `: ${OWN}`;
}
