// The number to call, or that it is missing and who can add it.

import { html } from "../base/html.js";
import { t } from "../base/page.js";

/** @typedef {{name: string | null, phones: string[]} | null} Contact */

/** The address for a phone: digits, and a plus at the beginning. @param {string} phone */
export function telephone(phone) {
  return `tel:${phone.trim().startsWith("+") ? "+" : ""}${phone.replace(/\D/g, "")}`;
}

/** A button with the word and the number. @param {{contact: Contact, name: string}} props */
export function CallButton({ contact, name }) {
  const phone = contact?.phones[0];
  if (!phone) return html`<${NoPhone} />`;
  return html`<a class="tel" href=${telephone(phone)} title=${contact?.name ?? undefined}>
    <span class="tel-w">${t("calls.call")}</span> <span class="vh"><bdi>${name}</bdi>, </span><bdi>${phone}</bdi></a>`;
}

/** A link for a cell of a table. @param {{contact: Contact, name: string}} props */
export function CallLink({ contact, name }) {
  const phone = contact?.phones[0];
  if (!phone) return html`<${NoPhone} />`;
  return html`<a class="tel-l" href=${telephone(phone)}>
    <span class="tel-w">${t("calls.call")}</span> <span class="vh"><bdi>${name}</bdi>, </span><bdi class="tel-no">${phone}</bdi></a>`;
}

function NoPhone() {
  return html`<span class="no-tel">${t("calls.no_phone")}</span>`;
}

/** Once below a list: who can add the numbers that are missing in it. @param {{rows: {contact: Contact}[]}} props */
export function MissingPhones({ rows }) {
  const isMissing = rows.some(({ contact }) => !contact?.phones.length);
  return isMissing && html`<p class="hint" data-hint="phones">${t("calls.no_phone.hint")}</p>`;
}
