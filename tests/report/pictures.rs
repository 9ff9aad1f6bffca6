//! What the charts of families, heat maps and cascades say, over hand-made runs.

use fraudbench::analyze::Results;
use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::metric::Score;
use fraudbench::report::write_all;
use fraudbench::store::Sieve;

use crate::charts::{check_charts, check_svg, kept};
use crate::sample::{SMALL, Shape, cell, made_up, record, results};

/// A run of these families with their values by fold.
fn families(primary: &str, values: &[(&str, &[f64])]) -> Results {
    let (mut planned, mut records) = (Vec::new(), Vec::new());
    for (family, values) in values {
        for (fold, value) in values.iter().enumerate() {
            let cell = cell(true, "none", "standard", family, fold as u32);
            records.push(record(&cell, &[(primary, *value)]));
            planned.push(cell);
        }
    }
    results(planned, records, &[primary], primary)
}

/// The texts of a chart of the run.
fn texts(results: &Results, name: &str, chart: &str) -> Vec<String> {
    check_charts(&write_all(results, &kept(name)).unwrap());
    check_svg(&kept(name).join(format!("charts/{chart}.svg")))
}

/// What the chart of families says to be off its scale.
fn off_the_scale(primary: &str, values: &[(&str, &[f64])]) -> Vec<String> {
    let texts = texts(&families(primary, values), "off-the-scale", "families");
    texts.into_iter().filter(|text| text.starts_with("off the scale")).collect()
}

#[test]
fn off_the_scale_is_only_what_lies_outside_of_it() {
    let none = Vec::<String>::new();
    let tree: (&str, &[f64]) = ("decision-tree", &[0.1, 0.6, 0.7]);
    let forest: (&str, &[f64]) = ("random-forest", &[0.5, 0.6, 0.7]);
    // The axis goes from 0.064 to 0.736: a fold of the tree reaches below the baseline, which is worse than both by its median.
    assert_eq!(off_the_scale("pr-auc", &[("prior", &[0.3, 0.32, 0.34]), tree, forest]), none);
    let far = off_the_scale("pr-auc", &[("prior", &[0.01, 0.02, 0.03]), tree, forest]);
    assert_eq!(far, ["off the scale: median 0.0200"]);
    // The same where smaller is better.
    let tree: (&str, &[f64]) = ("decision-tree", &[0.1, 0.2, 0.9]);
    let forest: (&str, &[f64]) = ("random-forest", &[0.1, 0.2, 0.3]);
    assert_eq!(off_the_scale("log-loss", &[("prior", &[0.5, 0.6, 0.7]), tree, forest]), none);
    let far = off_the_scale("log-loss", &[("prior", &[5.0, 6.0, 7.0]), tree, forest]);
    assert_eq!(far, ["off the scale: median 6.0000"]);
    // Medians 0.70, 0.80, 0.81, 0.82, 0.83: the fence is at 0.80 - 3 * 0.02 = 0.74, and a fold of `svc` lies at 0.60.
    let mut five: Vec<(&str, &[f64])> = vec![
        ("decision-tree", &[0.69, 0.7, 0.71]),
        ("random-forest", &[0.79, 0.8, 0.81]),
        ("svc", &[0.6, 0.81, 0.83]),
        ("lda", &[0.81, 0.82, 0.83]),
        ("qda", &[0.82, 0.83, 0.84]),
    ];
    assert_eq!(off_the_scale("pr-auc", &five), none);
    five[2].1 = &[0.8, 0.81, 0.82];
    assert_eq!(off_the_scale("pr-auc", &five), ["off the scale: median 0.7000"]);
}

#[test]
fn charts_of_pipelines_on_different_rows_say_so_and_have_the_rows_of_both() {
    // 1,081 of 284,807 rows are duplicates, 19 of 492 positives among them.
    let both = made_up(Shape { families: 3, scalers: 2, dedups: &[false, true], ..SMALL }, 11);
    let rows = "284,807 rows, 492 positives (without duplicates 283,726 and 473) · ";
    let apart = "Pipelines with dedup on and with dedup off were tested on different rows, so they do not compare with each other.";
    let heat = texts(&both, "both-dedups", "heatmap").join(" ");
    assert!(heat.contains(rows) && heat.contains(apart), "{heat}");
    let folder = kept("both-dedups").join("charts");
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let scalers = files.filter(|name| name.starts_with("scalers-") && name.ends_with(".svg")).max().unwrap();
    let said = check_svg(&folder.join(scalers)).join(" ");
    assert!(said.contains(rows) && said.contains(apart), "{said}");
    assert!(check_svg(&folder.join("families.svg")).join(" ").contains(rows));
    // Where all are without duplicates, or none is one, all are on the same rows.
    let one = made_up(Shape { families: 3, scalers: 2, dedups: &[true], ..SMALL }, 11);
    let said = texts(&one, "one-dedup", "heatmap").join(" ");
    assert!(said.contains("283,726 rows without duplicates, 473 positives · ") && !said.contains("compare"), "{said}");
    let mut none = both;
    for table in &mut none.manifest.data {
        (table.duplicate_rows, table.duplicate_positives) = (0, 0);
    }
    let said = texts(&none, "no-duplicates", "heatmap").join(" ");
    assert!(said.contains("284,807 rows, 492 positives · ") && !said.contains("compare"), "{said}");
}

#[test]
fn pipelines_that_were_tested_on_other_rows_have_a_plot_and_a_table_of_their_own() {
    let results = made_up(Shape { families: 3, scalers: 2, dedups: &[false, true], ..SMALL }, 11);
    let board = leaderboard(&results);
    for variant in board.variants() {
        let rows = board.best_of_families(variant);
        assert_eq!(rows.len(), 3);
        assert!(rows.iter().all(|row| row.pipeline.variant() == variant), "{rows:?}");
    }
    let without = board.variants().into_iter().find(|(_, dedup)| *dedup).unwrap();
    assert_eq!(board.first_of_families(), board.best_of_families(without));
    let texts = texts(&results, "two-variants", "families");
    let times = |said: &str| texts.iter().filter(|text| *text == said).count();
    assert_eq!(["dedup on", "dedup off"].map(times), [1, 1], "{texts:?}");
    assert_eq!(["prior", "logistic-regression", "linear-discriminant-analysis"].map(times), [2; 3], "{texts:?}");
    assert!(texts.join(" ").contains("were tested on different rows"), "{texts:?}");
    let report = crate::report(&results, &board);
    let (_, section) = report.split_once("## Best pipeline of each family").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let parts: Vec<&str> = section.split("\n### ").skip(1).collect();
    assert_eq!(parts.len(), 2, "{section}");
    for part in parts {
        let (own, other) = if part.starts_with("Dedup on") { ("on", "off") } else { ("off", "on") };
        assert_eq!(part.matches(&format!("| {own} |")).count(), 3, "{part}");
        assert!(!part.contains(&format!("| {other} |")) && part.contains("against each other"), "{part}");
    }
}

#[test]
fn times_and_scores_on_one_axis_are_of_the_ranking_without_duplicates() {
    let run = |dedups: &[bool]| {
        let (mut planned, mut records) = (Vec::new(), Vec::new());
        for &dedup in dedups {
            // Rows that stand on both sides of a split flatter.
            let more = if dedup { 0.0 } else { 0.4 };
            for (family, value, seconds) in
                [("decision-tree", 0.5, 1.0), ("random-forest", 0.55, 10.0), ("svc", 0.5, 2.0)]
            {
                for fold in 0..2 {
                    let cell = cell(dedup, "none", "standard", family, fold);
                    planned.push(cell.clone());
                    if family == "svc" && fold == 1 {
                        continue;
                    }
                    let mut record = record(&cell, &[("pr-auc", value + more)]);
                    record.seconds.fit = seconds;
                    records.push(record);
                }
            }
        }
        results(planned, records, &["pr-auc"], "pr-auc")
    };
    let said = texts(&run(&[false, true]), "time-of-one-ranking", "time-quality");
    let only = |on: &str| format!("Only pipelines with dedup {on}: the others were tested on other rows.");
    assert!(said.contains(&only("on")) && !said.contains(&only("off")), "{said:?}");
    // 284,807 rows less 1,081, and 492 positives less 19.
    assert!(said.iter().any(|text| text.contains("283,726 rows without duplicates, 473 positives")), "{said:?}");
    assert!(said.contains(&"1 pipeline without a score on every fold: not drawn.".to_owned()), "{said:?}");
    // The other ranking's scores of 0.9 and 0.95 do not stretch the axis.
    let numbers = |texts: &[String]| texts.iter().filter_map(|text| text.parse::<f64>().ok()).collect::<Vec<f64>>();
    assert!(numbers(&said).iter().all(|number| !(0.85..0.99).contains(number)), "{said:?}");
    let alone = texts(&run(&[false]), "time-of-the-only-ranking", "time-quality");
    assert!(numbers(&alone).iter().any(|number| (0.85..0.99).contains(number)), "{alone:?}");
    assert!(!alone.iter().any(|text| text.starts_with("Only pipelines")), "{alone:?}");
    // The page draws it from its data, of the same ranking by every metric.
    let page = std::fs::read_to_string(kept("time-of-one-ranking").join("report.html")).unwrap();
    let data = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap().1.split("</script>").next();
    let data: serde_json::Value = serde_json::from_str(data.unwrap()).unwrap();
    for standing in data["standings"].as_array().unwrap() {
        let shown = &data["rows"][standing["shown"].as_u64().unwrap() as usize];
        // The second variant of the plan has no duplicates.
        assert_eq!((&shown["variant"], &shown["family"]), (&1.into(), &"random-forest".into()), "{standing}");
        assert_eq!(data["rows"][standing["order"][0].as_u64().unwrap() as usize]["variant"], 0, "{standing}");
    }
}

#[test]
fn what_tells_a_pipeline_apart_is_broken_and_not_cut() {
    let mut results = families("pr-auc", &[("decision-tree", &[0.6, 0.7]), ("random-forest", &[0.8, 0.9])]);
    let planned = results.planned.iter_mut().map(|planned| &mut planned.cell);
    for cell in planned.chain(results.records.iter_mut().map(|record| &mut record.cell)) {
        cell.dedup = false;
        cell.resampler = "random-undersampling".into();
        cell.encoder = "one-hot".into();
        cell.select = "select-k-best".into();
    }
    let texts = texts(&results, "broken", "families");
    assert!(texts.iter().all(|text| !text.contains('…')), "{texts:?}");
    for part in ["select select-k-best", "encoder one-hot", "standard", "random-undersampling", "dedup off"] {
        assert!(
            texts.iter().filter(|text| text.split(" · ").any(|said| said == part)).count() >= 2,
            "{part}: {texts:?}"
        );
    }
}

#[test]
fn one_test_split_has_no_sd_and_no_boxes() {
    let one = texts(&families("pr-auc", &[("decision-tree", &[0.6]), ("svc", &[0.8])]), "one-split", "families");
    assert!(one.contains(&"value".to_owned()) && one.contains(&"Marks: the one test split.".to_owned()), "{one:?}");
    assert!(!one.iter().any(|text| text.contains('±') || text.contains("whiskers")), "{one:?}");
    let two = texts(&families("pr-auc", &[("decision-tree", &[0.6, 0.7])]), "two-splits", "families");
    assert!(two.contains(&"mean ± SD".to_owned()) && two.iter().any(|text| text.contains("whiskers")), "{two:?}");
}

#[test]
fn cells_of_a_heatmap_are_as_wide_as_what_is_written_there() {
    let mut results = made_up(Shape { families: 9, scalers: 3, ..SMALL }, 4);
    results.primary = "cost(10)".into();
    for (nth, record) in results.records.iter_mut().enumerate() {
        record.metrics.insert("cost(10)".into(), Score::Value(2_043_606.6 + nth as f64));
    }
    // No text lies on another, as `check_svg` sees to.
    let texts = texts(&results, "heatmap-money", "heatmap");
    assert!(texts.iter().filter(|text| text.starts_with("2043") && text.contains('.')).count() >= 27, "{texts:?}");
}

#[test]
fn a_chart_says_once_that_its_png_lacks_characters() {
    let note = "In the PNG file a box stands for each character that its font lacks; the SVG file has them.";
    let said = |title: &str| {
        let mut results = families("pr-auc", &[("decision-tree", &[0.6, 0.7]), ("random-forest", &[0.8, 0.9])]);
        results.title = title.into();
        texts(&results, "titles", "families").join(" ").matches(note).count()
    };
    assert_eq!(said("漢字 and 日本"), 1);
    assert_eq!(said("Мошенничество Ελλάδα Łódź żółć Türkçe ğış №5 ≥ →"), 0);
}

#[test]
fn cascades_are_told_apart_and_rows_and_costs_are_of_the_same_folds() {
    let mut results = families("pr-auc", &[("cascade", &[0.6, 0.7, 0.5, 0.6]), ("c2", &[0.8, 0.9, 0.7, 0.8])]);
    for (nth, record) in results.records.iter_mut().enumerate() {
        let is_first = record.cell.classifier == "cascade";
        // 152, 153, 152 and 153 rows, 610 in all; 40 each of the other.
        let left_rows = if is_first { 152 + nth as u64 % 2 } else { 40 };
        record.classifier_facts.params = serde_json::json!({ "check_cost": if is_first { 5.0 } else { 1.0 } });
        let sieve = |stage: &str, rows, left_rows| Sieve {
            stage: stage.into(),
            rows,
            positives: 30,
            left_rows,
            left_positives: 30,
        };
        record.sieves = vec![sieve("likelihood-ratio", 1_000, 300), sieve("decision-tree", 300, left_rows)];
    }
    let texts = texts(&results, "cascades", "cascade");
    let times = |said: &str| texts.iter().filter(|text| *text == said).count();
    assert_eq!(["cascade", "c2", "1: likelihood-ratio", "2: decision-tree"].map(times), [2; 4], "{texts:?}");
    // 610 rows at 5 are 3,050; a quarter of it is 762.5.
    let said = texts.join(" ");
    for note in [
        "cascade: people check 610 rows over 4 folds, which cost 3,050: 763 per fold.",
        "c2: people check 160 rows over 4 folds, which cost 160: 40 per fold.",
    ] {
        assert!(said.contains(note), "{note}: {said}");
    }
}
