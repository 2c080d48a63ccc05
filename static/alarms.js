// The alarms: every card stays where it is; the server writes it anew in its place when something changes.
import { call, duration, say, words } from "./format.js";
import { deviceNow, hear } from "./live.js";

const $ = (selector, within = document) => within.querySelector(selector);
const UNDO_MS = 10_000, EVERY_MS = 10_000, SOON_MS = 150;
const AGAIN = { acknowledge: "unacknowledge", shelve: "unshelve" };
const SAID = { acknowledge: "acknowledged", unacknowledge: "unacknowledged", shelve: "shelved", unshelve: "unshelved", comment: "commented" };
const bar = $("#undo"), undoButton = $("button", bar), fresh = $("#fresh");
let undo = null, undoTimer = 0, timer = 0, newest = null;

/** The page as the server writes it now, as a document of its own. */
async function written() {
  const answer = await fetch("/alarms", { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(words.page.lost);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Brings the cards that are there to what the server says; new ones are only counted. */
async function refresh(acted = "") {
  clearTimeout(timer);
  try {
    newest = await written();
    for (const card of document.querySelectorAll(".al")) renew(card, newest.getElementById(card.id), card.id === acted);
    const here = new Set([...document.querySelectorAll(".al")].map((card) => card.id));
    const more = [...newest.querySelectorAll('.al:not([data-phase="pending"])')].filter((card) => !here.has(card.id));
    say($("#fresh-n"), more.length);
    fresh.hidden = more.length === 0;
    say($("#sum"), $("#sum", newest).textContent);
    for (const id of ["beside", "calm"]) replace(document.getElementById(id), newest.getElementById(id));
  } catch {
    // The badge in the header says that the device is away; what is here keeps its age.
  }
  timer = setTimeout(() => refresh(), EVERY_MS);
}

const soon = () => {
  clearTimeout(timer);
  timer = setTimeout(() => refresh(), SOON_MS);
};

/** One card in its place: as the server has it, or over. Nobody's text, focus or open menu is taken away. */
function renew(card, now, isActed) {
  if (!now) return over(card);
  const isBusy = $(".menu[open]", card) || [...card.querySelectorAll("input[name=text]")].some((input) => input.value);
  if (isBusy || (!isActed && card.contains(document.activeElement) && card.dataset.phase === now.dataset.phase)) return;
  const made = document.importNode(now, true), had = card.contains(document.activeElement);
  if ($(".more", card)?.open) $(".more", made).open = true;
  if (made.isEqualNode(card)) return;
  card.replaceWith(made);
  if (had) $("h3", made).focus();
}

function over(card) {
  if (card.dataset.phase === "pending") return card.remove();
  if (card.dataset.phase === "cleared") return;
  const steps = [...card.querySelectorAll(".cycle li")];
  card.dataset.phase = "cleared";
  for (const step of steps) {
    step.className = "done";
    step.removeAttribute("aria-current");
  }
  steps.at(-1)?.setAttribute("aria-current", "step");
  const had = card.contains(document.activeElement);
  $(".acts", card)?.remove();
  if (had) $("h3", card).focus();
}

function replace(old, now) {
  if (!old || !now || old.contains(document.activeElement) || $(".menu[open]", old)) return;
  const made = document.importNode(now, true);
  if (!made.isEqualNode(old)) old.replaceWith(made);
}

/** What was done is said, and can be taken back for ten seconds where that makes sense. */
function offer(text, back) {
  undo = back;
  say(bar.firstElementChild, text);
  undoButton.hidden = !back;
  bar.hidden = false;
  clearTimeout(undoTimer);
  undoTimer = setTimeout(() => (bar.hidden = true), UNDO_MS);
}

async function act(card, what, body) {
  const id = card.dataset.id, title = $("h3", card).textContent;
  const back = AGAIN[what] ? () => call("POST", `/alarms/${id}/${AGAIN[what]}`) : null;
  await call("POST", `/alarms/${id}/${what}`, body);
  $(".menu[open]", card)?.removeAttribute("open");
  for (const input of card.querySelectorAll("input[name=text]")) input.value = "";
  offer(`${words.alarms[SAID[what]]} ${title}`, back);
  await refresh(card.id);
}

const bodyOf = (what, data) => ({ shelve: { for_s: Number(data.get("for_s")) }, comment: { text: data.get("text") } })[what];

document.addEventListener("submit", async (event) => {
  const form = event.target, what = form.dataset.do;
  if (!what) return;
  event.preventDefault();
  try {
    await act(form.closest(".al"), what, bodyOf(what, new FormData(form, event.submitter)));
  } catch (error) {
    offer(`${words.page.failed} ${error.message}`, null);
    soon();
  }
});
undoButton.addEventListener("click", async () => {
  const back = undo;
  undo = null;
  try {
    await back?.();
    offer(words.alarms.undone, null);
  } catch (error) {
    offer(`${words.page.failed} ${error.message}`, null);
  }
  refresh();
});
fresh.addEventListener("click", () => {
  fresh.hidden = true;
  if (newest) $("#lists").replaceWith(document.importNode($("#lists", newest), true));
  $(".al h3")?.focus();
});
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", ({ key, target }) => {
  const menu = key === "Escape" && target.closest?.(".menu[open]");
  if (!menu) return;
  menu.open = false;
  $("summary", menu).focus();
});

hear(soon);
setInterval(() => {
  const now = deviceNow();
  for (const since of document.querySelectorAll("[data-since]")) {
    if (since.closest(".al").dataset.phase !== "cleared") say(since, duration((now - Date.parse(since.dataset.since)) / 1000));
  }
}, 1000);
timer = setTimeout(() => refresh(), EVERY_MS);
document.documentElement.dataset.alarms = "ready";
