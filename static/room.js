// The hand in the room: every control acts at once and says what it did; the room's own state is asked every 2 s.
import { amperes, call, duration, fill, fixed, moment, say, withUnit, words } from "./format.js";
import { follow } from "./live.js";
import { paintFaults, listenToFaults } from "./faults.js";
import { refreshInbox } from "./inbox.js";

const $ = (selector) => document.querySelector(selector);
const EVERY_MS = 2000, HELD_MS = 3000;
const held = new Map();
let timer = 0;

/** A control that was just moved keeps its place until the room has answered. */
const isHeld = (element) => performance.now() < (held.get(element) ?? 0);
const hold = (element) => held.set(element, performance.now() + HELD_MS);

const kilowatts = (watts) => withUnit(fixed(watts / 1000, 1), "kW");

async function refresh() {
  clearTimeout(timer);
  try {
    paint(await call("GET", "/room"));
    await refreshInbox();
    $("#trouble").hidden = true;
  } catch (error) {
    say($("#trouble-text"), error.message);
    $("#trouble").hidden = false;
  }
  timer = setTimeout(refresh, EVERY_MS);
}

function paint(room) {
  say($("#about"), fill(words.room.about, { time: moment(room.time), seed: room.seed, age: duration((Date.parse(room.time) - Date.parse(room.started_at)) / 1000) }));
  paintControls(room);
  paintLine(room);
  paintFaults(room.faults);
  for (const li of document.querySelectorAll("[data-scenario]")) paintScenario(li, room.scenario);
}

function paintControls(room) {
  if (!isHeld($("#mains"))) $("#mains").checked = room.mains;
  if (!isHeld($("#load"))) $("#load").value = room.load_w / 1000;
  if (!isHeld($("#ambient"))) $("#ambient").value = room.ambient_c;
  say($("#o-mains"), room.mains ? words.page.on : words.page.off);
  say($("#o-load"), kilowatts(isHeld($("#load")) ? $("#load").value * 1000 : room.load_w));
  say($("#o-ambient"), withUnit(fixed(isHeld($("#ambient")) ? Number($("#ambient").value) : room.ambient_c, 1), "°C"));
  const speed = $(`[name="speed"][value="${room.factor_set}"]`);
  if (speed && !isHeld(speed)) speed.checked = true;
  const behind = room.factor_reached < 0.95 * room.factor_set;
  say($("#reached"), fill(behind ? words.room.behind : words.room.runs_at, { reached: fixed(room.factor_reached, room.factor_reached < 10 ? 1 : 0), asked: fixed(room.factor_set, 0) }));
  say($("#autonomy"), room.autonomy_min === undefined || room.autonomy_min === null ? "" : fill(room.mains ? words.room.autonomy : words.room.on_battery, { time: withUnit(Math.round(room.autonomy_min), "min") }));
}

function paintLine(room) {
  $(".oneline").classList.toggle("off", !room.mains);
  for (const wire of document.querySelectorAll("#w-mains path")) wire.classList.toggle("dead", !room.mains);
  say($("#v-mains"), room.mains ? words.page.on : words.page.off);
  say($("#v-switch"), room.mains ? words.page.closed : words.page.open);
  say($("#v-mode"), `: ${words.room[room.charger.mode] ?? room.charger.mode}`);
  say($("#v-charger"), `${withUnit(fixed(room.charger.voltage_v, 1), "V")}, ${withUnit(amperes(room.charger.current_a), "A")}`);
  say($("#v-load"), kilowatts(room.load_w));
  say($("#v-bus"), withUnit(fixed(room.bus_v, 1), "V"));
  for (const string of room.strings) {
    const current = $(`.oneline [data-string="${string.string}"] [data-f="current"]`);
    say(current, withUnit(amperes(string.current_a), "A"));
  }
}

function paintScenario(li, scenario) {
  const runs = Boolean(scenario?.running) && scenario.name === li.dataset.scenario, note = li.querySelector(".run");
  note.hidden = !runs;
  say(note, runs ? fill(words.room.running, { share: withUnit(Math.round(100 * (scenario.progress ?? 0)), "%") }) : "");
  const [play, stop] = li.querySelectorAll("button");
  if (play) [play.hidden, stop.hidden] = [runs, !runs];
}

/** Sends one order and shows what became of it. */
async function order(method, path, body) {
  const error = $("#hand-error");
  try {
    await call(method, path, body);
    error.hidden = true;
  } catch (reason) {
    say(error, `${words.page.failed} ${reason.message}`);
    error.hidden = false;
    held.clear();
  }
  await refresh();
}

$("#mains").addEventListener("change", ({ target }) => { hold(target); order("POST", "/room/mains", { on: target.checked }); });
$("#load").addEventListener("input", ({ target }) => { hold(target); say($("#o-load"), kilowatts(target.value * 1000)); });
$("#load").addEventListener("change", ({ target }) => { hold(target); order("POST", "/room/load", { watts: Math.round(target.value * 1000) }); });
$("#ambient").addEventListener("input", ({ target }) => { hold(target); say($("#o-ambient"), withUnit(fixed(Number(target.value), 1), "°C")); });
$("#ambient").addEventListener("change", ({ target }) => { hold(target); order("POST", "/room/ambient", { celsius: Number(target.value) }); });
for (const radio of document.querySelectorAll('[name="speed"]')) radio.addEventListener("change", () => { hold(radio); order("POST", "/room/speed", { factor: Number(radio.value) }); });
$(".scen")?.addEventListener("click", ({ target }) => {
  const { play, stop } = target.closest("button")?.dataset ?? {};
  if (play) order("POST", `/room/scenarios/${encodeURIComponent(play)}/play`);
  if (stop) order("DELETE", "/room/scenario");
});
listenToFaults(refresh);

follow((doc) => {
  if (!doc.strings) return;
  doc.strings.quality.forEach((quality, i) => $(`.oneline [data-string="${i + 1}"] .mark`)?.setAttribute("visibility", quality === "good" ? "hidden" : "visible"));
});
refresh();
