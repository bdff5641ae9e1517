// Reading documents of the public API: with a time limit, retries where they help, and problem documents as errors.

import { learn } from "./server_clock.js";

const TIMEOUT = 15_000;
const TRIES = 3;
const PAUSE = 1_000;
const PAUSE_MAX = 10_000;
const WORTH_A_RETRY = new Set([0, 429, 502, 503, 504]);

/** Why a document could not be read. `status` is 0 if there was no answer. */
export class Problem extends Error {
  /** @param {{status: number, detail: string, requestId: string | null, retryAfter: number | null}} fields */
  constructor({ status, detail, requestId, retryAfter }) {
    super(detail);
    this.status = status;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/**
 * Read a JSON document. Tries again after the time that the server states, a few times.
 * @param {string} path
 * @returns {Promise<any>}
 * @throws {Problem}
 */
export async function read(path) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(path);
    } catch (error) {
      const problem = /** @type {Problem} */ (error);
      if (attempt === TRIES || !WORTH_A_RETRY.has(problem.status)) throw error;
      await pause(Math.min(problem.retryAfter ?? PAUSE * attempt, PAUSE_MAX));
    }
  }
}

/** @param {string} path */
async function readOnce(path) {
  let response;
  try {
    // Options that the browser compares with those of a preload: no header of our own, or it reads twice.
    response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT) });
    if (!isKept(response)) learn(response.headers.get("date"));
    if (response.ok) return await response.json();
  } catch (error) {
    throw new Problem({ status: 0, detail: String(error), requestId: null, retryAfter: null });
  }
  throw await problemOf(response);
}

/** Whether a cache may have answered: then its date is that of long ago. @param {Response} response */
function isKept({ headers }) {
  return /max-age=[1-9]/.test(headers.get("cache-control") ?? "");
}

/** The problem that a refusal states. @param {Response} response */
export async function problemOf(response) {
  const document = await response.json().catch(() => ({}));
  const wait = Number(response.headers.get("retry-after"));
  return new Problem({
    status: response.status,
    detail: String(document.detail ?? response.statusText),
    requestId: document.instance ?? response.headers.get("x-request-id"),
    retryAfter: wait > 0 ? wait * 1000 : null,
  });
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
