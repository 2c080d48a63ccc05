// uPlot with this product's manners: gaps left open and hatched, colours from the tokens, true minus. Loaded with the first chart.
import { ZONE, fixed, words } from "./format.js";

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

/** A colour of the sheet as the canvas wants it. */
export function token(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

let loading = null;
/** The library, fetched once. */
export function load() {
  loading ??= new Promise((done, failed) => {
    const css = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("vendor/uPlot.min.css", import.meta.url) });
    const js = Object.assign(document.createElement("script"), { src: new URL("vendor/uPlot.iife.min.js", import.meta.url) });
    js.addEventListener("load", () => done(window.uPlot));
    js.addEventListener("error", failed);
    document.head.append(css, js);
  });
  return loading;
}

/** Hatches every stretch without data, so that a gap is a thing one sees and not an absence. */
export function hatch(u, values = u.data[1]) {
  const { ctx } = u, { left, top, width, height } = u.bbox, [t] = u.data, ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = token("line");
  ctx.lineWidth = 1.5 * ratio;
  for (let i = 0; i < t.length; i++) {
    if (values[i] !== null) continue;
    let j = i;
    while (j + 1 < t.length && values[j + 1] === null) j++;
    const x0 = Math.max(left, u.valToPos(t[Math.max(0, i - 1)], "x", true)), x1 = Math.min(left + width, Math.max(x0 + 3, u.valToPos(t[Math.min(t.length - 1, j + 1)], "x", true)));
    i = j;
    ctx.save();
    ctx.beginPath();
    ctx.rect(x0, top, x1 - x0, height);
    ctx.clip();
    ctx.beginPath();
    for (let x = x0 - height; x < x1; x += 7 * ratio) {
      ctx.moveTo(x, top + height);
      ctx.lineTo(x + height, top);
    }
    ctx.stroke();
    ctx.restore();
    if (x1 - x0 > 70 * ratio) {
      ctx.fillStyle = token("muted");
      ctx.font = `${12 * ratio}px sans-serif`;
      ctx.textAlign = "center";
      ctx.fillText(words.page.no_data, (x0 + x1) / 2, top + 16 * ratio);
    }
  }
  ctx.restore();
}

const TIMES = [
  [3600, "{HH}:{mm}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", null, null, null, null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1],
];

/** Draws one line over UTC seconds; `span` is the least height of the scale in units of the value. */
export function draw(uPlot, element, { t, values, label, unit, digits, span }) {
  const font = `11px ${getComputedStyle(document.body).fontFamily}`, grid = { stroke: token("line"), width: 1 };
  const axis = { stroke: token("muted"), grid, ticks: { show: false }, font };
  const empty = values.every((value) => value === null);
  const range = (_, low, high) => {
    if (low === null) return [0, 1];
    const middle = (low + high) / 2, half = Math.max(span, (high - low) * 1.2) / 2;
    return [middle - half, middle + half];
  };
  const chart = new uPlot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      legend: { show: false },
      padding: [8, 16, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), ZONE),
      series: [{}, { label, stroke: token("c1"), width: 1.5, points: { show: false }, spanGaps: false }],
      scales: { x: { time: true }, y: { range } },
      axes: [
        { ...axis, size: 26, space: 60, values: TIMES },
        { ...axis, size: 52, space: 26, values: (_, ticks) => (empty ? ticks.map(() => "") : ticks.map((tick, i) => fixed(tick, digits) + (i === ticks.length - 1 ? ` ${unit}` : ""))) },
      ],
      cursor: { drag: { x: false, y: false }, y: false },
      hooks: { draw: [hatch] },
    },
    [t, values],
  );
  chart.root.querySelectorAll("canvas").forEach((canvas) => canvas.setAttribute("aria-hidden", "true"));
  element.replaceChildren(chart.root);
}
