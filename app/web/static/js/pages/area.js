// The command center, and the page of a country, a province or a city.

import { AreaPage } from "../data/area_page.js";
import { ErrorNote } from "../components/band.js";
import { Calls } from "../components/area/calls.js";
import { ChildrenTable } from "../components/area/children_table.js";
import { Foot } from "../components/foot.js";
import { installHeader } from "../components/header.js";
import { BigFigure, NotCounted, UncertainPart } from "../components/area/headline.js";
import { Ledger } from "../components/area/ledger.js";
import { html, render } from "../base/html.js";
import { attribution, useOutlines } from "../data/outlines.js";
import { format, slot, t } from "../base/page.js";
import { hospitalSum, hospitalsOf } from "../figures/sums.js";

const HOSPITAL_KINDS = ["hospital", "clinic"];
const HALL_KINDS = ["isolation_site", "rw_hall"];
const main = /** @type {HTMLElement} */ (document.querySelector("#main"));
const page = new AreaPage(paint);
let isDrawn = false;

installHeader(page.connection);
page.start();

function paint() {
  // Until there is something to draw, the grey blocks of the shell stay.
  if (!page.hospitals.total && !page.hospitals.problem) return;
  if (!isDrawn) main.replaceChildren();
  isDrawn = true;
  render(html`<${Center} />`, main);
  render(html`<${Foot} figures=${page.hospitals} attribution=${attribution} />`, slot("foot"));
}

function Center() {
  const { hospitals, halls, calls } = page;
  const outlines = useOutlines(page.code, page.repaint);
  const { total } = hospitals;
  if (!total) {
    const problem = hospitals.problem;
    return (
      problem &&
      html`<h1>${page.name}</h1><${ErrorNote} what=${t("error.what.area", { name: page.name })} problem=${problem} asOf=${null} onReload=${() => page.reload()} />`
    );
  }
  const byClock = page.byClock(HOSPITAL_KINDS);
  const MapPart = outlines.outlines && outlines.parts?.MapPart;
  const sum = hospitalSum(total, "", byClock);
  document.title = t("title.center", { area: page.name, free: sum.free === null ? "?" : format.number(sum.free) });
  if (total.reporting.facilities === 0 && halls.total?.reporting.facilities === 0) {
    return html`<section class="lead"><div class="city"><h1>${page.name}</h1><p><b>${t("empty", { area: page.name })}</b> ${t("empty.next")}</p></div></section>`;
  }
  const never = hospitalsOf(total) - (total.reporting.facilities - total.reporting.never);
  const level = [...hospitals.children.values()][0]?.area.level;
  return html`<section class="lead" aria-labelledby="h-lead">
      <div class="city">
        <h1 id="h-lead">${t("headline.title")} <span><bdi>${page.name}</bdi></span></h1>
        <${BigFigure} sum=${sum} of=".hospitals" />
        <${UncertainPart} sum=${sum} facilities=${total.totals.facilities - sum.fresh} of="" />
        <${NotCounted} row=${total} never=${never} />
      </div>
      <${Ledger} hospitals=${total} halls=${halls.total} byClock=${byClock} hallsByClock=${page.byClock(HALL_KINDS)} />
    </section>
    ${calls && (calls.isLoaded || calls.problem) && html`<${Calls} calls=${calls} isCurrent=${page.connection.isCurrent()} />`}
    ${level && MapPart && html`<${MapPart} figures=${hospitals} level=${level} byClock=${byClock} outlines=${outlines.outlines} />`}
    ${outlines.problem && html`<section class="geo"><${ErrorNote} what=${t("error.what.map")} problem=${outlines.problem} asOf=${null} onReload=${outlines.load} /></section>`}
    ${level && html`<${ChildrenTable} figures=${hospitals} level=${level} byClock=${byClock} isWide=${!MapPart} onReload=${() => page.reload()} />`}`;
}
