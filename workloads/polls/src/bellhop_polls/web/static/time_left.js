// Time left in days, hours and minutes: the two largest that matter, and seconds in the last minute.

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

function count(number, unit) {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}

export function timeLeft(seconds) {
  if (seconds <= 0) return "closing";
  if (seconds < 60) return `${count(Math.ceil(seconds), "second")} left`;
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  let left = seconds;
  const words = UNITS.map(([unit, size]) => {
    const number = Math.floor(left / size);
    left %= size;
    return number ? count(number, unit) : "";
  });
  return `${words.slice(first, first + 2).filter(Boolean).join(", ")} left`;
}
