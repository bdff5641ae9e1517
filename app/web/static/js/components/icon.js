// A shape of the design, from the symbols in the shell.

import { html } from "../base/html.js";

/** @param {{name: string}} props the symbol without `g-` */
export function Icon({ name }) {
  const meaning = name === "tight" || name === "full" ? ` g-${name}` : "";
  return html`<svg class=${`g${meaning}`} aria-hidden="true"><use href=${`#g-${name}`} /></svg>`;
}
