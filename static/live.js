// The header of every page: the live stream, the age of the data, the theme. One place says "stale".
import { LANGUAGE, call, duration, say, words } from "./format.js";

const STALE_SCANS = 3, SHORTEST_STALE_S = 4, LOST_S = 60, RETRY_MS = 5000;
const badge = document.getElementById("live"), label = badge.querySelector("b"), ageText = document.getElementById("live-age");
const followers = new Set(), hearers = new Set();
let newest = null, taken = 0, measured = 0, source = null, ended = false;

/** Calls back with every snapshot document, at once with the newest one if there is one. */
export function follow(callback) {
  followers.add(callback);
  if (newest) callback(newest);
}

/** Calls back with each change of an alarm: the event, and how many are open then. */
export const hear = (callback) => hearers.add(callback);

/** Device time now, ms since 1970; that of this computer before the first snapshot. */
export const deviceNow = () => (newest ? Date.parse(newest.time) + (performance.now() - taken) * newest.factor : Date.now());

/** Host seconds since the newest values were measured. */
export const ageOfData = () => (performance.now() - measured) / 1000;

function take(event) {
  const document = JSON.parse(event.data);
  if (document.snapshot !== null && document.snapshot !== newest?.snapshot) beat();
  newest = document;
  taken = performance.now();
  if (document.alarms) count(document.alarms);
  if (document.snapshot !== null) measured = performance.now() - (1000 * document.age_s) / document.factor;
  for (const callback of followers) callback(document);
  show();
}

function news({ data }) {
  const event = JSON.parse(data);
  count(event.counts);
  if (event.alarm !== null) say(document.getElementById("alarm-news"), `${event.source} ${words.changes[event.change]}: ${event.text}`);
  for (const callback of hearers) callback(event);
}

/** The open alarms in the header, and how many in the title of the window. */
function count({ alarm, warning }) {
  const link = document.getElementById("count");
  if (!link) return;
  for (const [name, number] of Object.entries({ alarm, warning })) {
    const part = link.querySelector(`.${name}`);
    part.dataset.n = number;
    say(part.querySelector("b"), number);
  }
  const plain = document.title.replace(/^\(\d+\) /, "");
  document.title = alarm + warning ? `(${alarm + warning}) ${plain}` : plain;
}

function beat() {
  badge.classList.remove("beat");
  void badge.offsetWidth;
  badge.classList.add("beat");
}

function quality() {
  if (ended) return "ended";
  if (!newest || newest.snapshot === null) return "waiting";
  const limit = Math.max(SHORTEST_STALE_S, (STALE_SCANS * newest.period_s) / newest.factor), age = ageOfData();
  if (age > LOST_S) return "lost";
  return age > limit || source?.readyState !== EventSource.OPEN ? "stale" : "good";
}

function show() {
  const q = quality();
  if (badge.dataset.q !== q) badge.dataset.q = q;
  say(label, words.live[q]);
  say(ageText, q === "waiting" || q === "ended" ? "" : duration(ageOfData()));
}

function connect() {
  source = new EventSource(`/api/v1/live?language=${LANGUAGE}`);
  source.addEventListener("snapshot", take);
  source.addEventListener("event", news);
  source.addEventListener("error", () => {
    show();
    if (source.readyState === EventSource.CLOSED) refused();
  });
}

/** The server refused the stream: after the end of a session there is no use in trying on. */
async function refused() {
  try {
    await call("GET", "/session");
  } catch (error) {
    if (error.status === 401) {
      ended = true;
      show();
      location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
  }
  setTimeout(connect, RETRY_MS);
}

const root = document.documentElement, form = document.getElementById("theme"), button = form.querySelector("button"), THEMES = ["", "light", "dark"];
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const theme = button.value, name = words.page[`theme_${theme}`];
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  fetch("/theme", { method: "POST", body: new URLSearchParams({ theme, next: "/" }), redirect: "manual" }).catch(() => {});
  button.value = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  button.title = `${words.page.theme}: ${name}`;
  button.setAttribute("aria-label", button.title);
  dispatchEvent(new Event("theme"));
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("theme")));

setInterval(show, 1000);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => event.persisted && connect());
connect();
