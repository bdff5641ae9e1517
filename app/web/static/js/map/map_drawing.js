// Draws outlines with Leaflet's SVG renderer: polygons by class, a hatch over old ones, labels in an SVG of our own above.

import { setHot } from "./hot.js";
import { placeLabels } from "./labels.js";

/**
 * @typedef {import("../data/outlines.js").Outlines} Outlines
 * @typedef {import("./map_areas.js").Look} Look
 * @typedef {{names: boolean, onOpen: (code: string) => void, order: string[]}} Options
 * @typedef {{frame: {width: number, height: number}, size: number, names: boolean, outlines: Outlines,
 *   project: (place: number[]) => [number, number]}} LabelOptions
 * @typedef {ReturnType<typeof draw>} MapDrawing
 */

/** The sign of a label inside its area stands below the value: the text moves up by this share of its size. */
const SIGN_ROOM = 0.5;
const SVG = "http://www.w3.org/2000/svg";
/** More room at the top, for labels on leaders. @type {import("leaflet").FitBoundsOptions} */
const FIT = { paddingTopLeft: [10, 36], paddingBottomRight: [10, 10], animate: false };

/** Load the library once, with its style sheet. */
async function loadLeaflet() {
  const sheet = new URL("../../vendor/leaflet/leaflet.css", import.meta.url).href;
  if (!document.querySelector(`link[href="${sheet}"]`)) {
    const styled = new Promise((resolve) => {
      const element = document.createElement("link");
      Object.assign(element, { rel: "stylesheet", href: sheet, onload: resolve, onerror: resolve });
      // Before our own rules, which say the last word about what is drawn.
      document.head.prepend(element);
    });
    await Promise.all([styled, import("../../vendor/leaflet/leaflet.js")]);
  }
  return globalThis.L;
}

/** @param {HTMLElement} element @param {Outlines} outlines */
export async function createDrawing(element, outlines) {
  return draw(await loadLeaflet(), element, outlines);
}

/** @param {typeof import("leaflet")} leaflet @param {HTMLElement} element @param {Outlines} outlines */
function draw(leaflet, element, outlines) {
  const map = leaflet.map(element, {
    renderer: leaflet.svg({ padding: 0.5 }),
    attributionControl: false,
    zoomControl: false,
    scrollWheelZoom: false,
    keyboard: false,
    dragging: false,
    doubleClickZoom: false,
    boxZoom: false,
    touchZoom: false,
    zoomSnap: 0,
    zoomAnimation: false,
    fadeAnimation: false,
    inertia: false,
  });
  const collection = /** @type {any} */ ({ type: "FeatureCollection", features: outlines.features });
  const areas = leaflet.geoJSON(collection, { style: { className: "area", weight: 1.2 } });
  const veils = leaflet.geoJSON(collection, { interactive: false, style: { className: "area-veil", stroke: false } });
  // The outline of the area under the pointer, above its neighbours.
  const edges = leaflet.geoJSON(collection, { interactive: false, style: { className: "area-edge", fill: false } });
  const bounds = areas.getBounds();
  map.fitBounds(bounds, FIT);
  areas.addTo(map);
  veils.addTo(map);
  edges.addTo(map);
  for (const [code, edge] of pathsOf(edges)) edge.setAttribute("data-code", code);
  const labels = document.createElementNS(SVG, "svg");
  labels.setAttribute("class", "labels");
  labels.setAttribute("aria-hidden", "true");
  element.append(labels);

  const paths = new Map(pathsOf(areas));
  const hatches = new Map(pathsOf(veils));
  let shown = "";
  /** @type {Map<string, Look>} */
  let shownLooks = new Map();
  /** @type {Options} */
  let options = { names: true, onOpen: () => {}, order: [] };

  for (const [code, path] of paths) {
    path.setAttribute("data-code", code);
    path.addEventListener("mouseover", () => setHot(code));
    path.addEventListener("mouseout", () => setHot(""));
    path.addEventListener("click", () => options.onOpen(code));
  }
  const resized = new ResizeObserver(() => {
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(bounds, FIT);
    last.key = "";
    drawLabels();
  });
  resized.observe(element);

  // To place them takes longer than to draw the rest of the page.
  let drawnLabels = "";

  function drawLabels() {
    const style = getComputedStyle(labels);
    const frame = { width: element.clientWidth, height: element.clientHeight };
    const size = Number.parseFloat(style.fontSize);
    const names = options.names && style.getPropertyValue("--names").trim() !== "none";
    const wanted = JSON.stringify([frame, size, names, [...shownLooks]]);
    if (wanted === drawnLabels) return;
    drawnLabels = wanted;
    drawLabelsInto(labels, shownLooks, {
      frame,
      size,
      names,
      outlines,
      /** @param {number[]} place @returns {[number, number]} */
      project: ([lon = 0, lat = 0]) => {
        const { x, y } = map.latLngToContainerPoint([lat, lon]);
        return [x, y];
      },
    });
  }

  return {
    /** @param {Map<string, Look>} looks @param {Options} how */
    show(looks, how) {
      options = how;
      // Most repaints of a page change nothing on its map.
      const next = JSON.stringify([...looks]);
      if (next === shown) return;
      shown = next;
      shownLooks = looks;
      for (const [code, path] of paths) {
        const look = looks.get(code);
        const isHot = path.classList.contains("is-hot");
        path.setAttribute("class", `area leaflet-interactive ${look?.style ?? "none"}${isHot ? " is-hot" : ""}`);
        setTitle(path, look?.title ?? "");
        hatches.get(code)?.setAttribute("class", look?.isVeiled ? "veil" : look?.style === "cu" ? "hatched" : "unseen");
      }
      drawLabels();
    },
    remove() {
      resized.disconnect();
      labels.remove();
      map.remove();
    },
  };
}

/** @param {import("leaflet").GeoJSON} layer @returns {[string, SVGElement][]} */
function pathsOf(layer) {
  return layer.getLayers().map((each) => {
    const path = /** @type {any} */ (each);
    return [path.feature.properties.code, path.getElement()];
  });
}

/** @param {Element} path @param {string} text */
function setTitle(path, text) {
  const title = path.querySelector("title") ?? path.appendChild(document.createElementNS(SVG, "title"));
  if (title.textContent !== text) title.textContent = text;
}

/**
 * @param {SVGElement} svg
 * @param {Map<string, Look>} looks
 * @param {LabelOptions} how
 */
function drawLabelsInto(svg, looks, { frame, size, names, outlines, project }) {
  const nodes = place(looks, { frame, size, names, outlines, project }).flatMap(({ code, at, anchor }) => {
    const look = /** @type {Look} */ (looks.get(code));
    const label = labelOf(look, at, anchor !== null, names || anchor !== null, size);
    return anchor ? [leaderOf(at, anchor, size), label] : [label];
  });
  svg.replaceChildren(...nodes);
}

const canvas = document.createElement("canvas").getContext("2d");

/** What the labels of the last map said, and where they stand: most changes of figures move none. */
let last = { key: "", placed: /** @type {import("./labels.js").Placed[]} */ ([]) };

/** @param {Map<string, Look>} looks @param {LabelOptions} how */
function place(looks, { frame, size, names, outlines, project }) {
  const texts = [...looks].map(([code, { name, value, sign, style }]) => [code, name, value, sign, style === "none"]);
  const key = JSON.stringify([frame, size, names, texts]);
  if (key === last.key) return last.placed;
  const wanted = outlines.features.flatMap(({ geometry, properties: { code, label } }) => {
    const look = looks.get(code);
    if (!look || !label || (!names && look.style === "none")) return [];
    // On a leader a label always has its name.
    const outside = { width: Math.max(measure(look.name, size, 400), valueWidth(look, size)), height: size * 2.3 };
    const inside = names
      ? { ...outside, width: Math.max(measure(look.name, size, 400), measure(look.value, size * 1.1, 600)) }
      : { width: measure(look.value, size * 1.1, 600), height: size * 1.3 };
    if (names && look.sign) inside.height = size * (2.3 + 2 * SIGN_ROOM);
    const rings = ringsOf(geometry).map((ring) => ring.map(project));
    return [{ code, at: project([label.lon, label.lat]), ...inside, outside, isFirst: look.sign !== null, rings }];
  });
  last = { key, placed: placeLabels(wanted, frame) };
  return last.placed;
}

/** The width of a value with its sign. @param {Look} look @param {number} size */
function valueWidth({ value, sign }, size) {
  return measure(value, size * 1.1, 600) + (sign ? 2.2 * size : 0);
}

/** The width of a text. @param {string} text @param {number} size @param {number} weight */
function measure(text, size, weight) {
  if (!canvas) return text.length * size * 0.55;
  canvas.font = `${weight} ${size}px ${getComputedStyle(document.documentElement).fontFamily}`;
  return canvas.measureText(text).width;
}

/** @param {any} geometry @returns {number[][][]} */
function ringsOf({ type, coordinates }) {
  return type === "MultiPolygon" ? coordinates.flat() : coordinates;
}

/** @param {[number, number]} at @param {[number, number]} anchor @param {number} size */
function leaderOf([x, y], [anchorX, anchorY], size) {
  const line = document.createElementNS(SVG, "path");
  const below = anchorY > y ? size * 1.15 : -size * 1.15;
  line.setAttribute("class", "leader");
  line.setAttribute("d", `M${x.toFixed(1)} ${(y + below).toFixed(1)}L${anchorX.toFixed(1)} ${anchorY.toFixed(1)}`);
  return line;
}

/** @param {Look} look @param {[number, number]} at @param {boolean} isOutside @param {boolean} hasName @param {number} size */
function labelOf(look, [x, y], isOutside, hasName, size) {
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", `lab lab-${look.style}${isOutside ? " out" : ""}`);
  const up = look.sign && hasName && !isOutside ? SIGN_ROOM * size : 0;
  group.setAttribute("transform", `translate(${x.toFixed(1)} ${(y - up).toFixed(1)})`);
  if (hasName) group.append(textOf("nm", look.name, -0.15 * size));
  group.append(textOf("vl", look.value, (hasName ? 0.95 : 0.4) * size));
  if (look.sign) {
    const sign = document.createElementNS(SVG, "use");
    sign.setAttribute("href", `#g-${look.sign}`);
    const side = 0.85 * size;
    const place = isOutside
      ? [measure(look.value, size * 1.1, 600) / 2 + 0.2 * size, 0.2 * size]
      : [-side / 2, 1.25 * size];
    for (const [name, value] of Object.entries({ x: place[0], y: place[1], width: side, height: side })) {
      sign.setAttribute(name, String(value));
    }
    group.append(sign);
  }
  return group;
}

/** @param {string} style @param {string} content @param {number} y */
function textOf(style, content, y) {
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("class", style);
  text.setAttribute("y", y.toFixed(1));
  text.textContent = content;
  return text;
}
