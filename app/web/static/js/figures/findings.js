// What deserves a look at a facility, from what its document says: flagged lines, late wards, channels that differ. Pure.

/**
 * @typedef {import("./wards.js").Ward} Ward
 * @typedef {{beds_total: number | null, beds_occupied: number | null, beds_available: number | null}} Counts
 *
 * @typedef {object} Channel
 * @property {string} channel
 * @property {boolean} counting
 * @property {boolean} partial
 * @property {import("./freshness.js").Freshness} freshness
 * @property {string} observed_at
 * @property {Counts & {fresh: Counts}} totals
 *
 * @typedef {object} Finding
 * @property {string} code
 * @property {import("./wards.js").Line} [line]
 * @property {{channel: string, counting: string}} [channels]
 * @property {Record<string, number | null>} numbers
 * @property {number} others more lines with the same finding
 */

/** Of one kind so many are said one by one. */
const OF_A_KIND = 3;

/**
 * @param {Ward[]} wards of the channel that counts
 * @param {Channel[]} channels
 * @param {number | null} bedsStated
 * @returns {Finding[]}
 */
export function findingsOf(wards, channels, bedsStated) {
  return [...shortened(lineFindings(wards, bedsStated)), ...channelFindings(channels)];
}

/** @param {Ward[]} wards @param {number | null} bedsStated @returns {Finding[]} */
function lineFindings(wards, bedsStated) {
  const isFresh = wards.some(({ freshness }) => freshness === "fresh");
  return wards.flatMap(({ line, freshness }) => {
    const found = line.warnings.map((code) => ({ code, line, numbers: numbersOf(line, bedsStated), others: 0 }));
    const isLate = isFresh && freshness !== "fresh" && freshness !== "never";
    return isLate ? [...found, { code: "late_ward", line, numbers: {}, others: 0 }] : found;
  });
}

/** @param {import("./wards.js").Line} line @param {number | null} stated @returns {Record<string, number | null>} */
function numbersOf(line, stated) {
  const split = (line.occupied_suspected ?? 0) + (line.occupied_confirmed ?? 0);
  return {
    occupied: line.beds_occupied,
    total: line.beds_total,
    over: (line.beds_occupied ?? 0) - (line.beds_total ?? 0),
    free: line.beds_available,
    queue: line.queue,
    stated: line.implausible ? line.implausible.beds_total : stated,
    split,
  };
}

/** The first ones of each kind, the last of them with the number of the others. @param {Finding[]} findings */
function shortened(findings) {
  const kinds = [...new Set(findings.map(({ code }) => code))];
  return kinds.flatMap((code) => {
    const found = findings.filter((finding) => finding.code === code);
    const shown = found.slice(0, OF_A_KIND);
    return shown.map((finding, place) =>
      place === shown.length - 1 ? { ...finding, others: found.length - shown.length } : finding,
    );
  });
}

/** @param {Channel[]} channels @returns {Finding[]} */
function channelFindings(channels) {
  const counting = channels.find((channel) => channel.counting);
  if (!counting) return [];
  const most = Math.max(0, ...channels.filter(isFresh).map(({ totals }) => totals.fresh.beds_total ?? 0));
  return channels.filter(isFresh).flatMap((channel) => {
    const names = { channel: channel.channel, counting: counting.channel };
    const [a, b] = [channel.totals.fresh.beds_total, counting.totals.fresh.beds_total];
    if (channel.partial) return [{ code: "partial_channel", channels: names, numbers: { a, b: most }, others: 0 }];
    if (channel.counting || a === null || b === null || a === b) return [];
    const code = a < b ? "channel_less" : "channel_more";
    return [{ code, channels: names, numbers: { a, b, diff: Math.abs(a - b) }, others: 0 }];
  });
}

/** @param {Channel} channel */
function isFresh({ freshness }) {
  return freshness === "fresh";
}
