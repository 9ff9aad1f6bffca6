//! Figure 5's claim: the metrics remain almost the same for all ten folds.

use super::figures::{self, Folds};
use super::{Cells, Evidence, Finding, Named, Verdict};

/// An SD below this is "almost the same": a fold's value then differs in the third digit.
const ALMOST: f64 = 0.01;

pub(super) fn accuracy(evidence: &Evidence) -> Finding {
    almost_the_same(evidence, 0)
}

pub(super) fn iba(evidence: &Evidence) -> Finding {
    almost_the_same(evidence, 1)
}

fn almost_the_same(evidence: &Evidence, metric: usize) -> Finding {
    let Some(results) = evidence.cross_validation() else { return Finding::none("no folds were run") };
    let rows = figures::folds(results);
    let used = rows.iter().fold(Cells::default(), |sum, row| sum.and(row.cells));
    let sd = |row: &Folds| row.summaries[metric].sd.filter(|_| row.cells.is_whole());
    let known: Vec<(&str, f64)> = rows.iter().filter_map(|row| Some((row.family, sd(row)?))).collect();
    let open: Vec<&str> = rows.iter().filter(|row| sd(row).is_none()).map(|row| row.family).collect();
    let verdict = match (known.iter().any(|(_, sd)| *sd >= ALMOST), open.is_empty()) {
        (true, _) => Verdict::NotReproduced,
        (false, true) => Verdict::Reproduced,
        (false, false) if known.is_empty() => Verdict::NotMeasured("no family has all of its folds".to_owned()),
        (false, false) => Verdict::NotMeasured(format!("so far it holds, but without {}", open.join(", "))),
    };
    let said: Vec<String> = known.iter().map(|(family, sd)| format!("{family} {:.1}", sd * 1e4)).collect();
    Finding {
        measured: if said.is_empty() { "–".to_owned() } else { format!("SD × 10^4: {}", said.join(", ")) },
        value: known.iter().map(|(_, sd)| *sd).reduce(f64::max),
        interval: None,
        cells: Some(used),
        verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::ruchay_2023::CROSS_VALIDATION;
    use crate::papers::ruchay_2023::lines::{QUANTILE, TOMEK};
    use crate::papers::ruchay_2023::sample::{grid, set};

    /// Folds of these families, whose accuracy and IBA alternate by `swing` around 0.9995 and 0.6.
    fn run(families: &[&str], swing: [f64; 2], folds: u32) -> Evidence {
        let mut results = grid(&CROSS_VALIDATION, &[]);
        for family in families {
            for fold in 0..folds {
                let sign = if fold % 2 == 0 { 1.0 } else { -1.0 };
                let values = [("accuracy", 0.9995 + sign * swing[0]), ("iba-1", 0.6 + sign * swing[1])];
                set(&mut results, (true, TOMEK, QUANTILE, family), fold, &values);
            }
        }
        Evidence::default().with(&CROSS_VALIDATION, results)
    }

    const FIVE: [&str; 5] = ["catboost", "tpot", "random-forest", "xgboost", "lightgbm"];

    #[test]
    fn a_small_sd_of_all_five_is_stable_and_a_large_one_of_any_is_not() {
        let evidence = run(&FIVE, [1e-4, 0.05], 10);
        assert_eq!(accuracy(&evidence).verdict, Verdict::Reproduced);
        let finding = iba(&evidence);
        assert_eq!(finding.verdict, Verdict::NotReproduced);
        // Ten values of 0.6 +- 0.05: sqrt(10 / 9) 0.05.
        assert!((finding.value.unwrap() - 0.05 * (10.0_f64 / 9.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn families_that_were_not_run_leave_it_open() {
        let evidence = run(&FIVE[2..], [1e-4, 0.05], 10);
        let Verdict::NotMeasured(why) = accuracy(&evidence).verdict else { panic!("decided") };
        assert!(why.contains("without catboost, tpot"), "{why}");
        assert_eq!(iba(&evidence).verdict, Verdict::NotReproduced);
        assert!(matches!(iba(&run(&FIVE, [1e-4, 0.05], 9)).verdict, Verdict::NotMeasured(_)));
    }
}
