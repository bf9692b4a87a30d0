// What Swagger UI leaves unnamed or out of reach of the keyboard, mended as it appears; what remains is named in the tests.

const NAMES = [
  [".filter input.operation-filter-input", "Search the operations"],
  [".body-param-content-type select, .content-type-wrapper select", "Content type"],
  [".examples-select select", "Example"],
  [".body-param__text", "Body of the request"],
  [".parameters select", "Value"],
  [".close-modal", "Close"],
  [".responses-inner select", "Media type of the answer"],
];

function name(root) {
  for (const [selector, words] of NAMES) {
    for (const element of root.querySelectorAll(selector)) {
      if (!element.hasAttribute("aria-label")) element.setAttribute("aria-label", words);
    }
  }
  const search = root.querySelector("input.operation-filter-input");
  if (search) search.placeholder = "Search: path, name, role";
  for (const block of root.querySelectorAll("pre:not([tabindex]), .highlight-code > .microlight:not([tabindex])")) block.tabIndex = 0;
  for (const row of root.querySelectorAll("tr[data-param-name]")) {
    for (const field of row.querySelectorAll("input, textarea, select")) field.setAttribute("aria-label", row.dataset.paramName);
  }
}

export function mend(root) {
  name(root);
  let waiting = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => name(root));
  }).observe(root, { childList: true, subtree: true });
}
