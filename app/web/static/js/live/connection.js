// The connection of a page, as its header and its band show it: the worst of its streams, and what happened meanwhile.

import { createRepaint } from "../base/repaint.js";
import { now, onTick } from "./server_clock.js";

/** @typedef {import("./live.js").Live} Live */
/**
 * @typedef {object} Shown
 * @property {"connecting" | "live" | "cut" | "back" | "polling"} state
 * @property {number} since when it was cut
 * @property {number} nextTry
 * @property {number} changes loaded after it came back
 * @property {number | null} lastChange
 * @property {number | null} asOf of the figures
 * @property {boolean} isRefused it needs a key, or the session has ended
 */

/** A shorter loss is not worth a band: most are a change of the network. */
export const CUT_AFTER = 10_000;
export const BACK_FOR = 10_000;

export class Connection {
  constructor() {
    /** @type {Live[]} */
    this.streams = [];
    /** @type {number | null} */
    this.lastChange = null;
    /** @type {number | null} */
    this.asOf = null;
    this.wasCut = false;
    this.cutSince = 0;
    this.backAt = Number.NEGATIVE_INFINITY;
    this.changes = 0;
    this.notifySoon = createRepaint(() => this.notify());
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    onTick(() => this.renew());
    globalThis.addEventListener?.("online", () => this.retry());
    globalThis.addEventListener?.("offline", () => this.streams.map((stream) => stream.lose()));
    globalThis.document?.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retry();
    });
    // A page that the browser keeps for its Back button would keep its connections too: the third one finds none left.
    globalThis.addEventListener?.("pagehide", () => this.streams.map((stream) => stream.sleep()));
    globalThis.addEventListener?.("pageshow", () => this.streams.map((stream) => stream.wake()));
  }

  /** @param {Live[]} streams */
  watch(streams) {
    this.streams = streams;
    for (const stream of streams) stream.start();
  }

  /** Try again now what is not connected. */
  retry() {
    for (const stream of this.streams) if (stream.state === "cut") stream.start();
  }

  /** Connect anew what has said nothing for too long without anybody noticing: timers stood still. */
  renew() {
    for (const stream of this.streams) {
      if ((stream.state === "live" || stream.state === "polling") && stream.isOverdue()) stream.renew();
    }
  }

  /** Count figures that changed, by an event. @param {number} rows @param {number} asOf */
  changed(rows, asOf) {
    this.asOf = asOf;
    if (rows) this.lastChange = asOf;
    if (this.wasCut || now() - this.backAt < BACK_FOR / 2) this.changes += rows;
    this.notifySoon();
  }

  /** Called by streams when their state changes. */
  stateChanged() {
    const { state } = this.worst();
    if (state === "cut" && !this.wasCut) {
      this.wasCut = true;
      this.changes = 0;
      setTimeout(() => this.notify(), CUT_AFTER);
    } else if (this.wasCut && state !== "cut" && state !== "connecting") {
      this.wasCut = false;
      // A loss that was too short for a band needs none that says it is over.
      if (now() - this.cutSince >= CUT_AFTER) this.backAt = now();
      setTimeout(() => this.notify(), BACK_FOR);
    }
    if (state === "cut") this.cutSince = this.worst().since;
    this.notify();
  }

  /** @returns {Shown} */
  shown() {
    const { state, since, nextTry } = this.worst();
    const isRefused = this.streams.some(({ refused }) => refused === 401);
    const common = { since, nextTry, changes: this.changes, lastChange: this.lastChange, asOf: this.asOf, isRefused };
    if (state === "cut") return { ...common, state: now() - since >= CUT_AFTER ? "cut" : "connecting" };
    const isBack = state !== "connecting" && now() - this.backAt < BACK_FOR;
    return { ...common, state: isBack ? "back" : state };
  }

  /** Whether figures may be taken as the server's present word. */
  isCurrent() {
    return this.streams.length > 0 && this.streams.every(({ state }) => state === "live" || state === "polling");
  }

  /** @returns {{state: import("./live.js").State, since: number, nextTry: number}} */
  worst() {
    for (const wanted of /** @type {const} */ (["cut", "connecting", "polling"])) {
      const found = this.streams.filter(({ state }) => state === wanted);
      if (found.length) {
        return {
          state: wanted,
          since: Math.min(...found.map(({ since }) => since)),
          nextTry: Math.min(...found.map(({ nextTry }) => nextTry)),
        };
      }
    }
    return { state: this.streams.length ? "live" : "connecting", since: now(), nextTry: 0 };
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  notify() {
    for (const listener of this.listeners) listener();
  }
}
