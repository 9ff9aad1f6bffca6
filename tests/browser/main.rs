//! `report.html`, opened and clicked in a headless Chromium. Skipped, and said so, where none is installed.

mod comparing;
mod devtools;
mod looks;
mod reading;
// Its other users need what these tests do not.
#[allow(dead_code)]
#[path = "../report/sample.rs"]
mod sample;

use std::path::{Path, PathBuf};

use fraudbench::analyze::Results;
use fraudbench::analyze::best::{ROPE, best};
use fraudbench::analyze::leaderboard::{Leaderboard, Row, leaderboard};
use fraudbench::report::write_all;
use fraudbench::store::Outcome;
use serde_json::json;

use devtools::{Browser, decode};
use sample::{Shape, made_up};

/// 440 pipelines, 10 folds.
const WHOLE: Shape = Shape {
    families: 11,
    scalers: 10,
    dedups: &[false, true],
    resamplers: &["none", "tomek-links"],
    encoders: &["native"],
    folds: 10,
    missing: 3,
    failed: 3,
};
const SMALL: Shape = Shape { families: 6, scalers: 3, folds: 5, missing: 30, failed: 30, ..WHOLE };

/// Kept after the test, so that pages and pictures can be looked at.
fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(name)
}

/// Writes the report of a run and opens it; none without a browser.
fn open(results: &Results, name: &str) -> Option<Browser> {
    let mut browser = Browser::start()?;
    write_all(results, &kept(name)).unwrap();
    let size = json!({ "width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    browser.call("Emulation.setDeviceMetricsOverride", size);
    browser.open(&kept(name).join("report.html"));
    Some(browser)
}

/// No error on the console, and nothing asked for but the page.
fn assert_quiet(browser: &Browser, name: &str) {
    assert_eq!(browser.complaints(), [""; 0]);
    let page = format!("file://{}", kept(name).join("report.html").display());
    let requests = browser.requests();
    assert!(!requests.is_empty() && requests.iter().all(|url| *url == page), "{requests:?}");
}

fn picture(browser: &mut Browser, name: &str, file: &str) {
    let answer = browser.call("Page.captureScreenshot", json!({ "format": "png" }));
    std::fs::write(kept(name).join(file), decode(&answer["data"])).unwrap();
}

/// The pipelines that the leaderboard shows, by their places in the Rust one.
fn shown(browser: &mut Browser) -> Vec<usize> {
    let places =
        browser.value("[...document.querySelectorAll('#board tbody tr')].map((row) => Number(row.dataset.place))");
    places.as_array().unwrap().iter().map(|place| place.as_u64().unwrap() as usize).collect()
}

/// Places by a key: those without last, ties by place.
fn sorted(board: &Leaderboard, key: impl Fn(&Row) -> Option<f64>) -> Vec<usize> {
    let mut places: Vec<usize> = (0..board.rows.len()).collect();
    let keys: Vec<f64> = board.rows.iter().map(|row| key(row).unwrap_or(f64::INFINITY)).collect();
    places.sort_by(|a, b| keys[*a].total_cmp(&keys[*b]));
    places
}

#[test]
fn the_leaderboard_is_sorted_and_filtered() {
    let results = made_up(SMALL, 21);
    let board = leaderboard(&results);
    let Some(mut browser) = open(&results, "sorting") else { return };
    assert_eq!(shown(&mut browser), in_order(&board, |_| true));
    assert_eq!(browser.value("document.querySelectorAll('#board tr.begins').length"), 2);
    let pale = board.rows.iter().filter(|row| !row.is_whole()).count();
    assert!(pale > 5);
    assert_eq!(browser.value("document.querySelectorAll('#board tr.partial').length"), pale);
    let recall = |row: &Row| board.summary(row, "recall").and_then(|s| s.mean);
    browser.click("[data-sort=metric-recall]");
    assert_eq!(shown(&mut browser), sorted(&board, |row| recall(row).map(|v| -v)));
    browser.click("[data-sort=metric-recall]");
    assert_eq!(shown(&mut browser), sorted(&board, recall));
    browser.click("[data-sort=fit]");
    assert_eq!(shown(&mut browser), sorted(&board, |row| row.fit_s));
    browser.click("[data-sort=rank]");

    let those = |keep: &dyn Fn(&Row) -> bool| in_order(&board, keep);
    browser.type_into("#search", "Forest tomek");
    let forest = |row: &Row| row.family == "random-forest" && row.pipeline.resampler == "tomek-links";
    assert_eq!(shown(&mut browser), those(&forest));
    browser.choose("#by-dedup", "on");
    assert_eq!(shown(&mut browser), those(&|row| forest(row) && row.pipeline.dedup));
    browser.type_into("#search", " ");
    browser.click("#only-ranked");
    let ranked = those(&|row| row.rank.is_some() && row.pipeline.dedup);
    assert!(!ranked.is_empty() && ranked.len() < board.rows.len() / 2);
    assert_eq!(shown(&mut browser), ranked);
    let said = browser.value("document.querySelector('#shown').textContent");
    assert_eq!(said, format!("{} of {} pipelines", ranked.len(), board.rows.len()));

    browser.click("#columns summary");
    // The study names its metrics, so all of them have a column; who has seen one can put it away.
    assert_eq!(browser.value("document.querySelector('[data-sort=metric-accuracy]') === null"), false);
    browser.click("#columns label input");
    assert_eq!(browser.value("document.querySelector('[data-sort=metric-accuracy]') === null"), true);
    assert_quiet(&browser, "sorting");
}

/// What the page says of every pipeline by the chosen metric, against the leaderboard of a study whose primary metric it is.
fn assert_standings(browser: &mut Browser, results: &Results, shown: &Leaderboard, metric: &str) {
    let board = leaderboard(&Results { primary: metric.to_owned(), ..results.clone() });
    let bests = best(&board, ROPE);
    let rows = browser.value("data.rows.map((row) => [row.rank, row.interval, row.p, row.equal, row.best])");
    for (row, said) in shown.rows.iter().zip(rows.as_array().unwrap()) {
        let wanted = board.rows.iter().find(|other| other.pipeline == row.pipeline).unwrap();
        assert_eq!(said[0], json!(wanted.rank), "{metric}");
        let against = bests.iter().flat_map(|best| &best.compared).find(|other| other.row.pipeline == row.pipeline);
        let is_best = bests.iter().any(|best| best.best.pipeline == row.pipeline);
        assert_eq!(said[4], is_best, "{metric}: {:?}", row.pipeline);
        let ends = wanted.interval.map_or([None; 2], |(low, high)| [Some(low), Some(high)]);
        let against = [against.map(|a| a.p_adjusted), against.and_then(|a| a.probabilities).map(|p| p.within)];
        for (said, wanted) in
            [&said[1][0], &said[1][1], &said[2], &said[3]].into_iter().zip(ends.into_iter().chain(against))
        {
            assert_eq!(said.as_f64().is_some(), wanted.is_some(), "{metric}: {said} for {wanted:?}");
            let far = wanted.map_or(0.0, |wanted| (said.as_f64().unwrap() - wanted).abs() / wanted.abs().max(1e-6));
            assert!(far < 1e-7, "{metric}: {said} for {wanted:?}");
        }
    }
    let order = rows_of(&board, |row| shown.rows.iter().position(|other| other.pipeline == row.pipeline).unwrap());
    assert_eq!(crate::shown(browser)[..order.len()], order, "{metric}");
    let answer = browser.value("document.querySelector('#answer').textContent").to_string();
    for best in &bests {
        assert!(answer.contains(&format!("Best by mean {metric}")), "{answer}");
        assert!(answer.contains(&best.best.pipeline.classifier), "{answer}");
    }
    let heads = browser.value("[...document.querySelectorAll('#standing h3')].map((head) => head.textContent)");
    let wanted: Vec<String> = bests
        .iter()
        .map(|best| format!("{metric}, dedup {}", if best.best.pipeline.dedup { "on" } else { "off" }))
        .collect();
    assert_eq!(heads, json!(wanted));
    let body = browser.value("document.querySelector('#best-of').textContent").to_string();
    assert!(body.contains(&format!("not distinguishable from the best in {metric}")), "{body}");
}

/// The ranked rows in order, one ranking after the other.
fn rows_of(board: &Leaderboard, place: impl Fn(&Row) -> usize) -> Vec<usize> {
    let ranked = |variant| board.rows.iter().filter(move |row| row.rank.is_some() && row.pipeline.variant() == variant);
    board.variants().into_iter().flat_map(ranked).map(place).collect()
}

/// The rows that are kept, as the page has them at first: one ranking after the other, then what is not ranked.
fn in_order(board: &Leaderboard, keep: impl Fn(&Row) -> bool) -> Vec<usize> {
    let place = |row: &Row| board.rows.iter().position(|other| other.pipeline == row.pipeline).unwrap();
    let unranked = (0..board.rows.len()).filter(|place| board.rows[*place].rank.is_none());
    let all = rows_of(board, place).into_iter().chain(unranked);
    all.filter(|place| keep(&board.rows[*place])).collect()
}

#[test]
fn choosing_a_metric_ranks_everything_anew() {
    let results = made_up(Shape { missing: 3, failed: 3, ..SMALL }, 29);
    let board = leaderboard(&results);
    let Some(mut browser) = open(&results, "ranking") else { return };
    assert_eq!(browser.value("data.standings.length"), board.metrics.len());
    for metric in ["pr-auc", "recall", "false-positive-rate", "mcc"] {
        let place = board.metrics.iter().position(|m| m == metric).unwrap();
        browser.choose("#metric", &place.to_string());
        assert_standings(&mut browser, &results, &board, metric);
    }
    // The best are marked once per ranking, in the table too.
    let marked =
        "[...document.querySelectorAll('#board tbody td')].filter((cell) => cell.textContent === 'first').length";
    assert_eq!(browser.value(marked), 2);
    picture(&mut browser, "ranking", "page.png");
    assert_quiet(&browser, "ranking");
}

#[test]
fn the_first_screen_shows_the_best_and_leaves_the_baseline_out_of_its_scale() {
    let results = made_up(Shape { missing: 0, failed: 0, dedups: &[true], ..SMALL }, 30);
    let Some(mut browser) = open(&results, "first") else { return };
    let bottom = browser.value("document.querySelector('#standing figure').getBoundingClientRect().bottom");
    assert!(bottom.as_f64().unwrap() < 900.0, "{bottom}");
    let above = browser.value(
        "document.querySelector('#standing').getBoundingClientRect().top < document.querySelector('#board').getBoundingClientRect().top",
    );
    assert_eq!(above, true);
    // Six families with thirty-six pipelines: each family's best, of which the baseline is off the scale.
    assert_eq!(browser.value("document.querySelectorAll('#standing .mark').length"), 5);
    assert_eq!(browser.value("document.querySelectorAll('#standing .away').length"), 1);
    let lows = browser.value("[standingRange(state.ranked)[0], data.rows.find((row) => row.family === data.baseline).summaries[state.metric][0]]");
    assert!(lows[0].as_f64() > lows[1].as_f64(), "{lows}");
    let equal = browser.value("standingRows(data.rows[0])[0].filter(isEqual).length");
    assert_eq!(browser.value("document.querySelectorAll('#standing .equal').length"), equal);
    // The box of a baseline whose median lies among the folds of others is drawn with all its folds.
    let range = |folds: &str, others: &str| {
        let row =
            |family: &str, values: &str| format!("{{ family: {family}, values: {{ [state.metric]: {values} }} }}");
        format!("rangeOfBoxes([{}, {}], [])", row("data.baseline", folds), row("'svc'", others))
    };
    let among = browser.value(&range("[0.3, 0.32, 0.9]", "[0.1, 0.7]"));
    assert_eq!(among, browser.value("padded([0.1, 0.9])"));
    let away = browser.value(&range("[0.01, 0.01, 0.9]", "[0.1, 0.7]"));
    assert_eq!(away, browser.value("padded([0.1, 0.7])"));
    assert_quiet(&browser, "first");
}

#[test]
fn an_encoder_is_filtered_and_never_averaged_over() {
    let shape = Shape { dedups: &[true], encoders: &["one-hot", "ordinal"], ..SMALL };
    let results = made_up(shape, 23);
    let board = leaderboard(&results);
    let Some(mut browser) = open(&results, "encoders") else { return };
    let panels = "[...document.querySelectorAll('#panels h3')].map((title) => title.textContent)";
    let of = |resampler, encoder| format!("dedup on · resampler {resampler} · encoder {encoder}");
    let all = ["none", "tomek-links"].map(|resampler| ["one-hot", "ordinal"].map(|encoder| of(resampler, encoder)));
    assert_eq!(browser.value(panels), json!(all.concat()));
    browser.choose("#by-encoder", "ordinal");
    let those =
        (0..board.rows.len()).filter(|place| board.rows[*place].pipeline.encoder == "ordinal").collect::<Vec<_>>();
    assert_eq!(shown(&mut browser), those);
    assert_eq!(browser.value(panels), json!(["none", "tomek-links"].map(|resampler| of(resampler, "ordinal"))));
    // One place on an axis is no choice.
    assert_eq!(browser.value("document.querySelector('#by-dedup') === null"), true);
    picture(&mut browser, "encoders", "page.png");
    assert_quiet(&browser, "encoders");
}

/// A run where a part of the cells of the second scaler are copies of the first's.
fn with_copies() -> (Results, usize) {
    let mut results = made_up(SMALL, 22);
    for (i, record) in results.records.iter_mut().enumerate() {
        record.key = format!("key-{i}");
    }
    let originals: Vec<_> = results.records.iter().map(|r| (r.cell.clone(), r.outcome, r.key.clone())).collect();
    let mut copied = 0;
    for record in results.records.iter_mut().filter(|r| r.cell.scaler == "min-max" && r.outcome == Outcome::Scored) {
        let mut cell = record.cell.clone();
        cell.scaler = "none".into();
        let source = originals.iter().find(|(known, outcome, _)| *known == cell && *outcome == Outcome::Scored);
        record.equals = source.map(|(_, _, key)| key.clone());
        copied += usize::from(record.equals.is_some());
    }
    (results, copied)
}

#[test]
fn copies_and_failed_cells_are_named() {
    let (results, copied) = with_copies();
    let board = leaderboard(&results);
    let Some(mut browser) = open(&results, "copies") else { return };
    let total = browser.value("data.rows.reduce((sum, row) => sum + copiedCells(row), 0)");
    assert!(copied > 50 && total == copied, "{copied} {total}");
    let hints = "[...document.querySelectorAll('#board tbody tr')].filter((row) => row.lastChild.textContent !== '') \
                 .map((row) => [Number(row.dataset.place), row.lastChild.textContent, row.lastChild.title])";
    let hints = browser.value(hints);
    for hint in hints.as_array().unwrap() {
        let p = &board.rows[hint[0].as_u64().unwrap() as usize].pipeline;
        let dedup = if p.dedup { "on" } else { "off" };
        assert_eq!(p.scaler, "min-max");
        let from =
            format!("{} from {} · none · {} · dedup {dedup}", hint[1].as_str().unwrap(), p.classifier, p.resampler);
        assert_eq!(hint[2], from);
    }
    let failed: Vec<_> = results.records.iter().filter(|r| r.outcome != Outcome::Scored).collect();
    let mut pipelines: Vec<String> = failed.iter().map(|r| r.cell.pipeline()).collect();
    pipelines.sort();
    pipelines.dedup();
    let summary = browser.value("document.querySelector('#failed summary').textContent").to_string();
    assert!(summary.contains(&format!("failed in fit · {} cells · took longer than 600 s", failed.len())), "{summary}");
    browser.click("#failed summary");
    // The list is made when the browser tells of the opening, which is after the click.
    browser.value("new Promise((done) => setTimeout(done, 50))");
    browser.value("new Promise((done) => requestAnimationFrame(done))");
    assert_eq!(browser.value("document.querySelectorAll('#failed li').length"), pipelines.len());
    assert_quiet(&browser, "copies");
}

#[test]
fn the_whole_grid_is_small_enough_and_stays_itself() {
    let mut results = made_up(WHOLE, 26);
    results.title = "</title><script>alert(1)</script> {{data}} & <img src=\"http://127.0.0.1:9/a.png\">".into();
    for record in results.records.iter_mut().filter(|r| r.reason.is_some()) {
        record.reason =
            Some("</script><img src='http://127.0.0.1:9/b.png' onerror='console.error(1)'> {{style}}".into());
    }
    let Some(mut browser) = open(&results, "whole") else { return };
    let bytes = std::fs::metadata(kept("whole").join("report.html")).unwrap().len();
    assert!(bytes < 10_000_000, "{bytes}");
    let entry = browser.value(
        "(() => { const e = performance.getEntriesByType('navigation')[0]; return e.loadEventEnd - e.startTime; })()",
    );
    eprintln!("440 pipelines x 10 folds: {bytes} bytes, loaded in {entry} ms");
    assert_eq!(shown(&mut browser).len(), 440);
    assert_eq!(browser.value("document.querySelector('h1').textContent"), results.title);
    assert_eq!(browser.value("document.querySelectorAll('img').length"), 0);
    browser.click("#failed summary");
    browser.value("new Promise((done) => setTimeout(done, 50))");
    assert_eq!(browser.value("document.querySelectorAll('img').length"), 0);
    assert_quiet(&browser, "whole");
}
