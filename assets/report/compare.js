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
const onSameRows = (a, b) => a.at.protocol === b.at.protocol && a.dedup === b.dedup;

// Fold-wise differences of two pipelines, positive where `a` is better; null where they were tested on different rows.
function paired(a, b, metric) {
  if (!onSameRows(a, b)) return null;
  const sign = isLower(metric) ? -1 : 1;
  const [differences, ratios] = [[], []];
  data.splits.forEach((_, split) => {
    const [x, y] = [a.values[metric][split], b.values[metric][split]];
    if (x === null || y === null) return;
    differences.push(sign * (x - y));
    ratios.push(data.ratios[Number(a.dedup)][split]);
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
  const said = [state.picks.size === 0 ? "Nothing is picked, so the best pipelines of the first families are shown; pick others in the leaderboard or the pictures." : `${state.picks.size} picked.`];
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
  const [labels, plot, numbers, line] = narrow.matches ? [14, roomOnPhone() - 28, 14, 64] : [320, 420, 130, 38];
  const [height, width] = [line * rows.length + 46, labels + plot + numbers];
  const title = `${data.metrics[state.metric].id} over the folds`;
  const picture = draw("svg", { class: "drawn", role: "img", width, height, viewBox: `0 0 ${width} ${height}` }, draw("title", {}, title));
  if (all.length === 0) return make("p", { class: "note" }, "These pipelines have no values of this metric.");
  // The baseline does not set the scale.
  const trained = rows.filter((row) => row.family !== data.baseline).flatMap((row) => present(row, state.metric));
  const range = padded(trained.length > 0 ? trained : all);
  const at = (value) => labels + (plot * (value - range[0])) / (range[1] - range[0]);
  const bottom = line * rows.length;
  for (const [value, label] of ticks(range, 6)) {
    picture.append(draw("line", { class: "grid", x1: at(value), x2: at(value), y1: 0, y2: bottom }),
      draw("text", { class: "pale", x: at(value), y: bottom + 16, "text-anchor": "middle" }, label));
  }
  picture.append(draw("text", { x: labels + plot / 2, y: bottom + 36, "text-anchor": "middle" }, data.metrics[state.metric].id));
  rows.forEach((row, i) => picture.append(...boxPlot(row, at, range, line * (i + 0.5), [labels, labels + plot])));
  return picture;
}

// Pipeline, and mean and SD: beside the plot, on a phone above it.
function boxLabels(row, values, y, [left, right]) {
  const { mean, sd } = values.length > 0 ? meanAndSd(values) : { mean: null, sd: null };
  const [name, below, number] = narrow.matches
    ? [{ x: left, y: y - 18 }, { x: left, y: y - 4 }, { x: right, y: y - 18, "text-anchor": "end" }]
    : [{ x: left - 12, y: y - 3, "text-anchor": "end" }, { x: left - 12, y: y + 11, "text-anchor": "end" }, { x: right + 12, y: y + 4 }];
  return [draw("text", name, row.at.classifier), draw("text", { class: "pale", ...below }, variant(row)), draw("text", number, meanSd(mean, sd))];
}

function boxPlot(row, at, range, y, [left, right]) {
  const sorted = ascending(present(row, state.metric));
  const parts = boxLabels(row, sorted, y, [left, right]);
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
