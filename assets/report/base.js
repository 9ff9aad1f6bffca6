// The data, what is chosen, and how elements and numbers are made.

const data = JSON.parse(document.getElementById("data").textContent);
data.rows.forEach((row, place) => {
  row.place = place;
  row.at = Object.fromEntries(data.axes.map(({ id, values }, i) => [id, values[row.places[i]]]));
});
// For people: the axes that any pipeline uses, the classifier first.
const shownAxes = data.axes.filter(({ values, default: unused }) => values.some((value) => value !== unused)).reverse();

const state = {
  metric: data.metrics.findIndex((metric) => metric.id === data.primary),
  picks: new Set(),
  rope: data.rope,
};

// What is drawn again when the metric or the picks change.
const views = [];

function refresh() {
  for (const view of views) view();
}

// Rank, interval, p and "best" of every row by the chosen metric, as the program computed them.
function rankBy(metric) {
  state.metric = metric;
  const { rows, order, bests } = data.standings[metric];
  data.rows.forEach((row, place) => {
    const [rank, low, high, p, equal] = rows[place];
    Object.assign(row, { rank, interval: low === null ? null : [low, high], p, equal, best: bests.includes(place) });
  });
  state.ranked = order.map((place) => data.rows[place]);
}

// On a phone pictures put their labels and legends above and below instead of beside.
const narrow = matchMedia("(max-width: 40rem)");
const roomOnPhone = () => Math.max(300, document.documentElement.clientWidth - 20);

function pick(place) {
  if (!state.picks.delete(place)) state.picks.add(place);
  refresh();
}

const byId = (id) => document.getElementById(id);

// A section with nothing to show is not shown, nor is the link to it.
function showSection(id, is) {
  byId(id).hidden = !is;
  document.querySelector(`nav a[href="#${id}"]`).hidden = !is;
}

// An element with attributes (functions are listeners) and children, of which texts stay texts.
function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat());
  return node;
}

// As report/number.rs writes them.
const NONE = "–";
const score = (value) => (value == null ? NONE : fixed(value, 4).replace(/^-(0\.0000)$/, "$1"));
const change = (value) => (value == null ? NONE : score(value).replace(/^(?=[1-9]|0\.(?!0000))/, "+"));
const meanSd = (mean, sd) => (sd == null ? score(mean) : `${score(mean)} ± ${fixed(sd, 4)}`);
const seconds = (value) =>
  value == null ? NONE : value > 0 && value < 0.0005 ? "<0.001" : fixed(value, value < 100 ? 3 : 1);
const probability = (p) => (p == null ? NONE : p > 0 && p < 0.0005 ? "<0.001" : p >= 0.9995 && p < 1 ? ">0.999" : fixed(p, 3));

// Rust rounds 0.03125 to the even digit, 0.0312; `toFixed` says 0.0313. Only an odd number of such halves is so.
function fixed(value, digits) {
  const size = Math.abs(value);
  if ((size * 2 ** (digits + 1)) % 2 !== 1) return value.toFixed(digits);
  const below = size * 10 ** digits - 0.5;
  return ((Math.sign(value) * (below + (below % 2))) / 10 ** digits).toFixed(digits);
}

// As report/words.rs says what tells the pipelines of one classifier apart.
const said = (id, value) => (id === "scaler" || id === "resampler" ? value : `${id} ${value}`);
// What all pipelines share is said once, below the leaderboard.
const isVaried = ({ values }) => values.length > 1;
const variant = (row) => shownAxes.filter((axis) => isVaried(axis) && axis.id !== "classifier" && axis.id !== "protocol" && row.at[axis.id] !== axis.default)
  .map(({ id }) => said(id, row.at[id])).join(" · ");
const name = (row) => [row.at.classifier, variant(row)].filter(Boolean).join(" · ");
const splitName = ([repeat, fold]) => (data.splits.some((split) => split[0] > 0) ? `${repeat}/${fold}` : `${fold}`);

// The values of a metric that exist, and whether they are on all the folds that are ranked over.
const present = (row, metric) => row.values[metric].filter((value) => value !== null);
const isComplete = (row, metric) => row.whole && present(row, metric).length > 0 && present(row, metric).length === row.used;

const isLower = (metric) => data.metrics[metric].lower;
// Negative where `a` is the better value.
const compareValues = (a, b, metric) => (isLower(metric) ? a - b : b - a);

const distinct = (items) => [...new Set(items)];

// The colours and the marks of report/chart/style.rs: a family looks the same in every picture of every report.
const COLOURS = 6;
const lookOf = (row) => data.looks[data.families.indexOf(row.family)];
const colourOf = (row) => `var(--look-${lookOf(row) % COLOURS})`;

function markOf(row, x, y, r, attributes) {
  const shapes = [
    null,
    [[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]],
    [[0, -1.15], [1.05, 0.8], [-1.05, 0.8]],
    [[0, -1.25], [1.1, 0], [0, 1.25], [-1.1, 0]],
    [[0, 1.15], [1.05, -0.8], [-1.05, -0.8]],
    plus(0),
    plus(Math.PI / 4),
  ];
  const shape = shapes[lookOf(row) % shapes.length];
  const look = { fill: colourOf(row), ...attributes };
  if (!shape) return draw("circle", { cx: x, cy: y, r, ...look });
  return draw("polygon", { points: shape.map(([dx, dy]) => `${x + r * dx},${y + r * dy}`).join(" "), ...look });
}

function plus(angle) {
  const [far, near] = [1.15, 0.36];
  const corners = [[-near, -far], [near, -far], [near, -near], [far, -near], [far, near], [near, near], [near, far],
    [-near, far], [-near, near], [-far, near], [-far, -near], [-near, -near]];
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return corners.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos]);
}

// Ends may be farther apart than the largest number; as in numeric/span.rs.
const isFar = ([low, high]) => !Number.isFinite(high - low);
// Where a value lies between two ends, as a share of the way.
const shareOf = (value, [low, high]) =>
  (isFar([low, high]) ? (value / 2 - low / 2) / (high / 2 - low / 2) : (value - low) / (high - low));

// Ticks at round steps, about `wanted` of them.
function ticks([low, high], wanted) {
  const rough = isFar([low, high]) ? high / wanted - low / wanted : (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i += 1) found.push([i * step, (i * step).toFixed(digits)]);
  // One alone is no scale.
  return found.length < 2 && wanted < 20 ? ticks([low, high], wanted + 2) : found;
}

// A name in a picture is at most so wide, px; a longer one loses its middle.
const LONGEST_NAME = 480;

// Texts are measured as the style sheet draws those of pictures; pale ones are a little smaller.
const pen = document.createElement("canvas").getContext("2d");
pen.font = `12px ${getComputedStyle(document.documentElement).getPropertyValue("--picture-face")}`;
const widthOf = (text) => Math.ceil(pen.measureText(text).width);
const widest = (texts) => Math.max(0, ...texts.map(widthOf));
// The room for names beside a plot, with a gap to it and to the edge.
const roomForNames = (names, least) => Math.max(least, Math.min(LONGEST_NAME, widest(names)) + 16);

// As much of a text as fits. Names may differ at their beginnings and at their ends, so the middle is left out.
function fitted(text, room) {
  const letters = [...text];
  const cut = (kept) => [...letters.slice(0, Math.ceil(kept / 2)), "…", ...letters.slice(letters.length - Math.floor(kept / 2))].join("");
  if (widthOf(text) <= room) return text;
  let kept = letters.length - 1;
  while (kept > 0 && widthOf(cut(kept)) > room) kept -= 1;
  return cut(kept);
}

// A text of a picture in so much room; the whole of one that is cut is its title.
function label(attributes, text, room) {
  const shown = fitted(text, room);
  return draw("text", attributes, shown, shown === text ? [] : [draw("title", {}, text)]);
}

// Ticks whose labels do not run into each other.
function ticksApart(range, wanted, room) {
  const found = ticks(range, wanted);
  const isTight = found.length * (widest(found.map(([, text]) => text)) + 8) > room;
  return isTight && wanted > 2 ? ticksApart(range, wanted - 1, room) : found;
}

// The lines and the labels of a scale below a plot; a label at the edge of the picture stays inside it.
function scaleBelow(range, wanted, at, bottom, width) {
  return ticksApart(range, wanted, at(range[1]) - at(range[0])).flatMap(([value, text]) => {
    const half = widthOf(text) / 2;
    const x = Math.min(Math.max(at(value), half), width - half);
    return [draw("line", { class: "grid", x1: at(value), x2: at(value), y1: 0, y2: bottom }),
      draw("text", { class: "pale", x, y: bottom + 16, "text-anchor": "middle" }, text)];
  });
}

function padded(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const between = isFar([low, high]) ? 0.05 * high - 0.05 * low : 0.05 * (high - low);
  const room = high > low ? between : Math.max(Math.abs(high) * 0.05, 1e-4);
  return [Math.max(low - room, -Number.MAX_VALUE), Math.min(high + room, Number.MAX_VALUE)];
}

// By linear interpolation, numpy's default.
function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const next = sorted[Math.min(low + 1, sorted.length - 1)];
  return sorted[low] + (next - sorted[low]) * (at - low);
}

const ascending = (values) => [...values].sort((a, b) => a - b);
