// The event log: it never moves by itself; what is new is counted and shown when asked for.
import { say } from "./format.js";
import { hear } from "./live.js";

const button = document.getElementById("fresh");
let fresh = 0;

hear(() => {
  fresh += 1;
  say(document.getElementById("fresh-n"), fresh);
  button.hidden = false;
});
button.addEventListener("click", () => location.reload());
document.documentElement.dataset.events = "ready";
