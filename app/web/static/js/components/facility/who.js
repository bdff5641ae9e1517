// Who a facility is: name, place, and whom to call.

import { html } from "../../base/html.js";
import { t } from "../../base/page.js";
import { CallButton, telephone } from "../phone.js";

/** @typedef {import("../../data/facility_page.js").FacilityDocument} FacilityDocument */

const OWNERS = ["central", "city", "country", "kelurahan", "military", "police", "private", "province", "rw"];
/** Levels whose names say where a facility is; above them the breadcrumb does. */
const PLACES = ["rw", "kelurahan", "kecamatan", "city"];

/** @param {{facility: FacilityDocument}} props */
export function Who({ facility }) {
  const contact = contactOf(facility);
  const others = contact?.phones.slice(1) ?? [];
  return html`<header class="who">
    <div><h1 title=${facility.name}><bdi>${facility.name}</bdi></h1>
      <p>${kindOf(facility)}. <bdi>${placeOf(facility)}</bdi>. ${identifiersOf(facility)}</p></div>
    <div class="who-act">
      ${contact?.name && html`<span class="hint"><bdi>${contact.name}</bdi></span>`}
      <${CallButton} contact=${contact} name=${facility.name} />
      ${!contact?.phones.length && html`<span class="hint">${t("calls.no_phone.hint")}</span>`}
      ${
        others.length > 0 &&
        html`<p class="hint who-more">${t("facility.phones.more")}
        ${others.map((/** @type {string} */ phone) => html` <a key=${phone} href=${telephone(phone)}><bdi>${phone}</bdi></a>`)}</p>`
      }
    </div>
  </header>`;
}

/** The duty desk, else the switchboard. @param {FacilityDocument} facility */
function contactOf({ contact, phone }) {
  if (contact?.phones.length || !phone) return contact;
  return { name: contact?.name ?? null, phones: [phone] };
}

/** @param {FacilityDocument} facility */
function kindOf({ kind, operated_by }) {
  const what = t(`facility.kind.${kind}`);
  if (!OWNERS.includes(operated_by)) return what;
  return t("facility.kind_owner", { kind: what, owner: t(`facility.owner.${operated_by}`) });
}

/** @param {FacilityDocument} facility */
function placeOf({ address, path }) {
  const areas = [...path].reverse().filter(({ level }) => PLACES.includes(level));
  return [address, ...areas.map(({ name }) => name)].filter(Boolean).join(", ");
}

/** @param {FacilityDocument} facility */
function identifiersOf({ identifiers }) {
  return Object.entries(identifiers).map(
    ([system, value]) => html`<span class="hint" key=${system}>${system.toUpperCase()} <bdi>${value}</bdi></span> `,
  );
}
