// The faults in the room: a table with a repair for each, and the form that breaks something.
import { DASH, call, fill, glyph, make, moment, say, words } from "./format.js";

const $ = (selector) => document.querySelector(selector);
const body = $("#faults tbody"), form = $("#newfault");
const rows = new Map();

/** Brings the table to a list of faults; rows that stay are patched, their order is the room's. */
export function paintFaults(faults) {
  const ids = new Set(faults.map((fault) => String(fault.id)));
  for (const [id, row] of rows) {
    if (ids.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  for (const fault of faults) {
    const id = String(fault.id);
    if (!rows.has(id)) {
      rows.set(id, build(fault));
      body.append(rows.get(id));
    }
    patch(rows.get(id), fault);
  }
  say($("#fault-count"), faults.length || "");
  $("#no-faults").hidden = faults.length > 0;
  $("#faults").hidden = faults.length === 0;
}

function build(fault) {
  const repair = make("td");
  if (form) repair.append(make("button", { type: "button", class: "quiet small", "data-id": fault.id, "aria-label": `${words.page.repair}: ${fault.title} ${fault.where ?? ""}` }, words.page.repair));
  return make("tr", {}, make("th", { scope: "row" }, fault.title), make("td", {}, fault.where ?? DASH), make("td", { class: "opt" }), make("td", { class: "opt" }, moment(fault.since)), make("td"), repair);
}

function patch(row, fault) {
  const [, , value, , seen] = row.children, look = fault.seen?.look ?? "unknown";
  const text = fault.value === null || fault.value === undefined ? DASH : typeof fault.value === "number" ? String(fault.value).replace("-", "−") : fault.value;
  say(value, fault.unit && text !== DASH ? `${text}\u00a0${fault.unit}` : text);
  if (seen.dataset.look === look && seen.lastChild?.textContent === fault.seen?.text) return;
  seen.dataset.look = look;
  seen.replaceChildren(glyph(look), fault.seen?.text ?? DASH);
}

/** What the form asks for depends on the kind: a battery, a string, a channel, or nothing. */
function describe() {
  const { target, default: usual, unit, help } = form.kind.selectedOptions[0].dataset, targets = target.split(" ");
  const asksBattery = targets.includes("address"), asksString = targets.includes("string"), asksChannel = targets.includes("channel");
  $("#where-label").hidden = !asksBattery && !asksString && !asksChannel;
  say($("#where-name"), asksBattery ? words.room.battery : asksChannel ? words.inbox.channel : words.room.string);
  form.where.toggleAttribute("list", asksChannel);
  if (asksChannel) form.where.setAttribute("list", "channels");
  form.where.placeholder = asksChannel ? "mail" : asksBattery ? (targets.includes("bus") ? words.room.or_bus : "S3-17") : "3";
  form.where.required = (asksBattery && !targets.includes("bus")) || asksString || asksChannel;
  form.value.placeholder = usual;
  form.value.disabled = $("#value-label").hidden = usual === "" && unit === "";
  say($("#value-unit"), unit);
  say($("#fault-help"), help);
}

/** The body of the request from the form's fields; throws an Error that names the field. */
function fault() {
  const { target } = form.kind.selectedOptions[0].dataset, targets = target.split(" "), where = form.where.value.trim(), value = form.value.value.trim();
  const body = { kind: form.kind.value };
  if (targets.includes("address") && where) body.address = addressOf(where);
  else if (targets.includes("string") && where) body.string = Number(where.replace(/^s/i, ""));
  else if (targets.includes("channel")) body.channel = where.toLowerCase();
  else if (targets[0] && !targets.includes("address") && !targets.includes("string")) body.target = targets[0];
  else if (targets.includes("bus")) body.target = "bus";
  if (value && !form.value.disabled) {
    const number = Number(value.replace(",", ".").replace("−", "-"));
    body.value = Number.isNaN(number) || form.kind.value === "wrong_revision" ? value : number;
  }
  return body;
}

function addressOf(text) {
  if (/^\d+$/.test(text)) return Number(text);
  const found = /^s(\d+)-(\d+)$/i.exec(text), perString = Number(form.dataset.perString), strings = Number(form.dataset.strings);
  const [string, position] = found ? [Number(found[1]), Number(found[2])] : [0, 0];
  if (string < 1 || string > strings || position < 1 || position > perString) throw new Error(fill(words.room.no_battery, { text, first: "S1-1", last: `S${strings}-${perString}` }));
  return (string - 1) * perString + position;
}

/** Listens to the repairs and the form; `changed` is called after each. */
export function listenToFaults(changed) {
  body.addEventListener("click", async ({ target }) => {
    const button = target.closest("button[data-id]");
    if (!button) return;
    button.disabled = true;
    await attempt(() => call("DELETE", `/room/faults/${encodeURIComponent(button.dataset.id)}`));
    button.disabled = false;
    changed();
  });
  if (!form) return;
  form.kind.addEventListener("change", describe);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await attempt(() => call("POST", "/room/faults", fault()))) form.value.value = "";
    changed();
  });
  describe();
}

async function attempt(action) {
  const error = $("#fault-error");
  try {
    await action();
    if (error) error.hidden = true;
    return true;
  } catch (reason) {
    if (error) {
      say(error, reason.message);
      error.hidden = false;
    }
    return false;
  }
}
