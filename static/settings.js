// Comfort of the settings pages; every form works without it.
const UNDO_MS = 10_000;

const side = document.getElementById("side");
if (side && matchMedia("(max-width: 899px)").matches) side.open = false;

const undo = document.getElementById("undo");
if (undo) setTimeout(() => undo.contains(document.activeElement) || undo.remove(), UNDO_MS);

// Reloading the page does not tell again what was done.
if (/[?&](done|undone|saved)=/.test(location.search)) history.replaceState(null, "", location.pathname);

// The first field that is wrong is where one goes on.
const wrong = document.querySelector('[aria-invalid="true"]');
if (wrong) wrong.focus({ preventScroll: false });

const pick = document.getElementById("pick"), file = document.getElementById("file"), text = document.getElementById("toml");
if (pick && file && text) {
  pick.hidden = false;
  file.addEventListener("change", async () => {
    if (file.files.length) text.value = await file.files[0].text();
  });
}
