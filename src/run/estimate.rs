//! A rough estimate of what a plan will take, before anything was measured: each family's cost stands in its entry.

use crate::cell::{Cell, Plan};
use crate::component::Cost;
use crate::search::fits;
use crate::study::Study;

/// For what has no cost in its entry. The further backends take minutes on such data; none of them was run to its end there.
const OTHER: Cost = Cost::seconds(300.0);

/// Seconds of one thread that a cell takes beside its fit and its prediction: it is handed out, scored, written, and stands in the
/// report. Measured: 5,000 cells of 20 microseconds took 6.9 to 9.0 s of processor time, on one thread and on two.
pub const BESIDE: f64 = 0.0015;

/// Seconds of one thread for the fits of all cells of `plan`; `sizes` are rows and columns of the study's tables. See [`cell_seconds`].
pub fn plan_seconds(study: &Study, plan: &Plan, sizes: &[(usize, usize)]) -> f64 {
    plan.cells.iter().filter_map(|cell| Some(cell_seconds(study, cell, *sizes.get(cell.data)?))).sum()
}

/// Seconds of one thread for a cell of a table of so many rows and columns; see [`Cost`].
pub fn cell_seconds(study: &Study, cell: &Cell, (rows, columns): (usize, usize)) -> f64 {
    let splits = study.protocol.numbers().len().max(2) as f64;
    let train = rows as f64 * (1.0 - 1.0 / splits);
    let width = cell.columns.unwrap_or(columns) as f64;
    let facts = &study.classifiers[cell.classifier].facts;
    // The study has it from there.
    let entry = study.registry.classifier(&facts.id, Some(&facts.backend)).ok();
    // A search or a threshold around the family keeps its parameters one level down.
    let params = facts.params.get("params").unwrap_or(&facts.params);
    entry.and_then(|entry| entry.cost).unwrap_or(OTHER).of(train, width, params) * fits(&facts.params)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cell::Filter;
    use crate::component::Registry;

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
            let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
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
        let network = "family = 'mlp', params = { hidden_layer_sizes = [2], max_iter = 1 }";
        assert!(seconds(&format!("{{ {network} }}")) < 0.01 * seconds("'mlp'"));
        let shallow = seconds("{ family = 'xgboost', params = { n_estimators = 50, max_depth = 2 } }");
        assert!((shallow / seconds("'xgboost'") - 1.0 / 6.0).abs() < 1e-9);
    }

    #[test]
    fn seconds_grow_with_columns_and_less_than_with_rows() {
        let text = "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 3\n[grid]\n\
                    classifiers = ['lightgbm', 'svc']\n";
        let study = Study::parse(text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let seconds = |classifier, rows, columns| cell_seconds(&study, &first(&study, classifier), (rows, columns));
        assert!((seconds(0, 9_000, 60) / seconds(0, 9_000, 30) - 2.0).abs() < 1e-9);
        // Binning and histograms are there however few the rows are.
        assert!(seconds(0, 900, 30) > 0.5 * seconds(0, 9_000, 30));
        assert!((seconds(1, 900, 30) / seconds(1, 9_000, 30) - 0.1).abs() < 1e-9);
        // The reference itself: two thirds of these rows train.
        assert!((seconds(0, 383_030, 30) - 2.9).abs() < 1e-3);
    }
}
