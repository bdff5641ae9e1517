// Keeps one stream of server-sent events open: reconnects, resumes after the last event, and polls where it must.
//
// It reads the stream itself instead of using EventSource: only so does it see heartbeats (a connection that is open but
// dead), the status of a refusal, and whether something on the way holds the events back.

import { createParser } from "./event_stream.js";
import { learn, now } from "./server_clock.js";

/**
 * @typedef {"connecting" | "live" | "cut" | "polling"} State
 * @typedef {object} Options
 * @property {string} path of the stream, with its filters
 * @property {string} after the position of what the page shows
 * @property {(event: string, document: any) => void} onEvent
 * @property {() => Promise<string>} reload reads everything again; resolves to its position
 * @property {() => void} onState
 */

/** Without a byte for so long a connection is dead: the server sends a comment every 15 s. */
const SILENCE = 40_000;
/** The first event follows at once; if nothing comes for so long, something on the way holds events back. */
const FIRST_BYTE = 10_000;
const PAUSES = [1_000, 2_000, 4_000, 8_000, 15_000];
const POLL = 30_000;
/** Older than this, the last word is none about the present: the device slept, or nobody saw the page. */
const OVERDUE = 90_000;

export class Live {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {State} */
    this.state = "connecting";
    /** When the connection was lost, and when the next attempt is due. */
    this.since = now();
    this.nextTry = 0;
    this.after = options.after;
    this.failures = 0;
    this.isAsleep = false;
    /** When the server was last heard, and the status with which it refuses; 0: it does not. */
    this.heardAt = now();
    this.refused = 0;
    /** @type {AbortController | null} */
    this.attempt = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Connect now, also in the middle of a pause. */
  start() {
    this.stop();
    this.attempt = new AbortController();
    this.run(this.attempt);
  }

  /** Close the connection and try no more. */
  stop() {
    clearTimeout(this.timer);
    this.attempt?.abort();
    this.attempt = null;
  }

  /** The device says that it has no network: do not wait for the silence. */
  lose() {
    if (this.isAsleep || this.state === "cut") return;
    this.stop();
    this.retry();
  }

  /** Close the connection of a page that nobody sees; what it shows stays as it is. */
  sleep() {
    this.stop();
    this.isAsleep = true;
  }

  /** Open it again after `sleep`. */
  wake() {
    if (!this.isAsleep) return;
    this.isAsleep = false;
    if (this.isOverdue()) this.renew();
    else this.start();
  }

  isOverdue() {
    return now() - this.heardAt > OVERDUE;
  }

  /** Connect anew; until the server speaks again, its last word counts as old as it is. */
  renew() {
    if (this.isAsleep) return;
    this.since = this.heardAt;
    this.change("connecting");
    this.start();
  }

  /** @param {AbortController} attempt */
  async run(attempt) {
    let outcome = "cut";
    try {
      outcome = await this.listen(attempt);
    } catch {
      // Lost, refused or silent: all the same to the reader, who sees since when.
    }
    if (this.attempt !== attempt) return;
    attempt.abort();
    if (outcome === "held back") this.poll();
    else this.retry();
  }

  /** @param {AbortController} attempt */
  async listen(attempt) {
    const separator = this.options.path.includes("?") ? "&" : "?";
    const watch = createWatch(attempt);
    watch.expect(FIRST_BYTE);
    const response = await fetch(`${this.options.path}${separator}after=${encodeURIComponent(this.after)}`, {
      signal: attempt.signal,
      headers: { accept: "text/event-stream" },
      cache: "no-store",
    });
    learn(response.headers.get("date"));
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !response.body || !type.startsWith("text/event-stream")) {
      watch.stop();
      this.refused = response.ok ? 0 : response.status;
      return response.ok || response.status === 404 ? "held back" : "cut";
    }
    this.refused = 0;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parse = createParser();
    let isFirst = true;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return "cut";
        watch.expect(SILENCE);
        this.heardAt = now();
        if (isFirst) this.change("live");
        isFirst = false;
        for (const event of parse(value)) await this.take(event);
      }
    } catch (error) {
      if (isFirst && watch.isExpired()) return "held back";
      throw error;
    } finally {
      watch.stop();
    }
  }

  /** @param {import("./event_stream.js").ServerEvent} event */
  async take({ event, data, id }) {
    if (event === "reset") this.after = await this.options.reload();
    else this.options.onEvent(event, JSON.parse(data));
    // Afterwards: what failed is asked for again.
    if (id !== null && event !== "reset") this.after = id;
  }

  /** Try again after a pause that grows, a little different for each page so that they do not all come at once. */
  retry() {
    if (this.state === "live" || this.state === "polling") this.since = now();
    const pause = /** @type {number} */ (PAUSES[Math.min(this.failures, PAUSES.length - 1)]);
    const spread = pause * (0.8 + 0.4 * Math.random());
    this.failures += 1;
    this.nextTry = now() + spread;
    this.change("cut");
    this.timer = setTimeout(() => this.start(), spread);
  }

  /** Read everything every 30 s: events do not pass here. */
  async poll() {
    const attempt = new AbortController();
    this.attempt = attempt;
    try {
      this.after = await this.options.reload();
      this.heardAt = now();
      this.refused = 0;
      if (this.attempt === attempt) this.change("polling");
    } catch (error) {
      this.refused = /** @type {{status?: number}} */ (error).status ?? 0;
      if (this.attempt !== attempt) return;
      if (this.state === "polling") this.since = now();
      this.nextTry = now() + POLL;
      this.change("cut");
    }
    if (this.attempt === attempt) this.timer = setTimeout(() => this.poll(), POLL);
  }

  /** @param {State} state */
  change(state) {
    if (state !== "cut") this.failures = 0;
    this.state = state;
    this.options.onState();
  }
}

/** Aborts an attempt when nothing comes for too long. @param {AbortController} attempt */
function createWatch(attempt) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isExpired = false;
  return {
    /** @param {number} milliseconds */
    expect(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        isExpired = true;
        attempt.abort();
      }, milliseconds);
    },
    isExpired: () => isExpired,
    stop: () => clearTimeout(timer),
  };
}
