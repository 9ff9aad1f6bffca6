// The leaderboard: sorted by any column, filtered, and where pipelines are picked.

// More rows than this are shown on demand only.
const MOST_ROWS = 600;

const board = {
  sort: "rank",
  descending: false,
  all: false,
  metrics: new Set(data.beside),
  // Whether the other metrics have their SD beside their mean.
  spread: false,
};

// A column: its heading, what it is sorted by (null is always last), what it shows, and whether its good end is the large one.
function textColumn(id, label, of) {
  return { id, label, key: of, show: (row) => of(row) };
}

function numberColumn(id, label, of, show, descends = false) {
  return { id, label, key: of, show: (row) => show(of(row), row), number: true, descends };
}

function metricColumn(metric, i) {
  const isSpread = () => board.spread || (i === state.metric && !narrow.matches);
  const show = (row) => {
    const [values, [mean, sd]] = [present(row, i), row.summaries[i]];
    const part = values.length > 0 && values.length < row.used ? ` (${values.length}/${row.used})` : "";
    return values.length === 0 && row.used > 0 ? "undefined" : meanSd(mean, isSpread() ? sd : null) + part;
  };
  const more = (row) => meanSd(...row.summaries[i]);
  return { id: `metric-${metric.id}`, label: metric.id, more, key: (row) => row.summaries[i][0], show, number: true, descends: !metric.lower };
}

function boardColumns() {
  const all = data.metrics.map(metricColumn);
  // The primary metric stays in view when another one ranks.
  const beside = all.filter(({ label }, i) => i !== state.metric && (board.metrics.has(label) || label === data.primary));
  const { id: ranking } = data.metrics[state.metric];
  const interval = (value, row) => (row.interval ? `${score(row.interval[0])} to ${score(row.interval[1])}` : NONE);
  const axes = shownAxes.filter((axis) => axis.id === "classifier" || isVaried(axis)).map(({ id }) => textColumn(id, id, (row) => row.at[id]));
  // On a phone the scores come right after the classifier.
  const [before, after] = narrow.matches ? [axes.slice(0, 1), axes.slice(1)] : [axes, []];
  return [
    numberColumn("rank", "rank", rankKey, (_, row) => row.rank ?? NONE),
    ...before,
    all[state.metric],
    numberColumn("interval", `95% CI of ${ranking}`, (row) => row.interval?.[0] ?? null, interval, true),
    numberColumn("p", "p (adjusted)", (row) => row.p, (p, row) => (row.best ? "first" : probability(p)), true),
    numberColumn("equal", "P(equal)", (row) => row.equal, (p) => probability(p), true),
    ...after,
    ...beside,
    numberColumn("scored", "scored", (row) => row.scored / row.planned, (_, row) => `${row.scored}/${row.planned}${row.imputed ? `, ${row.imputed} imputed` : ""}${row.idle ? `, ${row.idle} learnt nothing` : ""}`, true),
    numberColumn("fit", "fit s", (row) => row.fit, seconds),
    numberColumn("predict", "predict s", (row) => row.predict, seconds),
    ...(data.rows.some((row) => row.copies) ? [numberColumn("copies", "copies", copiedCells, (n) => n || "", true)] : []),
  ];
}

// One ranking after the other.
function rankKey(row) {
  if (row.rank === null) return null;
  const bests = data.standings[state.metric].bests.map((place) => data.rows[place]);
  return bests.findIndex((first) => onSameRows(row, first)) * data.rows.length + state.ranked.indexOf(row);
}

const copiedCells = (row) => (row.copies ?? []).reduce((sum, [, cells]) => sum + cells, 0);

function visibleRows() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [ranked, picked] = [byId("only-ranked").checked, byId("only-picked").checked];
  return data.rows.filter((row) => {
    const text = `${name(row)} ${row.family} ${row.backend} ${row.at.protocol}`.toLowerCase();
    return words.every((word) => text.includes(word))
      && isWanted(row)
      && (!ranked || row.rank !== null)
      && (!picked || state.picks.has(row.place));
  });
}

// What is filtered by: the families, then every axis with more than one place.
const filters = [{ id: "family", of: (row) => row.family },
  ...shownAxes.filter(({ id, values }) => id !== "classifier" && values.length > 1).map(({ id }) => ({ id, of: (row) => row.at[id] }))];

const isWanted = (row) => filters.every(({ id, of }) => ["", of(row)].includes(byId(`by-${id}`).value));

function sortRows(rows, column) {
  const turn = board.descending ? -1 : 1;
  const order = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);
  return [...rows].sort((a, b) => {
    const [x, y] = [column.key(a), column.key(b)];
    if (x === null || y === null) return (x === null) - (y === null) || a.place - b.place;
    return turn * order(x, y) || a.place - b.place;
  });
}

// Names stay in view when the table is scrolled to the side.
const kindOf = (column) => (column.number ? "number" : column.id === "classifier" ? "stays" : null);

// Where the table is wider than the page, its window ends between two columns, so that no number is cut.
function fitBoard() {
  const frame = byId("board").parentElement;
  frame.style.width = "";
  const room = frame.clientWidth;
  // On a phone the whole width is needed.
  if (narrow.matches || byId("board").offsetWidth <= room) return;
  const heads = [...byId("board").tHead.rows[0].cells].map((cell) => cell.getBoundingClientRect());
  const end = Math.max(0, ...heads.map(({ right }) => right - heads[0].left).filter((end) => end <= room));
  // Where the next column alone is so wide, a cut one shows more than a narrow window.
  if (end < room / 2) return;
  // Borders and a scroll bar come on top.
  frame.style.width = `${end}px`;
  frame.style.width = `${end + end - frame.clientWidth}px`;
}

function boardHead(columns) {
  const heading = (column) => {
    const is = column.id === board.sort;
    const sort = () => {
      board.descending = is ? !board.descending : Boolean(column.descends);
      board.sort = column.id;
      showBoard();
      // The heading was made anew; who sorts by keyboard stays on it.
      byId("board").querySelector(`[data-sort="${column.id}"]`).focus();
    };
    const attributes = { scope: "col", class: kindOf(column), "data-label": column.label };
    if (is) attributes["aria-sort"] = board.descending ? "descending" : "ascending";
    return make("th", attributes, make("button", { type: "button", "data-sort": column.id, click: sort }, column.label));
  };
  byId("board").tHead.replaceChildren(make("tr", {}, make("th", { scope: "col" }, "pick"), columns.map(heading)));
}

function boardRow(row, columns) {
  const is = state.picks.has(row.place);
  const box = make("input", { type: "checkbox", "aria-label": `pick ${name(row)}`, change: () => pick(row.place) });
  box.checked = is;
  const shown = (column) => (column.number ? String(column.show(row)) : make("span", { class: "name" }, column.show(row)));
  const cell = (column) => make("td", { class: kindOf(column), title: hint(row, column) }, shown(column));
  // Where rankings follow one another, each begins with a rule.
  const begins = row.best && board.sort === "rank" && data.standings[state.metric].bests.length > 1;
  const kind = [is ? "picked" : "", row.whole ? "" : "partial", begins ? "begins" : ""].filter(Boolean).join(" ") || null;
  return make("tr", { class: kind, "data-place": row.place }, make("td", {}, box), columns.map(cell));
}

function hint(row, column) {
  if (column.id === "copies" && row.copies) {
    return row.copies.map(([from, cells]) => `${cells} from ${name(data.rows[from])}`).join("; ");
  }
  if (column.more) return column.more(row);
  if (column.id === "scored") return `${row.scored} scored, ${row.failed} failed, ${row.missing} missing of ${row.planned}`;
  return column.id === "classifier" ? `${row.family} (${row.backend})` : null;
}

function showBoard() {
  const columns = boardColumns();
  const column = columns.find((known) => known.id === board.sort) ?? columns[0];
  const rows = sortRows(visibleRows(), column);
  const shown = board.all ? rows : rows.slice(0, MOST_ROWS);
  boardHead(columns);
  byId("board").tBodies[0].replaceChildren(...shown.map((row) => boardRow(row, columns)));
  const more = make("button", { type: "button", click: () => { board.all = true; showBoard(); } }, `Show all ${rows.length}`);
  const text = `${rows.length} of ${data.rows.length} ${data.rows.length === 1 ? "pipeline" : "pipelines"}${shown.length < rows.length ? `, the first ${shown.length} shown ` : ""}`;
  fitBoard();
  byId("shown").replaceChildren(text, ...(shown.length < rows.length ? [more] : []));
}

function startBoard() {
  const shared = shownAxes.filter((axis) => axis.id !== "classifier" && !isVaried(axis)).map(({ id, values }) => `${id} ${values[0]}`);
  byId("shared").textContent = shared.length > 0 ? `All pipelines have ${shared.join(", ")}.` : "";
  for (const { id, of } of filters) {
    const values = distinct(data.rows.map(of));
    const options = [make("option", { value: "" }, "all"), ...values.map((value) => make("option", { value }, value))];
    byId("axes").append(make("label", {}, `${id[0].toUpperCase()}${id.slice(1)} `, make("select", { id: `by-${id}`, change: refresh }, options)));
  }
  byId("search").addEventListener("input", showBoard);
  for (const id of ["only-ranked", "only-picked"]) byId(id).addEventListener("change", showBoard);
  byId("columns").querySelector("div").append(...data.metrics.map(({ id }) => {
    const box = make("input", { type: "checkbox", change: () => {
      if (!board.metrics.delete(id)) board.metrics.add(id);
      showBoard();
    } });
    box.checked = board.metrics.has(id);
    return make("label", {}, box, ` ${id}`);
  }));
  const spread = make("input", { type: "checkbox", id: "spread", change: () => { board.spread = spread.checked; showBoard(); } });
  byId("columns").querySelector("div").append(make("label", {}, spread, " with SD"));
  views.push(showBoard);
}
