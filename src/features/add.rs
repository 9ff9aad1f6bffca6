//! Making the features of a table.

use ndarray::Array2;
use rayon::prelude::*;

use super::columns::{self, NO_KEY, numbers, values};
use super::order::{Order, codes, pairs};
use super::window::Key;
use super::{Calendar, FeatureSpec, Inputs, Made, Windows, inputs, known, unlabelled};
use crate::data::{Column, Dataset, Digests, Role, check_memory};
use crate::error::{Error, Result, unknown};

/// Rows that a thread takes at a time, about; a key's rows stay together.
const BATCH: usize = 1 << 14;

/// The data set with the features that `spec` asks for, after those that were read. A column of the moments at which labels are known
/// is no feature: it tells the label, and nobody knows it with the row.
///
/// # Errors
/// [`Error::Data`] with all that is wrong: a column is not there, is no number, or has the name of a new one, no column has the role
/// `time`, labels are known before their own rows, or the features are more than there is memory for.
pub fn add(data: Dataset, spec: &FeatureSpec) -> Result<Dataset> {
    if spec.is_empty() {
        return Ok(data);
    }
    check_memory(&data.name, data.y.len(), spec.width(data.x.ncols()))?;
    let kept = stays(&data, spec);
    let of_time = of_time(&data);
    let names = names(spec, &of_time);
    let mut faults = columns::faults(&data, spec);
    let time = data.sides.time.as_deref();
    let mut notes = Vec::new();
    match time {
        None => faults.push("windows and calendar need the role `time`: write time = \"COLUMN\" in [data]".into()),
        Some(time) => match known::check(&data, spec, (&of_time, time)) {
            Ok(said) => notes = said,
            Err(said) => faults.extend(said),
        },
    }
    if let Some(time) = time.filter(|_| faults.is_empty()) {
        faults.extend(unlabelled::fault(&data, spec, time));
    }
    faults.extend(misnamed(&data, spec, &kept, &names));
    let wrong = |said: String| Error::Data(format!("{}: features: {said}", data.read_from()));
    let blocks: Vec<Block> = match time.filter(|_| faults.is_empty()) {
        Some(time) => {
            spec.made.iter().map(|made| block(&data, made, time)).collect::<Result<_, String>>().map_err(wrong)?
        }
        None => return Err(wrong(faults.join("; "))),
    };
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

/// The places of the columns as read that stay features.
fn stays(data: &Dataset, spec: &FeatureSpec) -> Vec<usize> {
    let known = spec.known();
    let stays =
        |name: &String| spec.only.as_ref().is_none_or(|only| only.contains(name)) && !known.contains(&name.as_str());
    (0..data.columns.len()).filter(|&place| stays(&data.columns[place].name)).collect()
}

/// What the column of the rows' times is called.
fn of_time(data: &Dataset) -> String {
    let column = data.columns.iter().chain(&data.others).find(|column| column.role == Some(Role::Time));
    column.map_or_else(|| "time".to_owned(), |column| column.name.clone())
}

/// The names of the features that [`add`] has made in `data` by `spec`.
pub(crate) fn made_names(data: &Dataset, spec: &FeatureSpec) -> Vec<String> {
    names(spec, &of_time(data))
}

/// What the new features are called.
fn names(spec: &FeatureSpec, of_time: &str) -> Vec<String> {
    let of = |made: &Made| match made {
        Made::Windows(windows) => windows.names(),
        Made::Calendar(calendar) => calendar.names(of_time),
        Made::Inputs(_) => inputs::NAMES.map(str::to_owned).to_vec(),
    };
    spec.made.iter().flat_map(of).collect()
}

/// Features that are to stay and are not there, and names that two features would have.
fn misnamed(data: &Dataset, spec: &FeatureSpec, kept: &[usize], names: &[String]) -> Vec<String> {
    let known: Vec<&str> = kept.iter().map(|&place| data.columns[place].name.as_str()).collect();
    let lacking = spec.only.iter().flatten().filter(|name| !known.contains(&name.as_str()));
    let mut faults: Vec<String> = lacking.map(|name| unknown("feature", name, &known)).collect();
    let mut twice: Vec<String> = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let said = format!("`{name}`");
        if (known.contains(&name.as_str()) || names[..place].contains(name)) && !twice.contains(&said) {
            twice.push(said);
        }
    }
    if !twice.is_empty() {
        faults.push(format!(
            "two features are called {}: make each once, or give the column that is called so another name in the file",
            twice.join(", and two ")
        ));
    }
    faults
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

fn block(data: &Dataset, made: &Made, time: &[i64]) -> Result<Block, String> {
    match made {
        Made::Windows(windows) => of_windows(data, windows, time),
        Made::Calendar(calendar) => Ok(of_calendar(calendar, time)),
        Made::Inputs(inputs) => of_inputs(data, inputs, time),
    }
}

/// The rows in the order of the windows' key.
pub(super) fn order(data: &Dataset, of: &Windows, time: &[i64]) -> Result<Order, String> {
    let mut keys = of.by.iter().map(|name| values(data, name).map(|values| codes(&values)));
    let first = keys.next().unwrap_or_else(|| Err(NO_KEY.into()))?;
    let (by, count) = keys.try_fold(first, |before, next| next.map(|next| pairs(before, next)))?;
    Ok(Order::new(&by, count, time))
}

fn of_windows(data: &Dataset, of: &Windows, time: &[i64]) -> Result<Block, String> {
    let number = of.of.as_deref().map(|name| numbers(data, name)).transpose()?;
    let distinct = of.distinct.as_deref().map(|name| values(data, name).map(|values| codes(&values).0)).transpose()?;
    let known = of.known.as_deref().map(|name| known::moments(data, name)).transpose()?;
    let order = order(data, of, time)?;
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
