// A row of buttons of which one is pressed: a filter, or a mode of the map.

import { html } from "../base/html.js";

/**
 * @param {{label: string, options: {value: string, text: string}[], value: string, onChoose: (value: string) => void}} props
 */
export function Segments({ label, options, value, onChoose }) {
  return html`<div class="seg" role="group" aria-label=${label}>
    ${options.map(
      (option) => html`<button type="button" key=${option.value} aria-pressed=${String(option.value === value)}
        data-value=${option.value} onClick=${() => onChoose(option.value)}>${option.text}</button>`,
    )}
  </div>`;
}
