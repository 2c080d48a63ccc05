// Limits: a trial runs in the background and shows how far it is; the form itself works without this.
import { call, say } from "./format.js";

const EVERY_MS = 300;
const form = document.getElementById("limits"), button = document.getElementById("try"), bar = document.getElementById("progress"), trouble = document.getElementById("try-error");

/** Shows how far the trial is until the answer of the form is there. */
async function follow(isOver) {
  bar.hidden = false;
  while (!isOver()) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    try {
      const trial = await call("GET", "/limits/trial");
      if (trial.running) bar.value = trial.progress;
    } catch {
      // The answer of the form will say what is wrong.
    }
  }
  bar.hidden = true;
}

button?.addEventListener("click", async (event) => {
  event.preventDefault();
  button.disabled = true;
  trouble.hidden = true;
  let isOver = false;
  const following = follow(() => isOver);
  try {
    const body = new URLSearchParams([...new FormData(form), ["action", "try"]]);
    const answer = await fetch("/settings/limits", { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const outcome = page.getElementById("outcome"), wrong = page.querySelector('[role="alert"]:not([hidden])') ?? page.querySelector("main .box");
    if (answer.ok && outcome) document.getElementById("outcome").replaceWith(document.importNode(outcome, true));
    if (!answer.ok || page.querySelector(".note[role=alert]")) {
      say(trouble, wrong.textContent.trim());
      trouble.hidden = false;
    }
  } catch (error) {
    say(trouble, error.message);
    trouble.hidden = false;
  }
  isOver = true;
  await following;
  button.disabled = false;
});
document.documentElement.dataset.limits = "ready";
