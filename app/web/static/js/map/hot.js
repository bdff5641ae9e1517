// The link between a map and the table beside it: what the pointer or the focus is on is marked in both.

let hot = "";

/** Mark an area in every part of the page; an empty code marks none. @param {string} code */
export function setHot(code) {
  if (code === hot) return;
  mark(hot, false);
  hot = code;
  mark(hot, true);
}

/** @param {string} code @param {boolean} isHot */
function mark(code, isHot) {
  if (!code) return;
  for (const element of document.querySelectorAll(`[data-code="${CSS.escape(code)}"]`)) {
    element.classList.toggle("is-hot", isHot);
  }
}

/** Listeners of a table: rows with `data-code` are marked by pointer and focus. */
export const hotRows = {
  onMouseOver: (/** @type {Event} */ event) => setHot(codeAt(event)),
  onMouseLeave: () => setHot(""),
  onFocusIn: (/** @type {Event} */ event) => setHot(codeAt(event)),
  onFocusOut: () => setHot(""),
};

/** @param {Event} event */
function codeAt(event) {
  const row = /** @type {Element} */ (event.target).closest("[data-code]");
  return row instanceof HTMLElement ? (row.dataset.code ?? "") : "";
}
