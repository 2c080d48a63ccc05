// Storage: the files there are, to be filtered, chosen and downloaded.
import { LOCALE, call, csrf, fill, fixed, make, say, withUnit, words } from "./format.js";

const AGAIN_MS = 1000, TRIES = 60;
const $ = (selector) => document.querySelector(selector), said = words.storage;
const chosen = new Set();
let files = [], tries = 0;

const kindOf = (name) => /_([a-z]+)(?:_hours|_days)?\.(?:csv|json)$/.exec(name)?.[1] ?? "";
const tierOf = (name) => (name.endsWith("_hours.csv") ? "hours" : name.endsWith("_days.csv") ? "days" : "minutes");
const monthOf = ({ from }) => from.slice(0, 7);
const size = (bytes) => (bytes === null ? said.unknown : bytes < 1e6 ? withUnit(fixed(bytes / 1e3, 1), "kB") : withUnit(fixed(bytes / 1e6, 1), "MB"));
const MONTH = new Intl.DateTimeFormat(LOCALE, { month: "long", year: "numeric", timeZone: "UTC" });

const listed = () => files.filter((file) => (!$("#kind").value || kindOf(file.name) === $("#kind").value) && (!$("#tier").value || tierOf(file.name) === $("#tier").value) && (!$("#month").value || monthOf(file) === $("#month").value));

function address(name) {
  return `/api/v1/files/${encodeURIComponent(name)}${$("#comma").checked && name.endsWith(".csv") ? "?decimal=comma" : ""}`;
}

function paint() {
  const rows = listed();
  $("#files tbody").replaceChildren(
    ...rows.map((file) =>
      make(
        "tr",
        {},
        make("td", {}, make("input", { type: "checkbox", value: file.name, checked: chosen.has(file.name), "aria-label": `${said.select} ${file.name}` })),
        make("td", { class: "name" }, make("a", { href: address(file.name), download: file.name }, file.name)),
        make("td", { class: "r" }, size(file.bytes)),
        make("td", { class: "sum" }, make("code", { title: file.sha256 }, file.sha256 ? `${file.sha256.slice(0, 12)}…` : said.unknown)),
      ),
    ),
  );
  if (!rows.length) $("#files tbody").append(make("tr", {}, make("td", { colspan: 4 }, said.none)));
  count();
}

function count() {
  const rows = listed(), here = rows.filter(({ name }) => chosen.has(name)).length;
  $("#all").disabled = !rows.length;
  $("#all").checked = rows.length > 0 && here === rows.length;
  $("#all").indeterminate = here > 0 && here < rows.length;
  $("#zip").disabled = !chosen.size;
  say($("#chosen"), fill(said.count, { count: chosen.size, total: files.length }));
}

function complain(text) {
  $("#trouble").hidden = !text;
  say($("#trouble"), text);
}

async function refresh() {
  if (!files.length) say($("#working"), said.working);
  try {
    files = (await call("GET", "/files")).files;
  } catch (error) {
    return complain(error.message);
  }
  const months = [...new Set(files.map(monthOf))].sort().reverse(), kept = $("#month").value;
  $("#month").replaceChildren($("#month").firstElementChild, ...months.map((value) => make("option", { value, selected: value === kept }, MONTH.format(new Date(`${value}-15`)))));
  paint();
  const isWorking = files.some(({ sha256 }) => sha256 === null);
  say($("#working"), isWorking ? said.working : "");
  if (isWorking && ++tries < TRIES) setTimeout(refresh, AGAIN_MS);
}

async function download() {
  complain("");
  $("#zip").disabled = true;
  say($("#chosen"), said.making);
  try {
    const answer = await fetch("/api/v1/files/archive", { method: "POST", headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" }, body: JSON.stringify({ names: [...chosen] }) });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "archive.zip";
    const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    complain(error.message);
  }
  count();
}

$("#choose").addEventListener("change", paint);
$("#choose").addEventListener("submit", (event) => event.preventDefault());
$("#zip").addEventListener("click", download);
$("#files").addEventListener("change", (event) => {
  const names = event.target.id === "all" ? listed().map(({ name }) => name) : [event.target.value];
  for (const name of names) {
    if (event.target.checked) chosen.add(name);
    else chosen.delete(name);
  }
  if (event.target.id === "all") paint();
  else count();
});
await refresh();
document.documentElement.dataset.storage = "ready";
