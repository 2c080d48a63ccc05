// Curves with the band between their smallest and largest values, over UTC seconds. Gaps stay open, and are hatched where no curve has data.
import { hatch, token } from "./chart.js";
import { LOCALE, ZONE, fixed } from "./format.js";

export const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3]];
export const COLOURS = ["c1", "c2", "c3", "c4"];

const TIMES = [
  [86400 * 365, "{YYYY}", null, null, null, null, null, null, 1],
  [86400 * 28, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [3600, "{HH}:{mm}", "\n{D} {MMM}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, null, null, null, null, 1],
];
const month = (i, style) => new Intl.DateTimeFormat(LOCALE, { month: style, timeZone: "UTC" }).format(Date.UTC(2024, i, 1));
const NAMES = { MMMM: Array.from({ length: 12 }, (_, i) => month(i, "long")), MMM: Array.from({ length: 12 }, (_, i) => month(i, "short").replace(".", "")), WWWW: [], WWW: [] };
const ONE_ROW = TIMES.map((row) => row.map((entry, i) => (i === 2 ? null : entry)));

/**
 * Draws curves that share `t`. `curves`: [{label, min, mean, max, look}], look 0-3 chooses colour and dash.
 * `x`: [from, to]; `y`: [low, high] or nothing, `span`: the least height of the scale; `zoomed(from, to)` after a drag;
 * `mark`: [from, to] to be shown as chosen; `lines`: [{at, label}] moments with a name.
 */
export function plot(uPlot, element, { t, curves, unit, x, y, span, zoomed, mark, lines = [], small = false, bare = false, sync }) {
  const font = `${small ? 11 : 12}px ${getComputedStyle(document.body).fontFamily}`, grid = { stroke: token("line"), width: 1 };
  const axis = { stroke: token("muted"), grid, ticks: { show: false }, font };
  const series = [{}], bands = [], data = [t], stepped = uPlot.paths.stepped({ align: 1 });
  const some = t.map((_, i) => (curves.some((curve) => curve.mean[i] !== null) ? 1 : null));
  for (const { label, min, mean, max, look } of curves) {
    const colour = token(COLOURS[look]), i = series.length;
    const edge = { stroke: "transparent", paths: stepped, points: { show: false } };
    series.push(
      { label, stroke: colour, width: small ? 1.25 : 1.75, dash: small ? [] : DASHES[look], points: { show: false }, spanGaps: false },
      { label: `${label} max`, ...edge },
      { label: `${label} min`, ...edge },
    );
    bands.push({ series: [i + 1, i + 2], fill: `color-mix(in srgb, ${colour} 22%, transparent)` });
    data.push(mean, max, min);
  }
  const range = (_, low, high) => {
    if (y) return y;
    if (low === null || low === undefined) return [0, 1];
    const middle = (low + high) / 2, half = Math.max(span, (high - low) * 1.1) / 2;
    return [middle - half, middle + half];
  };
  const empty = some.every((value) => value === null);
  const numbers = (_, ticks, __, ___, step) => {
    const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-6));
    return ticks.map((tick, i) => (empty ? "" : fixed(tick, digits) + (i === ticks.length - 1 && unit ? ` ${unit}` : "")));
  };
  const chart = new uPlot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      series,
      bands,
      legend: { show: false },
      padding: [8, 12, bare ? 8 : 0, 0],
      fmtDate: (template) => uPlot.fmtDate(template, NAMES),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), ZONE),
      scales: { x: { time: true, range: () => x }, y: { range } },
      axes: [
        { ...axis, size: bare ? 0 : small ? 24 : 40, space: small ? 70 : 80, values: bare ? (_, ticks) => ticks.map(() => "") : small ? ONE_ROW : TIMES },
        { ...axis, size: 62, space: 26, values: numbers },
      ],
      cursor: { drag: { x: Boolean(zoomed), y: false, setScale: false }, points: { size: 6 }, y: false, sync: sync ? { key: sync } : undefined },
      hooks: {
        draw: [(u) => hatch(u, some), (u) => draws(u, lines, font)],
        ready: [(u) => mark && choose(u, mark)],
        setSelect: [(u) => zoomed && u.select.width > 4 && zoomed(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"))],
      },
    },
    data,
  );
  chart.root.querySelectorAll("canvas").forEach((canvas) => canvas.setAttribute("aria-hidden", "true"));
  element.replaceChildren(chart.root);
  return chart;
}

function choose(u, mark) {
  const [left, right] = mark.map((at) => Math.max(0, Math.min(u.over.clientWidth, u.valToPos(at, "x"))));
  u.setSelect({ left: Math.min(left, u.over.clientWidth - 4), width: Math.max(4, right - left), top: 0, height: u.over.clientHeight }, false);
}

/** Moments as dashed upright lines, each with its name. */
function draws(u, lines, font) {
  const { left, top, width, height } = u.bbox, { ctx } = u, ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = token("ink");
  ctx.font = font.replace(/^(\d+)px/, (_, size) => `${size * ratio}px`);
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  for (const { at, label } of lines) {
    const x = u.valToPos(at, "x", true);
    if (x < left || x > left + width) continue;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.textAlign = x > left + width / 2 ? "right" : "left";
    ctx.fillText(label, x + (ctx.textAlign === "left" ? 5 : -5) * ratio, top + 12 * ratio);
  }
  ctx.restore();
}
