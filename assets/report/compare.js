// The picked pipelines against each other: box plots, paired tests, fold by fold.

// More pipelines are not tested against each other: their pairs fill pages.
const MOST_COMPARED = 12;

// The picked pipelines; while nothing is picked, the best of the first families on the same rows as the best of all.
function compared() {
  const picked = data.rows.filter((row) => state.picks.has(row.place));
  if (picked.length > 0) return picked;
  const ranked = state.ranked.filter((row) => onSameRows(row, state.ranked[0]));
  return distinct(ranked.map((row) => row.family)).slice(0, 5).map((family) => ranked.find((row) => row.family === family));
}

// Folds of another dataset variant hold other rows.
const onSameRows = (a, b) => a.variant === b.variant;

// Fold-wise differences of two pipelines, positive where `a` is better; null where they were tested on different rows.
function paired(a, b, metric) {
  if (!onSameRows(a, b)) return null;
  const sign = isLower(metric) ? -1 : 1;
  const [differences, ratios] = [[], []];
  data.splits.forEach((_, split) => {
    const [x, y] = [a.values[metric][split], b.values[metric][split]];
    if (x === null || y === null) return;
    differences.push(sign * (x - y));
    ratios.push(data.ratios[a.variant][split]);
  });
  const ratio = ratios.reduce((sum, value) => sum + value, 0) / ratios.length;
  return correctedT(differences, ratio, state.rope, data.level);
}

function allPairs(rows, metric) {
  const pairs = [];
  rows.forEach((a, i) => rows.slice(i + 1).forEach((b) => pairs.push({ a, b, test: paired(a, b, metric) })));
  const tested = pairs.filter((pair) => pair.test !== null);
  holm(tested.map((pair) => pair.test.p)).forEach((p, i) => { tested[i].holm = p; });
  return pairs;
}

function showCompare() {
  const rows = compared().slice(0, MOST_COMPARED);
  const { id, lower } = data.metrics[state.metric];
  const said = [state.picks.size === 0 ? nothingPicked(rows) : `${state.picks.size} picked.`];
  if (state.picks.size > MOST_COMPARED) said.push(`The first ${MOST_COMPARED} are compared.`);
  byId("compared").textContent = said.join(" ");
  byId("picked").textContent = `${state.picks.size} picked`;
  byId("boxes").replaceChildren(...(rows.length > 0 ? [boxPlots(rows)] : []));
  const pairs = allPairs(rows, state.metric);
  const heads = ["A", "B", `A − B, ${id}`, "95% CI", "folds", "p", "p (Holm)", "P(A better)", "P(equal)", "P(B better)"];
  fillTable(byId("pairs"), heads, pairs.map(pairCells), 2);
  const tested = pairs.filter((pair) => pair.test !== null).length;
  for (const id of ["pairs", "paired", "equivalence"]) byId(id).hidden = tested === 0;
  showSection("compare", data.rows.length > 1);
  byId("paired").textContent =
    `Two-sided corrected resampled t-test on paired folds (Nadeau and Bengio 2003); Holm over these ${tested} pairs. Probabilities: ` +
    `Bayesian correlated t-test (Corani and Benavoli 2015). ${lower ? `${id} is better when smaller, so a positive difference is B minus A. ` : ""}` +
    "Pipelines of different dataset variants were tested on different rows and cannot be paired. Pipelines picked for their scores on " +
    "these folds are flattered by them.";
  showFolds(rows);
}

function nothingPicked(rows) {
  if (rows.length > 0) return "Nothing is picked, so the best pipelines of the first families are shown; pick others in the leaderboard or the pictures.";
  // Of a run that has ended nothing more is to come.
  const yet = data.rows.some((row) => row.missing > 0) ? " yet" : "";
  return `Nothing is picked, and no pipeline is ranked${yet}, so none is shown; pick some in the leaderboard.`;
}

function pairCells({ a, b, test, holm: adjusted }) {
  if (test === null) return [name(a), name(b), "not paired", "", "", "", "", "", "", ""];
  const interval = test.low === null ? NONE : `${change(test.low)} to ${change(test.high)}`;
  return [name(a), name(b), change(test.mean), interval, String(test.n), probability(test.p), probability(adjusted),
    probability(test.above), probability(test.within), probability(test.below)];
}

// Text up to column `texts`, numbers after it.
function fillTable(table, heads, rows, texts) {
  const kind = (i) => ({ class: i < texts ? null : "number" });
  table.tHead.replaceChildren(make("tr", {}, heads.map((head, i) => make("th", { scope: "col", ...kind(i) }, head))));
  table.tBodies[0].replaceChildren(...rows.map((cells) => make("tr", {}, cells.map((cell, i) => make("td", kind(i), cell)))));
}

function showFolds(rows) {
  const body = data.splits.map((split, i) => [splitName(split), ...rows.map((row) => score(row.values[state.metric][i]))]);
  fillTable(byId("folds").querySelector("table"), ["fold", ...rows.map(name)], body, 0);
}

// One line per pipeline: quartiles, median, whiskers to the farthest fold within 1.5 box lengths, and the folds.
function boxPlots(rows) {
  const all = rows.flatMap((row) => present(row, state.metric));
  // Left of the plot, the plot, right of it, and a line's height.
  const [labels, plot, numbers, line] = narrow.matches ? [14, roomOnPhone() - 28, 14, 64]
    : [roomForNames(rows.flatMap((row) => [row.at.classifier, variant(row)]), 320), 420, Math.max(130, widest(rows.map(foldsMean)) + 16), 38];
  const [height, width] = [line * rows.length + 46, labels + plot + numbers];
  const title = `${data.metrics[state.metric].id} over the folds`;
  const picture = draw("svg", { class: "drawn", role: "img", width, height, viewBox: `0 0 ${width} ${height}` }, draw("title", {}, title));
  if (all.length === 0) return make("p", { class: "note" }, "These pipelines have no values of this metric.");
  const range = rangeOfBoxes(rows, all);
  const at = (value) => labels + plot * shareOf(value, range);
  const bottom = line * rows.length;
  picture.append(...scaleBelow(range, 6, at, bottom, width), draw("text", { x: labels + plot / 2, y: bottom + 36, "text-anchor": "middle" }, data.metrics[state.metric].id));
  rows.forEach((row, i) => picture.append(...boxPlot(row, at, range, line * (i + 0.5), [labels, labels + plot])));
  return picture;
}

// The range of the folds. The baseline does not set it; where its median lies among the others' folds it is not off the scale either.
function rangeOfBoxes(rows, all) {
  const valuesOf = (some) => some.flatMap((row) => present(row, state.metric));
  const trained = valuesOf(rows.filter((row) => row.family !== data.baseline));
  const [low, high] = padded(trained.length > 0 ? trained : all);
  const isInside = (row) => {
    const median = quantile(ascending(present(row, state.metric)), 0.5);
    return row.family !== data.baseline || (median >= low && median <= high);
  };
  return padded(valuesOf(rows.filter(isInside)));
}

// Mean and SD over the folds that are drawn.
function foldsMean(row) {
  const values = present(row, state.metric);
  const { mean, sd } = values.length > 0 ? meanAndSd(values) : { mean: null, sd: null };
  return meanSd(mean, sd);
}

// Pipeline, and mean and SD: beside the plot, on a phone above it.
function boxLabels(row, y, [left, right]) {
  const said = foldsMean(row);
  const [name, below, number] = narrow.matches
    ? [{ x: left, y: y - 18 }, { x: left, y: y - 4 }, { x: right, y: y - 18, "text-anchor": "end" }]
    : [{ x: left - 12, y: y - 3, "text-anchor": "end" }, { x: left - 12, y: y + 11, "text-anchor": "end" }, { x: right + 12, y: y + 4 }];
  const [beside, under] = narrow.matches ? [right - left - widthOf(said) - 12, right - left] : [left - 16, left - 16];
  return [label(name, row.at.classifier, beside), label({ class: "pale", ...below }, variant(row), under), draw("text", number, said)];
}

function boxPlot(row, at, range, y, [left, right]) {
  const sorted = ascending(present(row, state.metric));
  const parts = boxLabels(row, y, [left, right]);
  if (sorted.length === 0) return parts;
  y += narrow.matches ? 18 : 0;
  if (sorted[0] < range[0] || sorted[sorted.length - 1] > range[1]) return [...parts, ...offScale(sorted[0] < range[0], y, [left, right])];
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
  const colour = colourOf(row);
  const inside = sorted.filter((v) => v >= low - 1.5 * (high - low) && v <= high + 1.5 * (high - low));
  const rule = (x1, x2, y1, y2, width) => draw("line", { x1, x2, y1, y2, stroke: colour, "stroke-width": width });
  if (sorted.length > 1) {
    parts.push(
      rule(at(inside[0]), at(low), y, y, 1.3),
      rule(at(high), at(inside[inside.length - 1]), y, y, 1.3),
      draw("rect", { x: at(low), y: y - 9, width: at(high) - at(low), height: 18, fill: colour, "fill-opacity": 0.25, stroke: colour }),
      rule(at(middle), at(middle), y - 9, y + 9, 2.6),
    );
  }
  return parts.concat(sorted.map((value) => markOf(row, at(value), y, 3, { opacity: 0.85 })));
}
