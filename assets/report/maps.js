// Heat maps by scaler and classifier, and time against quality.

// Viridis at nine equal steps.
const VIRIDIS = [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 144, 140], [39, 173, 129], [93, 200, 99],
  [170, 220, 50], [253, 231, 37]];

function viridis(share) {
  const at = Math.min(1, Math.max(0, share)) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return VIRIDIS[low].map((channel, i) => Math.round(channel + (VIRIDIS[low + 1][i] - channel) * (at - low)));
}

// Black or white, whichever has the larger contrast (WCAG 2).
function inkOn(rgb) {
  const linear = rgb.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#fff" : "#000";
}

// The range of the colours: the numbers' own, without the baseline, which does not set scales; as in report/chart/heatmap.rs.
function shades(metric) {
  const complete = data.rows.filter((row) => isComplete(row, metric));
  const trained = complete.filter((row) => row.family !== data.baseline);
  const means = (trained.length > 0 ? trained : complete).map((row) => row.summaries[metric][0]);
  if (means.length === 0) return null;
  let [low, high] = [Math.min(...means), Math.max(...means)];
  const off = complete.some((row) => row.summaries[metric][0] < low || row.summaries[metric][0] > high);
  if (high - low < 1e-9) [low, high] = [low - 5e-5, high + 5e-5];
  const share = (value) => shareOf(value, isLower(metric) ? [high, low] : [low, high]);
  return { low, high, off, colour: (value) => viridis(share(value)) };
}

// One value is no map, and with one scaler a map repeats the leaderboard.
const isMap = (rows) => ["scaler", "classifier"].every((axis) => distinct(rows.map((row) => row.at[axis])).length > 1);

function showHeat() {
  const metric = state.metric;
  const scale = shades(metric);
  const { id, lower } = data.metrics[metric];
  const maps = panels(data.rows.filter(isWanted)).filter(isMap);
  showSection("heat", panels(data.rows).some(isMap));
  const note = [`Mean ${id}, bright is good${lower ? " (small values)" : ""}. Grey: some folds have no value; the number of folds that have one. Click a cell to pick its pipeline.`];
  if (scale?.off) note.push(`${data.baseline} is off the scale and has the colour of its end.`);
  // The colours have one scale.
  if (distinct(maps.flat().map((row) => row.variant)).length > 1) note.push("Pipelines of different dataset variants were tested on different rows, so they do not compare with each other.");
  byId("heat-note").replaceChildren(note.join(" "), " ", ...(scale ? [legend(scale, lower)] : []));
  byId("panels").replaceChildren(...maps.map((rows) => panel(rows, scale)));
}

// A panel has the pipelines that differ in scaler and classifier alone; as many as the filters of the leaderboard leave.
function panels(rows) {
  const apart = shownAxes.filter(({ id, values }) => id !== "scaler" && id !== "classifier" && values.length > 1).map(({ id }) => id);
  const key = (row) => data.axes.map(({ id }, i) => (apart.includes(id) ? row.places[i] : 0));
  const found = new Map();
  for (const row of rows) {
    const at = key(row).join();
    found.set(at, [...(found.get(at) ?? []), row]);
  }
  const order = (a, b) => key(a[0]).reduce((sign, place, i) => sign || place - key(b[0])[i], 0);
  return [...found.values()].sort(order);
}

function legend(scale, lower) {
  const stops = Array.from({ length: 9 }, (_, i) => `rgb(${viridis(i / 8)})`).join(", ");
  const ends = lower ? [scale.high, scale.low] : [scale.low, scale.high];
  return make("span", { class: "legend" }, score(ends[0]), make("i", { style: `background: linear-gradient(to right, ${stops})` }), score(ends[1]));
}

// In plan order, which the leaderboard does not keep.
const inOrder = (names, order) => order.filter((known) => names.includes(known));

function panel(rows, scale) {
  const along = (axis) => inOrder(distinct(rows.map((row) => row.at[axis])), data.axes.find(({ id }) => id === axis).values);
  const [scalers, classifiers] = [along("scaler"), along("classifier")];
  const at = new Map(rows.map((row) => [`${row.at.scaler}\n${row.at.classifier}`, row]));
  const heads = classifiers.map((classifier) => make("th", { scope: "col" }, make("span", {}, classifier)));
  const body = scalers.map((scaler) => make("tr", {}, make("th", { scope: "row" }, make("span", { class: "name" }, scaler)),
    classifiers.map((classifier) => heatCell(at.get(`${scaler}\n${classifier}`), scale))));
  const fixed = shownAxes.filter(({ id }) => id !== "scaler" && id !== "classifier" && id !== "protocol").reverse();
  const title = fixed.map(({ id }) => `${id} ${rows[0].at[id]}`).join(" · ");
  const named = ["Heat map", title].filter(Boolean).join(": ");
  return make("div", { class: "panel" }, title ? make("h3", {}, title) : [], make("div", { class: "scroll" },
    make("table", { class: "heat", "aria-label": named }, make("thead", {}, make("tr", {}, make("td"), heads)), make("tbody", {}, body))));
}

function heatCell(row, scale) {
  if (!row) return make("td", { class: "none" }, "");
  const complete = isComplete(row, state.metric);
  const mean = row.summaries[state.metric][0];
  const folds = present(row, state.metric).length;
  const said = complete ? score(mean) : folds > 0 ? `${folds}/${row.planned}` : NONE;
  const colour = complete ? scale.colour(mean) : null;
  const style = colour ? `background: rgb(${colour}); color: ${inkOn(colour)}` : null;
  const classes = [complete ? "" : "none", state.picks.has(row.place) ? "on" : ""].join(" ");
  return make("td", { class: classes, style }, make("button", { type: "button", title: name(row), click: () => pick(row.place) }, said));
}

const FASTEST = 1e-3;

function showTime() {
  const metric = state.metric;
  // Pipelines of another variant were tested on other rows: their scores have no place on the same axis.
  const first = data.rows[data.standings[metric].shown];
  const isShown = (row) => first !== undefined && onSameRows(row, first);
  const points = data.rows
    .filter((row) => isShown(row) && isComplete(row, metric) && row.fit !== null && row.predict !== null)
    .map((row) => ({ row, time: Math.max(FASTEST, row.fit + row.predict), quality: row.summaries[metric][0] }));
  const front = paretoFront(points, metric);
  const others = first === undefined || data.rows.every(isShown) ? "" : ` Only pipelines with dedup ${first.at.dedup}: the others were tested on other rows.`;
  byId("time-note").textContent = `Each mark is one pipeline with all folds (${points.length}): mean seconds of fit and predict on ${data.cell_threads} thread${data.cell_threads === 1 ? "" : "s"} per cell against mean ${data.metrics[metric].id}. ` +
    "The line joins the Pareto front: no pipeline is both faster and better. Copied cells carry the times of the cell that they copy. Click a mark to pick its pipeline." + others;
  showSection("time", points.length > 1);
  byId("scatter").replaceChildren(...(points.length > 0 ? [scatter(points, front, metric)] : []));
  fillTable(byId("front"), ["pipeline", "fit + predict s", data.metrics[metric].id],
    front.map(({ row, time, quality }) => [name(row), seconds(time), score(quality)]), 1);
}

// The points that no other point beats in one and reaches in the other, fastest first.
function paretoFront(points, metric) {
  const front = [];
  const byTime = [...points].sort((a, b) => a.time - b.time || compareValues(a.quality, b.quality, metric));
  for (const point of byTime) {
    const last = front[front.length - 1];
    if (!last || compareValues(point.quality, last.quality, metric) < 0) front.push(point);
  }
  return front;
}

// Powers of ten in a range of logarithms, with their doubles and fivefolds where there are few.
function powers([low, high]) {
  const found = [];
  for (let power = Math.floor(low); power <= high; power += 1) {
    for (const factor of high - low < 3 ? [1, 2, 5] : [1]) found.push(Number((factor * 10 ** power).toPrecision(1)));
  }
  return found.filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
}

function scatter(points, front, metric) {
  const families = data.families.filter((family) => points.some(({ row }) => row.family === family));
  const times = padded(points.map(({ time }) => Math.log10(time)));
  // The baseline does not set the scale: where it lies outside, its mark is on the edge.
  const trained = points.filter(({ row }) => row.family !== data.baseline);
  const range = padded((trained.length > 0 ? trained : points).map(({ quality }) => quality));
  const heights = ticks(range, 8);
  // The title of the scale stands left of its labels.
  const [left, top] = [Math.max(70, widest(heights.map(([, text]) => text)) + 35), 10];
  const beside = Math.max(230, Math.min(LONGEST_NAME, widest(families)) + 44);
  const [plotWidth, plotHeight] = narrow.matches ? [roomOnPhone() - left - 10, 320] : [640, Math.max(420, 20 * families.length)];
  const below = narrow.matches ? 20 * families.length + 14 : 0;
  const [width, height] = [left + plotWidth + (narrow.matches ? 10 : beside), top + plotHeight + 52 + below];
  const picture = draw("svg", { class: "drawn", role: "img", width, height, viewBox: `0 0 ${width} ${height}` },
    draw("title", {}, `Time and ${data.metrics[metric].id}`));
  const x = (time) => left + (plotWidth * (Math.log10(time) - times[0])) / (times[1] - times[0]);
  const within = (quality) => Math.min(Math.max(quality, range[0]), range[1]);
  const y = (quality) => top + plotHeight * shareOf(within(quality), [range[1], range[0]]);
  const [right, bottom] = [left + plotWidth, top + plotHeight];
  for (const time of powers(times)) {
    picture.append(draw("line", { class: "grid", x1: x(time), x2: x(time), y1: top, y2: bottom }),
      draw("text", { class: "pale", x: x(time), y: bottom + 17, "text-anchor": "middle" }, String(time)));
  }
  for (const [value, text] of heights) {
    picture.append(draw("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
      draw("text", { class: "pale", x: left - 7, y: y(value) + 4, "text-anchor": "end" }, text));
  }
  picture.append(draw("rect", { class: "axis", x: left, y: top, width: plotWidth, height: plotHeight }),
    draw("text", { x: left + plotWidth / 2, y: bottom + 40, "text-anchor": "middle" }, "mean fit + predict time, s"),
    draw("text", { transform: `translate(14 ${top + plotHeight / 2}) rotate(-90)`, "text-anchor": "middle" }, `mean ${data.metrics[metric].id}`));
  const steps = front.map(({ time, quality }, i) => `${i === 0 ? "M" : "H"}${x(time)} ${i === 0 ? y(quality) : `V${y(quality)}`}`);
  picture.append(draw("path", { class: "front", d: steps.join(" ") }));
  for (const { row, time, quality } of points) {
    const mark = markOf(row, x(time), y(quality), 5, { class: state.picks.has(row.place) ? "mark on" : "mark", click: () => pick(row.place) });
    mark.append(draw("title", {}, `${name(row)}: ${seconds(time)} s, ${score(quality)}`));
    picture.append(mark);
  }
  const [legendLeft, legendTop] = narrow.matches ? [left, bottom + 62] : [right + 22, top + 10];
  const room = narrow.matches ? plotWidth - 14 : LONGEST_NAME;
  families.forEach((family, i) => picture.append(markOf({ family }, legendLeft, legendTop + 20 * i, 5, {}),
    label({ x: legendLeft + 14, y: legendTop + 4 + 20 * i }, family, room)));
  return picture;
}
