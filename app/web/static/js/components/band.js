// Bands: a message across the page with an edge: amber = wait or act, red = failed.

import { html, useState, useEffect } from "../base/html.js";
import { format, link, t } from "../base/page.js";
import { now } from "../live/server_clock.js";
import { Icon } from "./icon.js";

/** @param {number} at */
const timeOf = (at) => format.moment(new Date(at), new Date(now()));

/**
 * The band of the connection: cut for more than ten seconds, or back again.
 * @param {{shown: import("../live/connection.js").Shown, onRetry: () => void}} props
 */
export function ConnectionBand({ shown, onRetry }) {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (shown.state !== "cut") return undefined;
    const timer = setInterval(() => redraw((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, [shown.state]);
  if (shown.state === "back") {
    return html`<div class="band" data-band="back"><${Icon} name="ok" /><p><b>${t("connection.back")}</b></p>
      <p>${t("connection.back.detail", { n: shown.changes })}</p></div>`;
  }
  if (shown.state !== "cut") return null;
  if (shown.isRefused) return html`<${RefusedBand} asOf=${shown.asOf ?? shown.since} />`;
  const seconds = Math.max(0, Math.ceil((shown.nextTry - now()) / 1_000));
  return html`<div class="band warn" data-band="cut"><${Icon} name="cut" />
    <p><b>${t("connection.cut", { t: timeOf(shown.since) })}</b></p>
    <p>${t("connection.cut.detail", { t: timeOf(shown.asOf ?? shown.since), s: seconds })}</p>
    <button type="button" class="btn-s" onClick=${onRetry}>${t("connection.retry")}</button></div>`;
}

/** The session has ended while the page was open: its figures stay. @param {{asOf: number}} props */
export function RefusedBand({ asOf }) {
  const next = `/masuk?next=${encodeURIComponent(location.pathname + location.search)}`;
  return html`<div class="band warn" data-band="refused"><${Icon} name="cut" /><p><b>${t("connection.refused")}</b></p>
    <p>${t("connection.refused.detail", { t: timeOf(asOf) })} <a href=${link(next)}>${t("nav.sign_in")}</a></p></div>`;
}

/**
 * A part of a page could not be loaded: what, what is shown instead, and what to do.
 * @param {{what: string, problem: import("../live/api.js").Problem, asOf: number | null, onReload: () => void}} props
 */
export function ErrorNote({ what, problem, asOf, onReload }) {
  return html`<div class="err" role="alert" data-error>
    <p><b>${t("error", { what })}</b> ${asOf !== null && t("error.shown", { t: timeOf(asOf) })}${" "}
      <button type="button" class="btn-q" onClick=${onReload}>${t("error.reload")}</button></p>
    <p class="hint">${problem.status === 0 ? t("error.network") : t("error.code", { status: problem.status, id: problem.requestId ?? "–" })}</p>
  </div>`;
}
