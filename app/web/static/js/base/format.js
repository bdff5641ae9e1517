// Numbers, shares, moments and ages in the words of one language and time zone. Pure.

/** @typedef {import("./texts.js").Translate} Translate */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Below this age hours come with minutes; above the next one an age is in days. */
const MINUTES_BELOW = 6 * HOUR;
const DAYS_FROM = 48 * HOUR;

// English as a health office in Asia writes it: 24 hours, the day before the month.
/** @type {Record<string, string>} */
const LOCALES = { id: "id-ID", en: "en-GB" };

/**
 * @param {{language: string, timeZone: string, t: Translate}} options
 */
export function createFormat({ language, timeZone, t }) {
  const locale = LOCALES[language] ?? language;
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const oneDigit = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(locale, { timeZone, hour: "2-digit", minute: "2-digit", hour12: false });
  const day = new Intl.DateTimeFormat(locale, { timeZone, day: "numeric", month: "short" });
  const longDay = new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "short",
    year: "numeric",
  });
  // Only the Indonesian locale knows WIB, WITA and WIT by their names.
  const zoneName = new Intl.DateTimeFormat("id-ID", { timeZone, timeZoneName: "short" });

  /** @param {number} value */
  const number = (value) => whole.format(value);

  /** @param {Intl.DateTimeFormat} parts @param {Date} at */
  const words = (parts, at) =>
    parts
      .formatToParts(at)
      .map((part) => (part.type === "literal" ? " " : part.value))
      .join("");

  /** @param {number} milliseconds */
  function age(milliseconds) {
    const passed = Math.max(0, milliseconds);
    if (passed < 10 * SECOND) return t("age.now");
    if (passed < MINUTE) return t("age.seconds", { n: Math.floor(passed / SECOND) });
    if (passed < HOUR) return t("age.minutes", { n: Math.floor(passed / MINUTE) });
    if (passed < MINUTES_BELOW) {
      const minutes = Math.floor((passed % HOUR) / MINUTE);
      const hours = Math.floor(passed / HOUR);
      return minutes ? t("age.hours_minutes", { n: hours, m: minutes }) : t("age.hours", { n: hours });
    }
    if (passed < DAYS_FROM) return t("age.hours", { n: Math.floor(passed / HOUR) });
    return t("age.days", { n: Math.floor(passed / DAY) });
  }

  return {
    number,
    /** A share with one digit, `76,1%`; zero is `0%`. @param {number} share */
    percent: (share) => `${share === 0 ? "0" : oneDigit.format(share * 100)}%`,
    /** A share without digits, where space is short. @param {number} share */
    wholePercent: (share) => `${whole.format(share * 100)}%`,
    /** @param {Date} at */
    time: (at) => clock.format(at),
    /** `Rabu 25 Nov 2026` @param {Date} at */
    date: (at) => words(longDay, at).replace(/ +/g, " "),
    /** `25 Nov` @param {Date} at */
    shortDate: (at) => day.format(at),
    /** The time today, else the day with the time. @param {Date} at @param {Date} now */
    moment: (at, now) => {
      const today = longDay.format(at) === longDay.format(now);
      return today ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
    },
    /** `WIB` @param {Date} at */
    zone: (at) => zoneName.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? timeZone,
    age,
    /** `14 dtk lalu`, but `baru saja` @param {number} milliseconds */
    ago: (milliseconds) => (milliseconds < 10 * SECOND ? t("age.now") : t("age.ago", { age: age(milliseconds) })),
  };
}

/** @typedef {ReturnType<typeof createFormat>} Format */
