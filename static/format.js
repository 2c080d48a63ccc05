// How figures and words are written: fixed decimals, true minus, no-break space before the unit, a dash for unknown.
export const words = JSON.parse(document.querySelector('meta[name="words"]').content);
export const csrf = document.querySelector('meta[name="csrf"]').content;
export const LANGUAGE = document.documentElement.lang;
export const DASH = "–", NBSP = "\u00a0";

/** The looks in the order of the digits in the live stream; the worst is the last. */
export const LOOKS = Object.keys(words.looks);
export const isAbnormal = (look) => look > LOOKS.indexOf("good");

export function fixed(value, digits, signed = false) {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const text = Math.abs(value).toFixed(digits), zero = Number(text) === 0;
  return (value < 0 && !zero ? "−" : signed ? "+" : "") + text.replace(".", words.locale.decimal);
}

export const amperes = (value) => fixed(value, value !== null && Math.abs(value) < 1 ? 3 : 1, true);
/** A text of the catalogue with its places filled in: fill("{n} files", { n: 3 }). */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

export const withUnit = (text, unit) => `${text}${NBSP}${unit}`;

/** A duration in words; null means that there never was one. */
export function duration(seconds) {
  if (seconds === null) return words.page.never;
  const s = Math.max(0, Math.floor(seconds)), minutes = Math.floor(s / 60);
  if (s < 120) return withUnit(s, "s");
  if (minutes < 60) return withUnit(minutes, "min");
  if (minutes < 2880) return `${withUnit(Math.floor(minutes / 60), "h")} ${withUnit(minutes % 60, "min")}`;
  return `${withUnit(Math.floor(minutes / 1440), "d")} ${withUnit(Math.floor((minutes % 1440) / 60), "h")}`;
}

export const LOCALE = LANGUAGE === "en" ? "en-GB" : LANGUAGE;
/** The time zone of the device; an old browser that does not know a fixed difference shows UTC, and says so. */
export const ZONE = known(document.documentElement.dataset.zone) ?? "UTC";
function known(zone) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) && zone;
  } catch {
    return null;
  }
}

const MOMENT = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: ZONE });
/** A moment of the device's zone with the month as a word: 22 Nov, 20:40:12. */
export const moment = (iso) => (iso ? MOMENT.format(new Date(iso)) : DASH);

/** The name of an equalizing duty: off, eco+ 1-20, eco 21-40, normal 41-60, power 61-80, boost 81 and more. */
export function band(percent) {
  if (percent === null) return words.page.no_data;
  const step = [["off", 0], ["eco+", 20], ["eco", 40], ["normal", 60], ["power", 80]].find(([, top]) => Math.round(percent) <= top);
  return words.bands[step ? step[0] : "boost"];
}

/** Sets a text only where it changes, so that a snapshot touches little. */
export function say(element, text) {
  if (element && element.textContent !== String(text)) element.textContent = text;
}

/** Like `say`, and the names of batteries do not break over two lines. */
export function sayNamed(element, text) {
  if (element.textContent === text) return;
  element.replaceChildren(...text.split(/(S\d+-\d+)/).map((part, i) => (i % 2 ? make("span", { class: "name" }, part) : part)));
}

/** A new element with attributes and children; texts become text nodes, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  element.append(...children);
  return element;
}

export const glyph = (look) => make("span", { class: `g g-${look}`, "aria-hidden": "true" });

/** One call of the API; throws an Error with the reason in one line. */
export async function call(method, path, body) {
  const headers = { Accept: "application/json", "Accept-Language": LANGUAGE };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error(words.page.lost);
  }
  const text = await answer.text(), document = text ? JSON.parse(text) : null;
  if (!answer.ok) throw Object.assign(new Error(document?.detail ?? answer.statusText), { status: answer.status });
  return document;
}
