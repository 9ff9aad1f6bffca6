//! Features that alone separate the classes: by their values, by their levels, or by being missing.

use std::collections::HashMap;

use rayon::prelude::*;

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::component::{Prediction, ScoreKind};
use crate::data::{Column, Kind};
use crate::metric::{ROC_AUC, Score, Scored};
use crate::words::{count, counted};

/// A single column that ranks the classes this well is more likely the label in disguise than a feature.
const SUSPECT: f64 = 0.999;

/// Fewer values of a class may lie on one side of all others by chance, where most of its rows have none.
const FEWEST: usize = 10;

/// How a column alone ranks the classes.
struct Ranked {
    column: usize,
    /// Of which rows, where not all of them have a value.
    among: String,
    /// Its ROC-AUC; of values and blanks in the better direction.
    area: f64,
    by: By,
}

/// What of a column ranks.
#[derive(Clone, Copy)]
enum By {
    /// Its values.
    Values,
    /// That its value is missing, or is there.
    Blanks,
    /// Its levels, a missing value being one: by their shares of positives.
    Levels,
}

impl Ranked {
    fn said(&self, columns: &[Column]) -> String {
        let Ranked { among, .. } = self;
        let name = &columns[self.column].name;
        match (self.area == 1.0, self.by) {
            (true, By::Values) => format!("`{name}` has a threshold with precision and recall 1{among}"),
            (true, By::Blanks) => format!("that `{name}` is missing tells the classes apart in every row"),
            (true, By::Levels) => format!("the levels of `{name}` tell the classes apart in every row"),
            (false, By::Values) => format!("`{name}` alone has ROC-AUC {:.6}{among}", self.area),
            (false, By::Blanks) => format!("that `{name}` is missing alone has ROC-AUC {:.6}", self.area),
            (false, By::Levels) => format!("the levels of `{name}` alone have ROC-AUC {:.6}", self.area),
        }
    }
}

/// Looks at every column alone, on all rows of the variant: the ROC-AUC of its values among the rows that have one, of whether they have
/// one, and of its levels; and whether one of these tells the classes apart without an error.
pub fn check(variant: &Variant<'_>) -> Finding {
    let columns = &variant.data.columns;
    let ranked: Vec<Ranked> = (0..columns.len()).into_par_iter().filter_map(|column| best(variant, column)).collect();
    let named: Vec<String> = ranked.iter().filter(|one| one.area > SUSPECT).map(|one| one.said(columns)).collect();
    let first = ranked.iter().reduce(|a, b| if b.area > a.area { b } else { a });
    let (verdict, said) = match (named.is_empty(), first) {
        (false, _) => (Judgement::Leak, format!("{}, {}", variant.name(), named.join("; "))),
        (true, Some(Ranked { column, area, among, .. })) => {
            let said = format!(
                "{}, no feature alone separates the classes: the best of {} is `{}` with ROC-AUC {area:.4}{among}",
                variant.name(),
                columns.len(),
                columns[*column].name
            );
            (Judgement::Clean, said)
        }
        (true, None) => (Judgement::Look, format!("{}, no feature has enough values in both classes", variant.name())),
    };
    Finding::new("separating-features", verdict, said)
}

/// What of a column ranks the classes best; none where nothing of it does.
fn best(variant: &Variant<'_>, column: usize) -> Option<Ranked> {
    let rows: Vec<(f64, u8)> =
        variant.rows.iter().map(|&row| (variant.data.x[(row, column)], variant.data.y[row])).collect();
    let either_way = |area: Option<f64>| area.map(|area| area.max(1.0 - area));
    let is_blank = |(value, label): &(f64, u8)| (f64::from(u8::from(value.is_nan())), *label);
    let blanks = rows.iter().any(|(value, _)| value.is_nan());
    let blanks = blanks.then(|| (By::Blanks, either_way(area(rows.iter().map(is_blank)))));
    let own = match variant.data.columns[column].kind {
        // Shares have a direction. Where each level has one row of either class, each row is told the other class.
        Kind::Category(_) => (By::Levels, area(by_level(&rows).into_iter())),
        _ if !has_enough(&rows) => (By::Values, None),
        _ => (By::Values, either_way(area(rows.iter().copied().filter(|(value, _)| value.is_finite())))),
    };
    let all = [Some(own), blanks].into_iter().flatten();
    let best = all.filter_map(|(by, area)| Some((by, area?))).reduce(|a, b| if b.1 > a.1 { b } else { a });
    best.map(|(by, area)| {
        let among = if matches!(by, By::Values) { among(&rows) } else { String::new() };
        Ranked { column, among, area, by }
    })
}

/// How many rows of either class have a value, and how many there are.
fn with_value(rows: &[(f64, u8)]) -> [(usize, usize); 2] {
    let mut counts = [(0, 0); 2];
    for (value, label) in rows {
        let (there, all) = &mut counts[usize::from(*label)];
        *there += usize::from(value.is_finite());
        *all += 1;
    }
    counts
}

/// Whether the values say something of the classes: each has some, unless it is small, with all of its rows.
fn has_enough(rows: &[(f64, u8)]) -> bool {
    with_value(rows).iter().all(|&(there, all)| there >= FEWEST.min(all))
}

/// Of which rows something is said that is about values alone; nothing where all rows have one.
fn among(rows: &[(f64, u8)]) -> String {
    let [(negatives, _), (positives, of_positives)] = with_value(rows);
    let there = negatives + positives;
    if there == rows.len() {
        return String::new();
    }
    let (rows, of_positives) = (counted(rows.len() as u64, "row"), counted(of_positives as u64, "positive"));
    format!(" among the {} of {rows} with a value ({} of {of_positives})", count(there as u64), count(positives as u64))
}

/// The rows with, for a level, its share of positives. Each half of the rows, every other one of a class, is told what the other half
/// says, and of a level that is not there the share of all: else a level per row would tell everything.
fn by_level(rows: &[(f64, u8)]) -> Vec<(f64, u8)> {
    let mut seen = [0; 2];
    let half_of = |label: u8| {
        seen[usize::from(label)] += 1;
        seen[usize::from(label)] % 2
    };
    let half: Vec<usize> = rows.iter().map(|(_, label)| *label).map(half_of).collect();
    let mut counts: [HashMap<u64, [usize; 2]>; 2] = Default::default();
    for ((level, label), half) in rows.iter().zip(&half) {
        counts[*half].entry(level.to_bits()).or_default()[usize::from(*label)] += 1;
    }
    let share = |[negatives, positives]: [usize; 2]| positives as f64 / (negatives + positives) as f64;
    let all = share([0, 1].map(|class| rows.iter().filter(|(_, label)| *label == class).count()));
    let told = |((level, label), half): (&(f64, u8), usize)| {
        (counts[1 - half].get(&level.to_bits()).map_or(all, |counts| share(*counts)), *label)
    };
    rows.iter().zip(half).map(told).collect()
}

/// The ROC-AUC of these values and classes; none where a class has no value. It is 1, or 0, exactly where a threshold divides the
/// classes.
fn area(rows: impl Iterator<Item = (f64, u8)>) -> Option<f64> {
    let (score, y): (Vec<f64>, Vec<u8>) = rows.unzip();
    let prediction = Prediction { label: vec![0; y.len()], score, kind: ScoreKind::Decision };
    let scored = Scored::new(&y, &prediction).ok()?;
    match ROC_AUC.score(&scored) {
        Score::Value(area) => Some(area),
        Score::Undefined { .. } => None,
    }
}
