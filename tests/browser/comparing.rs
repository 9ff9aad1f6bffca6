//! Picked pipelines and the Pareto front: what the page computes itself, against the same in Rust.

use fraudbench::analyze::leaderboard::{Leaderboard, Row, leaderboard};
use fraudbench::analyze::statistics::{corrected_t::CorrectedT, holm};
use serde_json::{Value, json};

use crate::devtools::Browser;
use crate::sample::{Shape, made_up};
use crate::{SMALL, assert_quiet, open};

/// What the page says of each pair of picked pipelines, against the tests in Rust.
fn assert_pairs(browser: &mut Browser, board: &Leaderboard, metric: &str, lower: bool, rope: f64) {
    let pairs =
        browser.value("allPairs(compared(), state.metric).map((p) => [p.a.place, p.b.place, p.test, p.holm ?? null])");
    let pairs = pairs.as_array().unwrap();
    let text = browser
        .value("[...document.querySelectorAll('#pairs tbody tr')].map((r) => [...r.cells].map((c) => c.textContent))");
    assert_eq!(pairs.len(), text.as_array().unwrap().len());
    let tests: Vec<Option<CorrectedT>> = pairs
        .iter()
        .map(|pair| {
            let [a, b] = [0, 1].map(|i| &board.rows[pair[i].as_u64().unwrap() as usize]);
            let values = |row| board.summary(row, metric).unwrap().values.clone();
            let sign = if lower { -1.0 } else { 1.0 };
            let differences: Vec<f64> = values(a).iter().zip(values(b)).map(|(a, b)| sign * (a - b)).collect();
            (a.pipeline.dedup == b.pipeline.dedup).then(|| CorrectedT::new(&differences, a.ratio).unwrap())
        })
        .collect();
    let adjusted = holm::adjust(&tests.iter().flatten().map(CorrectedT::p_value).collect::<Vec<_>>());
    let mut adjusted = adjusted.into_iter();
    for ((pair, text), test) in pairs.iter().zip(text.as_array().unwrap()).zip(&tests) {
        let Some(test) = test else {
            assert_eq!((&pair[2], &text[2]), (&Value::Null, &json!("not paired")));
            continue;
        };
        let (low, high) = test.interval(0.95).unwrap();
        let p = test.probabilities(rope).unwrap();
        let wanted = [("mean", test.mean), ("p", test.p_value()), ("low", low), ("high", high)];
        for (name, wanted) in wanted.into_iter().chain([("above", p.above), ("within", p.within), ("below", p.below)]) {
            let got = pair[2][name].as_f64().unwrap();
            assert!((got - wanted).abs() <= 1e-9 * wanted.abs().max(1e-3), "{metric} {name}: {got} for {wanted}");
        }
        let holm = adjusted.next().unwrap();
        assert!((pair[3].as_f64().unwrap() - holm).abs() <= 1e-9, "{metric}: {} for {holm}", pair[3]);
        let said = if holm < 0.0005 { "<0.001".to_owned() } else { format!("{holm:.3}") };
        assert_eq!(text[6], said);
    }
}

#[test]
fn picked_pipelines_are_tested_as_in_rust() {
    let results = made_up(Shape { missing: 0, failed: 0, ..SMALL }, 23);
    let board = leaderboard(&results);
    let Some(mut browser) = open(&results, "comparing") else { return };
    assert_pairs(&mut browser, &board, "pr-auc", false, 0.01);
    let other = board.rows.iter().position(|row| row.pipeline.dedup != board.rows[0].pipeline.dedup).unwrap();
    let picked = [0, 3, 17, 40, other];
    for place in picked {
        browser.click(&format!("#board tr[data-place='{place}'] input"));
    }
    assert_eq!(browser.value("document.querySelector('#picked').textContent"), "5 picked");
    assert_eq!(browser.value("document.querySelectorAll('#board tr.picked').length"), 5);
    assert_eq!(browser.value("document.querySelectorAll('#boxes svg rect').length"), 5);
    assert_eq!(browser.value("document.querySelectorAll('#pairs tbody tr').length"), 10);
    assert_pairs(&mut browser, &board, "pr-auc", false, 0.01);
    browser.type_into("#rope", "0.003");
    assert_pairs(&mut browser, &board, "pr-auc", false, 0.003);
    let place = |metric: &str| board.metrics.iter().position(|m| m == metric).unwrap().to_string();
    browser.choose("#metric", &place("false-positive-rate"));
    assert_pairs(&mut browser, &board, "false-positive-rate", true, 0.003);
    browser.click("#panels td.on button");
    assert_eq!(browser.value("document.querySelector('#picked').textContent"), "4 picked");
    browser.click("#scatter .mark:not(.on)");
    browser.click("#unpick");
    assert_eq!(browser.value("state.picks.size"), 0);
    assert_quiet(&browser, "comparing");
}

#[test]
fn the_pareto_front_is_what_nothing_beats() {
    let results = made_up(Shape { missing: 0, failed: 0, ..SMALL }, 24);
    let board = leaderboard(&results);
    let Some(mut browser) = open(&results, "front") else { return };
    let point = |row: &Row| (row.fit_s.unwrap() + row.predict_s.unwrap(), board.primary_mean(row).unwrap());
    let beats = |a: &Row, b: &Row| {
        let ((s, p), (t, q)) = (point(a), point(b));
        s <= t && p >= q && (s < t || p > q)
    };
    // Of the ranking without duplicates alone: the others were tested on other rows.
    let shown: Vec<&Row> = board.rows.iter().filter(|row| row.pipeline.dedup).collect();
    assert!(!shown.is_empty() && shown.len() < board.rows.len());
    let wanted: Vec<&Row> = shown.iter().copied().filter(|row| !shown.iter().any(|other| beats(other, row))).collect();
    assert!(wanted.len() > 2);
    let lines =
        browser.value("[...document.querySelectorAll('#front tbody tr')].map((r) => r.textContent)").to_string();
    for row in &wanted {
        let p = &row.pipeline;
        assert!(lines.contains(&format!("{} · {} · {} · ", p.classifier, p.scaler, p.resampler)), "{p:?}: {lines}");
    }
    assert_eq!(browser.value("document.querySelectorAll('#front tbody tr').length"), wanted.len());
}
