// "My location": asks the browser once, when it is pressed, and opens the page for that place.

import { t } from "../base/page.js";

/** A hundred metres are near enough, and no more is told to the server. */
const DIGITS = 3;
const OPTIONS = { timeout: 15_000, maximumAge: 300_000 };

/** Show the button where it works. */
export function installLocate() {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-locate]"));
  const note = document.querySelector("[data-locate-note]");
  if (!button || !note || !("geolocation" in navigator)) return;
  // A secure context is needed: without one the browser refuses in silence.
  if (!window.isSecureContext) return;
  for (const other of document.querySelectorAll("[data-without-script]")) other.setAttribute("hidden", "");
  button.hidden = false;
  button.addEventListener("click", () => {
    note.textContent = t("public.from.asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => location.assign(addressOf(coords)),
      (error) => {
        const key = error.code === error.PERMISSION_DENIED ? t("public.from.denied") : t("public.from.failed");
        note.textContent = key;
      },
      OPTIONS,
    );
  });
}

/** @param {{latitude: number, longitude: number}} place */
function addressOf({ latitude, longitude }) {
  const url = new URL(location.href);
  for (const name of ["q", "area", "show"]) url.searchParams.delete(name);
  url.searchParams.set("lat", latitude.toFixed(DIGITS));
  url.searchParams.set("lon", longitude.toFixed(DIGITS));
  url.hash = "";
  return url.href;
}
