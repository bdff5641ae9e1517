// Keeps the order of rows steady while somebody may be reading or pointing at them.

import { useRef } from "../base/html.js";
import { sorted } from "./sort.js";

/** After so long without the pointer over the table its rows may change places. */
const CALM = 10_000;

/**
 * Rows in the order that the reader chose. When figures change, the order follows only after ten seconds without the
 * pointer or the focus in the table.
 * @template {{code: string}} Row
 * @param {Row[]} rows
 * @param {string} choice what the reader chose: a new one sorts at once
 * @param {(rows: Row[]) => Row[]} sort
 */
export function useSteadyOrder(rows, choice, sort) {
  const state = useRef({
    choice: "",
    codes: /** @type {string[]} */ ([]),
    touched: Number.NEGATIVE_INFINITY,
    inside: 0,
  });
  const { current } = state;
  const isCalm = current.inside === 0 && performance.now() - current.touched > CALM;
  const isSame = current.codes.length === rows.length && rows.every(({ code }) => current.codes.includes(code));
  if (current.choice !== choice || isCalm || !isSame) {
    current.choice = choice;
    current.codes = sort(rows).map(({ code }) => code);
  }
  const place = new Map(current.codes.map((code, index) => [code, index]));
  const ordered = sorted(
    rows,
    ({ code }) => place.get(code),
    false,
    ({ code }) => code,
  );
  /** @param {number} step */
  const touch = (step) => () => {
    current.inside = Math.max(0, current.inside + step);
    current.touched = performance.now();
  };
  const listeners = {
    onPointerEnter: touch(1),
    onPointerLeave: touch(-1),
    onFocusIn: touch(0),
    onPointerMove: touch(0),
  };
  return { ordered, listeners };
}
