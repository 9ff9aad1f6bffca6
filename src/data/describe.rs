//! What a data set holds, in numbers and as text.

use std::fmt;

use serde::Serialize;

use super::impute::missing;
use super::{Dataset, dedup};

/// What [`describe`] found. Its `Display` is the text for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// The data set's name.
    pub name: String,
    /// SHA-256 of the uncompressed file.
    pub sha256: String,
    /// Rows.
    pub rows: usize,
    /// Positive rows.
    pub positives: usize,
    /// Positive rows / rows.
    pub share: f64,
    /// What the labels are called: (negative, positive).
    pub labels: (String, String),
    /// Rows that repeat an earlier one.
    pub duplicates: usize,
    /// Positive rows that repeat an earlier one.
    pub duplicate_positives: usize,
    /// Distinct feature rows that occur with both labels.
    pub conflicting: usize,
    /// The features, in file order.
    pub columns: Vec<ColumnFacts>,
}

/// One feature. Minimum, mean and maximum are of its present values, NaN if it has none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// Missing values.
    pub missing: usize,
    /// One value in all rows where it has any.
    pub constant: bool,
    /// Smallest value.
    pub min: f64,
    /// Mean.
    pub mean: f64,
    /// Largest value.
    pub max: f64,
}

/// Counts rows, classes, duplicates and missing values, and gives each feature's range.
pub fn describe(data: &Dataset) -> Description {
    let unique = dedup(data);
    let positives = data.positives();
    let kept_positives = unique.keep.iter().filter(|&&row| data.y[row] == 1).count();
    let columns =
        data.columns.iter().zip(data.x.columns()).zip(missing(data.x.view())).map(|((column, values), missing)| {
            let present = values.iter().filter(|value| !value.is_nan());
            let (mut min, mut max, mut sum) = (f64::NAN, f64::NAN, 0.0);
            // f64::min and max take the other value where one is NaN.
            present.for_each(|&value| (min, max, sum) = (value.min(min), value.max(max), sum + value));
            let mean = sum / (values.len() - missing) as f64;
            ColumnFacts { name: column.name.clone(), missing, constant: min == max, min, mean, max }
        });
    Description {
        name: data.name.clone(),
        sha256: data.sha256.clone(),
        rows: data.y.len(),
        positives,
        share: positives as f64 / data.y.len() as f64,
        labels: data.labels.clone(),
        duplicates: unique.removed,
        duplicate_positives: positives - kept_positives,
        conflicting: unique.conflicting,
        columns: columns.collect(),
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, positive) = &self.labels;
        writeln!(f, "{}", self.name)?;
        writeln!(f, "  sha256       {}", self.sha256)?;
        writeln!(f, "  rows         {}", self.rows)?;
        writeln!(f, "  features     {}", self.columns.len())?;
        writeln!(
            f,
            "  positives    {} ({:.4}%), labelled `{positive}`; negatives `{negative}`",
            self.positives,
            self.share * 100.0
        )?;
        let (copies, of_positives) = (self.duplicates, self.duplicate_positives);
        writeln!(f, "  duplicates   {copies} rows repeat an earlier one, {of_positives} of them positive")?;
        writeln!(f, "  conflicting  {} feature rows occur with both labels", self.conflicting)?;
        let missing: usize = self.columns.iter().map(|column| column.missing).sum();
        writeln!(f, "  missing      {missing} values")?;
        let constant: Vec<&str> = self.columns.iter().filter(|c| c.constant).map(|c| c.name.as_str()).collect();
        writeln!(f, "  constant     {}", if constant.is_empty() { "no column".into() } else { constant.join(", ") })?;
        let width = self.columns.iter().map(|column| column.name.chars().count()).max().unwrap_or(0).max(6);
        writeln!(f, "\n  {:width$} {:>9} {:>12} {:>12} {:>12}", "column", "missing", "min", "mean", "max")?;
        for ColumnFacts { name, missing, min, mean, max, .. } in &self.columns {
            let [min, mean, max] = [min, mean, max].map(|value| short(*value));
            writeln!(f, "  {name:width$} {missing:>9} {min:>12} {mean:>12} {max:>12}")?;
        }
        Ok(())
    }
}

/// Six significant digits.
fn short(value: f64) -> String {
    let magnitude = value.abs();
    if !(1e-4..1e9).contains(&magnitude) && magnitude > 0.0 {
        return format!("{value:.3e}");
    }
    let whole = if magnitude >= 1.0 { magnitude.log10() as usize + 1 } else { 1 };
    format!("{value:.*}", 6usize.saturating_sub(whole))
}
