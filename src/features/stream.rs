//! Features of rows that come a batch at a time, sorted by time: what [`super::add`] makes of the whole table, to the bit, with what
//! windows still need of earlier rows in memory and no more.

use std::collections::HashMap;

use rayon::prelude::*;

use super::window::{Key, Moves, Slider};
use super::{Calendar, FeatureSpec, Made, Windows};
use crate::error::{Error, Result, unknown};

/// Keys are divided among so many maps, each a thread's at a time.
const SHARDS: usize = 64;
/// Rows that a key keeps without need, so that it need not be tidied with every batch.
const SLACK: usize = 32;

/// Rows that follow those of the batches before.
pub struct Rows<'a> {
    /// Microseconds since 1970, rising, also from batch to batch.
    pub time: &'a [i64],
    /// 0 or 1.
    pub labels: &'a [u8],
    /// The values of a column of numbers by its name; none where there is no such column.
    pub column: &'a dyn Fn(&str) -> Option<Vec<f64>>,
}

/// Makes features of batches of rows.
pub struct Stream {
    parts: Vec<Part>,
}

enum Part {
    Calendar(Calendar),
    Windows(Box<Passing>),
}

impl Part {
    /// The columns of numbers that it reads.
    fn reads(&self) -> Vec<&str> {
        match self {
            Part::Calendar(_) => Vec::new(),
            Part::Windows(passing) => {
                let Windows { by, of, distinct, .. } = &passing.of;
                by.iter().chain(of).chain(distinct).map(String::as_str).collect()
            }
        }
    }
}

impl Stream {
    /// For the features that `spec` asks for, of rows that have these columns of numbers; its `only` is left to the caller.
    ///
    /// # Errors
    /// [`Error::Data`] for features that cannot be made of rows as they come, or of other columns: all of these in one sentence.
    pub fn new(spec: &FeatureSpec, columns: &[&str]) -> Result<Self> {
        let refused = |what: &str| {
            Error::Data(format!("features: {what} cannot be made while rows are written: make it in a study"))
        };
        let part = |made: &Made| match made {
            Made::Calendar(calendar) => Ok(Part::Calendar(calendar.clone())),
            Made::Windows(windows) if windows.known.is_some() => Err(refused("a window with `known`")),
            Made::Windows(windows) if windows.leak.is_some() => Err(refused("a window that looks ahead")),
            Made::Windows(windows) => Ok(Part::Windows(Box::new(Passing::new(windows.clone())))),
            Made::Inputs(_) => Err(refused("`inputs`")),
        };
        let parts: Vec<Part> = spec.made.iter().map(part).collect::<Result<_>>()?;
        let mut missing: Vec<&str> =
            parts.iter().flat_map(Part::reads).filter(|name| !columns.contains(name)).collect();
        missing.sort_unstable();
        missing.dedup();
        match missing[..] {
            [] => Ok(Stream { parts }),
            [one] => Err(Error::Data(format!("features: {}", unknown("column of numbers", one, columns)))),
            _ => Err(Error::Data(format!(
                "features: unknown columns of numbers `{}`. Allowed: {}",
                missing.join("`, `"),
                columns.join(", ")
            ))),
        }
    }

    /// The features' names; `time` is the name of the column of times.
    pub fn names(&self, time: &str) -> Vec<String> {
        let of = |part: &Part| match part {
            Part::Calendar(calendar) => calendar.names(time),
            Part::Windows(passing) => passing.of.names(),
        };
        self.parts.iter().flat_map(of).collect()
    }

    /// The columns of features of the next rows.
    ///
    /// # Errors
    /// [`Error::Data`] where a column is not there.
    pub fn next(&mut self, rows: &Rows<'_>) -> Result<Vec<Vec<f64>>> {
        let mut columns = Vec::new();
        for part in &mut self.parts {
            match part {
                Part::Calendar(calendar) => columns.extend(calendar.make.iter().map(|flag| {
                    let local = rows.time.iter().map(|time| time.saturating_add(calendar.offset));
                    local.map(|time| flag.of(time)).collect::<Vec<f64>>()
                })),
                Part::Windows(passing) => columns.extend(passing.next(rows)?),
            }
        }
        Ok(columns)
    }
}

/// The windows of all keys, where they stand.
struct Passing {
    of: Windows,
    moves: Moves,
    shards: Vec<HashMap<[u64; 2], Keyed>>,
    /// A number for each value whose distinct ones are counted.
    codes: HashMap<u64, u32>,
}

/// The rows of a key that its windows still need.
#[derive(Default)]
struct Keyed {
    time: Vec<i64>,
    numbers: Vec<f64>,
    distinct: Vec<u32>,
    labels: Vec<u8>,
    sliders: Vec<Slider>,
}

/// What windows read of a batch.
struct Batch<'a> {
    time: &'a [i64],
    labels: &'a [u8],
    numbers: Vec<f64>,
    distinct: Vec<u32>,
}

impl Passing {
    fn new(of: Windows) -> Self {
        Passing {
            moves: Moves::of(&of),
            of,
            shards: (0..SHARDS).map(|_| HashMap::new()).collect(),
            codes: HashMap::new(),
        }
    }

    fn next(&mut self, rows: &Rows<'_>) -> Result<Vec<Vec<f64>>> {
        let values = |name: &str| {
            (rows.column)(name).ok_or_else(|| Error::Data(format!("features: there is no column of numbers `{name}`")))
        };
        let by = self.of.by.iter().map(|name| values(name)).collect::<Result<Vec<_>>>()?;
        let numbers = self.of.of.as_deref().map(values).transpose()?.unwrap_or_default();
        let distinct = self.of.distinct.as_deref().map(values).transpose()?.unwrap_or_default();
        let mut code = |value: &f64| {
            let next = self.codes.len() as u32;
            *self.codes.entry(value.to_bits()).or_insert(next)
        };
        let distinct = distinct.iter().map(|value| if value.is_nan() { u32::MAX } else { code(value) }).collect();
        let batch = Batch { time: rows.time, labels: rows.labels, numbers, distinct };
        let key = |row: usize| [by[0][row].to_bits(), by.get(1).map_or(0, |second| second[row].to_bits())];
        let shard = |key: [u64; 2]| {
            // Numbers of cards and terminals differ in the upper bits of their mantissas.
            let mixed = (key[0] ^ key[1].rotate_left(31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 58) as usize % SHARDS
        };
        let mut order: Vec<(usize, [u64; 2], u32)> =
            (0..rows.time.len()).into_par_iter().map(|row| (shard(key(row)), key(row), row as u32)).collect();
        order.par_sort_unstable();
        let width = self.moves.width;
        let mut made = vec![0.0; order.len() * width];
        let (of, moves) = (&self.of, &self.moves);
        let mut tasks = Vec::new();
        let (mut left, mut out) = (&order[..], &mut made[..]);
        for (number, keys) in self.shards.iter_mut().enumerate() {
            let (own, rest) = left.split_at(left.partition_point(|(shard, _, _)| *shard <= number));
            let (values, more) = out.split_at_mut(own.len() * width);
            (left, out) = (rest, more);
            tasks.push((keys, own, values));
        }
        tasks.into_par_iter().for_each(|(keys, own, mut out)| {
            for rows in own.chunk_by(|a, b| a.1 == b.1) {
                let (values, rest) = out.split_at_mut(rows.len() * width);
                out = rest;
                let keyed = keys.entry(rows[0].1).or_insert_with(|| Keyed::new(moves));
                keyed.add(of.looks_at_labels(), &batch, rows);
                keyed.next(moves, rows.len(), values);
            }
        });
        let mut columns = vec![vec![0.0; order.len()]; width];
        for ((_, _, row), values) in order.iter().zip(made.chunks_exact(width.max(1))) {
            columns.iter_mut().zip(values).for_each(|(column, value)| column[*row as usize] = *value);
        }
        Ok(columns)
    }
}

impl Keyed {
    fn new(moves: &Moves) -> Self {
        Keyed { sliders: moves.sliders(), ..Keyed::default() }
    }

    /// Takes the key's rows of a batch.
    fn add(&mut self, with_labels: bool, batch: &Batch<'_>, rows: &[(usize, [u64; 2], u32)]) {
        for row in rows.iter().map(|(_, _, row)| *row as usize) {
            self.time.push(batch.time[row]);
            self.numbers.extend(batch.numbers.get(row));
            self.distinct.extend(batch.distinct.get(row));
            self.labels.extend(with_labels.then(|| batch.labels[row]));
        }
    }

    /// Writes the features of the last `count` rows, and lets those go that no window will look at.
    fn next(&mut self, moves: &Moves, count: usize, out: &mut [f64]) {
        let Keyed { time, numbers, distinct, labels, sliders } = self;
        let key = Key { time, numbers, distinct, labels, known: &[] };
        key.next(moves, sliders, key.time.len() - count, out);
        let needed =
            sliders.iter().zip(&moves.groups).map(|(slider, (length, _))| slider.first_needed(length.is_some()));
        let done = needed.min().unwrap_or(0);
        if done > SLACK.max(time.len() / 2) {
            time.drain(..done);
            numbers.drain(..done.min(numbers.len()));
            distinct.drain(..done.min(distinct.len()));
            labels.drain(..done.min(labels.len()));
            sliders.iter_mut().for_each(|slider| slider.forget(done));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Role;
    use crate::features::{Function, Span, add};
    use crate::simulate::{Handbook, handbook};

    fn windows(by: &[&str], make: &[Function], delay: Option<&str>) -> Made {
        Made::Windows(Windows {
            by: by.iter().map(|name| (*name).to_owned()).collect(),
            windows: ["3h", "2d", "9d"].map(|text| Span::parse(text).unwrap()).into(),
            of: Some("TX_AMOUNT".into()),
            distinct: Some("TERMINAL_ID".into()),
            make: make.to_vec(),
            delay: delay.and_then(Span::parse),
            known: None,
            leak: None,
            as_handbook: false,
        })
    }

    #[test]
    fn batches_give_the_bits_of_the_whole_table() {
        let of = Handbook { customers: 60, terminals: 90, days: 50, radius: 20.0, seed: 3, ..Handbook::default() };
        let mut options = of.options();
        options.ignore.retain(|name| name != "TERMINAL_ID");
        let table = handbook::table(&of, &options).unwrap();
        let place = |name: &str| table.columns.iter().position(|column| column.name == name);
        let group = table.sides.group.clone().unwrap();
        let all = [Function::Count, Function::Sum, Function::Mean, Function::Std, Function::Min, Function::Max];
        let more = [Function::Ratio, Function::Distinct, Function::SinceLast];
        let mut spec = FeatureSpec::handbook();
        spec.made.extend([
            windows(&["CUSTOMER_ID"], &[&all[..], &more].concat(), None),
            windows(&["CUSTOMER_ID", "TERMINAL_ID"], &[Function::Count, Function::SinceLast], None),
            windows(&["TERMINAL_ID"], &[Function::FraudShare, Function::Distinct, Function::SinceLast], Some("26h")),
        ]);
        let (time, y) = (table.sides.time.clone().unwrap(), table.y.clone());
        let whole = add(table.clone(), &spec).unwrap();
        let of_time = table.columns.iter().chain(&table.others).find(|column| column.role == Some(Role::Time)).unwrap();
        let names: Vec<&str> =
            ["CUSTOMER_ID"].into_iter().chain(table.columns.iter().map(|column| &column.name[..])).collect();
        let mut stream = Stream::new(&spec, &names).unwrap();
        let names = stream.names(&of_time.name);
        let first = whole.columns.len() - names.len();
        assert_eq!(names, whole.columns[first..].iter().map(|column| column.name.clone()).collect::<Vec<_>>());
        let (mut from, mut sizes) = (0, [1, 700, 13, 2_000, 64].into_iter().cycle());
        while from < y.len() {
            let to = y.len().min(from + sizes.next().unwrap());
            let column = |name: &str| match name {
                "CUSTOMER_ID" => Some(group[from..to].iter().map(|&code| f64::from(code)).collect()),
                _ => place(name).map(|at| table.x.column(at).to_vec()[from..to].to_vec()),
            };
            let rows = Rows { time: &time[from..to], labels: &y[from..to], column: &column };
            for (at, values) in stream.next(&rows).unwrap().into_iter().enumerate() {
                let wanted = whole.x.column(first + at).to_vec();
                let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&values), bits(&wanted[from..to]), "{} in {from}..{to}", names[at]);
            }
            from = to;
        }
        // What no window looks at is not kept: of fifty days nine and the delay.
        let Part::Windows(passing) = &stream.parts[3] else { panic!("the windows of customers come fourth") };
        let kept: usize = passing.shards.iter().flat_map(HashMap::values).map(|keyed| keyed.time.len()).sum();
        assert!(kept < y.len() / 2, "{kept} of {}", y.len());
    }

    #[test]
    fn what_cannot_be_made_on_the_way_is_refused() {
        let mut late = windows(&["CUSTOMER_ID"], &[Function::FraudShare], None);
        if let Made::Windows(windows) = &mut late {
            windows.known = Some("TX_LABEL_TIME".into());
        }
        let said =
            Stream::new(&FeatureSpec { made: vec![late], only: None }, &["CUSTOMER_ID"]).err().unwrap().to_string();
        assert!(said.contains("a window with `known` cannot be made while rows are written"), "{said}");
        let said = |columns: &[&str]| Stream::new(&FeatureSpec::handbook(), columns).err().unwrap().to_string();
        assert_eq!(
            said(&["CUSTOMER", "TERMINAL_ID", "TX_AMOUNT"]),
            "features: unknown column of numbers `CUSTOMER_ID`; did you mean `CUSTOMER`? Allowed: CUSTOMER, TERMINAL_ID, TX_AMOUNT"
        );
        assert_eq!(
            said(&["TX_AMOUNT"]),
            "features: unknown columns of numbers `CUSTOMER_ID`, `TERMINAL_ID`. Allowed: TX_AMOUNT"
        );
    }
}
