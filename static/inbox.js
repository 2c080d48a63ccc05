// Who receives in the room: who was told of what was done, how fast, and every message, newest first.
import { call, DASH, duration, fill, fixed, make, moment, say, withUnit, words } from "./format.js";

const $ = (selector) => document.querySelector(selector);
const columns = new Map(), MOST_SHOWN = 50;
let seen = 0;

/** Asks for what is new and shows it; throws an Error that says why there is none. */
export async function refreshInbox() {
  const inbox = await call("GET", `/room/inbox?after=${seen}`);
  if (inbox.newest < seen) {
    seen = 0;
    for (const { list } of columns.values()) list.replaceChildren();
    return;
  }
  seen = inbox.newest;
  $("#inbox-none").hidden = inbox.on;
  paintColumns(inbox);
  paintDeeds(inbox);
}

function paintColumns({ channels, arrivals, oldest, time }) {
  for (const channel of channels) {
    if (!columns.has(channel.channel)) columns.set(channel.channel, column(channel));
    const { head, state, count } = columns.get(channel.channel);
    say(count, channel.received || "");
    say(state, channel.behaves === "ok" ? "" : words.inbox[channel.behaves]);
    state.hidden = channel.behaves === "ok";
    head.title = channel.host ? `${channel.host}:${channel.port}` : channel.port;
  }
  for (const arrival of arrivals.toReversed()) columns.get(arrival.channel)?.list.prepend(item(arrival));
  for (const { list, none } of columns.values()) {
    for (const li of [...list.children]) {
      if (Number(li.dataset.number) < oldest || list.children.length > MOST_SHOWN && li === list.lastElementChild) li.remove();
      else say(li.querySelector(".age"), fill(words.inbox.ago, { time: duration((Date.parse(time) - Date.parse(li.dataset.at)) / 1000) }));
    }
    none.hidden = list.children.length > 0;
    list.hidden = !none.hidden;
  }
}

function column({ channel }) {
  const name = words.inbox[channel] ?? channel, id = `in-${channel}`;
  const count = make("span", { class: "n" }), state = make("span", { class: "state", hidden: true });
  const head = make("h3", { id }, name, " ", count, state), none = make("p", { class: "none" }, words.inbox.none), list = make("ol", { hidden: true });
  const frame = make("div", { class: "letters", tabindex: "0", role: "region", "aria-labelledby": id }, list, none);
  $("#inbox").append(make("div", { "data-channel": channel }, head, frame));
  return { head, count, state, list, none };
}

function item(arrival) {
  const picture = arrival.picture ? make("span", { class: "picture" }, words.inbox.picture) : "";
  const cause = arrival.cause ? make("small", {}, fill(words.inbox.after, { time: passed(arrival.cause), what: deed(arrival.cause) })) : "";
  const when = make("small", {}, moment(arrival.at), ", ", make("span", { class: "age" }));
  const summary = make("summary", {}, when, make("b", {}, arrival.subject || DASH), cause);
  const details = make("details", {}, summary, make("pre", {}, arrival.text), make("small", {}, fill(words.inbox.from, { sender: arrival.from || DASH }), " ", picture));
  return make("li", { "data-number": arrival.number, "data-at": arrival.at }, details);
}

function paintDeeds({ deeds, channels }) {
  $("#told").hidden = $("#told-help").hidden = deeds.length === 0;
  $("#no-deeds").hidden = deeds.length > 0;
  const head = [words.inbox.done, ...channels.map(({ channel }) => words.inbox[channel] ?? channel)];
  $("#told thead tr").replaceChildren(...head.map((text) => make("th", { scope: "col" }, text)));
  $("#told tbody").replaceChildren(...deeds.map((one) => {
    const cells = channels.map(({ channel }) => make("td", {}, one.told[channel] ? passed(one.told[channel]) : DASH));
    return make("tr", {}, make("th", { scope: "row" }, deed(one), make("small", {}, moment(one.at))), ...cells);
  }));
}

/** What was done, in words. */
const deed = ({ what, title, where }) => fill(words.inbox[what] ?? "{title} {where}", { title, where });

/** How long it took in the time of the room, and in ours where that is another one. */
function passed({ after_s: room, host_after_s: host }) {
  const text = room < 10 ? withUnit(fixed(room, 1), "s") : duration(room);
  return Math.abs(room - host) < 0.2 * room ? text : `${text} (${withUnit(fixed(host, 1), "s")})`;
}

$("#empty-inbox")?.addEventListener("click", async () => {
  const error = $("#inbox-error");
  try {
    await call("DELETE", "/room/inbox");
    error.hidden = true;
    await refreshInbox();
  } catch (reason) {
    say(error, `${words.page.failed} ${reason.message}`);
    error.hidden = false;
  }
});
