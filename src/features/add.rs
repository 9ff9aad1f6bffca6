//! Making the features of a table.

use std::borrow::Cow;

use ndarray::Array2;
use rayon::prelude::*;

use super::order::{Order, codes, pairs};
use super::window::Key;
use super::{Calendar, FeatureSpec, Inputs, Made, Windows, inputs, known};
use crate::data::{Column, Dataset, Digests, Kind, Role, check_memory};
use crate::error::{Error, Result, unknown};

/// Rows that a thread takes at a time, about; a key's rows stay together.
const BATCH: usize = 1 << 14;

/// The data set with the features that `spec` asks for, after those that were read.
///
/// # Errors
/// [`Error::Data`] where a column is not there, is no number, or has the name of a new one, where no column has the
/// role `time`, where labels are known before their own rows, or where the features are more than there is memory for.
pub fn add(data: Dataset, spec: &FeatureSpec) -> Result<Dataset> {
    if spec.is_empty() {
        return Ok(data);
    }
    check_memory(&data.name, data.y.len(), spec.width(data.x.ncols()))?;
    let wrong = |said: String| Error::Data(format!("{}: features: {said}", data.name));
    let time =
        data.sides.time.as_deref().ok_or_else(|| {
            wrong("windows and calendar need the role `time`: write time = \"COLUMN\" in [data]".into())
        })?;
    let of_time = data.columns.iter().chain(&data.others).find(|column| column.role == Some(Role::Time));
    let of_time = of_time.map_or("time", |column| column.name.as_str());
    let notes = known::check(&data, spec, (of_time, time)).map_err(wrong)?;
    let mut names: Vec<String> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for made in &spec.made {
        let block = match made {
            Made::Windows(windows) => {
                names.extend(windows.names());
                of_windows(&data, windows, time).map_err(wrong)?
            }
            Made::Calendar(calendar) => {
                names.extend(calendar.names(of_time));
                of_calendar(calendar, time)
            }
            Made::Inputs(inputs) => {
                names.extend(inputs::NAMES.map(str::to_owned));
                of_inputs(&data, inputs, time).map_err(wrong)?
            }
        };
        blocks.push(block);
    }
    let stays = |column: &Column| spec.only.as_ref().is_none_or(|only| only.contains(&column.name));
    let kept: Vec<usize> = (0..data.columns.len()).filter(|&place| stays(&data.columns[place])).collect();
    let known: Vec<&str> = kept.iter().map(|&place| data.columns[place].name.as_str()).collect();
    if let Some(lacking) = spec.only.iter().flatten().find(|name| !known.contains(&name.as_str())) {
        return Err(wrong(unknown("feature", lacking, &known)));
    }
    if let Some(place) =
        (0..names.len()).find(|&place| known.contains(&names[place].as_str()) || names[..place].contains(&names[place]))
    {
        return Err(wrong(format!("two features are called `{}`", names[place])));
    }
    let x = joined(&data, &kept, &blocks);
    let (mut columns, mut others) = (Vec::new(), data.others);
    for (place, column) in data.columns.into_iter().enumerate() {
        if kept.contains(&place) {
            columns.push(column);
        } else {
            others.push(Column { feature: false, role: column.role.or(Some(Role::Ignored)), ..column });
        }
    }
    columns.extend(names.into_iter().map(Column::number));
    let digests = Digests::of(&columns, x.as_slice().unwrap_or_default(), &data.y, &data.labels, &data.sides);
    let notes = data.notes.into_iter().chain(notes).collect();
    Ok(Dataset { columns, others, x, digests, kept: Vec::new(), notes, ..data })
}

/// New features: a row of `width` values per place, and each table row's place; a row without one has missing values.
struct Block {
    width: usize,
    values: Vec<f64>,
    place: Option<Vec<u32>>,
}

fn joined(data: &Dataset, kept: &[usize], blocks: &[Block]) -> Array2<f64> {
    let width = kept.len() + blocks.iter().map(|block| block.width).sum::<usize>();
    let mut x = Array2::zeros((data.y.len(), width));
    let rows = x.as_slice_mut().unwrap_or_default();
    if width > 0 {
        rows.par_chunks_exact_mut(width).enumerate().for_each(|(row, values)| {
            let (old, mut new) = values.split_at_mut(kept.len());
            old.iter_mut().zip(kept).for_each(|(value, &place)| *value = data.x[[row, place]]);
            for block in blocks {
                let (own, rest) = new.split_at_mut(block.width);
                new = rest;
                let place = block.place.as_ref().map_or(row, |place| place[row] as usize);
                match block.values.get(place * block.width..(place + 1) * block.width) {
                    Some(values) => own.copy_from_slice(values),
                    None => own.fill(f64::NAN),
                }
            }
        });
    }
    x
}

fn of_calendar(calendar: &Calendar, time: &[i64]) -> Block {
    let width = calendar.make.len();
    let mut values = vec![0.0; time.len() * width];
    values.par_chunks_exact_mut(width.max(1)).zip(time).for_each(|(values, time)| {
        let local = time.saturating_add(calendar.offset);
        values.iter_mut().zip(&calendar.make).for_each(|(value, flag)| *value = flag.of(local));
    });
    Block { width, values, place: None }
}

fn of_windows(data: &Dataset, of: &Windows, time: &[i64]) -> Result<Block, String> {
    let mut keys = of.by.iter().map(|name| values(data, name).map(|values| codes(&values)));
    let first = keys.next().unwrap_or_else(|| Err("`by` names no column".into()))?;
    let (by, count) = keys.try_fold(first, |before, next| next.map(|next| pairs(before, next)))?;
    let number = of.of.as_deref().map(|name| numbers(data, name)).transpose()?;
    let distinct = of.distinct.as_deref().map(|name| values(data, name).map(|values| codes(&values).0)).transpose()?;
    let known = of.known.as_deref().map(|name| known::moments(data, name)).transpose()?;
    let order = Order::new(&by, count, time);
    Ok(of_keys(&order, of.features().len(), data.y.len(), |rows, own| {
        let in_order: Vec<i64> = rows.iter().map(|&row| time[row as usize]).collect();
        let numbers: Vec<f64> = number.iter().flat_map(|all| rows.iter().map(|&row| all[row as usize])).collect();
        let distinct: Vec<u32> = distinct.iter().flat_map(|all| rows.iter().map(|&row| all[row as usize])).collect();
        let labels: Vec<u8> = rows.iter().map(|&row| data.y[row as usize]).collect();
        let known: Vec<i64> = known.iter().flat_map(|all| rows.iter().map(|&row| all[row as usize])).collect();
        let key = Key { time: &in_order, numbers: &numbers, distinct: &distinct, labels: &labels, known: &known };
        key.features(of, own);
    }))
}

fn of_inputs(data: &Dataset, of: &Inputs, time: &[i64]) -> Result<Block, String> {
    let (by, count) = codes(&values(data, &of.by)?);
    let number = numbers(data, &of.of)?;
    let order = Order::new(&by, count, time);
    Ok(of_keys(&order, inputs::COUNT, data.y.len(), |rows, own| {
        let in_order: Vec<i64> = rows.iter().map(|&row| time[row as usize]).collect();
        let numbers: Vec<f64> = rows.iter().map(|&row| number[row as usize]).collect();
        Key { time: &in_order, numbers: &numbers, distinct: &[], labels: &[], known: &[] }.inputs(of, own);
    }))
}

/// `width` values for each of a table's rows that have a key: `make` is given the rows of a key, and where theirs belong.
fn of_keys(order: &Order, width: usize, rows: usize, make: impl Fn(&[u32], &mut [f64]) + Sync) -> Block {
    let mut values = vec![0.0; order.rows.len() * width];
    batches(order, &mut values, width).into_par_iter().for_each(|(keys, mut out)| {
        for bounds in order.starts[keys.start..=keys.end].windows(2) {
            let rows = &order.rows[bounds[0]..bounds[1]];
            let (own, rest) = out.split_at_mut(rows.len() * width);
            out = rest;
            make(rows, own);
        }
    });
    let mut place = vec![u32::MAX; rows];
    order.rows.iter().zip(0..).for_each(|(&row, at)| place[row as usize] = at);
    Block { width, values, place: Some(place) }
}

/// Stretches of keys with the part of `made` that is theirs.
fn batches<'a>(order: &Order, made: &'a mut [f64], width: usize) -> Vec<(std::ops::Range<usize>, &'a mut [f64])> {
    let (mut batches, mut rest) = (Vec::new(), made);
    let (mut first, keys) = (0, order.starts.len() - 1);
    while first < keys {
        let from = order.starts[first];
        let mut end = first + 1;
        while end < keys && order.starts[end] - from < BATCH {
            end += 1;
        }
        let (own, later) = rest.split_at_mut((order.starts[end] - from) * width);
        rest = later;
        batches.push((first..end, own));
        first = end;
    }
    batches
}

/// The values of a column that was read, as numbers or codes.
fn values<'a>(data: &'a Dataset, name: &str) -> Result<Cow<'a, [f64]>, String> {
    if let Some(kept) = data.kept.iter().find(|kept| kept.name == name) {
        return Ok(Cow::Borrowed(&kept.values));
    }
    if let Some(place) = data.columns.iter().position(|column| column.name == name) {
        return Ok(Cow::Owned(data.x.column(place).to_vec()));
    }
    let role = data.others.iter().find(|column| column.name == name).and_then(|column| column.role);
    match role {
        Some(Role::Group) if data.sides.group.is_some() => {
            Ok(Cow::Owned(data.sides.group.iter().flatten().map(|&code| f64::from(code)).collect()))
        }
        Some(Role::Amount) if data.sides.amount.is_some() => {
            Ok(Cow::Owned(data.sides.amount.iter().flatten().copied().collect()))
        }
        Some(Role::Time) if data.sides.time.is_some() => {
            Ok(Cow::Owned(data.sides.time.iter().flatten().map(|&moment| moment as f64 / 1e6).collect()))
        }
        Some(Role::Weight) if data.sides.weight.is_some() => {
            Ok(Cow::Owned(data.sides.weight.iter().flatten().copied().collect()))
        }
        Some(Role::Fold) if data.sides.fold.is_some() => {
            let codes = data.sides.fold.iter().flat_map(|folds| &folds.codes);
            Ok(Cow::Owned(codes.map(|&code| f64::from(code)).collect()))
        }
        Some(Role::Label) => Err(format!(
            "`{name}` is the label, which rows do not know: `fraud-share` with a `delay` or with `known` looks at labels"
        )),
        Some(_) => Err(format!(
            "the values of `{name}` were not read, because it is no feature: take it out of `ignore` in [data]"
        )),
        None => {
            let all = data.columns.iter().chain(&data.others).map(|column| column.name.as_str());
            Err(unknown("column", name, &all.collect::<Vec<_>>()))
        }
    }
}

/// The values of a column of numbers.
pub(super) fn numbers<'a>(data: &'a Dataset, name: &str) -> Result<Cow<'a, [f64]>, String> {
    let column = data.columns.iter().find(|column| column.name == name);
    let is_text = data.kept.iter().any(|kept| kept.name == name && kept.is_text);
    // What they are called by is a code, whatever it looks like.
    let is_coded = |column: &Column| matches!(column.role, Some(Role::Group | Role::Fold));
    let is_coded = data.others.iter().any(|column| column.name == name && is_coded(column));
    if is_text || is_coded || column.is_some_and(|column| matches!(column.kind, Kind::Category(_))) {
        return Err(format!("`{name}` holds no numbers: `of` and `known` need a column of numbers"));
    }
    values(data, name)
}
