// The live parts of the header: connection, clock, theme button, language link; and the bands below it.

import { display } from "../base/display.js";
import { html, render, useEffect, useState } from "../base/html.js";
import { format, slot, t } from "../base/page.js";
import { now, onTick } from "../live/server_clock.js";
import { installPaperTheme, installThemeButton } from "../base/theme.js";
import { Since, useTicking } from "./age.js";
import { ConnectionBand } from "./band.js";
import { Icon } from "./icon.js";

/** @typedef {import("../live/connection.js").Connection} Connection */

/** Draw the header of a page. @param {Connection} connection */
export function installHeader(connection) {
  installThemeButton();
  installPaperTheme();
  keepAddressOfLanguageLink();
  render(html`<${Status} connection=${connection} />`, slot("live"));
  slot("now").replaceChildren();
  render(html`<${Clock} />`, slot("now"));
  render(html`<${Bands} connection=${connection} />`, slot("bands"));
}

/** The state of the connection, drawn anew when it or the time changes it. @param {Connection} connection */
export function useConnection(connection) {
  const [, redraw] = useState(0);
  useEffect(() => {
    const again = () => redraw((count) => count + 1);
    const [unsubscribe, stop] = [connection.subscribe(again), onTick(again)];
    return () => {
      unsubscribe();
      stop();
    };
  }, []);
  return connection.shown();
}

/** @param {{connection: Connection}} props */
export function Status({ connection }) {
  const { state, asOf, lastChange } = useConnection(connection);
  slot("live").dataset.state = state;
  if (state === "polling") return html`<${Icon} name="live" /><b>${t("connection.polling")}</b>`;
  if (state === "cut") return html`<${Icon} name="cut" /><b>${t("connection.cut.short")}</b>`;
  if (state === "connecting") {
    return html`<b>${t("connection.connecting")}</b>
      ${asOf !== null && html`<span>${t("connection.connecting.detail", { t: format.time(new Date(asOf)) })}</span>`}`;
  }
  return html`<${Icon} name="live" /><b>${t("connection.live")}</b>
    ${lastChange !== null && html`<span class="live-w">${t("connection.live.detail")}</span> <${Since} at=${lastChange} isAgo />`}`;
}

export function Clock() {
  const minute = useTicking(() => format.time(new Date(now())));
  const at = new Date(now());
  // The shell knows it before the settings are read.
  const isSimulated = display.simulated || "simulated" in document.body.dataset;
  return html`${isSimulated && html`<span class="sim">${t("simulated")}</span>`}
    <time datetime=${at.toISOString()}><span class="date">${format.date(at)}</span> <b>${minute}</b> ${format.zone(at)}</time>`;
}

/** The clock of the wall: the time large, zone and day beside it. */
export function WallClock() {
  const minute = useTicking(() => format.time(new Date(now())));
  const at = new Date(now());
  return html`<b>${minute}</b> <span>${format.zone(at)} ${display.simulated && html`<span class="sim">${t("simulated")}</span>`}<br />${format.date(at)}</span>`;
}

/** @param {{connection: Connection}} props */
export function Bands({ connection }) {
  const shown = useConnection(connection);
  return html`<${ConnectionBand} shown=${shown} onRetry=${() => connection.retry()} />`;
}

/** The link to the other language leads to the address as it is when it is followed. */
function keepAddressOfLanguageLink() {
  for (const anchor of document.querySelectorAll("[data-language-link]")) {
    anchor.addEventListener("pointerdown", rewrite);
    anchor.addEventListener("focus", rewrite);
  }
}

/** @param {Event} event */
function rewrite(event) {
  const anchor = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  const url = new URL(location.href);
  url.searchParams.set("lang", anchor.hreflang);
  anchor.href = url.href;
}
