// The page of an area.

import { read } from "../api.js";
import { installHeader } from "../components/header.js";
import { Connection } from "../connection.js";
import { loadDisplay } from "../display.js";
import { sumOf } from "../figures.js";
import { html, render } from "../html.js";
import { Figure } from "../components/figure.js";
import { Age } from "../components/age.js";

const connection = new Connection();
const [, totals] = await Promise.all([
  loadDisplay(),
  read(`/v1/areas/${document.body.dataset.area}/capacity?kind=hospital&kind=clinic`),
]);
installHeader(connection);
const sum = sumOf(totals.totals, { reporting: totals.reporting });
const main = /** @type {HTMLElement} */ (document.querySelector("#main"));
main.replaceChildren();
render(html`<p class="big"><${Figure} value=${sum.free} /></p><${Age} figure=${sum.age} />`, main);
