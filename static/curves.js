// What is stored as curves: asked of the device, or taken from an archive; and put on one grid of time.
import { call } from "./format.js";

/** One curve of the device; `at` is {address} or {string}. */
export function stored(at, quantity, from, to, points) {
  const query = new URLSearchParams({ quantity, points: String(Math.max(2, Math.round(points))) });
  for (const [name, value] of Object.entries(at)) query.set(name, value);
  if (from !== null) query.set("from", String(Math.floor(from)));
  if (to !== null) query.set("to", String(Math.ceil(to)));
  return call("GET", `/history?${query}`);
}

/** Curves with steps of their own on one grid that fills the whole range; what a step holds of several is joined. */
export function together(series, from, to) {
  const known = series.filter((one) => one.t.length);
  const step = Math.max(60, ...known.map((one) => one.resolution_s));
  const phase = known.length ? known.find((one) => one.resolution_s === step).t[0] % step : 0;
  const first = Math.floor((from - phase) / step) * step + phase, count = Math.min(200_000, Math.ceil((to - first) / step) + 1);
  const t = Array.from({ length: Math.max(1, count) }, (_, i) => first + i * step);
  return { step, t, curves: series.map((one) => placed(one, t, first, step)) };
}

function placed(one, t, first, step) {
  const min = t.map(() => null), mean = t.map(() => null), max = t.map(() => null), counts = t.map(() => 0);
  one.t.forEach((at, i) => {
    const index = Math.floor((at - first) / step);
    if (index < 0 || index >= t.length || one.mean[i] === null) return;
    counts[index] += 1;
    mean[index] = mean[index] === null ? one.mean[i] : mean[index] + (one.mean[i] - mean[index]) / counts[index];
    min[index] = min[index] === null ? one.min[i] : Math.min(min[index], one.min[i]);
    max[index] = max[index] === null ? one.max[i] : Math.max(max[index], one.max[i]);
  });
  return { min, mean, max };
}

/** Least, mean and greatest value, and the seconds of `from` to `to` without data. */
export function figures({ min, mean, max }, t, step, from, to) {
  const known = mean.filter((value) => value !== null);
  const least = (values) => values.reduce((a, b) => (b !== null && (a === null || b < a) ? b : a), null);
  const greatest = (values) => values.reduce((a, b) => (b !== null && (a === null || b > a) ? b : a), null);
  const gone = mean.reduce((sum, value, i) => sum + (value === null ? Math.max(0, Math.min(t[i] + step, to) - Math.max(t[i], from)) : 0), 0);
  return { least: least(min), mean: known.length ? known.reduce((a, b) => a + b, 0) / known.length : null, greatest: greatest(max), gone };
}
