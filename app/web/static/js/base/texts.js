// Sentences with placeholders and plurals, from a catalogue (app/web/texts).

/**
 * @typedef {Record<string, string | number>} Values
 * @typedef {(key: string, values?: Values) => string} Translate
 */

const PLACEHOLDER = /\{(\w+)\}/g;

/**
 * The function that pages call `t`. With a number `n` it prefers the singular `key_one` where the language has one.
 * A key that is missing shows as itself: a page with one odd word is better than no page.
 * @param {Record<string, string>} catalogue
 * @param {string} language
 * @returns {Translate}
 */
export function createTranslate(catalogue, language) {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language === "id" ? "id-ID" : "en-GB");
  return (key, values = {}) => {
    const one = typeof values.n === "number" && plural.select(values.n) === "one" ? catalogue[`${key}_one`] : undefined;
    const text = one ?? catalogue[key] ?? key;
    return text.replace(PLACEHOLDER, (whole, name) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === "number" ? number.format(value) : value;
    });
  };
}

/**
 * The same sentence in parts, so that a page can put elements in the place of its placeholders.
 * @param {string} text
 * @param {Record<string, unknown>} parts
 * @returns {unknown[]}
 */
export function withParts(text, parts) {
  return text.split(/(\{\w+\})/).map((piece) => {
    const name = piece.slice(1, -1);
    return piece.startsWith("{") && name in parts ? parts[name] : piece;
  });
}
