//! What `report.html` says without a script.

use fraudbench::analyze::Results;
use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::report::{terminal, write_all};
use fraudbench::store::{Outcome, Record, Stage};

use crate::sample::{SMALL, Shape, cell, failed, made_up, record, results};

/// The page of a run.
fn page(results: &Results) -> String {
    let dir = tempfile::tempdir().unwrap();
    write_all(results, dir.path()).unwrap();
    std::fs::read_to_string(dir.path().join("report.html")).unwrap()
}

#[test]
fn failed_cells_and_their_reasons_are_elements_of_the_page() {
    let cells = ["a", "b"].map(|name| [0, 1, 2].map(|fold| cell(false, "none", "standard", name, fold)));
    let [a, b] = &cells;
    let boom = |cell| failed(cell, Stage::Fit, "more than 5 < 6 & \"so\"");
    let late = Record { outcome: Outcome::TimedOut, stage: None, reason: None, ..boom(&b[1]) };
    let scored = |cell| record(cell, &[("f1", 0.5)]);
    let records = vec![scored(&a[0]), late, boom(&a[2]), boom(&b[0]), boom(&a[1]), scored(&b[2])];
    let text = page(&results(cells.concat(), records, &["f1"], "f1"));
    let wanted = "<section id=\"failures\">\n<h2>Failed cells</h2>\n<div id=\"failed\">\n\
        <details><summary><strong class=\"bad\">failed in fit</strong> · 3 cells · more than 5 &lt; 6 &amp; &quot;so&quot;</summary><ul>\n\
        <li>a: fold 1, 2</li>\n<li>b: fold 0</li>\n</ul></details>\n\
        <details><summary><strong class=\"bad\">timed-out</strong> · 1 cell · no reason was recorded</summary><ul>\n\
        <li>b: fold 1</li>\n</ul></details>\n</div>\n</section>";
    assert!(text.contains(wanted), "{text}");
    assert!(text.contains("<a href=\"#failures\">"));
}

#[test]
fn a_failed_cell_is_named_by_what_tells_its_pipeline_apart() {
    let mut cells: Vec<_> = [false, true].map(|dedup| cell(dedup, "smote", "standard", "a", 0)).into();
    cells.push(cell(true, "smote", "min-max", "a", 0));
    cells.iter_mut().for_each(|cell| cell.repeat = 2);
    let records = vec![failed(&cells[1], Stage::Scale, "x")];
    let text = page(&results(cells, records, &["f1"], "f1"));
    assert!(text.contains("<li>a · standard · dedup on: fold 2/0</li>"), "{text}");
}

#[test]
fn a_run_without_failures_has_no_section_on_them() {
    let text = page(&made_up(SMALL, 3));
    assert!(text.contains("<a href=\"#failures\" hidden>") && text.contains("<section id=\"failures\" hidden>"));
}

#[test]
fn every_table_of_the_page_has_a_name() {
    let text = page(&made_up(Shape { families: 4, dedups: &[false, true], ..SMALL }, 7));
    let tags: Vec<&str> = text.split("<table").skip(1).filter_map(|rest| rest.split('>').next()).collect();
    assert!(tags.len() > 6, "{tags:?}");
    for tag in &tags {
        let name = tag.split("aria-label=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert!(name.is_some_and(|name| !name.is_empty()), "<table{tag}>");
    }
    let best = "aria-label=\"Best, and what is not distinguishable from it: Dedup";
    assert!(text.contains(&format!("{best} on\"")) && text.contains(&format!("{best} off\"")), "{tags:?}");
}

#[test]
fn nothing_more_is_promised_of_a_run_that_has_ended() {
    for (shape, yet) in [(Shape { failed: 1_000, ..SMALL }, ""), (Shape { missing: 1_000, ..SMALL }, " yet")] {
        let results = made_up(shape, 6);
        let complete = format!("No pipeline is complete{yet}, so none is ranked.");
        let text = page(&results);
        assert!(text.contains(&format!("<p class=\"verdict\">{complete}</p>")), "{text}");
        assert!(text.contains(&format!("<p>No pipeline is ranked{yet}.</p>")), "{text}");
        let said = crate::report(&results, &leaderboard(&results));
        assert!(said.contains(&format!("No family has a complete pipeline{yet}.")), "{said}");
        let end = terminal::summary(&results, fraudbench::analyze::leaderboard::Over::Planned, false, terminal::WIDTH);
        assert!(end.starts_with(&complete), "{end}");
    }
}
