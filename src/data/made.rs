//! A table that was made and not read: it goes the same way from its columns on, with the same roles and keys.

use std::borrow::Cow;

use rayon::prelude::*;

use super::assemble::{Whole, assemble};
use super::assign::{Way, assign};
use super::levels::Level;
use super::memory;
use super::table::{Odd, Raw, Table, Values};
use super::{Dataset, ReadOptions};
use crate::error::Result;

/// What the values of a made column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Numbers.
    Number,
    /// Seconds since 1970.
    Time,
}

type Value<'a> = Box<dyn Fn(usize) -> f64 + Sync + 'a>;

/// A column that was made; no value is missing.
pub(crate) struct MadeColumn<'a> {
    pub name: &'static str,
    pub sort: Sort,
    /// The value of a row.
    pub value: Value<'a>,
}

/// The data set of made columns, of the same contents as one that is read from a Parquet file with them.
///
/// # Errors
/// As [`super::read`].
pub(crate) fn made(name: &str, rows: usize, columns: Vec<MadeColumn<'_>>, options: &ReadOptions) -> Result<Dataset> {
    let names = columns.iter().map(|column| column.name.to_owned()).collect();
    let assigned = assign(name, names, options)?;
    let mut widths = [0, 0];
    let mut slots: [Vec<Value<'_>>; 2] = [Vec::new(), Vec::new()];
    let mut raws = Vec::new();
    for (column, used) in columns.into_iter().zip(&assigned.uses) {
        if !used.is_read() {
            raws.push(None);
            continue;
        }
        let side = usize::from(!used.feature);
        let slot = widths[side];
        widths[side] += 1;
        let values = match (used.way, column.sort) {
            (Way::Texts, _) => {
                let (codes, levels) = texts(rows, &column.value);
                slots[side].push(Box::new(move |row| f64::from(codes[row])));
                Values::Texts(levels)
            }
            (_, sort) => {
                slots[side].push(column.value);
                if sort == Sort::Time { Values::Times } else { Values::Numbers }
            }
        };
        raws.push(Some(Raw { slot, values, odd: Odd::default(), words: None, missing: Vec::new(), taken: Vec::new() }));
    }
    memory::check(name, rows, widths[0] + widths[1])?;
    let [x, beside] = slots.map(|of| fill(rows, &of));
    let place = |row: usize| format!("row {}", row + 1);
    let table = Table { assigned, columns: raws, x, beside, files: vec![rows], place: &place, row_place: &place };
    let whole = Whole {
        file: name.to_owned(),
        name: name.to_owned(),
        positive: options.positive.clone(),
        spelling: options.spelling(),
        label_may_fail: false,
        label_is_named: options.label.is_some(),
        unlabelled: options.unlabelled,
        called: options.called,
        parts: Vec::new(),
    };
    assemble(table, whole)
}

/// Rows one after another.
fn fill(rows: usize, columns: &[Value<'_>]) -> Vec<f64> {
    if columns.is_empty() {
        return Vec::new();
    }
    let mut matrix = vec![0.0; rows * columns.len()];
    matrix.par_chunks_exact_mut(columns.len()).enumerate().for_each(|(row, values)| {
        values.iter_mut().zip(columns).for_each(|(value, of)| *value = of(row));
    });
    matrix
}

/// Each row's place among the distinct values, and these as texts.
fn texts(rows: usize, value: &(dyn Fn(usize) -> f64 + Sync)) -> (Vec<u32>, Vec<Level<'static>>) {
    let mut distinct: Vec<f64> = (0..rows).into_par_iter().map(value).collect();
    distinct.par_sort_unstable_by(f64::total_cmp);
    distinct.dedup();
    let code = |row| distinct.partition_point(|known| known.total_cmp(&value(row)).is_lt()) as u32;
    let codes: Vec<u32> = (0..rows).into_par_iter().map(code).collect();
    let level = |value: &f64| Level { text: Cow::Owned(value.to_string().into_bytes()), count: 0, first: rows };
    let mut levels: Vec<Level<'static>> = distinct.iter().map(level).collect();
    for (row, code) in codes.iter().enumerate() {
        let level = &mut levels[*code as usize];
        level.count += 1;
        level.first = level.first.min(row);
    }
    (codes, levels)
}
