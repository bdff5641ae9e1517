// The theme: that of the system until somebody presses the button. A cookie, so that the server sends it with the page.

const COOKIE = "balai_theme";
const SECONDS = 365 * 24 * 3600;
const root = document.documentElement;

/** The theme that is shown now. */
function shown() {
  const chosen = root.dataset.theme;
  return chosen ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

/** Paper is light, whatever the screen is. */
export function installPaperTheme() {
  let before = root.dataset.theme;
  matchMedia("print").addEventListener("change", ({ matches }) => {
    if (matches) {
      before = root.dataset.theme;
      root.dataset.theme = "light";
    } else if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
  });
}

/** Show the button, which works only with scripts, and let it change the theme. */
export function installThemeButton() {
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.removeAttribute("hidden");
    button.addEventListener("click", () => {
      const theme = shown() === "dark" ? "light" : "dark";
      root.dataset.theme = theme;
      document.querySelector('meta[name="color-scheme"]')?.setAttribute("content", theme);
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox of 2025 and before
      document.cookie = `${COOKIE}=${theme}; path=/; max-age=${SECONDS}; samesite=lax`;
    });
  }
}
