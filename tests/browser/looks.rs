//! The page in both themes, on a phone, on paper, and in a window that is narrower than its table.

use serde_json::json;

use crate::devtools::{Browser, decode};
use crate::sample::{Shape, made_up};
use crate::{SMALL, assert_quiet, kept, open, picture};

#[test]
fn themes_a_phone_and_paper() {
    let Some(mut browser) = open(&made_up(SMALL, 25), "looks") else { return };
    let media = |scheme: &str| json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    let paper = "getComputedStyle(document.body).backgroundColor";
    let chart = "getComputedStyle(document.querySelector('#charts svg rect')).fill";
    let (light, dark) = ("rgb(255, 255, 255)", "rgb(21, 24, 29)");
    // The system's theme, the button's choice, and what shows.
    for (system, click, wanted) in [
        ("light", false, light),
        ("dark", false, dark),
        ("dark", true, light),
        ("dark", true, dark),
        ("light", false, dark),
    ] {
        browser.call("Emulation.setEmulatedMedia", media(system));
        if click {
            browser.click("#theme");
        }
        let said = [browser.value(paper), browser.value(chart)];
        assert_eq!(said, [wanted, wanted], "{system} {click}");
        browser.value("scrollTo(0, 0)");
        picture(&mut browser, "looks", &format!("{system}-{}.png", if wanted == dark { "dark" } else { "light" }));
    }
    browser.reload();
    assert_eq!(browser.value(paper), dark, "the choice outlives the page");
    let phone = json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
    browser.call("Emulation.setDeviceMetricsOverride", phone);
    assert_eq!(browser.value("document.documentElement.scrollWidth"), 390);
    // Drawn for this width: box plots and the scatter need no scrolling, unlike the tables.
    for drawn in ["boxes", "scatter"] {
        let fits = format!("document.querySelector('#{drawn} svg').getBoundingClientRect().right <= 390");
        assert_eq!(browser.value(&fits), true, "{drawn}");
    }
    for section in ["leaderboard", "compare", "heat", "time", "charts", "run"] {
        browser.value(&format!("document.getElementById('{section}').scrollIntoView()"));
        picture(&mut browser, "looks", &format!("phone-{section}.png"));
    }
    let pdf =
        decode(&browser.call("Page.printToPDF", json!({ "preferCSSPageSize": true, "printBackground": true }))["data"]);
    assert!(pdf.starts_with(b"%PDF-"));
    std::fs::write(kept("looks").join("report.pdf"), pdf).unwrap();
    assert_quiet(&browser, "looks");
}

/// Edges of the table's window, and of each heading, px.
fn edges(browser: &mut Browser) -> (f64, Vec<[f64; 2]>) {
    let right = browser.value("document.querySelector('#board').parentElement.getBoundingClientRect().left + document.querySelector('#board').parentElement.clientWidth + document.querySelector('#board').parentElement.clientLeft");
    let heads = "[...document.querySelectorAll('#board th')].map((head) => { const box = head.getBoundingClientRect(); return [box.left, box.right]; })";
    let heads = browser.value(heads);
    let heads = heads.as_array().unwrap().iter().map(|at| [0, 1].map(|i| at[i].as_f64().unwrap()));
    (right.as_f64().unwrap(), heads.collect())
}

#[test]
fn no_score_is_cut_and_names_stay_in_view() {
    let Some(mut browser) = open(&made_up(Shape { missing: 0, failed: 0, ..SMALL }, 31), "window") else { return };
    // All metrics with their SD: wider than the page.
    for nth in 0..8 {
        let label = format!("[...document.querySelectorAll('#columns label input')][{nth}]");
        browser.value(&format!("{label}.checked || {label}.click()"));
    }
    browser.value("document.querySelector('#spread').click()");
    let (right, heads) = edges(&mut browser);
    assert!(
        heads.iter().any(|at| at[0] >= right - 0.5),
        "the table is not wide enough for this test: {right} {heads:?}"
    );
    assert!(heads.iter().all(|at| at[1] <= right + 1.0 || at[0] >= right - 1.0), "{right} {heads:?}");
    let name = "document.querySelector('#board tbody td.stays').getBoundingClientRect().left";
    browser.value("document.querySelector('#board').parentElement.scrollLeft = 400");
    let left = browser.value("document.querySelector('#board').parentElement.getBoundingClientRect().left");
    assert!((browser.value(name).as_f64().unwrap() - left.as_f64().unwrap()).abs() < 2.0);
    // The heading stays on top while rows go by.
    browser.value("document.querySelector('#board').parentElement.scrollTop = 200");
    let top = "document.querySelector('#board thead th').getBoundingClientRect().top - document.querySelector('#board').parentElement.getBoundingClientRect().top";
    assert!(browser.value(top).as_f64().unwrap().abs() < 2.0);
    let phone = json!({ "width": 400, "height": 844, "deviceScaleFactor": 2, "mobile": true });
    browser.call("Emulation.setDeviceMetricsOverride", phone);
    browser.reload();
    let score = "document.querySelector('#board [data-sort=metric-pr-auc]').getBoundingClientRect().right";
    let (right, _) = edges(&mut browser);
    assert!(browser.value(score).as_f64().unwrap() <= right, "{} of {right}", browser.value(score));
    assert_quiet(&browser, "window");
}

#[test]
fn five_pipelines_are_five_pages_and_one_has_nothing_to_compare() {
    let shape =
        Shape { families: 5, scalers: 1, resamplers: &["none"], dedups: &[true], missing: 0, failed: 0, ..SMALL };
    let Some(mut browser) = open(&made_up(shape, 32), "five") else { return };
    let paper = json!({ "preferCSSPageSize": true, "printBackground": true });
    let pdf = decode(&browser.call("Page.printToPDF", paper)["data"]);
    let text = String::from_utf8_lossy(&pdf);
    let pages = text.matches("/Type /Page\n").count() + text.matches("/Type /Page\r").count();
    assert!((1..=5).contains(&pages), "{pages} pages");
    std::fs::write(kept("five").join("report.pdf"), &pdf).unwrap();
    // One scaler: a heat map would repeat the leaderboard.
    let hidden = "['heat', 'time', 'compare', 'failures'].map((id) => document.getElementById(id).hidden)";
    assert_eq!(browser.value(hidden), json!([true, false, false, true]));
    let Some(mut browser) = open(&made_up(Shape { families: 1, ..shape }, 33), "alone") else { return };
    assert_eq!(browser.value(hidden), json!([true, true, true, true]));
    assert_quiet(&browser, "alone");
}
