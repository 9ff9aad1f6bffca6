//! One or two columns that alone decide for many positives: from some value on, with some level, or with none, every row is one.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::data::{Column, Kind, shown, time_text};
use crate::words::{count, counted};

/// So large a share of all positives behind one threshold is no pattern that a model has to find.
const ONE: f64 = 0.2;
/// The same behind two thresholds.
const TWO: f64 = 0.5;
/// So few positives can stand at an end of a column by chance.
const FEWEST: usize = 10;
/// Columns that the first threshold of two is looked for in: those that decide most alone.
const FIRST: usize = 5;
/// Levels that are named.
const SHOWN: usize = 3;

/// A stretch at one end of a column.
#[derive(Debug, Clone, Copy)]
struct End {
    column: usize,
    /// From this value on.
    from: f64,
    /// Upwards, or downwards.
    up: bool,
    /// Positives there.
    positives: usize,
}

impl End {
    fn has(&self, value: f64) -> bool {
        if self.up { value >= self.from } else { value <= self.from }
    }

    fn said(&self, variant: &Variant<'_>) -> String {
        let Column { name, kind, .. } = &variant.data.columns[self.column];
        let (value, up, down) = match kind {
            Kind::Time => (time_text(self.from), "later", "earlier"),
            _ => (self.from.to_string(), "more", "less"),
        };
        format!("`{name}` of {value} or {}", if self.up { up } else { down })
    }
}

/// The longest stretch at either end of `column`, among `rows`, that holds positives only.
fn pure_end(variant: &Variant<'_>, rows: &[usize], column: usize) -> Option<End> {
    let mut values: Vec<(f64, u8)> =
        rows.iter().map(|&row| (variant.data.x[(row, column)], variant.data.y[row])).collect();
    values.retain(|(value, _)| !value.is_nan());
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let up = pure(values.iter().rev().copied()).map(|(from, positives)| End { column, from, up: true, positives });
    let down = pure(values.iter().copied()).map(|(from, positives)| End { column, from, up: false, positives });
    up.into_iter().chain(down).max_by_key(|end| end.positives)
}

/// How many rows there are before the first value that a negative has, and the last value before it.
fn pure(values: impl Iterator<Item = (f64, u8)>) -> Option<(f64, usize)> {
    let mut best = None;
    let (mut found, mut last) = (0, None);
    for (value, label) in values {
        if last.is_some_and(|last| last != value) {
            best = last.map(|last| (last, found));
        }
        if label == 0 {
            return best;
        }
        (found, last) = (found + 1, Some(value));
    }
    last.map(|last| (last, found))
}

/// The end of `column` that parts the classes best, by Youden's index; it need not be pure.
fn parting_end(variant: &Variant<'_>, column: usize) -> Option<End> {
    let mut values: Vec<(f64, u8)> =
        variant.rows.iter().map(|&row| (variant.data.x[(row, column)], variant.data.y[row])).collect();
    values.retain(|(value, _)| !value.is_nan());
    values.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = values.iter().filter(|(_, label)| *label == 1).count();
    let negatives = values.len() - positives;
    let (mut tp, mut fp, mut best) = (0usize, 0usize, (0.0, None));
    for (place, (value, label)) in values.iter().enumerate() {
        if *label == 1 {
            tp += 1
        } else {
            fp += 1
        }
        let next = values.get(place + 1).map(|(next, _)| *next);
        if next == Some(*value) {
            continue;
        }
        let index = tp as f64 / positives.max(1) as f64 - fp as f64 / negatives.max(1) as f64;
        if index.abs() > best.0 {
            // Below the cut the other classes' share is the larger one.
            let end = match index > 0.0 {
                true => Some(End { column, from: *value, up: true, positives: tp }),
                false => next.map(|next| End { column, from: next, up: false, positives: positives - tp }),
            };
            best = (index.abs(), end);
        }
    }
    best.1
}

/// A level, or a missing value, that positives have and no negative.
struct Pure {
    column: usize,
    /// None where the value is missing.
    level: Option<usize>,
    positives: usize,
}

/// The levels of a category, and the missing value of any column, that ten positives or more have and no negative.
fn pure_levels(variant: &Variant<'_>, column: usize) -> Vec<Pure> {
    let is_category = matches!(variant.data.columns[column].kind, Kind::Category(_));
    let mut counts: BTreeMap<Option<usize>, [usize; 2]> = BTreeMap::new();
    for &row in &variant.rows {
        let value = variant.data.x[(row, column)];
        let level = match value.is_nan() {
            true => None,
            false if is_category => Some(value as usize),
            false => continue,
        };
        counts.entry(level).or_default()[usize::from(variant.data.y[row])] += 1;
    }
    let pure = counts.into_iter().filter(|(_, [negatives, positives])| *negatives == 0 && *positives >= FEWEST);
    pure.map(|(level, [_, positives])| Pure { column, level, positives }).collect()
}

/// Whether there is a category, or a missing value.
fn has_levels(variant: &Variant<'_>) -> bool {
    let is_category = |column: &Column| matches!(column.kind, Kind::Category(_));
    variant.data.columns.iter().any(is_category)
        || variant.rows.iter().any(|&row| variant.data.x.row(row).iter().any(|value| value.is_nan()))
}

/// What holds of a row with one of these.
fn named(variant: &Variant<'_>, pure: &[Pure]) -> String {
    let column = &variant.data.columns[pure[0].column];
    let text = |level: usize| match &column.kind {
        Kind::Category(levels) => {
            levels.get(level).map_or_else(String::new, |text| format!("`{}`", shown(text.as_bytes())))
        }
        _ => String::new(),
    };
    let mut levels: Vec<String> = pure.iter().filter_map(|one| one.level).map(text).collect();
    if levels.len() > SHOWN {
        let more = levels.len() - SHOWN;
        levels.truncate(SHOWN);
        levels.push(format!("one of {more} more"));
    }
    if pure.iter().any(|one| one.level.is_none()) {
        levels.insert(0, "missing".into());
    }
    format!("`{}` is {}", column.name, levels.join(" or "))
}

/// Looks at all rows of the variant: levels or a missing value that positives alone have, and the end of one column, or of one
/// column behind the best threshold of another, that holds positives only; and most of them.
pub fn check(variant: &Variant<'_>) -> Finding {
    let all = variant.rows.iter().filter(|&&row| variant.data.y[row] == 1).count();
    if all < FEWEST {
        let said = format!(
            "{}, {} of {FEWEST} that are needed, so rules that decide were not looked for",
            variant.name(),
            counted(all as u64, "positive")
        );
        return Finding::not_made("deciding-columns", said);
    }
    let numbers: Vec<usize> = (0..variant.data.columns.len())
        .filter(|&column| !matches!(variant.data.columns[column].kind, Kind::Category(_)))
        .collect();
    let share = |positives: usize| positives as f64 / all.max(1) as f64;
    let mut ends: Vec<End> =
        numbers.par_iter().filter_map(|&column| pure_end(variant, &variant.rows, column)).collect();
    ends.sort_by_key(|end| std::cmp::Reverse(end.positives));
    let alone: Vec<&End> = ends.iter().filter(|end| end.positives >= FEWEST && share(end.positives) >= ONE).collect();
    let mut said: Vec<String> = alone
        .iter()
        .map(|end| {
            let (positives, all) = (count(end.positives as u64), counted(all as u64, "positive"));
            format!("every row with {} is positive ({positives} of {all})", end.said(variant))
        })
        .collect();
    said.extend(of_levels(variant, all));
    if !said.is_empty() {
        return look(variant, &said.join("; "));
    }
    match pair(variant, &numbers) {
        Some((first, second)) if second.positives >= FEWEST && share(second.positives) >= TWO => {
            let (positives, all) = (count(second.positives as u64), counted(all as u64, "positive"));
            let (first, second) = (first.said(variant), second.said(variant));
            look(variant, &format!("every row with {first} and {second} is positive ({positives} of {all})"))
        }
        _ => {
            let best = ends.first().map_or(0, |end| end.positives);
            let said = format!(
                "{}, no end of a column holds positives only, {:.0}% of them and {FEWEST} (at most {} of {}), and none behind the best \
                 threshold of another one {:.0}%{}",
                variant.name(),
                100.0 * ONE,
                count(best as u64),
                counted(all as u64, "positive"),
                100.0 * TWO,
                if has_levels(variant) { "; nor do levels, or rows where a value is missing" } else { "" }
            );
            Finding::new("deciding-columns", Judgement::Clean, said)
        }
    }
}

/// That rows with certain levels, or without a value, are positive, a sentence per column where these are many of `all` positives.
fn of_levels(variant: &Variant<'_>, all: usize) -> Vec<String> {
    let levels: Vec<Vec<Pure>> =
        (0..variant.data.columns.len()).into_par_iter().map(|column| pure_levels(variant, column)).collect();
    let positives = |pure: &[Pure]| pure.iter().map(|one| one.positives).sum::<usize>();
    let many = levels.iter().filter(|pure| positives(pure) as f64 / all.max(1) as f64 >= ONE);
    let sentence = |pure: &Vec<Pure>| {
        let (positives, all) = (count(positives(pure) as u64), counted(all as u64, "positive"));
        format!("every row where {} is positive ({positives} of {all})", named(variant, pure))
    };
    many.map(sentence).collect()
}

fn look(variant: &Variant<'_>, what: &str) -> Finding {
    let said = format!(
        "{}, {what}: ask whether that rule made the labels or was made from them; a model that knows it says little of other \
         fraud, so score the rest apart",
        variant.name()
    );
    Finding::new("deciding-columns", Judgement::Look, said)
}

/// The pure end of a column, behind the best threshold of another one, that holds most positives.
fn pair(variant: &Variant<'_>, numbers: &[usize]) -> Option<(End, End)> {
    let mut firsts: Vec<End> = numbers.par_iter().filter_map(|&column| parting_end(variant, column)).collect();
    firsts.sort_by_key(|end| std::cmp::Reverse(end.positives));
    firsts.truncate(FIRST);
    let behind = |first: &End| {
        let rows: Vec<usize> =
            variant.rows.iter().copied().filter(|&row| first.has(variant.data.x[(row, first.column)])).collect();
        let others = numbers.par_iter().filter(|&&column| column != first.column);
        others
            .filter_map(|&column| pure_end(variant, &rows, column))
            .max_by_key(|end| end.positives)
            .map(|end| (*first, end))
    };
    firsts.iter().filter_map(behind).max_by_key(|(_, second)| second.positives)
}
