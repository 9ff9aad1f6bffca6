//! The inspection as a whole: which checks there are, and what they look at.

use ndarray::{Array2, Axis};

use super::finding::Finding;
use super::{features, near, order, same};
use crate::data::Dataset;
use crate::error::{Error, Result, unknown};
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

/// Looks at the splits that the study itself asks for, leaks left aside: identical rows and near duplicates across training
/// and test rows, features that alone separate the classes, and splits that let the model learn from later rows. `time`
/// names the column that orders rows; without it, the protocol's own, or one that is called like a time.
///
/// # Errors
/// [`Error::Usage`] for a `time` that is no column, [`Error::Data`] when the data cannot be split as the study asks.
pub fn inspect(study: &Study, data: &Dataset, deduplicated: &[usize], time: Option<&str>) -> Result<Vec<Finding>> {
    let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    let time = match time {
        Some(name) if !names.contains(&name) => return Err(Error::Usage(unknown("column for --time", name, &names))),
        Some(name) => Some(name),
        None => study.protocol.order_column().or_else(|| names.iter().copied().find(|name| order::is_time(name))),
    };
    let order_by = study.protocol.order_column().map(|name| data.column(name)).transpose()?;
    let mut findings = Vec::new();
    for &dedup in &study.dedup {
        let rows: Vec<usize> = if dedup { deduplicated.to_vec() } else { (0..data.y.len()).collect() };
        let y: Vec<u8> = rows.iter().map(|&row| data.y[row]).collect();
        let order: Option<Vec<f64>> = order_by.as_ref().map(|all| rows.iter().map(|&row| all[row]).collect());
        let splits = study.protocol.splits(&y, order.as_deref())?;
        let variant = Variant { data, dedup, rows, splits };
        findings.push(same::check(&variant));
        findings.push(near::check(&variant, study.data.impute)?);
        findings.push(features::check(&variant));
        if let Some(name) = time {
            findings.push(order::check(&variant, name, &data.column(name)?));
        }
    }
    if time.is_none() {
        findings.push(order::no_column());
    }
    Ok(findings)
}
