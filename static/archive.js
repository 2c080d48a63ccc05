// An archive opened again: a ZIP of the device's CSV files, read in the browser; nothing is sent anywhere.
import { fill, words } from "./format.js";

const LARGEST = 64e6, MANIFEST = "MANIFEST.sha256";
const NAME = /^.+?_(volt|temp|resist|bypass|ampere)(_hours|_days)?\.csv$/;
const QUANTITY = { volt: "voltage", temp: "temperature", resist: "ri", bypass: "equalizing", ampere: "current" };
const STEP = { "": 60, _hours: 3600, _days: 86400 };

/** Opens a file the operator has chosen; throws an Error with one line if it is no archive of ours. */
export async function open(file) {
  let entries;
  try {
    entries = directory(new DataView(await file.arrayBuffer()));
  } catch (error) {
    throw new Error(`${words.history.archive_bad} ${error.message}`);
  }
  const archive = new Archive(file.name, entries);
  if (!archive.files.length) throw new Error(`${words.history.archive_bad} ${file.name}`);
  await archive.check();
  return archive;
}

class Archive {
  constructor(label, entries) {
    this.label = label;
    this.entries = entries;
    this.tables = new Map();
    this.files = [...entries.keys()].flatMap((name) => {
      const [, suffix, tier = ""] = NAME.exec(name) ?? [];
      return suffix ? [{ name, quantity: QUANTITY[suffix], step: STEP[tier] }] : [];
    });
  }

  /** Compares every file with the manifest, where the browser can (not over plain HTTP from elsewhere). */
  async check() {
    if (!this.entries.has(MANIFEST)) throw new Error(`${words.history.archive_bad} ${MANIFEST}`);
    if (!globalThis.crypto?.subtle) return;
    const lines = new TextDecoder().decode(await this.entries.get(MANIFEST)()).trim().split("\n");
    const sums = new Map(lines.map((line) => line.trim().split("  ").reverse()));
    for (const { name } of this.files) {
      const digest = await crypto.subtle.digest("SHA-256", await this.entries.get(name)());
      const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      if (sums.get(name) !== hex) throw new Error(fill(words.history.archive_sum, { name }));
    }
  }

  /** The batteries or strings there are values of. */
  async columns(quantity) {
    const found = new Set();
    for (const file of this.files) if (file.quantity === quantity) for (const name of (await this.#table(file.name)).columns) found.add(name.split(" ")[0]);
    return [...found];
  }

  /** First and last second of a quantity, null if there is none of it. */
  async extent(quantity) {
    let extent = null;
    for (const file of this.files) {
      if (file.quantity !== quantity) continue;
      const { t } = await this.#table(file.name);
      if (t.length) extent = extent ? [Math.min(extent[0], t[0]), Math.max(extent[1], t.at(-1) + file.step)] : [t[0], t.at(-1) + file.step];
    }
    return extent;
  }

  /** One column between two moments in at most `points` steps, extremes kept, from the finest files that touch it. */
  async series(quantity, column, from, to, points) {
    for (const step of Object.values(STEP)) {
      const rows = [];
      for (const file of this.files) if (file.quantity === quantity && file.step === step) rows.push(...this.#rows(await this.#table(file.name), column, step, from, to));
      if (rows.length) return bucketed(rows.sort((a, b) => a[0] - b[0]), step, from, to, points);
    }
    return { t: [], min: [], mean: [], max: [], resolution_s: 60 };
  }

  #rows({ t, columns, values }, column, step, from, to) {
    const at = (step === 60 ? [column, column, column] : [`${column} min`, `${column} mean`, `${column} max`]).map((name) => columns.indexOf(name));
    if (at.includes(-1)) return [];
    return t.flatMap((second, row) => (second >= from && second < to ? [[second, ...at.map((index) => values[row * columns.length + index])]] : []));
  }

  async #table(name) {
    if (!this.tables.has(name)) this.tables.set(name, parse(new TextDecoder().decode(await this.entries.get(name)())));
    return this.tables.get(name);
  }
}

function bucketed(rows, step, from, to, points) {
  const width = Math.max(1, Math.ceil((to - from) / step / points)) * step, series = { t: [], min: [], mean: [], max: [], resolution_s: width };
  let count = 0;
  for (const [second, min, mean, max] of rows) {
    if (Number.isNaN(mean)) continue;
    const start = Math.floor(second / width) * width, last = series.t.length - 1;
    if (series.t[last] === start) {
      count += 1;
      series.min[last] = Math.min(series.min[last], min);
      series.max[last] = Math.max(series.max[last], max);
      series.mean[last] += (mean - series.mean[last]) / count;
    } else {
      count = 1;
      series.t.push(start);
      series.min.push(min);
      series.mean.push(mean);
      series.max.push(max);
    }
  }
  return series;
}

/** A table: seconds, names of columns, and all values row by row, NaN where there is none. */
function parse(text) {
  const lines = text.split(/\r?\n/).filter(Boolean), columns = (lines[0] ?? "").split(";").slice(2);
  const t = [], values = new Float32Array((lines.length - 1) * columns.length);
  for (let row = 1; row < lines.length; row++) {
    const cells = lines[row].split(";"), [day, month, year] = cells[0].split(".").map(Number), [hour, minute, second] = cells[1].split(":").map(Number);
    t.push(Date.UTC(year, month - 1, day, hour, minute, second) / 1000);
    for (let i = 0; i < columns.length; i++) values[(row - 1) * columns.length + i] = cells[i + 2] ? Number(cells[i + 2].replace(",", ".")) : NaN;
  }
  return { t, columns, values };
}

/** The entries of a ZIP: name to a function that unpacks it. Stored and deflated ones; no ZIP64, no encryption. */
function directory(view) {
  let end = view.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Error("ZIP");
  const entries = new Map(), decoder = new TextDecoder();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error("ZIP");
    const method = view.getUint16(at + 10, true), packed = view.getUint32(at + 20, true), size = view.getUint32(at + 24, true);
    const nameBytes = view.getUint16(at + 28, true), local = view.getUint32(at + 42, true);
    const name = decoder.decode(new Uint8Array(view.buffer, at + 46, nameBytes));
    if (size > LARGEST || (method !== 0 && method !== 8)) throw new Error(name);
    entries.set(name, () => unpacked(view, local, packed, method));
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

async function unpacked(view, local, packed, method) {
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true), bytes = new Uint8Array(view.buffer, start, packed);
  if (method === 0) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
}
