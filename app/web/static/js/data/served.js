// Pages that the server sends complete: their ages count, and their figures are read again every half minute.

import { freshnessAt } from "../figures/freshness.js";
import { html, render } from "../base/html.js";
import { RefusedBand } from "../components/band.js";
import { Clock } from "../components/header.js";
import { Icon } from "../components/icon.js";
import { format, slot, t, useTimeZone } from "../base/page.js";
import { learn, now, onTick } from "../live/server_clock.js";

const INTERVAL = 30_000;
const TIMEOUT = 15_000;
/** A shorter loss is not worth a band. */
const CUT_AFTER = 10_000;

/** As of longer ago, the figures are no word about the present: the browser kept the page, or the device slept. */
const OVERDUE = 150_000;

let cutSince = 0;
let isRefused = false;
let isReading = false;

/** Keep this page's ages and figures up to date. */
export function keepUpToDate() {
  useTimeZone(document.body.dataset.zone ?? "");
  showHeader();
  countAges();
  onTick(() => {
    countAges();
    showCut();
  });
  setInterval(() => !document.hidden && refresh(), INTERVAL);
  document.addEventListener("visibilitychange", () => !document.hidden && refresh());
  window.addEventListener("online", refresh);
  window.addEventListener("pageshow", () => isOverdue() && refresh());
}

/** When the figures were read, as the page says; now, if it does not. */
function asOf() {
  const stated = /** @type {HTMLElement | null} */ (document.querySelector("[data-refresh]"))?.dataset.asOf;
  return stated ? Date.parse(stated) : now();
}

function isOverdue() {
  return now() - asOf() > OVERDUE;
}

/** The clock, and how the page is kept up to date, where its header has a place for them. */
function showHeader() {
  render(html`<${Icon} name="live" /><b>${t("connection.polling")}</b>`, slot("live"));
  render(html`<${Clock} />`, slot("now"));
}

/** Read the page again and exchange the part with figures; a link that has the focus keeps it. */
async function refresh() {
  if (isReading) return;
  isReading = true;
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(TIMEOUT), cache: "no-cache" });
    learn(response.headers.get("date"));
    isRefused = response.status === 401;
    if (!response.ok) throw new Error(String(response.status));
    exchange(new DOMParser().parseFromString(await response.text(), "text/html"));
    cutSince = 0;
  } catch {
    cutSince ||= now();
  }
  isReading = false;
  countAges();
  showCut();
}

/** @param {Document} fresh */
function exchange(fresh) {
  const [here, there] = [document, fresh].map((each) => each.querySelector("[data-refresh]"));
  if (!here || !there || here.innerHTML === there.innerHTML) return;
  const focused = here.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  here.replaceWith(document.adoptNode(there));
  const again = focused && there.querySelector(`a[href="${CSS.escape(focused)}"]`);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/** Write each age anew. While the server is silent the clock makes figures late. */
function countAges() {
  const isSilent = cutSince > 0 || isOverdue();
  for (const element of document.querySelectorAll("[data-age]")) {
    const time = /** @type {HTMLTimeElement | null} */ (element.querySelector("time"));
    if (!time) continue;
    const age = now() - Date.parse(time.dateTime);
    const text = element.querySelector(".clk") ? format.ago(age) : format.age(age);
    if (time.textContent !== text) time.textContent = text;
    if (isSilent) turnLate(/** @type {HTMLElement} */ (element));
  }
}

/** @param {HTMLElement} element */
function turnLate(element) {
  const { stale, f } = element.dataset;
  if (!stale || f !== "fresh") return;
  const never = Number.POSITIVE_INFINITY;
  const age = { observedAt: 0, staleAt: Date.parse(stale), silentAt: never, lapsedAt: never };
  if (freshnessAt({ freshness: "fresh", ...age }, now()) === "fresh") return;
  element.dataset.f = "stale";
  element.querySelector("use")?.setAttribute("href", "#g-stale");
  const word = element.querySelector(".vh");
  if (word) word.textContent = `${t("freshness.stale")}, `;
  const row = element.closest("li, tr");
  row?.querySelector("[data-figure]")?.classList.add("uns");
  const then = /** @type {HTMLElement | null | undefined} */ (row?.querySelector("[data-then]"));
  if (then) then.textContent = then.dataset.then ?? "";
}

function showCut() {
  const isCut = cutSince > 0 && now() - cutSince >= CUT_AFTER;
  const at = (/** @type {number} */ moment) => format.moment(new Date(moment), new Date(now()));
  const band =
    isCut &&
    (isRefused
      ? html`<${RefusedBand} asOf=${asOf()} />`
      : html`<div class="band warn" data-band="cut"><${Icon} name="cut" /><p><b>${t("public.cut", { t: at(cutSince) })}</b></p>
      <p>${t("public.cut.detail", { t: at(asOf()) })}</p></div>`);
  render(band || null, slot("bands"));
}
