// What the pages of areas share: their figures, kept up to date, their list of calls, their header.

import { announce } from "../base/announce.js";
import { HALLS, HOSPITALS, AreaFigures } from "./area_figures.js";
import { CallList } from "./call_list.js";
import { Connection } from "../live/connection.js";
import { display, loadDisplay } from "../base/display.js";
import { staleAfter } from "../figures/freshness.js";
import { Live } from "../live/live.js";
import { format, t } from "../base/page.js";
import { createRepaint } from "../base/repaint.js";
import { now, onTick } from "../live/server_clock.js";
import { groupsOf } from "../figures/sums.js";

/** @typedef {import("../figures/sums.js").ByClock} ByClock */

/** A hidden page keeps its streams for so long: a browser allows few connections to one host. */
const HIDDEN_FOR = 60_000;

export class AreaPage {
  /**
   * @param {() => void} paint draws the page; called at most four times a second
   * @param {{hasCalls?: boolean, hasHalls?: boolean}} [options] whether it has the list of facilities to call, and the
   *   halls of each child
   */
  constructor(paint, { hasCalls = true, hasHalls = false } = {}) {
    const { area = "", level = "", name = "" } = document.body.dataset;
    this.code = area;
    this.level = level;
    this.name = name;
    this.repaint = createRepaint(paint);
    this.hospitals = new AreaFigures(area, HOSPITALS);
    this.halls = new AreaFigures(area, HALLS, { hasChildren: hasHalls });
    this.calls = hasCalls ? new CallList(area, this.repaint) : null;
    this.connection = new Connection();
    /** @type {(() => void) | null} */
    this.onChanged = null;
  }

  /** Read what is shown, draw it, then keep it up to date. */
  async start() {
    this.calls?.load();
    const halls = this.halls.load().catch(() => "");
    await Promise.all([loadDisplay(), this.hospitals.load().catch(() => "")]);
    this.connection.asOf = this.hospitals.asOf || null;
    this.connection.notify();
    this.repaint();
    await halls;
    this.repaint();
    this.connection.watch([this.live(this.hospitals), this.live(this.halls)]);
    this.connection.subscribe(() => {
      if (!this.connection.isCurrent()) this.repaint();
      else if (this.calls?.problem) this.calls.refresh();
    });
    onTick(() => this.repaint());
    this.sleepWhenHidden();
  }

  /** Read everything again, after a press on Reload. */
  async reload() {
    await Promise.allSettled([this.hospitals.load(), this.halls.load(), this.calls?.load()]);
    this.onChanged?.();
    this.repaint();
  }

  /** @param {AreaFigures} figures */
  live(figures) {
    const stream = new Live({
      path: figures.stream,
      after: String(figures.position),
      onState: () => this.connection.stateChanged(),
      reload: async () => {
        const position = await figures.load();
        this.connection.changed(0, figures.asOf);
        this.calls?.refresh();
        this.onChanged?.();
        this.repaint();
        return position;
      },
      onEvent: (event, document) => {
        if (event !== "children" && event !== "capacity") return;
        const before = figures.total;
        const changed = event === "children" ? figures.apply(document) : figures.applyTotal(document);
        if (figures === this.hospitals) announceGroups(before, figures);
        this.connection.changed(changed, figures.asOf);
        this.calls?.refresh();
        this.onChanged?.();
        this.repaint();
      },
    });
    return stream;
  }

  /**
   * While the server is silent the clock judges; while it speaks, its word counts.
   * @param {readonly string[]} kinds
   * @returns {ByClock}
   */
  byClock(kinds) {
    const streams = this.connection.streams;
    if (streams.length === 0 || this.connection.isCurrent()) return null;
    return { now: now(), staleAfter: staleAfter(display.thresholds, kinds) };
  }

  /** Close the streams of a page that nobody sees, and open them when it is seen again. */
  sleepWhenHidden() {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    document.addEventListener("visibilitychange", () => {
      clearTimeout(timer);
      if (!document.hidden) for (const stream of this.connection.streams) stream.wake();
      else timer = setTimeout(() => this.connection.streams.map((stream) => stream.sleep()), HIDDEN_FOR);
    });
  }
}

/** @param {import("./area_figures.js").Capacity | null} before @param {AreaFigures} figures */
function announceGroups(before, { total }) {
  if (!before || !total) return;
  for (const group of groupsOf(total)) {
    const [last, next] = [before, total].map(
      ({ by_group }) => by_group.find((each) => each.group === group)?.fresh.beds_available,
    );
    if (typeof next !== "number" || last === next) continue;
    announce(group, t("changed.free", { what: t(`group.${group}.short`), n: format.number(next) }));
  }
}
