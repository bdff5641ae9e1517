// State that is in the address: a component draws again when it changes, by a press or by the Back button.

import { useEffect, useState } from "./html.js";
import { parameter, setParameter } from "./page.js";

/** @type {Set<() => void>} */
const listeners = new Set();
globalThis.addEventListener?.("popstate", changed);

function changed() {
  for (const listener of [...listeners]) listener();
}

/**
 * A parameter of the address, and how to change it. Null stands for its usual value and is not written.
 * @param {string} name
 * @returns {[string | null, (value: string | null) => void]}
 */
export function useParameter(name) {
  const [, redraw] = useState(0);
  useEffect(() => {
    const again = () => redraw((count) => count + 1);
    listeners.add(again);
    return () => {
      listeners.delete(again);
    };
  }, []);
  return [
    parameter(name),
    (value) => {
      setParameter(name, value);
      changed();
    },
  ];
}
