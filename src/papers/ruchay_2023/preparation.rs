//! Claims about what comes before the classifier: duplicates and Tomek links.

use std::collections::BTreeMap;

use super::lines::{FOREST, Line, NONE, TOMEK, cells, digits, lines};
use super::{AUDIT, CROSS_VALIDATION, Cells, Evidence, Finding, HOLD_OUT, Named, Part, Verdict};
use crate::analyze::Results;
use crate::analyze::folds::Split;
use crate::analyze::statistics::mean::mean_and_sd;
use crate::papers::splits::{Mean, mean_difference};
use crate::split::{Leak, Leaks};
use crate::words::count;

/// What the paper prints.
const UNIQUE: u64 = 283_726;
const REMOVED: u64 = 248;

pub(super) fn unique_rows(evidence: &Evidence) -> Finding {
    let counted = evidence.counts().map(|c| (c.rows, c.duplicate_rows));
    let told = || evidence.any().map(|r| r.manifest.table());
    let Some((rows, duplicates)) = counted.or_else(|| told().map(|d| (d.rows, d.duplicate_rows))) else {
        return Finding::none("the data were not counted");
    };
    let unique = rows.saturating_sub(duplicates);
    Finding {
        measured: format!("{} of {}", count(unique), count(rows)),
        value: Some(unique as f64),
        interval: None,
        cells: None,
        verdict: if unique == UNIQUE { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

pub(super) fn tomek_removes(evidence: &Evidence) -> Finding {
    let Some(counts) = &evidence.counts() else { return Finding::none("the data were not counted") };
    let of = |dedup: bool| counts.tomek.iter().filter(move |links| links.dedup == dedup).map(|links| links.removed);
    let range = |dedup: bool| Some((of(dedup).min()?, of(dedup).max()?));
    let (Some((least, most)), Some(raw)) = (range(true), counts.removed(true, NONE)) else {
        return Finding::none("Tomek links were not counted without duplicates");
    };
    let with = range(false).map(|(least, most)| format!("; with duplicates kept {least} to {most}"));
    Finding {
        measured: format!("{raw} on raw columns, {least} to {most} after the scalers{}", with.unwrap_or_default()),
        value: Some(raw as f64),
        interval: None,
        cells: None,
        verdict: if of(true).any(|removed| removed == REMOVED) { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

/// A paired change, averaged over the pipelines of each split.
struct Change {
    mean: f64,
    interval: Option<(f64, f64)>,
    splits: usize,
    cells: Cells,
}

impl Change {
    fn is_papers(&self) -> bool {
        digits(self.mean) >= 1 && self.interval.is_none_or(|(low, _)| low > 0.0)
    }

    fn told(&self) -> String {
        match self.interval {
            Some((low, high)) => format!("{} (95% CI {} to {})", fine(self.mean), fine(low), fine(high)),
            None => fine(self.mean),
        }
    }
}

/// A change of accuracy with a digit more than the paper prints.
fn fine(value: f64) -> String {
    let text = format!("{value:+.5}");
    if text == "-0.00000" || text == "+0.00000" { "0.00000".to_owned() } else { text }
}

/// Accuracy with Tomek links minus without any resampler, both under `leaks`, for random forest without duplicates.
fn tomek_change(results: &Results, leaks: Leaks) -> Option<Change> {
    let all = lines(results);
    let ours = |line: &&Line<'_>| line.family == FOREST && line.group.pipeline.dedup;
    let with = all.iter().filter(ours).filter(|l| l.leaks == leaks && l.group.pipeline.resampler == TOMEK);
    let mut by_split: BTreeMap<Split, Vec<f64>> = BTreeMap::new();
    let mut used = Cells::default();
    for line in with {
        let wanted = line.group.pipeline.with(|cell| cell.resampler = NONE.to_owned());
        let Some(without) = all.iter().find(|other| other.group.pipeline == wanted) else { continue };
        used = used.and(cells([line, without]));
        let base = without.group.values("accuracy");
        for (split, value) in line.group.values("accuracy") {
            if let Some((_, before)) = base.iter().find(|(known, _)| *known == split) {
                by_split.entry(split).or_default().push(value - before);
            }
        }
    }
    let changes: Vec<(Split, f64)> =
        by_split.iter().filter_map(|(split, values)| Some((*split, mean_and_sd(values).0?))).collect();
    let Mean { mean, interval } = mean_difference(results, true, &changes)?;
    Some(Change { mean, interval, splits: changes.len(), cells: used })
}

pub(super) fn tomek_accuracy(evidence: &Evidence) -> Finding {
    let of = |part: &Part, leaks: Leaks| evidence.part(part).and_then(|results| tomek_change(results, leaks));
    let folds = of(&CROSS_VALIDATION, Leaks::NONE).filter(|change| change.splits > 1);
    let hold_out = of(&HOLD_OUT, Leaks::NONE);
    let mut said = Vec::new();
    if let Some(change) = &hold_out {
        said.push(format!("{} on the hold-out", change.told()));
    }
    if let Some(change) = &folds {
        said.push(format!("{} over {} folds", change.told(), change.splits));
    }
    let Some(decides) = folds.or(hold_out) else {
        return Finding::none("no random forest with and without Tomek links");
    };
    let leaky = Leaks::ladder(&Leak::COMMON).into_iter().filter(|leaks| !leaks.is_empty());
    let leaky = leaky.filter_map(|leaks| Some((leaks, of(&AUDIT, leaks)?))).filter(|(_, change)| change.is_papers());
    let leaky: Vec<(Leaks, Change)> = if decides.is_papers() { Vec::new() } else { fewest(leaky.collect()) };
    said.extend(leaky.iter().map(|(leaks, change)| format!("{} with `{leaks}`", change.told())));
    Finding {
        measured: said.join("; "),
        value: Some(decides.mean),
        interval: decides.interval,
        cells: Some(decides.cells),
        verdict: match (decides.is_papers(), leaky.is_empty()) {
            (true, _) => Verdict::Reproduced,
            (false, true) => Verdict::NotReproduced,
            (false, false) => Verdict::OnlyWithLeak(leaky.into_iter().map(|(leaks, _)| leaks).collect()),
        },
    }
}

/// Of sets of leaks with something to each, those of the fewest leaks.
pub(super) fn fewest<T>(all: Vec<(Leaks, T)>) -> Vec<(Leaks, T)> {
    let least = all.iter().map(|(leaks, _)| leaks.list().len()).min();
    all.into_iter().filter(|(leaks, _)| Some(leaks.list().len()) == least).collect()
}

/// Mean of (without duplicates - with) over random forest's pipelines that are whole both ways, and all cells of these.
fn dedup_change(results: &Results) -> Option<(f64, Cells)> {
    let all = lines(results);
    let mut changes = Vec::new();
    let mut used = Cells::default();
    for line in all.iter().filter(|line| line.family == FOREST && line.is_honest()) {
        let wanted = line.group.pipeline.with(|cell| cell.dedup = false);
        let Some(other) = all.iter().find(|o| o.group.pipeline == wanted) else { continue };
        used = used.and(cells([line, other]));
        if let (Some(off), Some(on)) = (other.whole("accuracy"), line.whole("accuracy")) {
            changes.push(on - off);
        }
    }
    Some((mean_and_sd(&changes).0?, used))
}

pub(super) fn dedup_accuracy(evidence: &Evidence) -> Finding {
    let hold_out = evidence.hold_out().and_then(dedup_change);
    let folds = evidence.cross_validation().and_then(dedup_change);
    let mut said = Vec::new();
    said.extend(hold_out.map(|(mean, _)| format!("{} on the hold-out", fine(mean))));
    said.extend(folds.map(|(mean, _)| format!("{} over the folds", fine(mean))));
    let Some((mean, cells)) = folds.or(hold_out) else {
        return Finding::none("no random forest that is complete with and without duplicates");
    };
    Finding {
        measured: said.join("; "),
        value: Some(mean),
        // The two variants test other rows, so there is nothing to pair.
        interval: None,
        cells: Some(cells),
        verdict: if mean.abs() < 1e-4 { Verdict::Reproduced } else { Verdict::NotReproduced },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::ruchay_2023::sample::{audit, counted, counts, grid, set};
    use crate::split::Leak;

    #[test]
    fn unique_rows_are_counted_or_told_by_a_manifest() {
        assert_eq!(unique_rows(&counted(counts(73))).verdict, Verdict::Reproduced);
        let mut results = grid(&HOLD_OUT, &[]);
        let told = Evidence::default().with(&HOLD_OUT, results.clone());
        assert_eq!(unique_rows(&told).measured, "283,726 of 284,807");
        results.manifest.data[0].duplicate_rows = 1_080;
        let other = Evidence::default().with(&HOLD_OUT, results);
        assert_eq!(unique_rows(&other).verdict, Verdict::NotReproduced);
    }

    #[test]
    fn one_scaler_with_248_links_is_enough_and_duplicates_do_not_count() {
        let of = |counts| tomek_removes(&counted(counts));
        let finding = of(counts(73));
        assert_eq!(finding.verdict, Verdict::NotReproduced);
        assert_eq!(finding.measured, "73 on raw columns, 20 to 73 after the scalers; with duplicates kept 71 to 71");
        assert_eq!(of(counts(248)).verdict, Verdict::Reproduced);
        let mut only_with = counts(73);
        only_with.tomek[2].removed = 248;
        assert_eq!(of(only_with).verdict, Verdict::NotReproduced);
    }

    /// Ten folds of random forest with `none` and `standard`; Tomek links change fold `i`'s accuracy by `rise(i)`.
    fn folds(rise: impl Fn(u32) -> f64) -> Results {
        let mut results = grid(&CROSS_VALIDATION, &[FOREST]);
        for scaler in [NONE, "standard"] {
            for fold in 0..10 {
                let base = 0.9994 + 1e-5 * f64::from(fold);
                set(&mut results, (true, NONE, scaler, FOREST), fold, &[("accuracy", base)]);
                set(&mut results, (true, TOMEK, scaler, FOREST), fold, &[("accuracy", base + rise(fold))]);
            }
        }
        results
    }

    fn of_folds(results: Results) -> Evidence {
        Evidence::default().with(&CROSS_VALIDATION, results)
    }

    #[test]
    fn a_rise_must_be_large_enough_and_sure() {
        let sure = tomek_accuracy(&of_folds(folds(|fold| 1e-4 + 1e-6 * f64::from(fold))));
        assert_eq!(sure.verdict, Verdict::Reproduced);
        assert!((sure.value.unwrap() - 1.045e-4).abs() < 1e-9);
        assert_eq!(sure.cells.unwrap(), Cells { scored: 40, failed: 0, planned: 200 });
        // The mean is the same, but the folds do not agree.
        let unsure = tomek_accuracy(&of_folds(folds(|fold| if fold == 0 { 1.045e-3 } else { 0.0 })));
        assert!((unsure.value.unwrap() - 1.045e-4).abs() < 1e-9 && unsure.interval.unwrap().0 < 0.0);
        assert_eq!(unsure.verdict, Verdict::NotReproduced);
        // 0.00004 is 0.0000 in four digits, however sure.
        let small = tomek_accuracy(&of_folds(folds(|fold| 4e-5 + 1e-7 * f64::from(fold))));
        assert_eq!(small.verdict, Verdict::NotReproduced);
    }

    #[test]
    fn a_single_split_decides_alone_only_without_folds() {
        let mut hold_out = grid(&HOLD_OUT, &[FOREST]);
        set(&mut hold_out, (true, NONE, NONE, FOREST), 0, &[("accuracy", 0.9994)]);
        set(&mut hold_out, (true, TOMEK, NONE, FOREST), 0, &[("accuracy", 0.9996)]);
        let mut evidence = Evidence::default().with(&HOLD_OUT, hold_out);
        let finding = tomek_accuracy(&evidence);
        assert_eq!((finding.verdict, finding.interval), (Verdict::Reproduced, None));
        evidence = evidence.with(&CROSS_VALIDATION, folds(|_| 0.0));
        assert_eq!(tomek_accuracy(&evidence).verdict, Verdict::NotReproduced);
    }

    #[test]
    fn a_rise_that_only_the_resampler_before_the_split_gives_is_told_as_that() {
        let mut evidence = of_folds(folds(|_| 0.0));
        // Accuracy without Tomek links 0.9994 + repeat / 1e5, with them the same, and 0.0002 more before the split.
        let before = Leaks::of(&[Leak::ResampleBeforeSplit]);
        let audit = audit(|leaks, resampler, repeat| {
            let rise = if leaks == before && resampler == TOMEK { 2e-4 } else { 0.0 };
            vec![("accuracy", 0.9994 + 1e-5 * f64::from(repeat) + rise), ("recall", 0.7)]
        });
        evidence = evidence.with(&AUDIT, audit);
        assert_eq!(tomek_accuracy(&evidence).verdict, Verdict::OnlyWithLeak(vec![before]));
    }

    #[test]
    fn duplicates_are_compared_where_both_sides_are_whole() {
        let with = |on: f64, off: f64, folds: u32| {
            let mut results = grid(&CROSS_VALIDATION, &[FOREST]);
            for fold in 0..10 {
                set(&mut results, (true, NONE, NONE, FOREST), fold, &[("accuracy", on)]);
            }
            for fold in 0..folds {
                set(&mut results, (false, NONE, NONE, FOREST), fold, &[("accuracy", off)]);
            }
            dedup_accuracy(&of_folds(results))
        };
        assert_eq!(with(0.99950, 0.99941, 10).verdict, Verdict::Reproduced);
        let moved = with(0.99940, 0.99951, 10);
        assert_eq!(moved.verdict, Verdict::NotReproduced);
        assert_eq!(moved.measured, "-0.00011 over the folds");
        assert!(matches!(with(0.99950, 0.99941, 9).verdict, Verdict::NotMeasured(_)));
    }
}
