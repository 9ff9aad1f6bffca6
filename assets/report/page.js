// Theme and metric; then everything is shown.

const THEMES = ["system", "light", "dark"];

function setTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Theme: ${theme}`;
}

function startTheme() {
  // A page opened from a disk may have no storage; the choice then lasts as long as the page.
  const storage = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("theme", theme); } catch { /* see above */ } } };
  let theme = THEMES.includes(storage.get()) ? storage.get() : "system";
  setTheme(theme);
  byId("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    storage.set(theme);
    setTheme(theme);
  });
}

function startTools() {
  byId("metric").append(...data.metrics.map(({ id }, i) => make("option", { value: i }, id)));
  byId("metric").value = state.metric;
  byId("metric").addEventListener("change", () => {
    rankBy(Number(byId("metric").value));
    // The best comes first again, whatever the table was sorted by.
    [board.sort, board.descending] = ["rank", false];
    refresh();
  });
  byId("rope").value = state.rope;
  byId("rope").addEventListener("input", () => {
    const rope = Number(byId("rope").value);
    if (!(rope >= 0)) return;
    state.rope = rope;
    showCompare();
  });
  byId("unpick").addEventListener("click", () => {
    state.picks.clear();
    refresh();
  });
}

startTheme();
rankBy(state.metric);
startTools();
startBoard();
narrow.addEventListener("change", refresh);
views.unshift(showFirst);
views.push(showCompare, showHeat, showTime);
// What is as wide as the room for it.
addEventListener("resize", () => {
  showStanding();
  fitBoard();
});
refresh();
