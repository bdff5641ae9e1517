// Sorting the rows of a table: what is unknown is last in both directions. Pure.

/**
 * @typedef {number | string | null | undefined} Key
 * @typedef {{column: string, descending: boolean}} Order
 */

/**
 * Sort by a key, and equal ones by a second key that never changes, so that rows do not change places by chance.
 * @template Row
 * @param {readonly Row[]} rows
 * @param {(row: Row) => Key} keyOf
 * @param {boolean} descending
 * @param {(row: Row) => string} tieOf
 * @returns {Row[]}
 */
export function sorted(rows, keyOf, descending, tieOf) {
  const collator = new Intl.Collator("id", { numeric: true, sensitivity: "base" });
  return [...rows].sort((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    const unknown = Number(isUnknown(left)) - Number(isUnknown(right));
    if (unknown || isUnknown(left)) return unknown || collator.compare(tieOf(a), tieOf(b));
    const order =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : collator.compare(String(left), String(right));
    return (descending ? -order : order) || collator.compare(tieOf(a), tieOf(b));
  });
}

/** @param {Key} key */
function isUnknown(key) {
  return key === null || key === undefined || Number.isNaN(key);
}

/**
 * Read an order from the address, `-occupancy` or `name`.
 * @param {string | null} text
 * @param {readonly string[]} columns
 * @param {Order} usual
 * @returns {Order}
 */
export function parseOrder(text, columns, usual) {
  const column = (text ?? "").replace(/^-/, "");
  return columns.includes(column) ? { column, descending: (text ?? "").startsWith("-") } : usual;
}

/** @param {Order} order */
export function orderText(order) {
  return `${order.descending ? "-" : ""}${order.column}`;
}

/**
 * The order after a press on a header: figures begin with the largest, names with A.
 * @param {Order} order
 * @param {string} column
 * @param {boolean} isText
 * @returns {Order}
 */
export function nextOrder(order, column, isText) {
  return order.column === column ? { column, descending: !order.descending } : { column, descending: !isText };
}
