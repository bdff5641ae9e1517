// An age: shape and duration, which counts by the server's clock and turns late by itself.

import { FRESHNESS, freshnessAt } from "../figures/freshness.js";
import { html, useEffect, useState } from "../base/html.js";
import { format, t } from "../base/page.js";
import { now, onTick } from "../live/server_clock.js";
import { Icon } from "./icon.js";

/** @typedef {import("../figures/freshness.js").Freshness} Freshness */

/**
 * Draw again when a text that depends on the time has changed.
 * @template T
 * @param {() => T} compute
 * @returns {T}
 */
export function useTicking(compute) {
  const [, redraw] = useState(0);
  const value = compute();
  useEffect(() => onTick(() => compute() !== value && redraw((count) => count + 1)));
  return value;
}

/**
 * @param {{figure: {freshness: Freshness, observedAt: number | null, staleAt: number, silentAt: number,
 *   lapsedAt: number}, isAgo?: boolean}} props
 */
export function Age({ figure, isAgo = false }) {
  const text = useTicking(() => {
    const freshness = freshnessAt(figure, now());
    const age = figure.observedAt === null ? "" : now() - figure.observedAt;
    return `${freshness}|${age === "" ? "" : isAgo ? format.ago(age) : format.age(age)}`;
  });
  const [freshness = "never", age] = text.split("|");
  if (figure.observedAt === null || !FRESHNESS.includes(/** @type {Freshness} */ (freshness)))
    return html`<${Never} />`;
  const at = new Date(figure.observedAt);
  return html`<span class="age" data-f=${freshness}>
    <${Icon} name=${freshness} /><span class="vh">${t(`freshness.${freshness}`)}, </span>
    <time datetime=${at.toISOString()} title=${`${format.moment(at, new Date(now()))} ${format.zone(at)}`}>${age}</time>
  </span>`;
}

function Never() {
  return html`<span class="age" data-f="never"><${Icon} name="never" />
    <span aria-hidden="true">${t("freshness.never.short")}</span><span class="vh">${t("freshness.never")}</span></span>`;
}

/** The duration alone, where its freshness is said elsewhere. @param {{at: number, isAgo?: boolean}} props */
export function Since({ at, isAgo = false }) {
  const text = useTicking(() => (isAgo ? format.ago(now() - at) : format.age(now() - at)));
  const moment = new Date(at);
  return html`<time datetime=${moment.toISOString()}
    title=${`${format.moment(moment, new Date(now()))} ${format.zone(moment)}`}>${text}</time>`;
}
