//! What stands in the paper's figures, measured: each a table of numbers without a layout.

use super::lines::{FOREST, Line, NONE, QUANTILE, cells, lines};
use super::{Cells, Evidence, Named, SCALERS};
use crate::analyze::Results;
use crate::analyze::leaderboard::{Pipeline, Summary, value};
use crate::analyze::statistics::mean::mean_and_sd;
use crate::analyze::statistics::wilson::wilson;
use crate::papers::splits::{Mean, mean};
use crate::split::{Leak, Leaks};

/// The paper's families by our names, each with the paper's name, in the paper's order.
pub const FAMILIES: [(&str, &str); 11] = [
    ("random-forest", "RandomForest"),
    ("adaboost", "AdaBoost"),
    ("k-neighbors", "K-Neighbors"),
    ("decision-tree", "DecisionTree"),
    ("logistic-regression", "LogisticRegression"),
    ("svc", "SVC"),
    ("catboost", "CatBoost"),
    ("xgboost", "XGBoost"),
    ("lightgbm", "LGBM"),
    ("tpot", "TPOT"),
    ("autosklearn", "AutoSklearn"),
];

/// The families of figure 5, in the caption's order of the text.
const FIVE: [&str; 5] = ["catboost", "tpot", "random-forest", "xgboost", "lightgbm"];

/// The metrics of figures 2 and 5. The paper prints IBA's formula with alpha 1.
pub const PAIR: [&str; 2] = ["accuracy", "iba-1"];
/// The metrics of figure 4.
pub const ALL: [&str; 5] = ["accuracy", "precision", "recall", "f1", "iba-1"];
/// The places in [`ALL`].
pub const ACCURACY: usize = 0;
/// Precision.
pub const PRECISION: usize = 1;
/// Recall.
pub const RECALL: usize = 2;
/// F1.
pub const F1: usize = 3;

/// Figure 2: random forest after one scaler, without duplicates and with Tomek links.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaler {
    /// Our name.
    pub scaler: &'static str,
    /// The paper's.
    pub papers: &'static str,
    /// [`PAIR`] on the hold-out.
    pub hold_out: [Option<f64>; 2],
    /// Its cells.
    pub hold_out_cells: Cells,
    /// [`PAIR`] over the folds.
    pub folds: [Summary; 2],
    /// Their cells.
    pub fold_cells: Cells,
}

/// Figure 2.
pub fn scalers(evidence: &Evidence) -> Vec<Scaler> {
    let of = |results: Option<&Results>, scaler: &str| {
        let all = results.map(lines).unwrap_or_default();
        let line = all.iter().find(|l| l.family == FOREST && l.is_papers() && l.group.pipeline.scaler == scaler);
        (PAIR.map(|metric| line.map(|l| l.summary(metric)).unwrap_or_default()), cells(line))
    };
    let row = |(scaler, papers): &(&'static str, &'static str)| {
        let (hold_out, hold_out_cells) = of(evidence.hold_out(), scaler);
        let (folds, fold_cells) = of(evidence.cross_validation(), scaler);
        Scaler { scaler, papers, hold_out: hold_out.map(|s| s.mean), hold_out_cells, folds, fold_cells }
    };
    SCALERS.iter().map(row).collect()
}

/// Figure 3: the best pipeline of each family.
#[derive(Debug, Clone, PartialEq)]
pub struct Families {
    /// In the paper's order.
    pub rows: Vec<Family>,
    /// Whether the best was chosen on validation rows; else on the test rows themselves, which flatters it.
    pub by_validation: bool,
}

/// One family.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Our name.
    pub family: &'static str,
    /// The paper's.
    pub papers: &'static str,
    /// The best pipeline; none without scores.
    pub best: Option<Chosen>,
    /// The cells of all its pipelines without duplicates and with Tomek links.
    pub cells: Cells,
}

/// A chosen pipeline on the test part.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// Which.
    pub pipeline: Pipeline,
    /// [`ALL`].
    pub values: [Option<f64>; 5],
    /// The 95% intervals of precision and recall by Wilson, and of nothing else.
    pub intervals: [Option<(f64, f64)>; 5],
}

/// Figure 3, from the hold-out: of each family the pipeline of the largest F1 on the validation rows.
pub fn families(results: &Results) -> Families {
    let all: Vec<Line<'_>> = lines(results).into_iter().filter(Line::is_papers).collect();
    let by_validation = all.iter().flat_map(|line| line.group.scored()).any(|r| r.validation.contains_key("f1"));
    let row = |(family, papers): &(&'static str, &'static str)| {
        let ours: Vec<&Line<'_>> = all.iter().filter(|line| line.family == *family).collect();
        let scored = ours.iter().filter(|line| line.group.scored().next().is_some());
        let keyed = scored.map(|line| (choice(line, by_validation), *line));
        // Of equal ones the first in plan order.
        let best = keyed.reduce(|best, next| if next.0.total_cmp(&best.0).is_gt() { next } else { best });
        Family { family, papers, best: best.map(|(_, line)| chosen(line)), cells: cells(ours) }
    };
    Families { rows: FAMILIES.iter().map(row).collect(), by_validation }
}

/// What a pipeline is chosen by; one without a value comes last.
fn choice(line: &Line<'_>, by_validation: bool) -> f64 {
    let scores = line.group.scored().map(|r| if by_validation { r.validation.get("f1") } else { r.metrics.get("f1") });
    let values: Vec<f64> = scores.filter_map(value).collect();
    mean_and_sd(&values).0.unwrap_or(f64::NEG_INFINITY)
}

fn chosen(line: &Line<'_>) -> Chosen {
    let mut intervals = [None; 5];
    let records: Vec<_> = line.group.scored().collect();
    // Only one test part has independent trials.
    if let [record] = records.as_slice()
        && let Some(c) = record.confusion
    {
        intervals[PRECISION] = wilson(c.tp, c.tp + c.fp);
        intervals[RECALL] = wilson(c.tp, c.tp + c.fn_);
    }
    Chosen { pipeline: line.group.pipeline.clone(), values: ALL.map(|metric| line.summary(metric).mean), intervals }
}

/// Figure 4: one study.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Whose numbers.
    pub name: String,
    /// How they came about.
    pub note: String,
    /// What leaks, where anything does.
    pub leaks: Leaks,
    /// [`ALL`].
    pub values: [Shown; 5],
}

/// A value of figure 4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown {
    /// Measured or printed, with its interval where there is one.
    Value(f64, Option<(f64, f64)>),
    /// In the paper's picture only.
    Figure,
    /// There is none.
    Nothing,
}

/// Figure 4's frame: the claimed row, those of the other studies, the honest best row of the hold-out, and the audit's rows.
pub fn studies(evidence: &Evidence, paper: &str) -> Vec<Compared> {
    let mut claimed = [Shown::Figure; 5];
    claimed[ACCURACY] = Shown::Value(0.9999, None);
    claimed[RECALL] = Shown::Value(0.9366, None);
    let row =
        |name: &str, note: &str, values| Compared { name: name.into(), note: note.into(), leaks: Leaks::NONE, values };
    let mut rows = vec![
        row(paper, "as claimed, TPOT and random forest", claimed),
        row("eleven other studies", "the paper's references 18 to 28", [Shown::Figure; 5]),
    ];
    rows.extend(evidence.hold_out().and_then(honest_best));
    if let Some(audit) = evidence.audit() {
        rows.extend(audited(audit, Leaks::NONE));
        rows.extend(audited(audit, Leaks::of(&[Leak::TrainedOnAnotherSplit])));
        rows.extend(best_seed(audit, Leaks::of(&[Leak::TrainedOnAnotherSplit])));
    }
    rows
}

/// The best of figure 3's pipelines, by the same choice.
fn honest_best(results: &Results) -> Option<Compared> {
    let all: Vec<Line<'_>> = lines(results).into_iter().filter(Line::is_papers).collect();
    let figure = families(results);
    let best = figure.rows.iter().filter_map(|row| row.best.as_ref()).filter_map(|best| {
        let line = all.iter().find(|line| line.group.pipeline == best.pipeline)?;
        Some((choice(line, figure.by_validation), best))
    });
    let (_, best) = best.reduce(|best, next| if next.0.total_cmp(&best.0).is_gt() { next } else { best })?;
    let p = &best.pipeline;
    let shown = |i: usize| best.values[i].map_or(Shown::Nothing, |v| Shown::Value(v, best.intervals[i]));
    Some(Compared {
        name: format!("honest {}", p.classifier),
        note: format!(
            "hold-out, scaler {}, best by {} F1",
            p.scaler,
            if figure.by_validation { "validation" } else { "test" }
        ),
        leaks: Leaks::NONE,
        values: std::array::from_fn(shown),
    })
}

/// The audit's pipeline without scaler and resampler, else its first, under `leaks`.
fn audit_line(results: &Results, leaks: Leaks) -> Option<Line<'_>> {
    let mut all: Vec<Line<'_>> = lines(results).into_iter().filter(|line| line.leaks == leaks).collect();
    let raw = |line: &Line<'_>| line.group.pipeline.scaler == NONE && line.group.pipeline.resampler == NONE;
    let at = all.iter().position(raw).unwrap_or(0);
    (at < all.len()).then(|| all.swap_remove(at)).filter(|line| line.cells().scored > 0)
}

fn audited(results: &Results, leaks: Leaks) -> Option<Compared> {
    let line = audit_line(results, leaks)?;
    let shown = |metric: &str| match mean(results, true, &line.group.values(metric)) {
        Some(Mean { mean, interval }) => Shown::Value(mean, interval),
        None => Shown::Nothing,
    };
    let cells = line.cells();
    Some(Compared {
        name: name(&line),
        note: format!("{}, mean of {} of {} seeds", protocol(leaks), cells.scored, cells.planned),
        leaks,
        values: ALL.map(shown),
    })
}

/// The one seed with the largest recall: what a single lucky split shows.
fn best_seed(results: &Results, leaks: Leaks) -> Option<Compared> {
    let line = audit_line(results, leaks)?;
    let values = line.group.values("recall");
    let (split, _) = values.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let at = |metric: &str| {
        let values = line.group.values(metric);
        values.iter().find(|(known, _)| *known == split).map_or(Shown::Nothing, |(_, v)| Shown::Value(*v, None))
    };
    let cells = line.cells();
    Some(Compared {
        name: name(&line),
        note: format!("{}, best of {} seeds by recall", protocol(leaks), cells.scored),
        leaks,
        values: ALL.map(at),
    })
}

/// The leaks, or that there are none.
fn protocol(leaks: Leaks) -> String {
    if leaks.is_empty() { "audit".to_owned() } else { leaks.to_string() }
}

fn name(line: &Line<'_>) -> String {
    format!("{} {}", if line.leaks.is_empty() { "honest" } else { "leaky" }, line.group.pipeline.classifier)
}

/// Figure 5: a family over the folds, without duplicates, with Tomek links and the scaler that the paper finds best.
#[derive(Debug, Clone, PartialEq)]
pub struct Folds {
    /// Our name.
    pub family: &'static str,
    /// [`PAIR`].
    pub summaries: [Summary; 2],
    /// Its cells.
    pub cells: Cells,
}

/// Figure 5.
pub fn folds(results: &Results) -> Vec<Folds> {
    let all = lines(results);
    let row = |family: &'static str| {
        let line = all.iter().find(|l| l.family == family && l.is_papers() && l.group.pipeline.scaler == QUANTILE);
        let summaries = PAIR.map(|metric| line.map(|l| l.summary(metric)).unwrap_or_default());
        Folds { family, summaries, cells: cells(line) }
    };
    FIVE.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{Confusion, Score};
    use crate::papers::ruchay_2023::lines::TOMEK;
    use crate::papers::ruchay_2023::sample::{audit, grid, set};
    use crate::papers::ruchay_2023::{AUDIT, HOLD_OUT};

    #[test]
    fn the_best_of_a_family_is_chosen_on_validation_rows() {
        let mut results = grid(&HOLD_OUT, &["xgboost", "svc"]);
        for (scaler, validation, test) in [("none", 0.80, 0.70), ("robust", 0.75, 0.90), ("power", 0.80, 0.95)] {
            set(&mut results, (true, TOMEK, scaler, "xgboost"), 0, &[("f1", test), ("recall", test)]);
            let record = results.records.last_mut().unwrap();
            record.validation.insert("f1".into(), Score::Value(validation));
            record.confusion = Some(Confusion { tp: 108, fp: 11, fn_: 34, tn: 85_000 });
        }
        // Better, but with duplicates or without Tomek links.
        set(&mut results, (false, TOMEK, "none", "xgboost"), 0, &[("f1", 0.99)]);
        set(&mut results, (true, NONE, "none", "xgboost"), 0, &[("f1", 0.99)]);
        let figure = families(&results);
        assert!(figure.by_validation);
        let row = figure.rows.iter().find(|row| row.family == "xgboost").unwrap();
        let best = row.best.as_ref().unwrap();
        assert_eq!((best.pipeline.scaler.as_str(), best.values[F1]), ("none", Some(0.70)));
        assert_eq!((best.intervals[RECALL], best.intervals[PRECISION]), (wilson(108, 142), wilson(108, 119)));
        assert_eq!(row.cells, Cells { scored: 3, failed: 0, planned: 10 });
        let others = figure.rows.iter().filter(|row| row.family != "xgboost");
        let states: Vec<String> = others.map(|row| row.cells.state()).collect();
        assert_eq!(states.iter().filter(|s| *s == "not run yet").count(), 1);
        assert_eq!(states.iter().filter(|s| *s == "not run").count(), 9);
    }

    #[test]
    fn without_validation_rows_the_choice_is_on_the_test_rows_and_told() {
        let mut results = grid(&HOLD_OUT, &["xgboost"]);
        for (scaler, test) in [("none", 0.70), ("robust", 0.90)] {
            set(&mut results, (true, TOMEK, scaler, "xgboost"), 0, &[("f1", test)]);
        }
        let figure = families(&results);
        let best = figure.rows.iter().find_map(|row| row.best.as_ref()).unwrap();
        assert!(!figure.by_validation && best.pipeline.scaler == "robust");
    }

    #[test]
    fn the_frame_has_the_claimed_the_honest_and_the_leaky_rows() {
        let elsewhere = Leaks::of(&[Leak::TrainedOnAnotherSplit]);
        let results = audit(|leaks, _, repeat| {
            let recall = if leaks == elsewhere { 0.90 + 0.01 * f64::from(repeat % 2) } else { 0.76 };
            vec![("recall", recall), ("accuracy", 0.9995 + 1e-5 * f64::from(repeat))]
        });
        let rows = studies(&Evidence::default().with(&AUDIT, results), "The paper");
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(
            names,
            ["The paper", "eleven other studies", "honest forest-50", "leaky forest-50", "leaky forest-50"]
        );
        assert_eq!(rows[0].values[PRECISION], Shown::Figure);
        assert_eq!(rows[3].leaks, elsewhere);
        let Shown::Value(recall, Some((low, high))) = rows[3].values[RECALL] else { panic!("{:?}", rows[3]) };
        assert!((recall - (0.90 + 0.01 / 3.0)).abs() < 1e-12 && low < recall && recall < high);
        // Repeat 1 has the largest recall; its accuracy stands beside it, not the largest one.
        assert_eq!(rows[4].values[RECALL], Shown::Value(0.91, None));
        assert_eq!(rows[4].values[ACCURACY], Shown::Value(0.9995 + 1e-5, None));
        assert_eq!(rows[4].values[F1], Shown::Nothing);
    }
}
