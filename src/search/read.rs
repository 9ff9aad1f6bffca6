//! The keys `search`, `threshold`, `cost`, `calibrate`, `folds` and `correct_prior` of a classifier in a study: what they make of it.

use serde_json::{Value, json};
use toml::Table;

use super::asked::Asked;
use super::calibrate::Calibrated;
use super::prior::PriorCorrected;
use super::searched::{Method, Searched, Spec};
use super::threshold::{Rule, Thresholded};
use super::{FOLD_SEED, FOLDS_BY_THEMSELVES};
use crate::component::{Built, Classifier, Entry, Registry};
use crate::error::{Error, Result};

/// The keys that a classifier may have beside those of every component.
pub const KEYS: &[&str] = &["search", "threshold", "cost", "calibrate", "folds", "correct_prior"];

/// Part of a record's key: another number when searches give other results.
const VERSION: u32 = 1;

/// Wraps the classifier `built` (of an entry with parameters `fixed`) as its study's `table` asks, from within: correction of the
/// prior, search, calibration, threshold. The parameters of the result hold everything that could change it.
///
/// # Errors
/// [`Error::Study`] or [`Error::Several`] for unknown keys, domains and goals, for candidates that the family refuses, and for keys
/// that do not go together: all that is wrong.
pub fn wrap(
    table: &Table,
    (entry, registry): (&'static Entry<dyn Classifier>, &Registry),
    fixed: &Table,
    built: Built<dyn Classifier>,
) -> Result<Built<dyn Classifier>> {
    let mut faults = Vec::new();
    let asked = Asked::read(table, (registry, fixed), &mut faults);
    faults.extend(asked.refused_by((entry, registry), fixed, &built));
    if let Some(e) = Error::of_all(faults) {
        return Err(e);
    }
    let Asked { search, rule, calibrate, correct_prior, folds } = asked;
    if search.is_none() && rule.is_none() && calibrate.is_none() && !correct_prior {
        return Ok(built);
    }
    let mut params = json!({ "params": built.params });
    if let Some(rule) = rule {
        params["threshold"] = facts_of(rule);
    }
    if let Some(method) = calibrate {
        params["calibrate"] = json!({ "version": VERSION, "method": method.name() });
    }
    if correct_prior {
        params["correct_prior"] = json!(true);
    }
    // Left out at their default, so that records stay.
    if folds != FOLDS_BY_THEMSELVES {
        params["folds"] = json!(folds);
    }
    let component: Box<dyn Classifier> = match search {
        None => {
            let folds = (folds, FOLD_SEED);
            let mut classifier = corrected(built.component, correct_prior);
            if let Some(method) = calibrate {
                classifier = Box::new(Calibrated { classifier, method, folds });
            }
            match rule {
                Some(rule) => Box::new(Thresholded { classifier, rule, folds }),
                None => classifier,
            }
        }
        Some((spec, space)) => {
            params["search"] = facts_of_search(&spec, space)?;
            let (fixed, registry) = (fixed.clone(), registry.clone());
            Box::new(Searched { entry, registry, fixed, spec, correct_prior, calibrate, threshold: rule })
        }
    };
    Ok(Built::new(params, component))
}

/// Refuses keys that are wrong beside a classifier that could not be built of the parameters `fixed`, or has no family.
///
/// # Errors
/// As [`wrap`], without what the family alone can say.
pub(crate) fn check(table: &Table, (registry, fixed): (&Registry, &Table)) -> Result<()> {
    let mut faults = Vec::new();
    Asked::read(table, (registry, fixed), &mut faults);
    Error::of_all(faults).map_or(Ok(()), Err)
}

/// About how many fits on all training rows a classifier with these parameters (as [`wrap`] left them) amounts to.
pub fn fits(params: &Value) -> f64 {
    let number = |value: &Value| value.as_f64().unwrap_or(0.0);
    let search = &params["search"];
    let candidates = match search["kind"].as_str() {
        // Every rung costs about as much as the last one, on which about one candidate is left.
        Some("halving") => 1.0 + number(&search["candidates"]).max(1.0).log(number(&search["factor"]).max(2.0)),
        _ => number(&search["candidates"]),
    };
    let folds = (number(&search["folds"]) - 1.0).max(0.0);
    let tuned = params["threshold"]["rule"].as_str().is_some_and(|rule| rule != "fixed");
    // What is fitted on inner folds and then on all rows; a tuned threshold does that around a calibration.
    let own = search["folds"].as_f64().unwrap_or_else(|| f64::from(folds_of(params)));
    let times = |holds: bool| if holds { own } else { 1.0 };
    candidates * folds + times(tuned) * times(params["calibrate"].is_object())
}

/// The inner folds of a threshold or a calibration without a search, by the parameters that [`wrap`] left.
pub fn folds_of(params: &Value) -> u32 {
    params["folds"].as_u64().and_then(|folds| u32::try_from(folds).ok()).unwrap_or(FOLDS_BY_THEMSELVES)
}

/// The classifier, its probabilities mapped back to the share of positives before resampling if that is wanted.
pub(super) fn corrected(classifier: Box<dyn Classifier>, correct_prior: bool) -> Box<dyn Classifier> {
    if correct_prior { Box::new(PriorCorrected { classifier }) } else { classifier }
}

fn facts_of_search(spec: &Spec, space: &toml::Value) -> Result<Value> {
    let (folds, seed) = spec.folds;
    let (kind, goal) = (spec.kind.name(), spec.goal.id());
    let mut facts =
        json!({ "version": VERSION, "kind": kind, "folds": folds, "seed": seed, "goal": goal, "space": space });
    match spec.kind {
        Method::Grid => facts["candidates"] = json!(spec.space.grid()?.len()),
        Method::Random { candidates } | Method::Tpe { candidates } => facts["candidates"] = json!(candidates),
        Method::Halving { candidates, factor } => {
            facts["candidates"] = json!(candidates);
            facts["factor"] = json!(factor);
        }
    }
    Ok(facts)
}

fn facts_of(rule: Rule) -> Value {
    let mut facts = json!({ "version": VERSION, "rule": rule.name() });
    match rule {
        Rule::Fixed(value) => facts["value"] = json!(value),
        Rule::Cost { false_negative, false_positive } => {
            facts["cost"] = json!({ "false_negative": false_negative, "false_positive": false_positive });
        }
        Rule::Within(constraint) => facts["value"] = json!(constraint.number()),
        Rule::MaxF1 | Rule::MaxMcc => {}
    }
    facts
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use super::*;
    use crate::component::{ColumnShape, Context, Features, ScoreKind, Shape, Train};
    use crate::data::{Column, Kind, Role};
    use crate::study::Study;

    #[test]
    fn a_searched_classifier_counts_for_its_fits() {
        assert_eq!(fits(&json!({ "n_estimators": 100 })), 1.0);
        let grid = json!({ "params": {}, "search": { "kind": "grid", "candidates": 6, "folds": 3 } });
        assert_eq!(fits(&grid), 13.0);
        let halving = json!({ "search": { "kind": "halving", "candidates": 27, "folds": 3, "factor": 3 } });
        assert!((fits(&halving) - 9.0).abs() < 1e-9);
        assert_eq!(fits(&json!({ "threshold": { "rule": "max-f1" } })), 3.0);
        assert_eq!(fits(&json!({ "threshold": { "rule": "fixed", "value": 0.5 } })), 1.0);
        assert_eq!(fits(&json!({ "calibrate": { "method": "sigmoid" } })), 3.0);
        assert_eq!(fits(&json!({ "calibrate": { "method": "sigmoid" }, "threshold": { "rule": "max-f1" } })), 9.0);
        // Two inner folds learn from half of the rows each.
        assert_eq!(fits(&json!({ "calibrate": { "method": "sigmoid" }, "folds": 2 })), 2.0);
        assert_eq!(
            fits(&json!({ "calibrate": { "method": "sigmoid" }, "search": { "folds": 5, "candidates": 1 } })),
            9.0
        );
    }

    #[test]
    fn inner_folds_of_calibrations_and_thresholds_can_be_fewer() {
        let params = |keys: &str| wrapped("decision-tree", keys).unwrap().params;
        for keys in ["calibrate = 'isotonic'", "threshold = 'max-f1'", "threshold = { recall_at_least = 0.5 }"] {
            assert_eq!(params(keys), params(&format!("{keys}\nfolds = 3")), "the default is no part of a key");
            let two = params(&format!("{keys}\nfolds = 2"));
            assert_eq!((folds_of(&two), folds_of(&params(keys))), (2, 3), "{two}");
        }
        let said = |keys: &str| wrapped("decision-tree", keys).err().unwrap().to_string();
        assert_eq!(said("calibrate = 'isotonic'\nfolds = 1"), "folds: 1 must be a whole number from 2 to 4294967295");
        let idle =
            "folds: goes with `calibrate` or a tuned `threshold` only; a family's own parameters stand in `params`";
        assert_eq!((said("folds = 2").as_str(), said("threshold = 0.5\nfolds = 2").as_str()), (idle, idle));
        let searched = "search = { kind = 'grid', space = { max_depth = [1] } }\nthreshold = 'max-f1'\nfolds = 2";
        assert_eq!(
            said(searched),
            "folds: a search shares its inner folds with `threshold` and `calibrate`: write `folds` in `search`"
        );
    }

    /// A family with its defaults and these keys.
    pub(in crate::search) fn wrapped(family: &str, keys: &str) -> Result<Built<dyn Classifier>> {
        let registry = Registry::built_in();
        let entry = registry.classifier(family, None).unwrap();
        let built = entry.build(&Table::new(), &registry).unwrap();
        wrap(&keys.parse().unwrap(), (entry, &registry), &Table::new(), built)
    }

    #[test]
    fn goals_by_the_day_need_folds_in_time() {
        let said = |kind: &str| {
            let text = format!(
                "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = '{kind}'\n[grid]\nclassifiers = [{{ family = 'svc', search = \
                 {{ kind = 'grid', goal = 'precision-at-per-day(9)', space = {{ C = [1.0] }} }} }}]\n"
            );
            let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in());
            study.map(drop).map_err(|e| e.to_string())
        };
        assert_eq!(said("time-ordered"), Ok(()));
        assert!(said("stratified-k-fold").unwrap_err().contains("`svc` counts by the day"));
    }

    #[test]
    fn thresholds_by_constraint_are_read_and_are_part_of_the_key() {
        let of = |text: &str| wrapped("decision-tree", text).map(|built| built.params["threshold"].clone());
        let facts = of("threshold = { fpr_at_most = 0.01 }").unwrap();
        assert_eq!((&facts["rule"], &facts["value"]), (&json!("fpr_at_most"), &json!(0.01)));
        let by_day = wrapped("decision-tree", "threshold = { alarms_per_day = 200 }").unwrap();
        assert_eq!(by_day.component.judged_by(), [Role::Time]);
        let said = of("threshold = ['max-f1']").unwrap_err().to_string();
        assert!(said.contains("a table with one of recall_at_least"), "{said}");
    }

    #[test]
    fn search_calibration_and_threshold_look_at_the_same_folds() {
        let y: Vec<u8> = (0..400).map(|row| u8::from(row % 7 == 3)).collect();
        let x = ndarray::Array2::from_shape_fn((400, 2), |(row, at)| {
            ((row * (at + 3)) % 13) as f64 + 4.0 * f64::from(y[row])
        });
        for method in ["isotonic", "sigmoid", "venn-abers"] {
            let keys = format!(
                "calibrate = '{method}'\nthreshold = 'max-f1'\n[search]\nkind = 'grid'\ngoal = 'log-loss'\n[search.space]\n\
                 n_neighbors = [5, 9]"
            );
            let built = wrapped("k-neighbors", &keys).unwrap();
            assert_eq!(built.params["calibrate"]["method"], method);
            let model = built.component.fit(&Train::numbers(x.view(), &y), &Context { seed: 3 }).unwrap();
            let details = model.details().unwrap();
            let threshold = details["model"]["threshold"]["value"].as_f64().unwrap();
            assert_eq!(details["model"]["model"]["calibrate"]["rows"], 400, "{details}");
            let said = model.predict(x.view()).unwrap();
            assert_eq!(said.kind, ScoreKind::Probability);
            assert!(said.score.iter().zip(&said.label).all(|(p, l)| (*p >= threshold) == (*l == 1)));
        }
    }

    #[test]
    fn inner_folds_and_final_fits_know_which_columns_are_categories() {
        // Every other level is positive: one cut of a category says it all, one cut of a number next to nothing.
        let x = ndarray::Array2::from_shape_fn((400, 1), |(row, _)| (row % 8) as f64);
        let y: Vec<u8> = (0..400).map(|row| (row % 2) as u8).collect();
        let levels: Vec<String> = ('a'..='h').map(String::from).collect();
        let columns = [Column { kind: Kind::Category(levels.into()), ..Column::number("shop") }];
        let train = Train::new(Features { x: x.view(), columns: &columns }, &y);
        let column = ColumnShape { name: "shop".into(), levels: Some(8), blanks: false, empty: false };
        let shape = Shape::new(400, vec![column]);
        let registry = Registry::built_in();
        let entry = registry.classifier("hist-gradient-boosting", None).unwrap();
        for kind in ["grid", "random", "halving", "tpe"] {
            let count = if kind == "grid" { "" } else { "candidates = 2" };
            let table =
                format!("threshold = 'max-f1'\n[search]\nkind = '{kind}'\n{count}\n[search.space]\nmax_iter = [2, 3]");
            let fixed: Table = toml::from_str("max_leaf_nodes = 2").unwrap();
            let built = entry.build(&fixed, &registry).unwrap();
            let wrapped = wrap(&toml::from_str(&table).unwrap(), (entry, &registry), &fixed, built).unwrap().component;
            assert_eq!(wrapped.accepts(&shape), Ok(()));
            let model = wrapped.fit(&train, &Context { seed: 3 }).unwrap();
            assert_eq!(model.predict(x.view()).unwrap().label, y, "{kind}");
            let details = model.details().unwrap();
            let trials = super::super::found(&details).unwrap()["candidates"].as_array().unwrap();
            assert!(trials.iter().all(|trial| trial["mean"] == 1.0), "{kind}: {details}");
            assert_eq!(details["model"]["threshold"]["out_of_fold"], 1.0, "{kind}: {details}");
            let fixed: Table = toml::from_str("max_bins = 7").unwrap();
            let built = entry.build(&fixed, &registry).unwrap();
            let wrapped = wrap(&toml::from_str(&table).unwrap(), (entry, &registry), &fixed, built).unwrap().component;
            assert!(wrapped.accepts(&shape).unwrap_err().contains("`shop` has 8"));
        }
    }
}
