// Bounds how often a page is drawn: at most four times a second, however many figures change.

const INTERVAL = 250;

/**
 * A function that asks for a repaint: at once after a pause, else at the end of the interval.
 * @param {() => void} paint
 */
export function createRepaint(paint) {
  let last = Number.NEGATIVE_INFINITY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  return () => {
    if (waiting !== undefined) return;
    waiting = setTimeout(
      () => {
        waiting = undefined;
        last = performance.now();
        paint();
      },
      Math.max(0, last + INTERVAL - performance.now()),
    );
  };
}
