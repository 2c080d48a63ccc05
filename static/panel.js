// The front panel, living: with every event of the stream it asks what the lamps say, at most once a second.
import { LANGUAGE, call, say, words } from "./format.js";
import { follow } from "./live.js";

const SHORTEST_MS = 1000, QUIET_MS = 4000;
const picture = document.querySelector(".dev"), trouble = document.getElementById("trouble"), mute = document.getElementById("mute");
let asked = -SHORTEST_MS, pending = false, due = 0;

const cell = (key, name) => document.querySelector(`[data-row="${key}"] [data-f="${name}"]`);

function mark(element, name, value) {
  if (element && element.dataset[name] !== value) element.dataset[name] = value;
}

function paint(panel) {
  for (const lamp of panel.lamps) {
    mark(picture.querySelector(`[data-lamp="${lamp.key}"]`), "light", lamp.light);
    mark(document.querySelector(`[data-row="${lamp.key}"]`), "light", lamp.light);
    say(cell(lamp.key, "word"), words.panel[lamp.light]);
    say(cell(lamp.key, "why"), lamp.why);
  }
  for (const output of panel.outputs) {
    const state = output.on === null ? "none" : output.on ? "on" : "off";
    mark(picture.querySelector(`[data-output="${output.output}"]`), "state", state);
    say(cell(output.output, "word"), words.panel[`output_${state}`]);
    say(cell(output.output, "why"), output.why);
    say(cell(output.output, "since"), output.since_text);
  }
  if (mute) mute.disabled = !panel.can_mute;
  const lit = panel.lamps.filter((lamp) => lamp.light !== "off");
  say(document.getElementById("dev-d"), lit.map((lamp) => `${lamp.label}: ${words.panel[lamp.light]}.`).join(" "));
}

async function refresh() {
  if (due) return;
  const early = asked + SHORTEST_MS - performance.now();
  if (pending || early > 0) {
    due = setTimeout(() => { due = 0; refresh(); }, Math.max(early, 100));
    return;
  }
  pending = true;
  asked = performance.now();
  try {
    paint(await call("GET", `/panel?language=${LANGUAGE}`));
    trouble.hidden = true;
  } catch (error) {
    say(trouble.querySelector("span:last-child"), error.message);
    trouble.hidden = false;
  }
  pending = false;
}

follow(refresh);
setInterval(() => performance.now() - asked > QUIET_MS && refresh(), SHORTEST_MS);
