// The first screen: the answer in words, and the pipelines with their intervals, by the metric that is chosen.

// With more pipelines than this each family's best is shown.
const MOST_STANDING = 12;

function showFirst() {
  const { answer, best } = data.standings[state.metric];
  // Both are the program's own words and tables; nothing of a study's text is an element in them.
  byId("answer").innerHTML = answer;
  byId("best-of").innerHTML = best;
  showStanding();
}

function showStanding() {
  const bests = data.standings[state.metric].bests.map((place) => data.rows[place]);
  byId("standing").replaceChildren(...bests.map((first) => standing(first, bests.length > 1)));
}

// The pipelines of one ranking that are shown, best first.
function standingRows(first) {
  const ranked = state.ranked.filter((row) => onSameRows(row, first));
  if (ranked.length <= MOST_STANDING) return [ranked, ranked.length];
  const families = distinct(ranked.map((row) => row.family));
  return [families.slice(0, MOST_STANDING).map((family) => ranked.find((row) => row.family === family)), ranked.length];
}

const isEqual = (row) => row.best || (row.p !== null && row.p > data.alpha);

function standing(first, several) {
  const [rows, all] = standingRows(first);
  const { id, lower } = data.metrics[state.metric];
  const which = several ? `, ${shownAxes.some((axis) => axis.id === "dedup") ? `dedup ${first.at.dedup}` : first.at.protocol}` : "";
  const shown = rows.length < all ? `each family's best of ${all} pipelines` : rows.length === 1 ? "the only pipeline" : `all ${all} pipelines`;
  const tested = rows.some((row) => row.p !== null) ? " Shaded: the first by mean, and what is not distinguishable from it." : "";
  const drawn = rows.some((row) => row.interval) ? "Mean and 95% CI" : rows.every((row) => row.used <= 1) ? "One test split, so no interval" : "Mean";
  const note = `${drawn}: ${shown}, ${lower ? "the smallest" : "the largest"} is best.${tested}`;
  return make("figure", { class: "standing" }, make("h3", {}, `${id}${which}`), dotsAndIntervals(rows), make("figcaption", {}, note));
}

// The range of what is drawn; the baseline does not set it.
function standingRange(rows) {
  const trained = rows.filter((row) => row.family !== data.baseline);
  const ends = (trained.length > 0 ? trained : rows).flatMap((row) => [row.summaries[state.metric][0], ...(row.interval ?? [])]);
  return padded(ends);
}

function dotsAndIntervals(rows) {
  const phone = narrow.matches;
  const [labels, plot, numbers] = standingWidths(rows);
  const line = phone ? 46 : rows.some(apart) ? 34 : 26;
  const [width, bottom] = [labels + plot + numbers, line * rows.length];
  const picture = draw("svg", { class: "drawn", role: "img", width, height: bottom + 24, viewBox: `0 0 ${width} ${bottom + 24}` },
    draw("title", {}, `${data.metrics[state.metric].id}: means and intervals`));
  const range = standingRange(rows);
  const at = (value) => labels + plot * shareOf(Math.min(Math.max(value, range[0]), range[1]), range);
  rows.forEach((row, i) => {
    if (isEqual(row)) picture.append(draw("rect", { class: "equal", x: 0, y: line * i + 1, width, height: line - 2 }));
  });
  picture.append(...scaleBelow(range, phone ? 4 : 6, at, bottom, width));
  const beside = afterScores(rows);
  rows.forEach((row, i) => picture.append(...standingLine(row, at, range, line * (i + 0.5), [labels, labels + plot, beside])));
  return picture;
}

const meanOf = (row) => score(row.summaries[state.metric][0]);
// Not "best": others may not be distinguishable from it.
const saidOf = (row) => (row.best ? "first" : row.p === null ? "" : `p ${probability(row.p)}`);
// Where the words behind the scores begin, right of the plot.
const afterScores = (rows) => Math.max(70, widest(rows.map(meanOf)) + 22);

// Left of the plot, the plot, and right of it: as wide as the room beside the answer, in which no number may be cut.
function standingWidths(rows) {
  if (narrow.matches) return [6, roomOnPhone() - 12, 6];
  const all = Math.max(600, Math.min(780, byId("standing").clientWidth));
  const numbers = Math.max(150, afterScores(rows) + widest(rows.map(saidOf)) + 6);
  const names = roomForNames(rows.flatMap((row) => [row.at.classifier, apart(row)]), 230);
  const plot = Math.max(220, all - names - numbers);
  return [all - plot - numbers, plot, numbers];
}

// What stands beside a line, on a phone above it.
function standingLabels(row, y, [left, right, beside]) {
  const said = saidOf(row);
  if (narrow.matches) {
    const mean = ` · ${meanOf(row)}`;
    const shown = label({ x: left, y: y - 8 }, row.at.classifier, right - left - widthOf(mean) - widthOf(said) - 8);
    shown.firstChild.appendData(mean);
    return [shown, draw("text", { class: "pale", x: right, y: y - 8, "text-anchor": "end" }, said)];
  }
  const name = (y, kind) => ({ class: kind, x: left - 12, y, "text-anchor": "end" });
  return [label(name(apart(row) ? y - 2 : y + 4, null), row.at.classifier, left - 16), label(name(y + 11, "pale"), apart(row), left - 16),
    draw("text", { x: right + 12, y: y + 4 }, meanOf(row)), draw("text", { class: "pale", x: right + beside, y: y + 4 }, said)];
}

function standingLine(row, at, range, y, [left, right, beside]) {
  const [mean] = row.summaries[state.metric];
  const parts = standingLabels(row, y, [left, right, beside]);
  const middle = narrow.matches ? y + 9 : y;
  if (mean < range[0] || mean > range[1]) {
    return [...parts, ...offScale(mean < range[0], middle, [left, right])];
  }
  const colour = colourOf(row);
  if (row.interval) {
    const [low, high] = row.interval.map(at);
    parts.push(draw("line", { x1: low, x2: high, y1: middle, y2: middle, stroke: colour, "stroke-width": 2.5 }));
    for (const x of [low, high]) parts.push(draw("line", { x1: x, x2: x, y1: middle - 5, y2: middle + 5, stroke: colour, "stroke-width": 2 }));
  }
  const mark = markOf(row, at(mean), middle, 6, { class: state.picks.has(row.place) ? "mark on" : "mark", click: () => pick(row.place) });
  mark.append(draw("title", {}, `${name(row)}: ${score(mean)}${row.interval ? `, 95% CI ${score(row.interval[0])} to ${score(row.interval[1])}` : ""}`));
  return [...parts, mark];
}

// An arrow at the edge where a value lies beyond it.
function offScale(isLow, y, [left, right]) {
  const [edge, turn] = isLow ? [left, 1] : [right, -1];
  const arrow = `M${edge + 12 * turn} ${y - 5}L${edge + 3 * turn} ${y}L${edge + 12 * turn} ${y + 5}`;
  const words = draw("text", { class: "pale", x: edge + 18 * turn, y: y + 4, "text-anchor": turn > 0 ? "start" : "end" }, "off the scale");
  return [draw("path", { class: "away", d: arrow }), words];
}

// What tells a pipeline from the others of its ranking, beside its classifier.
const apart = (row) => shownAxes.filter(({ id, values }) => values.length > 1 && !["classifier", "protocol", "dedup"].includes(id))
  .map(({ id }) => said(id, row.at[id])).join(" · ");
