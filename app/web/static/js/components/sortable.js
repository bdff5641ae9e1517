// The header of a column by which a table can be sorted.

import { html } from "../base/html.js";
import { nextOrder } from "../figures/sort.js";
import { Icon } from "./icon.js";

/** @typedef {import("../figures/sort.js").Order} Order */

/**
 * @param {{column: string, text: string, style: string, order: Order, isText?: boolean,
 *   onSort: (order: Order) => void}} props
 */
export function SortableHeader({ column, text, style, order, isText = false, onSort }) {
  const isSorted = order.column === column;
  const direction = order.descending ? "descending" : "ascending";
  return html`<th scope="col" class=${style} aria-sort=${isSorted ? direction : undefined}>
    <button type="button" data-sort=${column} onClick=${() => onSort(nextOrder(order, column, isText))}>
      ${text}${isSorted && html`<${Icon} name=${order.descending ? "down" : "up"} />`}
    </button>
  </th>`;
}
