// Reading server-sent events from text that arrives in pieces (HTML standard, 9.2.6). Pure.

/** @typedef {{event: string, data: string, id: string | null}} ServerEvent */

/**
 * A parser: call it with each piece of text; it returns the events that are complete.
 * @returns {(piece: string) => ServerEvent[]}
 */
export function createParser() {
  let rest = "";
  let event = "";
  let id = /** @type {string | null} */ (null);
  /** @type {string[]} */
  let data = [];

  /** @param {string} line @param {ServerEvent[]} found */
  function take(line, found) {
    if (line === "") {
      if (data.length) found.push({ event: event || "message", data: data.join("\n"), id });
      event = "";
      data = [];
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment, which only shows that the connection lives
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }

  return (piece) => {
    /** @type {ServerEvent[]} */
    const found = [];
    const lines = (rest + piece).split(/\r\n|\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) take(line, found);
    return found;
  };
}
