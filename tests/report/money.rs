//! What alarms save, of the best pipeline of every ranking.

use std::fs;
use std::path::Path;

use fraudbench::analyze::Results;
use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::report::{Options, write_all, write_all_with};
use fraudbench::store::{Predictions, Record, SplitRows, predictions_path};

use crate::charts::{check_charts, check_svg, kept};
use crate::predicted::{report, run, with_rows_of};
use crate::sample::{SMALL, Shape, made_up};

/// A run with and without duplicates, in which the ranking with them has the better means.
fn two_rankings() -> Results {
    let results = with_rows_of(made_up(Shape { families: 3, folds: 3, dedups: &[false, true], ..SMALL }, 5));
    let board = leaderboard(&results);
    let mean = |dedup: bool| {
        let best = board.best(|row| row.pipeline.dedup == dedup).unwrap();
        board.summary(best, "pr-auc").unwrap().mean.unwrap()
    };
    assert!(mean(false) > mean(true), "{} {}", mean(false), mean(true));
    results
}

/// The records of the best pipeline of a ranking.
fn best(results: &Results, dedup: bool) -> Vec<&Record> {
    let board = leaderboard(results);
    let best = board.best(|row| row.pipeline.dedup == dedup).unwrap();
    let is_of_it = |record: &&Record| record.family == best.family && record.cell.dedup == dedup;
    results.records.iter().filter(is_of_it).collect()
}

/// The share of the frauds' amount that the labels of these cells catch, in the report's words.
fn caught(dir: &Path, records: &[&Record]) -> String {
    let (mut caught, mut all) = (0.0, 0.0);
    for record in records {
        let said = Predictions::read(dir, &record.key).unwrap().unwrap().test;
        let rows = SplitRows::read(dir, record.rows.as_ref().unwrap()).unwrap().unwrap().test;
        for (row, amount) in rows.amount.unwrap().iter().enumerate().filter(|(row, _)| rows.y[*row] == 1) {
            all += amount;
            caught += if said.label[row] == 1 { *amount } else { 0.0 };
        }
    }
    format!(
        "That catches {:.1}% of the frauds' amount, and at a cost of 10 per checked alarm (`--check-cost`) saves",
        100.0 * caught / all
    )
}

/// What the report says of each ranking before its first section, the ranking that comes first first.
fn answers(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    let lead = text.split("\n## ").next().unwrap();
    lead.split("Best by mean pr-auc with ").skip(1).map(str::to_owned).collect()
}

#[test]
fn the_best_of_every_ranking_has_its_money() {
    let results = two_rankings();
    let (dir, _) = report(&results, "money-of-two", true);
    let [off, on] = &answers(&dir)[..] else { panic!("there are two rankings") };
    assert!(off.starts_with("dedup off: ") && on.starts_with("dedup on: "), "{off} {on}");
    let [of_off, of_on] = [false, true].map(|dedup| caught(&dir, &best(&results, dedup)));
    assert_ne!(of_off, of_on);
    assert!(off.contains(&of_off) && !off.contains(&of_on), "{of_off}: {off}");
    assert!(on.contains(&of_on) && !on.contains(&of_off), "{of_on}: {on}");
    let promise = "were tested on other rows. What the best of the others saves is said at the top.";
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    assert!(text.contains(promise), "{text}");
    // Only where its figures exist.
    let lost = best(&results, false)[1];
    fs::remove_file(predictions_path(&dir, &lost.key).unwrap()).unwrap();
    write_all(&results, &dir).unwrap();
    let [off, on] = &answers(&dir)[..] else { panic!("there are two rankings") };
    assert!(!off.contains("That catches") && on.contains(&of_on), "{off} {on}");
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    assert!(!text.contains(promise) && text.contains("were tested on other rows."), "{text}");
}

#[test]
fn how_sure_a_metric_is_stands_with_the_ranking_that_it_is_of() {
    let (dir, _) = report(&two_rankings(), "money-how-sure", true);
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    let (_, section) = text.split_once("## Best pipeline of each family").unwrap();
    let parts: Vec<&str> = section.split("\n## ").next().unwrap().split("\n### ").skip(1).collect();
    let [off, on] = parts[..] else { panic!("there are two rankings: {section}") };
    assert!(off.starts_with("Dedup off") && !off.contains("How sure pr-auc is"), "{off}");
    assert!(on.starts_with("Dedup on") && on.contains("How sure pr-auc is"), "{on}");
}

#[test]
fn money_that_nothing_saves_is_said_in_the_place_of_empty_pictures() {
    let results = run(4, 3);
    let (dir, _) = report(&results, "predicted-savings-none", true);
    let out = kept("predicted-savings-none-dear");
    let written = write_all_with(&results, &dir, &out, &Options { check_cost: 1e6, ..Options::default() }).unwrap();
    check_charts(&written);
    let said = check_svg(&out.join("charts/savings.svg")).join(" ");
    assert!(
        said.contains("No number of checks saves anything at a cost of 1000000 per check (`--check-cost`)."),
        "{said}"
    );
    assert!(!said.contains("Marks:"), "{said}");
    // The baseline has one threshold, with 4,410 false alarms at 10 each, where 90 frauds are worth about 150 each.
    let (alone, _) = report(&run(1, 3), "predicted-savings-prior", true);
    let said = check_svg(&alone.join("charts/thresholds.svg")).join(" ");
    assert!(said.contains("Every threshold costs more than twice as much as no alarms."), "{said}");
    // The lines of what is lost are there, and no family has a mark: neither in the plot nor in the legend.
    let svg = |dir: &Path, name: &str| fs::read_to_string(dir.join(format!("charts/{name}.svg"))).unwrap();
    let marks = |svg: &str| svg.matches("<circle").count() + svg.matches("<path d=").count();
    assert_eq!(marks(&svg(&out, "savings")), 0);
    assert!(svg(&out, "savings").matches("stroke-width=\"16\"").count() >= 4);
    // At a cost of 10 all but the baseline save something: three marks, each in the plot and in the legend.
    assert_eq!(marks(&svg(&dir, "savings")), 6);
    let said = check_svg(&dir.join("charts/savings.svg")).join(" ");
    assert!(said.contains("Marks: the best point of each curve that saves anything"), "{said}");
}

#[test]
fn the_picture_of_one_test_part_says_nothing_of_folds() {
    let all = |folds: u32, name: &str| {
        let (dir, _) = report(&run(4, folds), name, true);
        check_svg(&dir.join("charts/savings.svg")).join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let one = all(1, "predicted-savings-one-part");
    for wanted in [
        "minus 10 for every row that is checked; of one test split",
        "saved, in the unit of the amounts",
        "rows checked, highest scores first",
        "chosen on this same test part, which flatters it. Rows of equal scores",
    ] {
        assert!(one.contains(wanted), "{wanted}: {one}");
    }
    assert!(!one.contains("per fold") && !one.contains("means over folds") && !one.contains("other folds"), "{one}");
    let three = all(3, "predicted-savings-three-folds");
    assert!(three.contains("is checked; means over folds") && three.contains("saved per fold, in"), "{three}");
    assert!(three.contains("chosen on these same folds, which flatters it; report.md has what thresholds"), "{three}");
}
