// The first screen: the answer in words, and the pipelines with their intervals, by the metric that is chosen.

// With more pipelines than this each family's best is shown.
const MOST_STANDING = 12;

function showFirst() {
  const { answer, best } = data.standings[state.metric];
  // Both are the program's own words and tables; nothing of a study's text is an element in them.
  byId("answer").innerHTML = answer;
  byId("best-of").innerHTML = best;
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
  const tested = rows.some((row) => row.p !== null) ? " Shaded: the best, and what is not distinguishable from it." : "";
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
  // Left of the plot, the plot, right of it, and a line's height.
  const [labels, plot, numbers, line] = phone ? [6, roomOnPhone() - 12, 6, 46] : [230, 400, 150, rows.some(apart) ? 34 : 26];
  const [width, bottom] = [labels + plot + numbers, line * rows.length];
  const picture = draw("svg", { class: "drawn", role: "img", width, height: bottom + 24, viewBox: `0 0 ${width} ${bottom + 24}` },
    draw("title", {}, `${data.metrics[state.metric].id}: means and intervals`));
  const range = standingRange(rows);
  const at = (value) => labels + (plot * (Math.min(Math.max(value, range[0]), range[1]) - range[0])) / (range[1] - range[0]);
  rows.forEach((row, i) => {
    if (isEqual(row)) picture.append(draw("rect", { class: "equal", x: 0, y: line * i + 1, width, height: line - 2 }));
  });
  for (const [value, label] of ticks(range, phone ? 4 : 6)) {
    picture.append(draw("line", { class: "grid", x1: at(value), x2: at(value), y1: 0, y2: bottom }),
      draw("text", { class: "pale", x: at(value), y: bottom + 16, "text-anchor": "middle" }, label));
  }
  rows.forEach((row, i) => picture.append(...standingLine(row, at, range, line * (i + 0.5), [labels, labels + plot])));
  return picture;
}

function standingLine(row, at, range, y, [left, right]) {
  const [mean] = row.summaries[state.metric];
  const said = row.best ? "best" : row.p === null ? "" : `p ${probability(row.p)}`;
  const parts = narrow.matches
    ? [draw("text", { x: left, y: y - 8 }, `${row.at.classifier} · ${score(mean)}`), draw("text", { class: "pale", x: right, y: y - 8, "text-anchor": "end" }, said)]
    : [draw("text", { x: left - 12, y: apart(row) ? y - 2 : y + 4, "text-anchor": "end" }, shortened(row.at.classifier)), draw("text", { class: "pale", x: left - 12, y: y + 11, "text-anchor": "end" }, shortened(apart(row))),
      draw("text", { x: right + 12, y: y + 4 }, score(mean)), draw("text", { class: "pale", x: right + 70, y: y + 4 }, said)];
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

// As much of a label as fits beside the plot; the whole name is the mark's title.
const shortened = (text) => (text.length > 34 ? `${text.slice(0, 33)}…` : text);
