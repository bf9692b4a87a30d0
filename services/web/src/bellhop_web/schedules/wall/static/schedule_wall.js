// The wall by keyboard: Tab leads to one mark of a row, arrows lead from mark to mark and from row to row.

const wall = document.getElementById("wall");
const cellsOf = (row) => [...row.querySelectorAll("a.cell")];

// Of each row one mark is reached by Tab: the latest, or the one that was looked at last.
function settle() {
  for (const row of wall.querySelectorAll("svg.row")) {
    const cells = cellsOf(row);
    cells.forEach((cell, place) => cell.setAttribute("tabindex", place === cells.length - 1 ? 0 : -1));
  }
}

function go(from, to) {
  if (!to) return;
  for (const cell of cellsOf(to.closest("svg"))) cell.setAttribute("tabindex", -1);
  to.setAttribute("tabindex", 0);
  to.focus();
}

function nearest(row, cell) {
  const left = (one) => one.querySelector("rect").getBoundingClientRect().left;
  const wanted = left(cell);
  return cellsOf(row).sort((one, other) => Math.abs(left(one) - wanted) - Math.abs(left(other) - wanted))[0];
}

function beside(cell, key) {
  const row = cell.closest("svg"), cells = cellsOf(row), place = cells.indexOf(cell);
  if (key === "ArrowLeft") return cells[place - 1];
  if (key === "ArrowRight") return cells[place + 1];
  if (key === "Home") return cells[0];
  if (key === "End") return cells.at(-1);
  const rows = [...wall.querySelectorAll("svg.row")].filter((one) => cellsOf(one).length);
  const next = rows[rows.indexOf(row) + { ArrowUp: -1, ArrowDown: 1 }[key]];
  return next && nearest(next, cell);
}

wall?.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("a.cell");
  if (!cell || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
  go(cell, beside(cell, event.key));
});
wall?.addEventListener("bellhop:changed", settle);
if (wall) settle();
