//! Money saved by alarms.

use super::thresholds::counts;
use super::{Of, Predicted};
use crate::analyze::curves::{Band, Ranking, bands};
use crate::analyze::out_of_fold::Fold;
use crate::analyze::savings::{Saved, at_labels, at_threshold_of_others, saved_at_top};
use crate::error::Result;
use crate::report::document::Section;
use crate::report::number::money;
use crate::report::render::csv::encode;
use crate::report::render::{Exporter, Report};
use crate::report::words::fold_name;
use crate::words::counted;

/// `savings.csv`, where there is anything for it.
pub(in crate::report) const CSV: Exporter = Exporter {
    file: "savings.csv",
    bytes: |report: &Report<'_>| match report.predicted.savings.is_empty() {
        true => Ok(None),
        false => table(&report.predicted.savings, report.predicted.check_cost).map(Some),
    },
};

/// What the alarms of a pipeline save.
#[derive(Debug, Clone, PartialEq)]
pub struct Savings {
    /// By the number of rows with the highest scores that are checked a fold.
    pub curve: Vec<Band>,
    /// The models' own labels.
    pub own: Saved,
    /// The best threshold of the other folds; none where a fold has no others.
    pub chosen: Option<Saved>,
}

impl Savings {
    /// The best point of the curve; none where no point saves anything.
    pub fn best(&self) -> Option<Band> {
        let best = self.curve.iter().copied().reduce(|best, band| if band.mean > best.mean { band } else { best });
        best.filter(|band| band.mean > 0.0)
    }
}

/// What a pipeline's alarms save; none where the data have no amounts, and where all positives are worth nothing.
pub(super) fn of(folds: &[Fold], check_cost: f64) -> Option<Savings> {
    let rankings: Vec<Ranking> = folds.iter().map(Fold::ranking).collect::<Option<_>>()?;
    let least_rows = rankings.iter().map(Ranking::rows).fold(f64::INFINITY, f64::min);
    let curve = bands(&rankings, &counts(least_rows), |fold, n| saved_at_top(fold, n, check_cost));
    let own = at_labels(folds, check_cost)?;
    Some(Savings { curve, own, chosen: at_threshold_of_others(folds, check_cost) })
}

/// Which folds have nothing to save, or more than can be added up, and what that means; none where each has something.
pub(super) fn uncounted(folds: &[Fold]) -> Option<String> {
    if folds.iter().map(Fold::positive_amount).sum::<Option<f64>>().is_none_or(f64::is_infinite) {
        return Some(
            "No money is computed: the amounts of the positives of the test parts add up to more than a number holds. Give them in a \
             larger unit, or leave out rows whose amount stands for an unknown one."
                .to_owned(),
        );
    }
    let of: Vec<String> =
        folds.iter().filter(|fold| fold.positive_amount() == Some(0.0)).map(|fold| fold_name(fold.split)).collect();
    match of.len() {
        0 => None,
        n if n == folds.len() => Some(
            "No money saved is computed: the positives of all test parts are worth 0, so there is nothing to save."
                .to_owned(),
        ),
        n => Some(format!(
            "The positives of {} ({}) are worth 0: an alarm there saves nothing and costs its check, and there is no share of their \
             amount, so that `curves.csv` has no `amount-among-n-highest`.",
            counted(n as u64, "fold"),
            of.join("; ")
        )),
    }
}

/// `savings.csv`: the curve, the models' own labels, and the threshold chosen on the other folds; all mean a fold.
///
/// # Errors
/// [`crate::error::Error::Component`] when it cannot be encoded.
fn table(all: &[Of<Savings>], check_cost: f64) -> Result<Vec<u8>> {
    let header = [
        "family",
        "pipeline",
        "at",
        "alarms",
        "saved_mean",
        "saved_least_fold",
        "saved_largest_fold",
        "share_of_amount",
        "check_cost",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for one in all {
        let mut line = |at: &str, numbers: [f64; 4], share: Option<f64>| {
            let mut cells = vec![one.family.clone(), one.pipeline.clone(), at.to_owned()];
            cells.extend(numbers.map(|v| v.to_string()));
            cells.push(share.map_or_else(String::new, |v| v.to_string()));
            cells.push(check_cost.to_string());
            rows.push(cells);
        };
        for band in &one.it.curve {
            line("n-highest", [band.x, band.mean, band.least, band.largest], None);
        }
        let points = [("own-labels", Some(one.it.own)), ("threshold-of-other-folds", one.it.chosen)];
        for (at, saved) in points.into_iter().filter_map(|(at, saved)| Some((at, saved?))) {
            line(at, [saved.alarms, saved.money, saved.least, saved.largest], Some(saved.share));
        }
    }
    encode(&rows)
}

/// Own labels and the threshold of the other folds, a row per family; none without savings.
pub(super) fn section(all: &Predicted) -> Option<Section> {
    let other = match all.savings.iter().any(|one| one.it.chosen.is_some()) {
        true => "The threshold of each fold is chosen on the other folds, never on the fold itself.",
        false => "A repeat has one test part, so there is no other fold of it to choose a threshold on.",
    };
    let text = format!(
        "Amount of the frauds caught, minus {} for every alarm that is checked (`--check-cost`), in the unit of the data's \
         amounts; mean per fold. Caught: the share of the frauds' amount over all folds, before checks are paid. {other}",
        all.check_cost
    );
    let header = [
        "family",
        "own labels: saved",
        "caught",
        "alarms",
        "threshold of the other folds: saved",
        "range over folds",
        "caught",
        "alarms",
    ];
    let numbers = |saved: Saved| [money(saved.money), format!("{:.3}", saved.share), format!("{:.1}", saved.alarms)];
    let line = |one: &Of<Savings>| {
        let mut cells: Vec<String> = [one.family.clone()].into_iter().chain(numbers(one.it.own)).collect();
        match one.it.chosen {
            Some(chosen) => {
                let [saved, share, alarms] = numbers(chosen);
                let range = format!("{} to {}", money(chosen.least), money(chosen.largest));
                cells.extend([saved, range, share, alarms]);
            }
            None => cells.extend(vec!["–".to_owned(); 4]),
        }
        cells
    };
    super::section("savings", "Money saved", &text, &header, all.savings.iter().map(line).collect())
}
