// Figures: a number, what is not certain beside it, and the four signs: 0, `?`, `–` and `·`.

import { html, useEffect, useRef, useState } from "../base/html.js";
import { format, t } from "../base/page.js";

/** How long a figure that has just changed is underlined. */
const CHANGED_FOR = 3_000;

/**
 * A number; `?` if it exists but is unknown, `–` if it does not exist here. Zero is grey where `isQuiet`.
 * @param {{value: number | null, exists?: boolean, isQuiet?: boolean, isOld?: boolean}} props
 */
export function Figure({ value, exists = true, isQuiet = false, isOld = false }) {
  const isNew = useJustChanged(value);
  if (!exists) return html`<span class="nil">–</span>`;
  if (value === null)
    return html`<span class="nil"><span aria-hidden="true">?</span><span class="vh">${t("unknown")}</span></span>`;
  if (value === 0 && isQuiet && !isOld) return html`<span class="nil">0</span>`;
  const style = isOld ? "uns" : isNew ? "fresh-in" : undefined;
  return html`<span class=${style}>${format.number(value)}</span>`;
}

/** `+74` on a hatched foot; `·` if nothing is uncertain. @param {{value: number | null}} props */
export function Uncertain({ value }) {
  if (value === null) return html`<span class="nil">·</span>`;
  return html`<span class="uns">+${format.number(value)}</span>`;
}

/** Whether a value has changed within the last seconds; not when it is first drawn. @param {number | null} value */
function useJustChanged(value) {
  const last = useRef(value);
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    if (last.current === value) return undefined;
    last.current = value;
    setChanged(true);
    const timer = setTimeout(() => setChanged(false), CHANGED_FOR);
    return () => clearTimeout(timer);
  }, [value]);
  return changed;
}

/** `18/22`: how many of so many are fresh. @param {{fresh: number, facilities: number}} props */
export function Fraction({ fresh, facilities }) {
  return html`<span class="frac"><b>${format.number(fresh)}</b>/${format.number(facilities)}</span>`;
}
