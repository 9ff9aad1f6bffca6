//! The inspection as a whole: which checks there are, and what they look at.

use ndarray::{Array2, Axis};

use super::finding::{Finding, Judgement};
use super::order::{self, Order};
use super::{deciding, features, groups, ids, near, periods, same, sizes, unseen};
use crate::data::Dataset;
use crate::error::Result;
use crate::run::Table;
use crate::split::Split;
use crate::study::Study;

/// A dataset variant of a study, as the checks need it.
pub(super) struct Variant<'a> {
    pub data: &'a Dataset,
    /// Whether duplicates were dropped.
    pub dedup: bool,
    /// The rows of the variant; splits hold positions in this list.
    pub rows: Vec<usize>,
    pub splits: Vec<Split>,
}

impl Variant<'_> {
    /// The data's row numbers behind a split's positions.
    pub fn of(&self, positions: &[usize]) -> Vec<usize> {
        positions.iter().map(|&position| self.rows[position]).collect()
    }

    /// The matrix of some rows: rows x columns.
    pub fn matrix(&self, rows: &[usize]) -> Array2<f64> {
        self.data.x.select(Axis(0), rows)
    }

    /// How the variant is called in a sentence.
    pub fn name(&self) -> &'static str {
        if self.dedup { "without duplicates" } else { "with duplicates" }
    }
}

/// The columns of a table that alone separate the classes, on all rows or on those that `deduplicated` keeps; none where no column does.
pub fn separating(data: &Dataset, deduplicated: Option<&[usize]>) -> Option<Finding> {
    let rows = deduplicated.map_or_else(|| (0..data.y.len()).collect(), <[usize]>::to_vec);
    let variant = Variant { data, dedup: deduplicated.is_some(), rows, splits: Vec::new() };
    Some(features::check(&variant)).filter(|finding| finding.verdict == Judgement::Leak)
}

/// Looks at the splits that the study itself asks for, leaks left aside: identical rows and near duplicates across training
/// and test rows, features that alone separate the classes or decide for many positives, columns that look like ids, levels
/// that only test rows have, the share of positives over time, and splits that let the model learn from later rows. `time`
/// names the column that orders rows; without it, the study's or the only one of dates does.
///
/// # Errors
/// [`crate::error::Error::Usage`] for a `time` that is no column or a category, [`crate::error::Error::Data`] when the data cannot be
/// split as the study asks.
pub fn inspect(study: &Study, data: &Dataset, deduplicated: &[usize], time: Option<&str>) -> Result<Vec<Finding>> {
    let order = Order::of(study, data, time)?;
    let table = Table::new(study, data, deduplicated.to_vec())?;
    let mut findings = Vec::new();
    for &dedup in &study.dedup {
        let rows: Vec<usize> = if dedup { deduplicated.to_vec() } else { (0..data.y.len()).collect() };
        let (made, refused): (Vec<_>, Vec<_>) =
            table.splits.of_variant[usize::from(dedup)].iter().cloned().partition(Result::is_ok);
        let splits: Vec<Split> = made.into_iter().flatten().collect();
        let variant = Variant { data, dedup, rows, splits };
        let refused: Vec<String> = refused.into_iter().filter_map(Result::err).collect();
        findings.push(sizes::check(&variant, &refused));
        if variant.splits.is_empty() {
            continue;
        }
        findings.push(same::check(&variant));
        findings.extend(groups::check(&variant));
        findings.push(near::check(&variant)?);
        findings.push(features::check(&variant));
        findings.push(deciding::check(&variant));
        findings.push(ids::check(&variant));
        findings.extend(unseen::check(&variant));
        findings.extend(data.sides.time.as_ref().map(|time| periods::check(&variant, time)));
        if let Order::By(name, time) = &order {
            findings.push(order::check(&variant, name, time));
        }
    }
    if let Order::Unknown(why) = order {
        findings.push(order::not_looked(why));
    }
    if data.sides.time.is_none() {
        findings.push(periods::not_looked());
    }
    Ok(findings)
}
