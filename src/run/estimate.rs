//! A rough estimate of what a plan will take, before anything was measured.

use crate::cell::{Cell, Plan};
use crate::component::ComponentFacts;
use crate::search::fits;
use crate::study::Study;

/// Seconds of one thread for fit and predict on the whole credit-card data (255,353 training rows x 30 columns, standard
/// scaler) by family and backend: means of the records in `results/families-10-fold`, and for the families that are not in
/// there the processor's seconds of one fold.
const SECONDS: &[(&str, &str, f64)] = &[
    ("prior", "native", 0.0),
    ("logistic-regression", "native", 0.3),
    ("decision-tree", "native", 0.2),
    ("random-forest", "native", 2.6),
    ("adaboost", "native", 0.5),
    ("k-neighbors", "native", 0.4),
    ("svc", "native", 8.1),
    ("gaussian-nb", "native", 0.04),
    ("lda", "native", 0.07),
    ("qda", "native", 0.14),
    ("linear-regression", "native", 0.07),
    ("quadratic-regression", "native", 2.3),
    ("extra-trees", "native", 5.6),
    ("mlp", "native", 3.6),
    ("hist-gradient-boosting", "native", 1.0),
    ("isolation-forest", "native", 0.14),
    ("xgboost", "xgboost", 2.8),
    ("lightgbm", "lightgbm", 2.9),
    ("catboost", "catboost", 50.0),
    ("tpot", "native", 160.0),
    ("autosklearn", "native", 130.0),
];
/// What of these does not shrink with the rows, by family: histograms of every column and Python's start, from the records
/// of `experiments/quick.toml`.
const FIXED: &[(&str, f64)] =
    &[("xgboost", 0.03), ("lightgbm", 0.17), ("catboost", 6.6), ("tpot", 1.8), ("autosklearn", 10.0)];
/// For what is not listed. The further backends take minutes on such data; none of them was run to its end there.
const OTHER: f64 = 300.0;
/// Training rows and columns that the seconds are of.
const REFERENCE: (f64, f64) = (255_353.0, 30.0);

/// Seconds of one thread for all cells of `plan`; `sizes` are rows and columns of the study's tables. See [`cell_seconds`].
pub fn plan_seconds(study: &Study, plan: &Plan, sizes: &[(usize, usize)]) -> f64 {
    plan.cells.iter().filter_map(|cell| Some(cell_seconds(study, cell, *sizes.get(cell.data)?))).sum()
}

/// Seconds of one thread for a cell of a table of so many rows and columns. Linear in rows and in columns, which is too much
/// for trees on many columns and too little for `svc` on many rows: an order of magnitude, not a promise.
pub fn cell_seconds(study: &Study, cell: &Cell, (rows, columns): (usize, usize)) -> f64 {
    let splits = study.protocol.numbers().len().max(2) as f64;
    let train = rows as f64 * (1.0 - 1.0 / splits);
    let width = cell.columns.unwrap_or(columns) as f64;
    let facts = &study.classifiers[cell.classifier].facts;
    let known = SECONDS.iter().find(|(family, backend, _)| *family == facts.id && *backend == facts.backend);
    let seconds = known.map_or(OTHER, |(_, _, seconds)| *seconds);
    let fixed = FIXED.iter().find(|(family, _)| *family == facts.id).map_or(0.0, |(_, seconds)| *seconds);
    let (rows, columns) = REFERENCE;
    (fixed + (seconds - fixed) * train / rows) * width / columns * budget(facts) * fits(&facts.params)
}

/// The share that a study leaves of the default budget of the families that take longest.
fn budget(facts: &ComponentFacts) -> f64 {
    // A search or a threshold around the family keeps its parameters one level down.
    let params = facts.params.get("params").unwrap_or(&facts.params);
    let share = |name: &str, default: f64| params[name].as_f64().map_or(1.0, |given| given / default);
    match facts.id.as_str() {
        "catboost" => share("iterations", 1_000.0),
        "tpot" => share("evaluations", 100.0),
        "autosklearn" => share("evaluations", 60.0),
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cell::Filter;

    fn first(study: &Study, classifier: usize) -> Cell {
        let plan = Plan::of(study, &[], &Filter::default()).unwrap();
        plan.cells.into_iter().find(|cell| cell.classifier == classifier).unwrap()
    }

    #[test]
    fn a_small_budget_makes_a_small_estimate() {
        let seconds = |classifier: &str| {
            let text = format!(
                "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 3\n[grid]\n\
                 classifiers = [{classifier}]\n"
            );
            let study = Study::parse(&text, "x.toml", Path::new(".")).unwrap();
            cell_seconds(&study, &first(&study, 0), (9_000, 30))
        };
        for (family, tenth) in
            [("catboost", "iterations = 100"), ("tpot", "evaluations = 10"), ("autosklearn", "evaluations = 6")]
        {
            let (whole, small) =
                (seconds(&format!("'{family}'")), format!("family = '{family}', params = {{ {tenth} }}"));
            assert!((seconds(&format!("{{ {small} }}")) / whole - 0.1).abs() < 1e-9, "{family}");
            // Of a fixed threshold no fit is added; the parameters lie one level down then.
            assert!((seconds(&format!("{{ {small}, threshold = 0.3 }}")) / whole - 0.1).abs() < 1e-9, "{family}");
        }
        assert_eq!(seconds("{ family = 'xgboost', params = { n_estimators = 5 } }"), seconds("'xgboost'"));
    }

    #[test]
    fn seconds_grow_with_columns_and_less_than_with_rows() {
        let text = "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 3\n[grid]\n\
                    classifiers = ['lightgbm', 'svc']\n";
        let study = Study::parse(text, "x.toml", Path::new(".")).unwrap();
        let seconds = |classifier, rows, columns| cell_seconds(&study, &first(&study, classifier), (rows, columns));
        assert!((seconds(0, 9_000, 60) / seconds(0, 9_000, 30) - 2.0).abs() < 1e-9);
        // Binning and histograms are there however few the rows are.
        assert!(seconds(0, 900, 30) > 0.5 * seconds(0, 9_000, 30));
        assert!((seconds(1, 900, 30) / seconds(1, 9_000, 30) - 0.1).abs() < 1e-9);
        // The reference itself: two thirds of these rows train.
        assert!((seconds(0, 383_030, 30) - 2.9).abs() < 1e-3);
    }
}
