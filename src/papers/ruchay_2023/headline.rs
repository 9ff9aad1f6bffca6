//! The headline: accuracy 0.9999 and recall 0.9366. The honest runs are searched for any pipeline that gets there; the audit
//! says which leak does.

use super::lines::{FOREST, Line, NONE, TPOT, cells, digits, lines};
use super::preparation::fewest;
use super::{Cells, Evidence, Finding, Named, Verdict};
use crate::analyze::Results;
use crate::analyze::statistics::wilson::wilson;
use crate::papers::splits::mean;
use crate::report::number::score;
use crate::split::{Leak, Leaks};
use crate::words::counted;

/// What the paper prints, in units of the fourth digit.
const ACCURACY: i64 = 9_999;
const RECALL: i64 = 9_366;

pub(super) fn accuracy(evidence: &Evidence) -> Finding {
    on_a_test_part(evidence, "accuracy", ACCURACY)
}

pub(super) fn recall(evidence: &Evidence) -> Finding {
    on_a_test_part(evidence, "recall", RECALL)
}

/// One protocol of the audit, over all of its pipelines.
struct Step {
    leaks: Leaks,
    /// The largest value of each repeat.
    by_repeat: Vec<(u32, f64)>,
    /// Mean and interval of the pipeline without scaler and resampler, else of the first.
    mean: Option<f64>,
    interval: Option<(f64, f64)>,
    cells: Cells,
}

impl Step {
    fn reached(&self, wanted: i64) -> Vec<u32> {
        self.by_repeat.iter().filter(|(_, value)| digits(*value) >= wanted).map(|(repeat, _)| *repeat).collect()
    }

    fn told(&self, wanted: i64, seed: Option<u64>) -> String {
        let ci = self.interval.map(|(low, high)| format!(" (95% CI {low:.4} to {high:.4})")).unwrap_or_default();
        let name = if self.leaks.is_empty() { "audit, honest".to_owned() } else { format!("`{}`", self.leaks) };
        let reached = self.reached(wanted);
        let seeds: Vec<String> = reached.iter().map(|repeat| place(seed, *repeat)).collect();
        let count = format!("{} of {}", reached.len(), counted(self.by_repeat.len() as u64, "seed"));
        let which = if reached.is_empty() { String::new() } else { format!(": {}", seeds.join(", ")) };
        format!("{name}: mean {}{ci}, reached at {count}{which}", score(self.mean))
    }
}

/// The seed of a repeat's split: hold-outs count up from the study's.
fn place(seed: Option<u64>, repeat: u32) -> String {
    seed.map_or_else(|| format!("repeat {repeat}"), |seed| (seed + u64::from(repeat)).to_string())
}

fn steps(results: &Results, metric: &str) -> Vec<Step> {
    let all = lines(results);
    let of = |leaks: Leaks| {
        let group: Vec<&Line<'_>> = all.iter().filter(|line| line.leaks == leaks && is_claimed(line)).collect();
        let mut by_repeat: Vec<(u32, f64)> = Vec::new();
        for ((repeat, _), value) in group.iter().flat_map(|line| line.group.values(metric)) {
            match by_repeat.iter_mut().find(|(known, _)| *known == repeat) {
                Some((_, most)) => *most = most.max(value),
                None => by_repeat.push((repeat, value)),
            }
        }
        let raw = |line: &&&Line<'_>| line.group.pipeline.scaler == NONE && line.group.pipeline.resampler == NONE;
        let shown = group.iter().find(raw).or(group.first())?;
        let values = shown.group.values(metric);
        let found = mean(results, true, &values);
        let interval = found.and_then(|found| found.interval);
        Some(Step { leaks, by_repeat, mean: found.map(|found| found.mean), interval, cells: cells(group) })
    };
    Leaks::ladder(&Leak::COMMON).into_iter().filter_map(of).filter(|step| step.cells.scored > 0).collect()
}

/// Without duplicates, and of one of the two families that the paper names.
fn is_claimed(line: &Line<'_>) -> bool {
    line.group.pipeline.dedup && [FOREST, TPOT].contains(&line.family)
}

/// The best of the hold-out's pipelines on its one test part.
struct Single {
    value: f64,
    name: String,
    interval: Option<(f64, f64)>,
    pipelines: usize,
    cells: Cells,
}

fn single(results: &Results, metric: &str) -> Option<Single> {
    let all = lines(results);
    let ours: Vec<&Line<'_>> = all.iter().filter(|line| line.is_honest() && is_claimed(line)).collect();
    let valued = ours.iter().filter_map(|line| Some((line, line.group.values(metric).first()?.1)));
    // Of equal values the first in plan order.
    let (line, value) = valued.clone().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let counts = line.group.scored().next().and_then(|record| record.confusion).filter(|_| metric == "recall");
    let p = &line.group.pipeline;
    Some(Single {
        value,
        name: format!("{} (scaler {}, resampler {})", p.classifier, p.scaler, p.resampler),
        interval: counts.and_then(|c| wilson(c.tp, c.tp + c.fn_)),
        pipelines: valued.count(),
        cells: cells(ours),
    })
}

fn on_a_test_part(evidence: &Evidence, metric: &str, wanted: i64) -> Finding {
    let hold_out = evidence.hold_out().and_then(|results| single(results, metric));
    let steps = evidence.audit().map(|results| steps(results, metric)).unwrap_or_default();
    let seed = evidence.audit().and_then(seed);
    let honest = steps.iter().find(|step| step.leaks.is_empty());
    let Some(cells) = hold_out.iter().map(|s| s.cells).chain(honest.map(|s| s.cells)).reduce(Cells::and) else {
        return Finding::none("no honest random forest or TPOT on a hold-out");
    };
    let mut said = Vec::new();
    if let Some(best) = &hold_out {
        let ci = best.interval.map(|(low, high)| format!(", 95% CI {low:.4} to {high:.4}")).unwrap_or_default();
        let among = counted(best.pipelines as u64, "honest pipeline");
        said.push(format!("hold-out: at most {:.4} among {among}, by {}{ci}", best.value, best.name));
    }
    let reached = |step: &&Step| !step.reached(wanted).is_empty();
    let by_leak: Vec<(Leaks, ())> =
        steps.iter().filter(|step| !step.leaks.is_empty()).filter(reached).map(|step| (step.leaks, ())).collect();
    let by_leak: Vec<Leaks> = fewest(by_leak).into_iter().map(|(leaks, ())| leaks).collect();
    let shown = steps.iter().filter(|step| step.leaks.is_empty() || by_leak.contains(&step.leaks));
    said.extend(shown.map(|step| step.told(wanted, seed)));
    let is_honest =
        hold_out.as_ref().is_some_and(|best| digits(best.value) >= wanted) || honest.as_ref().is_some_and(reached);
    let (value, interval) = match (honest, &hold_out) {
        (Some(step), _) => (step.mean, step.interval),
        (None, Some(best)) => (Some(best.value), best.interval),
        (None, None) => (None, None),
    };
    Finding {
        measured: said.join(". "),
        value,
        interval,
        cells: Some(cells),
        verdict: match (is_honest, by_leak.is_empty()) {
            (true, _) => Verdict::Reproduced,
            (false, true) => Verdict::NotReproduced,
            (false, false) => Verdict::OnlyWithLeak(by_leak),
        },
    }
}

/// The study's seed.
fn seed(results: &Results) -> Option<u64> {
    let table: toml::Table = results.manifest.study.parse().ok()?;
    table.get("seed").and_then(toml::Value::as_integer).and_then(|seed| u64::try_from(seed).ok())
}

pub(super) fn ten_fold_accuracy(evidence: &Evidence) -> Finding {
    let Some(results) = evidence.cross_validation() else { return Finding::none("no folds were run") };
    let all = lines(results);
    let ours: Vec<&Line<'_>> = all.iter().filter(|line| line.is_honest() && is_claimed(line)).collect();
    let used = cells(ours.iter().copied());
    let whole = ours.iter().filter_map(|line| Some((line, line.whole("accuracy")?)));
    let Some((line, best)) = whole.clone().reduce(|best, next| if next.1 > best.1 { next } else { best }) else {
        let none = Finding::none("no random forest or TPOT has all of its folds yet");
        return Finding { cells: Some(used), ..none };
    };
    let interval = mean(results, true, &line.group.values("accuracy")).and_then(|found| found.interval);
    let p = &line.group.pipeline;
    let among = counted(whole.count() as u64, "complete pipeline");
    Finding {
        measured: format!(
            "at most {best:.5} among {among}, by {} (scaler {}, resampler {})",
            p.classifier, p.scaler, p.resampler
        ),
        value: Some(best),
        interval,
        cells: Some(used),
        verdict: if digits(best) >= ACCURACY { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::ruchay_2023::lines::TOMEK;
    use crate::papers::ruchay_2023::sample::{audit, grid, set};
    use crate::papers::ruchay_2023::{AUDIT, CROSS_VALIDATION, HOLD_OUT};
    use crate::split::Leak;

    const ELSEWHERE: [Leak; 1] = [Leak::TrainedOnAnotherSplit];

    fn hold_out(recall: f64) -> Results {
        let mut results = grid(&HOLD_OUT, &[FOREST]);
        set(&mut results, (true, NONE, NONE, FOREST), 0, &[("recall", 0.70), ("accuracy", 0.9995)]);
        set(&mut results, (true, TOMEK, "power", FOREST), 0, &[("recall", recall), ("accuracy", 0.9995)]);
        results
    }

    /// Recall 0.76 when nothing leaks; `elsewhere(repeat)` when the training part is another split's.
    fn with_audit(elsewhere: fn(u32) -> f64) -> Evidence {
        let audit = audit(move |leaks, _, repeat| {
            let recall = if leaks.has(ELSEWHERE[0]) { elsewhere(repeat) } else { 0.76 };
            vec![("recall", recall), ("accuracy", 0.9995)]
        });
        Evidence::default().with(&AUDIT, audit)
    }

    #[test]
    fn a_recall_that_one_leak_reaches_is_told_with_its_seeds() {
        let mut evidence = with_audit(|repeat| if repeat == 1 { 0.93661 } else { 0.91 });
        evidence = evidence.with(&HOLD_OUT, hold_out(0.78));
        let finding = recall(&evidence);
        // All leaks together reach it too, but one alone is enough.
        assert_eq!(finding.verdict, Verdict::OnlyWithLeak(vec![Leaks::of(&ELSEWHERE)]));
        assert!(finding.measured.contains("reached at 1 of 3 seeds: 101"), "{}", finding.measured);
        assert!(finding.measured.contains("at most 0.7800 among 2 honest pipelines"), "{}", finding.measured);
        assert_eq!(finding.value.map(digits), Some(7_600));
    }

    #[test]
    fn four_digits_decide() {
        assert_eq!(recall(&with_audit(|_| 0.93656)).verdict, Verdict::OnlyWithLeak(vec![Leaks::of(&ELSEWHERE)]));
        assert_eq!(recall(&with_audit(|_| 0.93654)).verdict, Verdict::NotReproduced);
    }

    #[test]
    fn an_honest_pipeline_that_gets_there_is_enough() {
        let evidence = Evidence::default().with(&HOLD_OUT, hold_out(0.9366));
        assert_eq!(recall(&evidence).verdict, Verdict::Reproduced);
        assert_eq!(accuracy(&evidence).verdict, Verdict::NotReproduced);
    }

    #[test]
    fn other_families_and_duplicates_do_not_count() {
        let mut results = grid(&HOLD_OUT, &[FOREST, "logistic-regression"]);
        set(&mut results, (true, TOMEK, "power", FOREST), 0, &[("recall", 0.78)]);
        set(&mut results, (true, NONE, NONE, "logistic-regression"), 0, &[("recall", 0.95)]);
        set(&mut results, (false, NONE, NONE, FOREST), 0, &[("recall", 0.95)]);
        let finding = recall(&Evidence::default().with(&HOLD_OUT, results));
        assert_eq!((finding.verdict, finding.value), (Verdict::NotReproduced, Some(0.78)));
    }

    #[test]
    fn ten_folds_need_a_whole_pipeline() {
        let folds = |n: u32, value: f64| {
            let mut results = grid(&CROSS_VALIDATION, &[FOREST]);
            for fold in 0..n {
                set(&mut results, (true, TOMEK, NONE, FOREST), fold, &[("accuracy", value)]);
            }
            ten_fold_accuracy(&Evidence::default().with(&CROSS_VALIDATION, results)).verdict
        };
        assert!(matches!(folds(9, 0.9999), Verdict::NotMeasured(_)));
        assert_eq!(folds(10, 0.99986), Verdict::Reproduced);
        assert_eq!(folds(10, 0.99984), Verdict::NotReproduced);
    }
}
