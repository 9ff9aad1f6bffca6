//! Whether what the page shows can be read: long names, large numbers, and a browser without scripts.

use fraudbench::analyze::Results;
use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::metric::Score;
use fraudbench::store::Outcome;
use serde_json::json;

use crate::devtools::Browser;
use crate::sample::{Shape, made_up};
use crate::{SMALL, assert_quiet, open};

/// A metric in the millions, as money is, and a classifier and a scaler with names of about 120 letters.
fn wide() -> Results {
    let mut results = made_up(Shape { missing: 0, failed: 0, dedups: &[true], ..SMALL }, 41);
    let renamed = |name: &mut String| match name.as_str() {
        "decision-tree" => *name = format!("{}-C-0.01", "long-name".repeat(13)),
        "min-max" => *name = "scaler-".repeat(17),
        _ => {}
    };
    for cell in results.planned.iter_mut().map(|p| &mut p.cell).chain(results.records.iter_mut().map(|r| &mut r.cell)) {
        renamed(&mut cell.classifier);
        renamed(&mut cell.scaler);
    }
    for record in &mut results.records {
        let value = record.metrics["pr-auc"].value().unwrap();
        record.metrics.insert("profit".into(), Score::Value(7_654_321.0 * value));
    }
    results.metrics.push("profit".into());
    results.primary = "profit".into();
    results
}

/// Texts of the page's own pictures that are cut by the edge of their picture.
const CUT: &str = "[...document.querySelectorAll('svg.drawn')].flatMap((svg) => { const frame = svg.getBoundingClientRect(); \
    return [...svg.querySelectorAll('text')].filter((text) => { const box = text.getBoundingClientRect(); \
    return box.left < frame.left - 0.5 || box.right > frame.right + 0.5; }).map((text) => text.textContent); })";

/// Texts on one line of a picture with less than four pixels between them.
const TOUCHING: &str = "[...document.querySelectorAll('svg.drawn')].flatMap((svg) => { \
    const all = [...svg.querySelectorAll('text:not([transform])')].filter((text) => text.textContent) \
    .map((text) => [text.textContent, text.getBoundingClientRect()]); \
    return all.flatMap(([said, a], i) => all.slice(i + 1) \
    .filter(([, b]) => a.left < b.right + 4 && b.left < a.right + 4 && a.top < b.bottom - 3 && b.top < a.bottom - 3) \
    .map(([other]) => `${said} | ${other}`)); })";

#[test]
fn long_names_and_large_numbers_are_read_whole() {
    let Some(mut browser) = open(&wide(), "wide") else { return };
    let frame = "document.querySelector('#board').parentElement.clientWidth";
    let shown = "document.querySelector('[data-sort=metric-profit]').getBoundingClientRect().right - document.querySelector('#board').parentElement.getBoundingClientRect().left";
    for (width, is_phone) in [(1_400, false), (1_000, false), (390, true)] {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": is_phone });
        browser.call("Emulation.setDeviceMetricsOverride", size);
        browser.reload();
        assert_eq!(browser.value(CUT), json!([]), "{width}");
        assert_eq!(browser.value(TOUCHING), json!([]), "{width}");
        assert!(browser.value("document.querySelectorAll('svg.drawn text').length").as_u64() > Some(30));
        if !is_phone {
            assert!(browser.value(frame).as_f64().unwrap() > 0.5 * f64::from(width), "{width}");
            let standing =
                "(() => { const e = document.querySelector('.standing'); return e.scrollWidth - e.clientWidth; })()";
            assert_eq!(browser.value(standing), 0, "{width}");
        }
    }
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        json!({ "width": 1_400, "height": 900, "deviceScaleFactor": 1, "mobile": false }),
    );
    browser.reload();
    let (frame, shown) = (browser.value(frame).as_f64().unwrap(), browser.value(shown).as_f64().unwrap());
    assert!(shown <= frame, "the score is not in the window: {shown} of {frame}");
    // What is cut in a picture keeps both ends, and has the whole as its title.
    let cut = browser.value("[...document.querySelectorAll('#boxes text, #standing text')].filter((text) => text.textContent.includes('…')).map((text) => text.textContent)");
    let whole = format!("{}-C-0.01", "long-name".repeat(13));
    let cut = cut.as_array().unwrap();
    let of_classifier: Vec<&str> =
        cut.iter().filter_map(|text| text.as_str()).filter(|text| text.ends_with(&whole)).collect();
    assert!(!of_classifier.is_empty(), "{cut:?}");
    assert!(
        of_classifier.iter().all(|text| text.starts_with("long-name") && text.contains("-C-0.01long-name")),
        "{cut:?}"
    );
    assert_quiet(&browser, "wide");
}

#[test]
fn a_scale_beyond_the_largest_number_has_ticks_and_places() {
    let results = made_up(Shape { families: 2, scalers: 1, missing: 0, failed: 0, ..SMALL }, 44);
    let Some(mut browser) = open(&results, "far") else { return };
    assert_eq!(
        browser.value("ticks([-1.5e308, 1.5e308], 3).map(([, text]) => text)"),
        json!(["-1e+308", "0", "1e+308"])
    );
    let shares = "[-1.5e308, -0.75e308, 0, 1.5e308].map((value) => shareOf(value, [-1.5e308, 1.5e308]))";
    assert_eq!(browser.value(shares), json!([0, 0.25, 0.5, 1]));
    assert_eq!(browser.value("shareOf(1e308, [1.5e308, -1.5e308]) < 0.5"), true);
    assert_eq!(browser.value("padded([-Number.MAX_VALUE, Number.MAX_VALUE]).every(Number.isFinite)"), true);
    assert_eq!(browser.value("padded([1, 3])"), json!([0.9, 3.1]));
    assert_quiet(&browser, "far");
}

#[test]
fn the_page_has_the_digits_of_the_report() {
    let mut results = wide();
    // Means that are ties in binary: the even digit is said.
    for record in &mut results.records {
        record.metrics.insert("recall".into(), Score::Value(0.03125));
        record.metrics.insert("accuracy".into(), Score::Value(0.09375));
    }
    let board = leaderboard(&results);
    let Some(mut browser) = open(&results, "digits") else { return };
    let column = |id: &str| {
        format!(
            "(() => {{ const at = document.querySelector('[data-sort=\"{id}\"]').parentElement.cellIndex; \
             return data.rows.map((_, place) => document.querySelector(`#board tr[data-place='${{place}}']`).cells[at].textContent); }})()"
        )
    };
    let interval = |(low, high): (f64, f64)| format!("{low:.4} to {high:.4}");
    let wanted: Vec<String> =
        board.rows.iter().map(|row| row.interval.map_or_else(|| "–".to_owned(), interval)).collect();
    assert!(wanted.iter().any(|said| said.len() >= 28), "{wanted:?}");
    assert_eq!(browser.value(&column("interval")), json!(wanted));
    let mean = |row| board.summary(row, "profit").map(|s| format!("{:.4} ± {:.4}", s.mean.unwrap(), s.sd.unwrap()));
    let wanted: Vec<String> = board.rows.iter().filter_map(mean).collect();
    assert_eq!(browser.value(&column("metric-profit")), json!(wanted));
    let all = |said: &str| json!(vec![said; board.rows.len()]);
    assert_eq!(browser.value(&column("metric-recall")), all("0.0312"));
    assert_eq!(browser.value(&column("metric-accuracy")), all("0.0938"));
    assert_quiet(&browser, "digits");
}

/// The texts of what is on the page, by a selector.
fn visible(browser: &mut Browser, selector: &str) -> serde_json::Value {
    browser.value(&format!(
        "[...document.querySelectorAll('{selector}')].filter((e) => e.getClientRects().length > 0).map((e) => e.textContent)"
    ))
}

#[test]
fn without_a_script_failures_are_read_and_nothing_dead_is_shown() {
    for failed in [100, 0] {
        let results = made_up(Shape { missing: 0, failed, ..SMALL }, 42);
        let name = format!("no-script-{failed}");
        let Some(mut browser) = open(&results, &name) else { return };
        browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
        browser.reload();
        assert_eq!(browser.value("typeof refresh"), "undefined");
        let failures = if failed > 0 { vec!["Failed cells"] } else { vec![] };
        let heads = ["Best, and what is not distinguishable from it", "From the predictions"].into_iter();
        let heads: Vec<&str> =
            heads.chain(failures.clone()).chain(["Charts", "What was run", "Read with care"]).collect();
        assert_eq!(visible(&mut browser, "h2"), json!(heads));
        assert_eq!(visible(&mut browser, "button, select, input, label"), json!([]));
        let links = if failed > 0 { vec!["Failures"] } else { vec![] };
        let links: Vec<&str> =
            ["Answer", "Best", "Predictions"].into_iter().chain(links).chain(["Charts", "Run", "Care"]).collect();
        assert_eq!(visible(&mut browser, "nav a"), json!(links));
        let cells = results.records.iter().filter(|r| r.outcome != Outcome::Scored).count();
        let reason = "took longer than 600 s, \"fit\" was stopped";
        let said = if failed > 0 { vec![format!("failed in fit · {cells} cells · {reason}")] } else { vec![] };
        assert_eq!(visible(&mut browser, "#failed summary"), json!(said));
        if failed > 0 {
            browser.click("#failed summary");
            let pipelines = leaderboard(&results).rows.iter().filter(|row| row.coverage.failed > 0).count();
            assert_eq!(visible(&mut browser, "#failed li").as_array().unwrap().len(), pipelines);
        }
        assert_quiet(&browser, &name);
    }
}

#[test]
fn where_nothing_is_ranked_nothing_is_said_to_be_shown() {
    for (shape, yet) in
        [(Shape { missing: 1_000, failed: 0, ..SMALL }, " yet"), (Shape { missing: 0, failed: 1_000, ..SMALL }, "")]
    {
        let name = format!("nothing-ranked{}", yet.trim());
        let Some(mut browser) = open(&made_up(shape, 43), &name) else { return };
        let said = browser.value("document.querySelector('#compared').textContent");
        let wanted = format!(
            "Nothing is picked, and no pipeline is ranked{yet}, so none is shown; pick some in the leaderboard."
        );
        assert_eq!(said, wanted);
        assert_quiet(&browser, &name);
    }
}
