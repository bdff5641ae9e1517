// What deserves a look at this facility, as sentences.

import { findingsOf } from "../../figures/findings.js";
import { html } from "../../base/html.js";
import { format, language, t } from "../../base/page.js";
import { now } from "../../live/server_clock.js";
import { withParts } from "../../base/texts.js";
import { wardName } from "../../figures/wards.js";
import { Icon } from "../icon.js";
import { momentOf } from "./lead.js";

/**
 * @typedef {import("../../data/facility_page.js").FacilityDocument} FacilityDocument
 * @typedef {import("../../figures/findings.js").Finding} Finding
 * @typedef {import("../../figures/wards.js").BedTypes} BedTypes
 */

/** @param {{facility: FacilityDocument, wards: import("../../figures/wards.js").Ward[], types: BedTypes}} props */
export function Findings({ facility, wards, types }) {
  const found = findingsOf(wards, facility.channels, facility.beds_stated);
  if (found.length === 0) return null;
  return html`<section aria-labelledby="h-q"><h2 id="h-q">${t("findings.title")} <b class="count">${found.length}</b></h2>
    <ol class="finds">${found.map(
      (finding) => html`<li><${Icon} name="tight" /><p><${Sentence} finding=${finding} types=${types} /></p></li>`,
    )}</ol></section>`;
}

/** @param {{finding: Finding, types: BedTypes}} props */
function Sentence({ finding, types }) {
  const text = t(`finding.${finding.code}`);
  if (text === `finding.${finding.code}`) return finding.code; // a newer server knows more of them
  const [head = "", rest = ""] = text.split("|");
  const parts = partsOf(finding, types);
  return html`<b>${withParts(head, parts)}</b> ${withParts(rest, parts)}
    ${finding.others > 0 && html` <span class="hint">${t("findings.more", { n: finding.others })}</span>`}`;
}

/** @param {Finding} finding @param {BedTypes} types @returns {Record<string, unknown>} */
function partsOf({ line, channels, numbers }, types) {
  /** @type {Record<string, unknown>} */
  const parts = {};
  for (const [name, value] of Object.entries(numbers)) parts[name] = value === null ? "?" : format.number(value);
  if (channels) {
    parts.channel = t(`channel.${channels.channel}`);
    parts.counting = t(`channel.${channels.counting}`);
  }
  if (line) {
    const type = types.get(line.bed_type)?.name[language] ?? line.bed_type;
    parts.ward = html`<bdi>${wardName(line) || type}</bdi>`;
    parts.type = type;
    parts.age = format.age(now() - Date.parse(line.observed_at));
    parts.t = line.implausible && momentOf(Date.parse(line.implausible.observed_at));
  }
  return parts;
}
