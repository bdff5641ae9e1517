// The page of a kecamatan, a kelurahan or an RW: two figures, its hospitals, its map, its halls.

import { HOSPITALS } from "../data/area_figures.js";
import { AreaPage } from "../data/area_page.js";
import { ErrorNote } from "../components/band.js";
import { Foot } from "../components/foot.js";
import { HallsList, HallsTree, anchorOf } from "../components/area/halls_tree.js";
import { installHeader } from "../components/header.js";
import { BigFigure, NotCounted, UncertainPart } from "../components/area/headline.js";
import { HospitalTable } from "../components/area/hospital_table.js";
import { FacilityList } from "../data/facility_list.js";
import { html, render } from "../base/html.js";
import { attribution, useOutlines } from "../data/outlines.js";
import { format, link, slot, t } from "../base/page.js";
import { hallSum, hospitalSum, hospitalsOf } from "../figures/sums.js";

/** @typedef {import("../data/area_figures.js").Capacity} Capacity */

const main = /** @type {HTMLElement} */ (document.querySelector("#main"));
const page = new AreaPage(paint, { hasCalls: false, hasHalls: true });
const hospitalList = new FacilityList(page.code, HOSPITALS, page.repaint, isHospital);
let isDrawn = false;

installHeader(page.connection);
hospitalList.load();
page.onChanged = () => hospitalList.refresh();
page.start();

/** Clinics without beds never report any. @param {import("../data/facility_list.js").Facility} facility */
function isHospital({ kind, freshness }) {
  return kind === "hospital" || freshness !== "never";
}

function paint() {
  // Until there is something to draw, the grey blocks of the shell stay.
  if (!(page.hospitals.total && page.halls.total) && !page.hospitals.problem && !page.halls.problem) return;
  if (!isDrawn) main.replaceChildren();
  isDrawn = true;
  render(html`<${SmallArea} />`, main);
  render(html`<${Foot} figures=${page.halls} attribution=${attribution} />`, slot("foot"));
}

function SmallArea() {
  const { hospitals, halls } = page;
  const outlines = useOutlines(page.code, page.repaint);
  const HallsMap = outlines.outlines && outlines.parts?.HallsMap;
  const problem = hospitals.problem ?? halls.problem;
  if (!hospitals.total || !halls.total) {
    return (
      problem &&
      html`<h1>${page.name}</h1><${ErrorNote} what=${t("error.what.area", { name: page.name })} problem=${problem} asOf=${null} onReload=${() => page.reload()} />`
    );
  }
  const hallClock = page.byClock(["isolation_site", "rw_hall"]);
  const hospitalFree = hospitalSum(hospitals.total, "", page.byClock(["hospital", "clinic"]));
  const hallFree = hallSum(halls.total, hallClock);
  const level = [...halls.children.values()][0]?.area.level;
  document.title = t("title.small", { area: page.name, free: shown(hospitalFree.free), halls: shown(hallFree.free) });
  const isEmpty = hospitalsOf(hospitals.total) === 0 && halls.total.reporting.facilities === 0;
  return html`<${Who} hospitals=${hospitals.total} halls=${halls.total} />
    ${isEmpty && html`<p><b>${t("empty", { area: page.name })}</b> ${t("empty.next")}</p>`}
    ${
      !isEmpty &&
      html`<section class=${`k-lead${HallsMap ? "" : " no-map"}`} aria-label=${page.name}>
      <${Hospitals} row=${hospitals.total} sum=${hospitalFree} />
      <div class="city" data-part="hall-figure"><h2>${t("area.halls.free")}</h2>
        <${BigFigure} sum=${hallFree} />
        <${UncertainPart} sum=${hallFree} facilities=${halls.total.totals.facilities - hallFree.fresh} of=".halls" /></div>
      <${HospitalTable} list=${hospitalList} name=${page.name} />
      ${HallsMap && level && html`<${HallsMap} figures=${halls} outlines=${outlines.outlines} level=${level} byClock=${hallClock} onOpen=${openRow} />`}
    </section>`
    }
    ${!isEmpty && (level && level !== "rw" ? html`<${HallsTree} figures=${halls} level=${level} byClock=${hallClock} onReload=${() => page.reload()} />` : html`<${HallsList} figures=${halls} code=${page.code} />`)}`;
}

/** @param {number | null} value */
function shown(value) {
  return value === null ? "?" : format.number(value);
}

/** @param {{hospitals: Capacity, halls: Capacity}} props */
function Who({ hospitals, halls }) {
  const counts = {
    kelurahan: page.halls.children.size,
    hospitals: t("area.count.hospitals", { n: hospitalsOf(hospitals) }),
    halls: t("area.count.halls", { n: halls.reporting.facilities }),
  };
  const parent = /** @type {HTMLAnchorElement | undefined} */ ([...document.querySelectorAll(".crumb a")].at(-1));
  const heading = page.level === "rw" ? page.name : t(`area.name.${page.level}`, { name: page.name });
  return html`<header class="who"><div><h1>${heading}</h1>
    <p>${t(`area.counts.${page.level === "kecamatan" ? "with_kelurahan" : "places"}`, counts)}${" "}
      ${parent && html`<a href=${link(new URL(parent.href).pathname)}>${t("area.back", { name: parent.textContent ?? "" })}</a>`}</p></div></header>`;
}

/** @param {{row: Capacity, sum: import("../figures/figures.js").Sum}} props */
function Hospitals({ row, sum }) {
  const never = hospitalsOf(row) - (row.reporting.facilities - row.reporting.never);
  const { occupied, total, occupancy, queue } = sum;
  return html`<div class="city" data-part="hospital-figure"><h2>${t("area.hospitals.free")}</h2>
    <${BigFigure} sum=${sum} />
    <${UncertainPart} sum=${sum} facilities=${row.totals.facilities - sum.fresh} of="" />
    ${occupied !== null && total !== null && occupancy !== null && html`<p class="plain">${t("area.hospitals.occupied", { occupied, total, occupancy: format.percent(occupancy), queue: queue ?? "?" })}</p>`}
    <${NotCounted} row=${row} never=${never} /></div>`;
}

/** Show the halls of an area, or its own page where it has none. @param {string} code */
function openRow(code) {
  const button = document.getElementById(anchorOf(code))?.querySelector("button");
  if (!button) return location.assign(link(`/area/${encodeURIComponent(code)}`));
  if (button.getAttribute("aria-expanded") === "false") button.click();
  button.focus();
  button.scrollIntoView({ block: "center" });
}
