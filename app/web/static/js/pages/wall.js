// The wall of a command room: figures read from five metres, four views that take turns.

import { AreaPage } from "../data/area_page.js";
import { Since } from "../components/age.js";
import { ConnectionBand, ErrorNote } from "../components/band.js";
import { Status, WallClock, useConnection } from "../components/header.js";
import { WallCalls, WallStrip } from "../components/wall/wall_calls.js";
import { AreaRows, GroupRows } from "../components/wall/wall_figures.js";
import { html, render, useEffect, useState } from "../base/html.js";
import { useOutlines } from "../data/outlines.js";
import { format, t } from "../base/page.js";
import { groupsOf, hospitalSum } from "../figures/sums.js";

const SECONDS = 20;
const CALLS = 10;
const main = /** @type {HTMLElement} */ (document.querySelector("#main"));
const page = new AreaPage(paint);
if (page.calls) page.calls.limit = CALLS;
let isDrawn = false;
page.start();

function paint() {
  // Until there is something to draw, the grey blocks of the shell stay.
  if (!page.hospitals.total && !page.hospitals.problem) return;
  if (!isDrawn) main.replaceChildren();
  isDrawn = true;
  render(html`<${Wall} />`, main);
}

function Wall() {
  const shown = useConnection(page.connection);
  const outlines = useOutlines(page.code, page.repaint);
  const { hospitals, halls, calls } = page;
  const { total } = hospitals;
  const views = [
    "city",
    ...["intensive", "isolation"].filter((group) => total && groupsOf(total).includes(group)),
    "calls",
  ];
  const view = useTurns(views);
  if (!total || !calls) {
    return (
      hospitals.problem &&
      html`<${ErrorNote} what=${t("error.what.area", { name: page.name })} problem=${hospitals.problem} asOf=${null} onReload=${() => page.reload()} />`
    );
  }
  const byClock = page.byClock(["hospital", "clinic"]);
  const hallClock = page.byClock(["isolation_site", "rw_hall"]);
  const group = view === "city" || view === "calls" ? "" : view;
  const sum = hospitalSum(total, "", byClock);
  const WallMap = outlines.outlines && outlines.parts?.WallMap;
  document.title = t("title.center", { area: page.name, free: sum.free === null ? "?" : format.number(sum.free) });
  return html`<${ConnectionBand} shown=${shown} onRetry=${() => page.connection.retry()} />
    <header class="w-top">
      <h1><bdi>${page.name}</bdi> <span><b data-figure="free">${sum.free === null ? "?" : format.number(sum.free)}</b> ${t("wall.free")}
        <small>${freshOf(sum)}</small></span></h1>
      <div class="w-live" role="status"><${Status} connection=${page.connection} /></div>
      <p class="w-clock"><${WallClock} /></p>
    </header>
    <main class=${`w-main${WallMap ? "" : " no-map"}`} data-view=${view}>
      ${view === "city" && html`<${GroupRows} hospitals=${total} halls=${halls.total} byClock=${byClock} hallsByClock=${hallClock} />`}
      ${group && html`<${AreaRows} figures=${hospitals} group=${group} byClock=${byClock} />`}
      ${view === "calls" && html`<${WallCalls} calls=${calls} />`}
      ${WallMap && html`<${WallMap} figures=${hospitals} outlines=${outlines.outlines} group=${group} isFreshness=${view === "calls"} byClock=${byClock} />`}
      <${WallStrip} calls=${calls} views=${views} view=${view} seconds=${SECONDS} />
    </main>`;
}

/** How many facilities are fresh, and how old their oldest figure is. @param {import("../figures/figures.js").Sum} sum */
function freshOf({ fresh, facilities, age }) {
  const counts = { n: format.number(fresh), m: format.number(facilities) };
  if (fresh === 0 || age.observedAt === null) return t("sum.short.none", counts);
  return html`${t("sum.short", counts)} <${Since} at=${age.observedAt} />`;
}

/** The view whose turn it is. Turns follow the clock, so that two walls of one room show the same. @param {string[]} views */
function useTurns(views) {
  const turn = () => Math.floor(Date.now() / 1000 / SECONDS) % views.length;
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return views[turn()] ?? "city";
}
