//! The tables of a study where workers can map them: of each its matrix, labels, the rows that dedup keeps, and its splits,
//! which are made once by whoever runs the study.

use std::path::Path;

use memmap2::{Mmap, MmapMut};
use serde::{Deserialize, Serialize};

use super::job::{Divided, Job, Rows, Splits, Table};
use crate::data::{Column, Digests, Sides};
use crate::error::{Error, Result};
use crate::os::{SharedFile, map, map_new};
use crate::split::Split;

const WORD: usize = size_of::<u64>();
/// Stands in the place of a split that a worker has not read, as its request is about another one.
const UNREAD: &str = "the rows of this split are not read";
/// Side columns that a worker may be given.
const SIDES: usize = 6;

/// What a worker is told of a table, besides what lies in the shared file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableLayout {
    rows: usize,
    kept: usize,
    columns: Vec<Column>,
    digests: Digests,
    /// Of the whole, of the deduplicated rows, elsewhere.
    splits: [Vec<Result<SplitLayout, String>>; 3],
    /// Which side columns are there: group, time, amount, what orders the rows, weight, places in the file.
    sides: [bool; SIDES],
}

/// A split without its rows: how many there are in each part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct SplitLayout {
    repeat: u32,
    fold: u32,
    rows: [usize; 3],
}

impl SplitLayout {
    fn of(split: &Split) -> Self {
        let rows = [split.train.len(), split.validation.len(), split.test.len()];
        SplitLayout { repeat: split.repeat, fold: split.fold, rows }
    }
}

/// The lists of rows of splits, in the order in which they stand in the file.
fn lists(splits: &Splits) -> impl Iterator<Item = &Vec<usize>> {
    let all = splits.of_variant.iter().flatten().chain(&splits.elsewhere);
    all.flatten().flat_map(|split| [&split.train, &split.validation, &split.test])
}

impl TableLayout {
    /// `sides`: whether the side columns are needed.
    fn of(table: &Table<'_>, sides: bool) -> Self {
        let splits = &table.splits;
        let (of, order) = (&table.sides, &table.order);
        let there = [of.group.is_some(), of.time.is_some(), of.amount.is_some(), order.is_some()].map(|is| is && sides);
        let [group, time, amount, order] = there;
        let layouts =
            |of: &Divided| of.iter().map(|split| split.as_ref().map(SplitLayout::of).map_err(String::clone)).collect();
        TableLayout {
            rows: table.data.y.len(),
            kept: table.deduplicated.len(),
            columns: table.data.columns.to_vec(),
            digests: table.data.digests.clone(),
            splits: [layouts(&splits.of_variant[0]), layouts(&splits.of_variant[1]), layouts(&splits.elsewhere)],
            // Every fit needs the weights, and every record says by their places which rows it was judged on.
            sides: [group, time, amount, order, of.weight.is_some(), of.place.is_some()],
        }
    }

    fn values(&self) -> usize {
        self.rows * self.columns.len() * WORD
    }

    fn numbers(&self) -> usize {
        let sides = self.sides.iter().filter(|there| **there).count() * self.rows;
        self.kept + self.listed() + sides
    }

    /// Numbers of rows in all splits.
    fn listed(&self) -> usize {
        self.splits.iter().flatten().flatten().flat_map(|split| split.rows).sum()
    }

    /// Bytes of the table in the file; a multiple of a word, so that every table begins at one.
    fn bytes(&self) -> usize {
        self.values() + self.numbers() * WORD + self.rows.next_multiple_of(WORD)
    }
}

/// A table's side columns as words, those first that a layout names first.
fn words<'t>(table: &'t Table<'_>, sides: [bool; SIDES]) -> impl Iterator<Item = u64> + 't {
    let [group, time, amount, order, weight, place] = sides;
    let group = table.sides.group.iter().filter(move |_| group).flatten().map(|&code| u64::from(code));
    let place = table.sides.place.iter().filter(move |_| place).flatten().map(|&place| u64::from(place));
    // The same bits, read back as they were.
    let time = table.sides.time.iter().filter(move |_| time).flatten().map(|&moment| moment as u64);
    let amount = table.sides.amount.iter().filter(move |_| amount);
    let weight = table.sides.weight.iter().filter(move |_| weight);
    let numbers = amount.chain(table.order.iter().filter(move |_| order)).chain(weight);
    group.chain(time).chain(numbers.flatten().map(|value| value.to_bits())).chain(place)
}

/// Puts the tables of a job into a shared file.
///
/// # Errors
/// [`Error::Io`].
pub fn share(job: &Job<'_>) -> Result<(SharedFile, Vec<TableLayout>)> {
    let sides = job.study.classifiers.iter().any(|classifier| classifier.component.uses_raw_rows());
    let layouts: Vec<TableLayout> = job.tables.iter().map(|table| TableLayout::of(table, sides)).collect();
    let file = SharedFile::create("fraudbench-data")?;
    let mut map: MmapMut = map_new(&file.path(), layouts.iter().map(TableLayout::bytes).sum())?;
    let mut rest = &mut map[..];
    for (table, layout) in job.tables.iter().zip(&layouts) {
        let (own, after) = rest.split_at_mut(layout.bytes());
        rest = after;
        let (values, own) = own.split_at_mut(layout.values());
        values.copy_from_slice(bytemuck::cast_slice(table.data.values()));
        let (numbers, labels) = own.split_at_mut(layout.numbers() * WORD);
        labels[..layout.rows].copy_from_slice(table.data.y);
        let lists = std::iter::once(&table.deduplicated).chain(lists(&table.splits));
        let mut numbers = numbers.chunks_exact_mut(WORD);
        let lists = lists.flatten().map(|&number| number as u64).chain(words(table, layout.sides));
        for (number, out) in lists.zip(&mut numbers) {
            out.copy_from_slice(&number.to_ne_bytes());
        }
    }
    Ok((file, layouts))
}

/// The shared file, mapped.
pub struct Shared(Mmap);

impl Shared {
    /// Maps it.
    ///
    /// # Errors
    /// [`Error::Io`], also for a file of another size.
    pub fn open(path: &Path, layouts: &[TableLayout]) -> Result<Self> {
        Ok(Shared(map(path, layouts.iter().map(TableLayout::bytes).sum())?))
    }

    /// The tables in it, without their splits: the lists of all of them may be longer than the table is large.
    ///
    /// # Errors
    /// [`Error::Data`] where sizes do not fit.
    pub fn tables<'s>(&'s self, layouts: &'s [TableLayout]) -> Result<Vec<Table<'s>>> {
        let mut rest = &self.0[..];
        let mut tables = Vec::new();
        for layout in layouts {
            let (own, after) = rest.split_at(layout.bytes());
            rest = after;
            tables.push(table(own, layout)?);
        }
        Ok(tables)
    }

    /// The splits number `split` of a table's variants, with a sentence in the place of all others.
    pub fn divide(&self, layouts: &[TableLayout], table: usize, split: usize) -> Splits {
        let start: usize = layouts[..table].iter().map(TableLayout::bytes).sum();
        let layout = &layouts[table];
        let mut rest = &self.0[start + layout.values() + layout.kept * WORD..];
        let mut take = |count: usize, is_asked: bool| -> Vec<usize> {
            let (own, after) = rest.split_at(count * WORD);
            rest = after;
            let own = if is_asked { own } else { &[] };
            own.chunks_exact(WORD).map(|word| number(word) as usize).collect()
        };
        let [whole, kept, elsewhere] = layout.splits.each_ref().map(|of| {
            let mut one = |(number, l): (usize, &Result<SplitLayout, String>)| {
                let l = l.as_ref().map_err(String::clone)?;
                let [train, validation, test] = l.rows.map(|rows| take(rows, number == split));
                match number == split {
                    true => Ok(Split { repeat: l.repeat, fold: l.fold, train, validation, test }),
                    false => Err(UNREAD.to_owned()),
                }
            };
            of.iter().enumerate().map(&mut one).collect::<Divided>()
        });
        Splits { of_variant: [whole, kept], elsewhere }
    }
}

fn number(word: &[u8]) -> u64 {
    // `chunks_exact` gives exactly so many bytes.
    u64::from_ne_bytes(word.try_into().unwrap_or_default())
}

fn table<'s>(bytes: &'s [u8], layout: &'s TableLayout) -> Result<Table<'s>> {
    let (values, rest) = bytes.split_at(layout.values());
    let (numbers, labels) = rest.split_at(layout.numbers() * WORD);
    let values: &[f64] =
        bytemuck::try_cast_slice(values).map_err(|e| Error::Data(format!("the shared table is not aligned: {e}")))?;
    let data = Rows::new(values, &labels[..layout.rows], &layout.columns, &layout.digests)?;
    let (kept, rest) = numbers.split_at(layout.kept * WORD);
    let deduplicated = kept.chunks_exact(WORD).map(|word| number(word) as usize).collect();
    let mut numbers = rest[layout.listed() * WORD..].chunks_exact(WORD).map(number);
    let [group, time, amount, order, weight, place] = layout.sides.map(|there| there.then_some(layout.rows));
    let mut sides = Sides {
        group: group.map(|rows| numbers.by_ref().take(rows).map(|code| code as u32).collect()),
        time: time.map(|rows| numbers.by_ref().take(rows).map(|moment| moment as i64).collect()),
        amount: amount.map(|rows| numbers.by_ref().take(rows).map(f64::from_bits).collect()),
        ..Sides::default()
    };
    let order = order.map(|rows| numbers.by_ref().take(rows).map(f64::from_bits).collect());
    sides.weight = weight.map(|rows| numbers.by_ref().take(rows).map(f64::from_bits).collect());
    sides.place = place.map(|rows| numbers.by_ref().take(rows).map(|place| place as u32).collect());
    Ok(Table { data, sides, order, deduplicated, splits: Splits::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;
    use crate::data::Dataset;
    use crate::study::Study;

    #[test]
    fn a_worker_maps_the_sides_only_where_a_classifier_has_inner_folds() {
        for (threshold, there) in [("0.5", false), ("'max-f1'", true)] {
            let text = format!(
                "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'time-ordered'\ncolumn = 'a'\n[grid]\ndedup = \
                 true\nclassifiers = [{{ family = 'prior', threshold = {threshold} }}]\n"
            );
            let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
            let x = ndarray::Array2::from_shape_fn((9, 1), |(row, _)| row as f64 - 4.0);
            let mut data = Dataset::of_numbers("x", &["a"], x, vec![0, 1, 0, 1, 0, 1, 0, 1, 1]).unwrap();
            data.sides = Sides {
                group: Some(vec![7, 0, 1, 1, 2, 2, 3, 3, 4]),
                time: Some((-4..5).collect()),
                amount: Some(vec![0.5, -0.0, f64::INFINITY, 1e-300, 2.0, 3.0, 4.0, 5.0, 6.0]),
                // Of a sample.
                place: Some(vec![2, 3, 5, 7, 11, 13, 17, 19, 23]),
                ..Sides::default()
            };
            let job = Job::new(&study, [(&data, vec![0, 1, 2, 3, 4, 5, 6, 8])]).unwrap();
            let (file, layouts) = share(&job).unwrap();
            let shared = Shared::open(&file.path(), &layouts).unwrap();
            let mut tables = shared.tables(&layouts).unwrap();
            let [table] = &mut tables[..] else { panic!("one table was shared") };
            table.splits = shared.divide(&layouts, 0, 0);
            assert_eq!((&table.splits, &table.deduplicated), (&job.tables[0].splits, &job.tables[0].deduplicated));
            // A record names the rows by their places in any case.
            let none = (Sides { place: data.sides.place.clone(), ..Sides::default() }, None);
            let order = Some((-4..5).map(f64::from).collect());
            let expected = if there { (data.sides.clone(), order) } else { none };
            assert_eq!((table.sides.clone(), table.order.clone()), expected, "{threshold}");
        }
    }

    #[test]
    fn a_worker_has_the_lists_of_one_split_at_a_time() {
        let text = "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 3\n[grid]\ndedup = [false, \
                    true]\nclassifiers = ['prior']\n";
        let study = Study::parse(text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let x = ndarray::Array2::from_shape_fn((12, 1), |(row, _)| row as f64);
        let y: Vec<u8> = (0..12).map(|row| u8::from(row % 2 == 0)).collect();
        let data = Dataset::of_numbers("x", &["a"], x, y).unwrap();
        // The second table's lists begin behind the first one.
        let keep: Vec<usize> = (0..10).collect();
        let tables = || Table::new(&study, &data, keep.clone()).unwrap();
        let job = Job { study: &study, first: 0, tables: vec![tables(), tables()], derived: Vec::new() };
        let (file, layouts) = share(&job).unwrap();
        let shared = Shared::open(&file.path(), &layouts).unwrap();
        assert!(shared.tables(&layouts).unwrap().iter().all(|table| table.splits == Splits::default()));
        let whole = &job.tables[1].splits;
        for split in 0..3 {
            let read = shared.divide(&layouts, 1, split);
            for variant in 0..2 {
                for number in 0..3 {
                    let wanted = match number == split {
                        true => whole.of_variant[variant][number].clone(),
                        false => Err(UNREAD.to_owned()),
                    };
                    assert_eq!(read.of_variant[variant][number], wanted);
                }
            }
        }
    }
}
