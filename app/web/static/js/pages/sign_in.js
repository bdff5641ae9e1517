// The page to sign in: sends the key to the server, which keeps a session in a cookie that scripts cannot read.

import { problemOf } from "../live/api.js";
import { t } from "../base/page.js";
import { installThemeButton } from "../base/theme.js";

/** @typedef {import("../live/api.js").Problem} Problem */

const SESSION = "/v1/session";
const TIMEOUT = 15_000;
const next = document.body.dataset.next ?? "/";
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-sign-in]"));
const out = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-sign-out]"));

installThemeButton();
if (form) installForm(form);
if (out) {
  out.disabled = false;
  out.addEventListener("click", async () => {
    const problem = await send("DELETE");
    if (problem) say(sentence(problem), true);
    else location.assign("/masuk");
  });
}

/** @param {HTMLFormElement} form */
function installForm(form) {
  const [field, button] = ["input", "button"].map((name) => form.querySelector(name));
  if (!(field instanceof HTMLInputElement && button instanceof HTMLButtonElement)) return;
  button.disabled = false;
  field.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const key = field.value.trim();
    if (!key) return refuse(field, t("sign_in.empty"));
    button.disabled = true;
    say(t("sign_in.sending"), false);
    const problem = await send("POST", { key });
    button.disabled = false;
    if (problem) refuse(field, sentence(problem));
    else location.assign(next);
  });
}

/** @param {HTMLInputElement} field @param {string} text */
function refuse(field, text) {
  field.setAttribute("aria-invalid", "true");
  field.focus();
  say(text, true);
}

/** @param {string} text @param {boolean} isFailed */
function say(text, isFailed) {
  const note = document.querySelector("[data-note]");
  if (!note) return;
  note.textContent = text;
  note.classList.toggle("is-failed", isFailed);
}

/**
 * Why it failed; null if it did not.
 * @param {string} method
 * @param {{key: string}} [body]
 * @returns {Promise<{status: number, retryAfter: number | null} | null>}
 */
async function send(method, body) {
  try {
    const response = await fetch(SESSION, {
      method,
      signal: AbortSignal.timeout(TIMEOUT),
      headers: body ? { "content-type": "application/json" } : {},
      body: body ? JSON.stringify(body) : null,
    });
    return response.ok ? null : await problemOf(response);
  } catch {
    return { status: 0, retryAfter: null };
  }
}

/** @param {{status: number, retryAfter: number | null}} problem */
function sentence({ status, retryAfter }) {
  if (status === 0 || status === 503) return t("sign_in.network");
  if (status === 401 || status === 422 || status === 400) return t("sign_in.wrong");
  if (status === 403) return t("sign_in.insecure");
  if (status === 429) return t("sign_in.wait", { s: Math.ceil((retryAfter ?? 60_000) / 1_000) });
  return t("sign_in.failed", { status: String(status) });
}
