// The header of every page: the live stream, the age of the data, the theme. One place says "stale".
import { LANGUAGE, call, duration, say, words } from "./format.js";

const STALE_SCANS = 3, SHORTEST_STALE_S = 4, LOST_S = 60, RETRY_MS = 5000;
const badge = document.getElementById("live"), label = badge.querySelector("b"), ageText = document.getElementById("live-age");
const followers = new Set();
let newest = null, measured = 0, source = null, ended = false;

/** Calls back with every snapshot document, at once with the newest one if there is one. */
export function follow(callback) {
  followers.add(callback);
  if (newest) callback(newest);
}

/** Host seconds since the newest values were measured. */
export const ageOfData = () => (performance.now() - measured) / 1000;

function take(event) {
  const document = JSON.parse(event.data);
  if (document.snapshot !== null && document.snapshot !== newest?.snapshot) beat();
  newest = document;
  if (document.snapshot !== null) measured = performance.now() - (1000 * document.age_s) / document.factor;
  for (const callback of followers) callback(document);
  show();
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
