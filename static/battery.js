// One battery: its values with their place in the range, what its module is, and its last hour.
import { DASH, LOOKS, band, call, duration, fill, fixed, moment, say, words } from "./format.js";
import { nameOf, worstOf } from "./map.js";

const CHARTS_EVERY_MS = 10_000, LATER_MS = 1000;
const panel = document.getElementById("one"), body = document.getElementById("one-body"), none = document.getElementById("one-none"), charts = document.getElementById("charts");
const field = Object.fromEntries([...body.querySelectorAll("[data-f]")].map((element) => [element.dataset.f, element]));
const gauges = Object.fromEntries([...body.querySelectorAll("[data-gauge]")].map((svg) => [svg.dataset.gauge, svg.querySelector(".p")]));
let address = null, told = null, doc = null, turn = 0, timer = 0;

export const shown = () => address;

/** Opens a battery: its values at once, what its module is and its curves as they come, or a little later. */
export function open(which, { later = false } = {}) {
  const same = which === address;
  address = which;
  if (!same) told = null;
  body.hidden = false;
  none.hidden = true;
  panel.dataset.open = "";
  paint(doc);
  if (!same) {
    for (const name of ["module", "serial", "firmware", "charges", "discharges", "ri_text"]) say(field[name], DASH);
    charts.hidden = true;
  }
  clearTimeout(timer);
  if (later) timer = setTimeout(refresh, LATER_MS);
  else refresh();
}

export function close() {
  delete panel.dataset.open;
  body.hidden = true;
  none.hidden = false;
  address = null;
  clearTimeout(timer);
}

/** Brings the values to a snapshot. */
export function paint(document) {
  doc = document;
  if (!address || !doc?.modules) return;
  const i = address - 1, m = doc.modules, look = LOOKS[worstOf(doc, address)];
  const reference = doc.strings.reference_v[Number(nameOf(address).slice(1).split("-")[0]) - 1];
  say(field.name, nameOf(address));
  say(field.address, address);
  field.history.href = `/history?b=${nameOf(address)}`;
  field.note.href = `/batteries/${nameOf(address)}`;
  field.pill.dataset.s = field.why.dataset.s = look;
  field.pill.firstElementChild.className = `g g-${look}`;
  say(field.word, words.looks[look]);
  say(field.why, told ?? (look === "good" && m.excluded.includes(address) ? words.why.excluded : words.why[look]));
  say(field.reference, fixed(reference, 3));
  say(field.voltage, fixed(m.voltage_v[i], 3));
  say(field.temperature, fixed(m.temperature_c[i], 1));
  say(field.ri, fixed(m.ri_mohm[i], 2));
  say(field.ri_percent, fixed(m.ri_percent[i], 0, true));
  say(field.equalizing, fixed(m.equalizing_percent[i], 0));
  say(field.band, band(m.equalizing_percent[i]));
  say(field.age_text, m.age_s[i] === null ? words.page.never_answered : fill(words.page.answered, { age: duration(m.age_s[i]) }));
  gauge("voltage", m.deviation_percent[i], -6, 6);
  gauge("temperature", m.temperature_c[i], 10, 45);
  gauge("ri", m.ri_percent[i], -30, 30);
  gauge("equalizing", m.equalizing_percent[i], 0, 100);
}

function gauge(key, value, low, high) {
  const mark = gauges[key];
  mark.setAttribute("visibility", value === null ? "hidden" : "visible");
  if (value !== null) mark.setAttribute("x", (Math.max(0, Math.min(1, (value - low) / (high - low))) * 97.6).toFixed(1));
}

/** Fetches what the stream does not carry, and again every 10 s while the battery is open. */
async function refresh() {
  clearTimeout(timer);
  const mine = ++turn, which = address;
  try {
    const [{ modules }, recent] = await Promise.all([call("GET", `/modules/${which}`), call("GET", `/modules/${which}/recent`)]);
    if (mine !== turn || which !== address) return;
    if (modules.length) identity(modules[0]);
    await draw(recent, mine);
  } catch {
    // The badge in the header says that the device is away; the values here keep their age.
  }
  if (mine === turn && address) timer = setTimeout(refresh, CHARTS_EVERY_MS);
}

/** What the API says of a module, and what its gravest open alarm asks for. */
function identity(module) {
  told = module.alarms.length ? `${module.alarms[0].text} ${module.alarms[0].advice}` : null;
  if (told) say(field.why, told);
  say(field.module, module.type ? `${module.type}, ${words.page.revision} ${module.revision}` : DASH);
  say(field.serial, module.serial ?? DASH);
  say(field.firmware, module.firmware ?? DASH);
  say(field.charges, module.charges);
  say(field.discharges, module.discharges);
  say(field.ri_text, module.ri_measured_at ? fill(words.page.ri_measured, { time: moment(module.ri_measured_at) }) : "");
}

async function draw(recent, mine) {
  if (recent.t.length < 2) return;
  const chart = await import("./chart.js"), uPlot = await chart.load();
  if (mine !== turn) return;
  charts.hidden = false;
  chart.draw(uPlot, document.getElementById("ch-v"), { t: recent.t, values: recent.voltage_v, label: recent.name, unit: "V", digits: 3, span: 0.02 });
  chart.draw(uPlot, document.getElementById("ch-r"), { t: recent.t, values: recent.ri_mohm, label: recent.name, unit: "mΩ", digits: 2, span: 0.1 });
}

/** Listens to the buttons of the panel; `go` gets an address, `closed` the one that was shown. */
export function listen(count, go, closed) {
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.go) go(((address - 1 + Number(button.dataset.go) + count) % count) + 1);
    else if (button?.classList.contains("close")) closed(address);
  });
  addEventListener("theme", () => address && refresh());
}
