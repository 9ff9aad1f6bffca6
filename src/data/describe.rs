//! What a data set holds, in numbers and as text.

use std::fmt;

use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::Serialize;

use super::{Column, Dataset, Kind, Role, dedup, moment};
use crate::words::harmless_line;

/// What [`describe`] found. Its `Display` is the text for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// The data set's name.
    pub name: String,
    /// SHA-256 of the uncompressed file.
    pub sha256: String,
    /// Rows.
    pub rows: usize,
    /// Positive rows; none, as all that is about labels, where the label is none.
    pub positives: Option<usize>,
    /// Positive rows / rows.
    pub share: Option<f64>,
    /// What the labels are called: (negative, positive).
    pub labels: Option<(String, String)>,
    /// Rows that repeat an earlier one.
    pub duplicates: usize,
    /// Positive rows that repeat an earlier one.
    pub duplicate_positives: Option<usize>,
    /// Distinct feature rows that occur with both labels.
    pub conflicting: Option<usize>,
    /// The features in file order, then the other columns.
    pub columns: Vec<ColumnFacts>,
    /// What a person should know about how the table was read.
    pub notes: Vec<String>,
}

/// One column. Only of features it is known what is in them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// `number`, `category` or `time`.
    pub kind: String,
    /// What it is for besides being a feature; a column of numbers that is called `amount` is the money without being told.
    pub role: Option<Role>,
    /// Whether learners get it.
    pub feature: bool,
    /// Missing values.
    pub blanks: Option<usize>,
    /// How many levels a category has.
    pub levels: Option<usize>,
    /// One value in all rows where it has any.
    pub constant: bool,
    /// Smallest value; of times, seconds since 1970. NaN where no value is present, and for categories.
    pub min: f64,
    /// Mean.
    pub mean: f64,
    /// Largest value.
    pub max: f64,
    /// The first different values.
    pub examples: Vec<String>,
}

/// Rows that are looked at for examples.
const LOOKED_AT: usize = 1000;
/// Examples of a column.
const EXAMPLES: usize = 3;
/// Rows that one thread sums up at a time; sums are added in file order, so that threads change nothing.
const ROWS: usize = 1 << 14;

/// Counts rows, classes, duplicates and missing values, and tells what each column holds.
pub fn describe(data: &Dataset) -> Description {
    let unique = dedup(data);
    let positives = data.positives();
    let kept_positives = unique.keep.iter().filter(|&&row| data.y[row] == 1).count();
    let features = data.columns.iter().zip(data.x.columns()).zip(Range::of(data.x.view()));
    let features = features.map(|((column, values), range)| {
        let is_category = matches!(column.kind, Kind::Category(_));
        let [min, mean, max] = match is_category {
            true => [f64::NAN; 3],
            false => [range.min, range.sum / range.present as f64, range.max],
        };
        ColumnFacts {
            blanks: Some(data.y.len() - range.present),
            constant: range.min == range.max,
            min,
            mean,
            max,
            examples: examples(column, values),
            ..ColumnFacts::unread(column)
        }
    });
    let mut columns: Vec<ColumnFacts> = features.chain(data.others.iter().map(ColumnFacts::unread)).collect();
    // A run takes it so, without being told.
    if let Some(at) = data.called_amount() {
        columns[at].role = Some(Role::Amount);
    }
    let is_labelled = data.is_labelled();
    let of_labels = |rows: usize| is_labelled.then_some(rows);
    Description {
        name: data.name.clone(),
        sha256: data.sha256.clone(),
        rows: data.y.len(),
        positives: of_labels(positives),
        share: is_labelled.then(|| positives as f64 / data.y.len() as f64),
        labels: is_labelled.then(|| data.labels.clone()),
        duplicates: unique.removed,
        duplicate_positives: of_labels(positives - kept_positives),
        conflicting: of_labels(unique.conflicting),
        columns,
        notes: data.notes.clone(),
    }
}

impl ColumnFacts {
    /// What is known without the values.
    fn unread(column: &Column) -> Self {
        let levels = match &column.kind {
            Kind::Category(levels) => Some(levels.len()),
            _ => None,
        };
        ColumnFacts {
            name: column.name.clone(),
            kind: column.kind.to_string(),
            role: column.role,
            feature: column.feature,
            blanks: None,
            levels,
            constant: false,
            min: f64::NAN,
            mean: f64::NAN,
            max: f64::NAN,
            examples: Vec::new(),
        }
    }
}

/// A column's present values.
#[derive(Clone, Copy)]
struct Range {
    present: usize,
    min: f64,
    max: f64,
    sum: f64,
}

impl Range {
    /// Of every column of rows x columns.
    fn of(x: ArrayView2<'_, f64>) -> Vec<Range> {
        let none = vec![Range { present: 0, min: f64::NAN, max: f64::NAN, sum: 0.0 }; x.ncols()];
        let blocks: Vec<ArrayView2<'_, f64>> = x.axis_chunks_iter(Axis(0), ROWS).collect();
        let of_block = |block: ArrayView2<'_, f64>| {
            let mut ranges = none.clone();
            for row in block.rows() {
                for (range, value) in ranges.iter_mut().zip(row).filter(|(_, value)| !value.is_nan()) {
                    range.add(Range { present: 1, min: *value, max: *value, sum: *value });
                }
            }
            ranges
        };
        let blocks: Vec<Vec<Range>> = blocks.into_par_iter().map(of_block).collect();
        let mut ranges = none.clone();
        for block in blocks {
            ranges.iter_mut().zip(block).for_each(|(range, part)| range.add(part));
        }
        ranges
    }

    fn add(&mut self, other: Range) {
        self.present += other.present;
        // f64::min and max take the other value where one is NaN.
        (self.min, self.max) = (other.min.min(self.min), other.max.max(self.max));
        self.sum += other.sum;
    }
}

fn examples(column: &Column, values: ArrayView1<'_, f64>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in values.iter().take(LOOKED_AT).filter(|value| !value.is_nan()) {
        let text = match &column.kind {
            Kind::Number => value.to_string(),
            Kind::Time => moment::time_text(*value),
            Kind::Category(levels) => levels.get(*value as usize).cloned().unwrap_or_default(),
        };
        if !found.contains(&text) {
            found.push(text);
        }
        if found.len() == EXAMPLES {
            break;
        }
    }
    found
}

impl Description {
    /// The lines about classes and repeated rows.
    fn classes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let copies = format!("  duplicates   {} rows repeat an earlier one", self.duplicates);
        let (Some(positives), Some(share), Some((negative, positive)), Some(of_positives), Some(conflicting)) =
            (self.positives, self.share, &self.labels, self.duplicate_positives, self.conflicting)
        else {
            writeln!(f, "  positives    -, as this column is no label (a note says why)")?;
            return writeln!(f, "{copies}, labels aside");
        };
        let (negative, positive, share) = (harmless_line(negative), harmless_line(positive), share * 100.0);
        writeln!(f, "  positives    {positives} ({share:.4}%), labelled `{positive}`; negatives `{negative}`")?;
        writeln!(f, "{copies}, {of_positives} of them positive")?;
        writeln!(f, "  conflicting  {conflicting} feature rows occur with both labels")
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let features: Vec<&ColumnFacts> = self.columns.iter().filter(|column| column.feature).collect();
        writeln!(f, "{}", harmless_line(&self.name))?;
        writeln!(f, "  sha256       {}", self.sha256)?;
        writeln!(f, "  rows         {}", self.rows)?;
        writeln!(f, "  features     {}", features.len())?;
        let label = self.columns.iter().find(|column| column.role == Some(Role::Label));
        if let Some(label) = label {
            writeln!(f, "  label        {}", harmless_line(&label.name))?;
        }
        if let Some(money) = self.columns.iter().find(|column| column.role == Some(Role::Amount)) {
            writeln!(f, "  money        {}", harmless_line(&money.name))?;
        }
        self.classes(f)?;
        let missing: usize = self.columns.iter().filter_map(|column| column.blanks).sum();
        writeln!(f, "  missing      {missing} values")?;
        let constant: Vec<&str> = features.iter().filter(|c| c.constant).map(|c| c.name.as_str()).collect();
        let constant = if constant.is_empty() { "no column".into() } else { constant.join(", ") };
        writeln!(f, "  constant     {}", harmless_line(&constant))?;
        writeln!(f)?;
        let head = ["column", "blanks", "min", "mean", "max", "kind", "levels", "role", "examples"];
        let rows: Vec<[String; 9]> =
            [head.map(str::to_owned)].into_iter().chain(self.columns.iter().map(cells)).collect();
        let width = |place: usize| rows.iter().map(|row| row[place].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        for row in &rows {
            let mut line = format!("  {:<1$}", row[0], widths[0]);
            for place in 1..5 {
                line += &format!(" {:>1$}", row[place], widths[place].max(if place == 1 { 7 } else { 12 }));
            }
            line += &format!("  {:<1$} {2:>3$}", row[5], widths[5], row[6], widths[6]);
            line += &format!("  {:<1$}  {2}", row[7], widths[7], row[8]);
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A column's line.
fn cells(column: &ColumnFacts) -> [String; 9] {
    let number = |value: f64| match (column.kind.as_str(), column.feature) {
        ("category", _) | (_, false) => "-".into(),
        ("time", _) if !value.is_nan() => moment::time_text(value).chars().take(19).collect(),
        _ => short(value),
    };
    let count = |count: Option<usize>| count.map_or("-".into(), |count| count.to_string());
    let role = column.role.map_or("", Role::key);
    // Columns that are skipped are of no kind.
    let kind = if column.role == Some(Role::Ignored) { "-".into() } else { column.kind.clone() };
    [
        harmless_line(&column.name).into_owned(),
        count(column.blanks),
        number(column.min),
        number(column.mean),
        number(column.max),
        kind,
        count(column.levels),
        role.to_owned(),
        harmless_line(&column.examples.join(", ")).into_owned(),
    ]
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
