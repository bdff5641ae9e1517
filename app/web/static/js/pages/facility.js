// The page of a facility.

import { ErrorNote } from "../components/band.js";
import { Channels } from "../components/facility/channels.js";
import { Findings } from "../components/facility/findings.js";
import { ClosedBand, Lead } from "../components/facility/lead.js";
import { WardTable } from "../components/facility/ward_table.js";
import { Who } from "../components/facility/who.js";
import { installHeader } from "../components/header.js";
import { FacilityPage } from "../data/facility_page.js";
import { html, render } from "../base/html.js";
import { format, slot, t } from "../base/page.js";
import { now } from "../live/server_clock.js";
import { sumOfWards, wardsOf } from "../figures/wards.js";

const { facility: id = "", name = "" } = document.body.dataset;
const main = /** @type {HTMLElement} */ (document.querySelector("#main"));
const page = new FacilityPage(id, paint);
let isDrawn = false;

installHeader(page.connection);
page.start();

function paint() {
  if (!page.document && !page.problem) return;
  if (!isDrawn) main.replaceChildren();
  isDrawn = true;
  render(html`<${Facility} />`, main);
  render(html`<${Foot} />`, slot("foot"));
}

function Facility() {
  const { document: facility, problem, types } = page;
  const what = t("error.what.facility", { name: facility?.name ?? name });
  const note =
    problem &&
    html`<${ErrorNote} what=${what} problem=${problem} asOf=${facility && Date.parse(facility.as_of)}
      onReload=${() => page.load().catch(() => undefined)} />`;
  if (!facility) return html`<h1><bdi>${name}</bdi></h1>${note}`;
  const wards = wardsOf(facility, types, now());
  const sum = sumOfWards(wards);
  const free = facility.is_open ? (sum.free === null ? "?" : format.number(sum.free)) : "–";
  document.title = t("title.facility", { name: facility.name, free });
  return html`${note}<${ClosedBand} facility=${facility} /><${Who} facility=${facility} />
    <${Lead} facility=${facility} wards=${wards} sum=${sum} />
    ${facility.is_open && facility.counting_channel && html`<${WardTable} wards=${wards} types=${types} />`}
    ${
      facility.is_open &&
      facility.counting_channel &&
      html`<div class="f-two"><${Channels} facility=${facility} />
      <${Findings} facility=${facility} wards=${wards} types=${types} /></div>`
    }`;
}

function Foot() {
  const { document: facility } = page;
  if (!facility) return null;
  const at = new Date(facility.as_of);
  const moment = `${format.date(at)} ${format.time(at)} ${format.zone(at)}`;
  return html`<p>${t("foot.as_of", { t: moment, position: String(facility.position) })}</p>`;
}
