//! Claims about which scaler and which families are best.

use super::lines::{FOREST, QUANTILE, cells, digits, lines};
use super::{Cells, Evidence, Finding, Named, SCALERS, Verdict, figures};
use crate::analyze::Results;
use crate::papers::{Answer, both};
use crate::report::number::score;

/// The four scalers that the paper finds equal and best.
const EQUAL: [&str; 4] = ["normalizer", "power", "standard", "quantile"];
/// The four families that it finds best.
const BEST: [&str; 4] = ["catboost", "autosklearn", "xgboost", "random-forest"];

/// A name and its value, where there is one.
type Values = Vec<(&'static str, Option<f64>)>;

/// Random forest's mean after each scaler, without duplicates and with Tomek links; none where a split lacks it.
fn by_scaler(results: Option<&Results>, metric: &str) -> (Values, Cells) {
    let all = results.map(lines).unwrap_or_default();
    let forests: Vec<_> = all.iter().filter(|line| line.family == FOREST && line.is_papers()).collect();
    let of = |scaler: &str| forests.iter().find(|l| l.group.pipeline.scaler == scaler).and_then(|l| l.whole(metric));
    (SCALERS.iter().map(|(scaler, _)| (*scaler, of(scaler))).collect(), cells(forests))
}

fn known(values: &Values) -> impl Iterator<Item = (&'static str, i64)> {
    values.iter().filter_map(|(name, value)| Some((*name, digits((*value)?))))
}

fn missing(values: &Values) -> Vec<&'static str> {
    values.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect()
}

/// Whether the `group` has one value, and nobody else more.
fn is_equal_and_best(values: &Values, group: &[&str]) -> Answer {
    let inside: Vec<i64> = known(values).filter(|(name, _)| group.contains(name)).map(|(_, value)| value).collect();
    let differ = inside.iter().any(|value| *value != inside[0]);
    let beaten = known(values).any(|(name, v)| !group.contains(&name) && inside.iter().any(|inner| v > *inner));
    decided(values, differ || beaten)
}

fn decided(values: &Values, contradicted: bool) -> Answer {
    let missing = missing(values);
    match (contradicted, missing.is_empty()) {
        (true, _) => Answer::No,
        (false, true) => Answer::Yes,
        (false, false) if missing.len() == values.len() => Answer::Open("nothing is complete".to_owned()),
        (false, false) => Answer::Open(format!("nothing contradicts it, but without {}", missing.join(", "))),
    }
}

/// Whether `name` alone has the largest value.
fn is_alone_best(values: &Values, name: &str) -> Answer {
    let own = known(values).find(|(known, _)| *known == name);
    let reached = own.is_some_and(|(_, own)| known(values).any(|(other, value)| other != name && value >= own));
    decided(values, reached)
}

/// Equal values are told together: `0.9995 none, power; 0.9994 robust`, the largest first.
fn told(values: &Values) -> String {
    let mut groups: Vec<(i64, Vec<&str>)> = Vec::new();
    for (name, value) in known(values) {
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, names)) => names.push(name),
            None => groups.push((value, vec![name])),
        }
    }
    groups.sort_by_key(|(value, _)| std::cmp::Reverse(*value));
    let group =
        |(value, names): &(i64, Vec<&str>)| format!("{} {}", score(Some(*value as f64 / 1e4)), names.join(", "));
    groups.iter().map(group).collect::<Vec<_>>().join("; ")
}

fn scalers(evidence: &Evidence, metric: &str, answer: impl Fn(&Values) -> Answer) -> Finding {
    let (hold_out, one) = by_scaler(evidence.hold_out(), metric);
    let (folds, ten) = by_scaler(evidence.cross_validation(), metric);
    let named = |what: &str, values: &Values| (known(values).count() > 0).then(|| format!("{what}: {}", told(values)));
    let said: Vec<String> = [named("hold-out", &hold_out), named("ten folds", &folds)].into_iter().flatten().collect();
    let verdict = both(answer(&hold_out), answer(&folds));
    if said.is_empty() {
        let none = Finding::none("no random forest with Tomek links and without duplicates is complete");
        return Finding { cells: Some(one.and(ten)).filter(|cells| cells.planned > 0), ..none };
    }
    Finding { measured: said.join(". "), value: None, interval: None, cells: Some(one.and(ten)), verdict }
}

pub(super) fn scalers_equal(evidence: &Evidence) -> Finding {
    scalers(evidence, "accuracy", |values| is_equal_and_best(values, &EQUAL))
}

pub(super) fn quantile_best(evidence: &Evidence) -> Finding {
    let finding = scalers(evidence, "iba-1", |values| is_alone_best(values, QUANTILE));
    let (hold_out, _) = by_scaler(evidence.hold_out(), "iba-1");
    let own = hold_out.iter().find(|(name, _)| *name == QUANTILE).and_then(|(_, value)| *value);
    Finding { value: own, ..finding }
}

pub(super) fn best_families(evidence: &Evidence) -> Finding {
    let Some(results) = evidence.hold_out() else { return Finding::none("the hold-out was not run") };
    let figure = figures::families(results);
    let value = |row: &figures::Family| row.best.as_ref().and_then(|best| best.values[figures::ACCURACY]);
    let values: Values = figure.rows.iter().map(|row| (row.family, value(row))).collect();
    let used = figure.rows.iter().fold(Cells::default(), |sum, row| sum.and(row.cells));
    let inside: Vec<i64> = known(&values).filter(|(name, _)| BEST.contains(name)).map(|(_, value)| value).collect();
    let beaten = known(&values).any(|(name, v)| !BEST.contains(&name) && inside.iter().any(|inner| v > *inner));
    let verdict = match decided(&values, beaten) {
        Answer::Yes => Verdict::Reproduced,
        Answer::No => Verdict::NotReproduced,
        Answer::Open(why) => Verdict::NotMeasured(why),
    };
    let measured = if known(&values).count() > 0 { told(&values) } else { "–".to_owned() };
    Finding { measured, value: None, interval: None, cells: Some(used), verdict }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::ruchay_2023::lines::{NONE, TOMEK};
    use crate::papers::ruchay_2023::sample::{grid, set};
    use crate::papers::ruchay_2023::{CROSS_VALIDATION, HOLD_OUT};

    /// A hold-out of random forest with these values of a metric after the ten scalers; NaN for none.
    fn hold_out(metric: &str, values: [f64; 10]) -> Results {
        let mut results = grid(&HOLD_OUT, &[FOREST]);
        for ((scaler, _), value) in SCALERS.iter().zip(values).filter(|(_, value)| !value.is_nan()) {
            set(&mut results, (true, TOMEK, scaler, FOREST), 0, &[(metric, value)]);
        }
        results
    }

    fn ten_folds(metric: &str, values: [f64; 10]) -> Results {
        let mut results = grid(&CROSS_VALIDATION, &[FOREST]);
        for ((scaler, _), value) in SCALERS.iter().zip(values).filter(|(_, value)| !value.is_nan()) {
            for fold in 0..10 {
                set(&mut results, (true, TOMEK, scaler, FOREST), fold, &[(metric, value)]);
            }
        }
        results
    }

    fn one(results: Results) -> Evidence {
        Evidence::default().with(&HOLD_OUT, results)
    }

    // none, min-max, max-abs, standard, power, quantile, normalizer, function, polynomial, robust
    const PAPERS: [f64; 10] = [0.9994, 0.9994, 0.9994, 0.9995, 0.9995, 0.99951, 0.99949, 0.9994, 0.9993, 0.9994];

    #[test]
    fn four_scalers_must_be_equal_and_nobody_better() {
        assert_eq!(scalers_equal(&one(hold_out("accuracy", PAPERS))).verdict, Verdict::Reproduced);
        let mut other_is_equal = PAPERS;
        other_is_equal[9] = 0.9995;
        assert_eq!(scalers_equal(&one(hold_out("accuracy", other_is_equal))).verdict, Verdict::Reproduced);
        let mut other_is_better = PAPERS;
        other_is_better[9] = 0.9996;
        assert_eq!(scalers_equal(&one(hold_out("accuracy", other_is_better))).verdict, Verdict::NotReproduced);
        let mut unequal = PAPERS;
        unequal[6] = 0.9994;
        assert_eq!(scalers_equal(&one(hold_out("accuracy", unequal))).verdict, Verdict::NotReproduced);
    }

    #[test]
    fn what_is_missing_leaves_it_open_unless_the_rest_decides() {
        let mut partial = PAPERS;
        partial[8] = f64::NAN;
        let finding = scalers_equal(&one(hold_out("accuracy", partial)));
        let Verdict::NotMeasured(why) = &finding.verdict else { panic!("{finding:?}") };
        assert!(why.contains("polynomial"), "{why}");
        // Ten pipelines of one cell each and Tomek links; one of them without a record.
        assert_eq!(finding.cells.unwrap(), Cells { scored: 9, failed: 0, planned: 10 });
        partial[0] = 0.9997;
        assert_eq!(scalers_equal(&one(hold_out("accuracy", partial))).verdict, Verdict::NotReproduced);
    }

    #[test]
    fn ten_folds_can_contradict_the_hold_out_and_stand_in_for_it() {
        let mut unequal = PAPERS;
        unequal[6] = 0.9990;
        let mut evidence = one(hold_out("accuracy", PAPERS));
        evidence = evidence.with(&CROSS_VALIDATION, ten_folds("accuracy", unequal));
        assert_eq!(scalers_equal(&evidence).verdict, Verdict::NotReproduced);
        evidence = evidence.with(&CROSS_VALIDATION, ten_folds("accuracy", PAPERS));
        assert_eq!(scalers_equal(&evidence).verdict, Verdict::Reproduced);
        let alone = Evidence::default().with(&CROSS_VALIDATION, ten_folds("accuracy", PAPERS));
        assert_eq!(scalers_equal(&alone).verdict, Verdict::Reproduced);
    }

    #[test]
    fn the_best_scaler_must_be_alone() {
        let mut values = [0.57; 10];
        assert_eq!(quantile_best(&one(hold_out("iba-1", values))).verdict, Verdict::NotReproduced);
        values[5] = 0.5702;
        let finding = quantile_best(&one(hold_out("iba-1", values)));
        assert_eq!((finding.verdict, finding.value), (Verdict::Reproduced, Some(0.5702)));
        values[5] = f64::NAN;
        assert!(matches!(quantile_best(&one(hold_out("iba-1", values))).verdict, Verdict::NotMeasured(_)));
    }

    /// A hold-out with an accuracy a family.
    fn of_families(values: &[(&'static str, f64)]) -> Results {
        let mut results = grid(&HOLD_OUT, &[]);
        for (family, value) in values {
            set(&mut results, (true, TOMEK, NONE, family), 0, &[("accuracy", *value), ("f1", 0.8)]);
        }
        results
    }

    #[test]
    fn the_four_families_must_not_be_beaten() {
        let mut values: Vec<(&'static str, f64)> = figures::FAMILIES
            .iter()
            .map(|family| (family.0, if BEST.contains(&family.0) { 0.9995 } else { 0.9994 }))
            .collect();
        assert_eq!(best_families(&one(of_families(&values))).verdict, Verdict::Reproduced);
        let without: Vec<_> = values.iter().copied().filter(|(family, _)| *family != "catboost").collect();
        let finding = best_families(&one(of_families(&without)));
        let Verdict::NotMeasured(why) = &finding.verdict else { panic!("{finding:?}") };
        assert!(why.contains("without catboost"), "{why}");
        values.iter_mut().find(|(family, _)| *family == "lightgbm").unwrap().1 = 0.9996;
        assert_eq!(best_families(&one(of_families(&values))).verdict, Verdict::NotReproduced);
    }
}
