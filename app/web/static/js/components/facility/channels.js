// The channels of a facility side by side: which one counts and why, and where the others differ.

import { momentsOf } from "../../figures/freshness.js";
import { html } from "../../base/html.js";
import { format, t } from "../../base/page.js";
import { Age } from "../age.js";
import { Figure } from "../figure.js";
import { momentOf } from "./lead.js";

/**
 * @typedef {import("../../data/facility_page.js").FacilityDocument} FacilityDocument
 * @typedef {import("../../figures/findings.js").Channel} Channel
 */

/** @param {{facility: FacilityDocument}} props */
export function Channels({ facility }) {
  if (facility.channels.length === 0) return null;
  const counting = facility.channels.find((/** @type {Channel} */ channel) => channel.counting);
  return html`<section aria-labelledby="h-ch"><h2 id="h-ch">${t("channels.title")}</h2>
    <p class="lede">${t("channels.lede")}</p>
    <div class="scroll"><table class="grid"><thead><tr><th scope="col">${t("channels.channel")}</th>
      <th scope="col">${t("table.free")}</th><th scope="col">${t("table.occupied")}</th>
      <th scope="col">${t("table.total")}</th><th scope="col" class="kA">${t("table.age")}</th></tr></thead>
    <tbody>${facility.channels.map(
      (/** @type {Channel} */ channel) =>
        html`<${ChannelRow} key=${channel.channel} channel=${channel} counting=${counting} facility=${facility} />`,
    )}</tbody></table></div>
    ${counting && html`<p class="hint ch-why">${reasonOf(facility)}</p>`}
  </section>`;
}

/** @param {FacilityDocument} facility */
function reasonOf({ counting_channel, counting_reason, counting_since }) {
  if (!counting_reason) return null;
  const since = counting_since
    ? t("channels.since", { t: momentOf(Date.parse(counting_since)) })
    : t("channels.since.start");
  return t(`channels.reason.${counting_reason}`, { channel: t(`channel.${counting_channel}`), since });
}

/** @param {{channel: Channel, counting: Channel | undefined, facility: FacilityDocument}} props */
function ChannelRow({ channel, counting, facility }) {
  const isOld = channel.freshness !== "fresh";
  const totals = known(channel);
  // The moments of the facility are those of the channel that counts; of others only their age is known.
  const age = channel.counting
    ? momentsOf(/** @type {any} */ (facility))
    : momentsOf({ freshness: channel.freshness, observed_at: channel.observed_at });
  const style = [channel.counting && "counts", isOld && "is-old"].filter(Boolean).join(" ");
  return html`<tr class=${style || undefined}>
    <th scope="row">${t(`channel.${channel.channel}`)}
      ${channel.counting && html` <span class="badge">${t("channels.counts")}</span>`}
      ${channel.partial && html` <span class="hint">${t("channels.partial")}</span>`}</th>
    ${
      /** @type {const} */ (["beds_available", "beds_occupied", "beds_total"]).map((count) => {
        const figure = html`<${Figure} value=${totals[count]} isOld=${isOld && count === "beds_available"} />`;
        return html`<td key=${count} class=${count === "beds_available" ? "free" : undefined}>
        ${channel.counting && count === "beds_available" ? html`<b>${figure}</b>` : figure}
        ${!isOld && !channel.counting && html`<${Difference} value=${totals[count]} than=${counting ? known(counting)[count] : null} />`}</td>`;
      })
    }
    <td class="kA"><${Age} figure=${age} /></td></tr>`;
}

/** What is known by a channel: its fresh lines; of a channel that is not fresh, what it said. @param {Channel} channel */
function known({ freshness, totals }) {
  return freshness === "fresh" ? totals.fresh : totals;
}

/** `−6`: so many less than the channel that counts. @param {{value: number | null, than: number | null}} props */
function Difference({ value, than }) {
  if (value === null || than === null || value === than) return null;
  return html` <span class="diff">${value < than ? "−" : "+"}${format.number(Math.abs(value - than))}</span>`;
}
