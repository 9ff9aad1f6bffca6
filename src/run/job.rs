//! What every cell of a run needs: the study, its tables, and their splits.

use ndarray::ArrayView2;

use super::derived::Derived;
use crate::cell::Cell;
use crate::data::{Column, Dataset, Digests, Sides};
use crate::error::{Error, Result};
use crate::split::{ELSEWHERE, Leak, Leaks, Protocol, Roles, Split};
use crate::study::Study;

/// The rows of a data set, wherever they lie.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The matrix, row after row.
    values: &'a [f64],
    /// Labels, 0 or 1.
    pub y: &'a [u8],
    /// The features.
    pub columns: &'a [Column],
    /// Digests of what was read.
    pub digests: &'a Digests,
}

impl<'a> Rows<'a> {
    /// `values` are the rows one after another, with a label in `y` each.
    ///
    /// # Errors
    /// [`Error::Data`] when the sizes do not fit.
    pub fn new(values: &'a [f64], y: &'a [u8], columns: &'a [Column], digests: &'a Digests) -> Result<Self> {
        match values.len() == y.len() * columns.len() {
            true => Ok(Rows { values, y, columns, digests }),
            false => {
                Err(Error::Data(format!("{} values for {} rows x {} columns", values.len(), y.len(), columns.len())))
            }
        }
    }

    /// The rows of a data set.
    ///
    /// # Errors
    /// [`Error::Data`] when its matrix is not in C order.
    pub fn of(data: &'a Dataset) -> Result<Self> {
        let values =
            data.x.as_slice().ok_or_else(|| Error::Data("the data are not in rows one after another".into()))?;
        Rows::new(values, &data.y, &data.columns, &data.digests)
    }

    /// The matrix as a slice.
    pub fn values(&self) -> &'a [f64] {
        self.values
    }

    /// The matrix: rows x columns, C order.
    pub fn x(&self) -> ArrayView2<'a, f64> {
        let shape = (self.y.len(), self.columns.len());
        ArrayView2::from_shape(shape, self.values).expect("`new` has compared the sizes")
    }
}

/// The splits of a table, or of each why it cannot be made.
pub type Divided = Vec<Result<Split, String>>;

/// The splits of a table's variants.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Splits {
    /// Of all rows, and of the rows that dedup keeps; empty where the study does not need them.
    pub of_variant: [Divided; 2],
    /// Of all rows with another seed; empty but for `trained-on-another-split`.
    pub elsewhere: Divided,
}

/// A table of a study with its splits.
pub struct Table<'a> {
    /// Its rows.
    pub data: Rows<'a>,
    /// What is known of its rows beside their features; in a worker, where a classifier has inner folds, and places in any case.
    pub sides: Sides,
    /// The column that the protocol names to order them by; in a worker as `sides`.
    pub order: Option<Vec<f64>>,
    /// The rows that dedup keeps.
    pub deduplicated: Vec<usize>,
    /// Its splits.
    pub splits: Splits,
}

impl<'a> Table<'a> {
    /// Makes the splits of every variant that the study has. `deduplicated` are the rows that dedup keeps. A split that cannot
    /// be made has its reason in its place.
    ///
    /// # Errors
    /// [`Error::Study`] or [`Error::Data`] when the data lack what the protocol looks at, or what models are judged by, or none of the study's splits can be made.
    pub fn new(study: &Study, data: &'a Dataset, deduplicated: Vec<usize>) -> Result<Self> {
        let rows = Rows::of(data)?;
        let roles = study.protocol.roles(data)?;
        study.check_judged(data)?;
        let leaks = |leak: Leak| study.leaks.iter().any(|leaks| leaks.has(leak));
        let mut splits = Splits::default();
        if study.dedup.contains(&false) || leaks(Leak::DuplicatesAcrossSplit) {
            splits.of_variant[0] = divide(&study.protocol, &roles)?;
        }
        if study.dedup.contains(&true) {
            let kept = roles.select(&deduplicated);
            splits.of_variant[1] = divide(&study.protocol, &kept)?;
            splits.blame_dedup(&study.protocol, &roles, &kept)?;
        }
        let asked = study.dedup.iter().flat_map(|&dedup| &splits.of_variant[usize::from(dedup)]);
        let refused: Vec<&String> = asked.clone().filter_map(|split| split.as_ref().err()).collect();
        if let (Some(first), true) = (refused.first(), refused.len() == asked.count()) {
            return Err(Error::Data(format!("{}: {first}", data.name)));
        }
        if let Some(other) = study.protocol.reseeded(ELSEWHERE).filter(|_| leaks(Leak::TrainedOnAnotherSplit)) {
            splits.elsewhere = divide(&other, &roles)?;
        }
        let mut sides = data.sides.clone();
        // Reports of savings need it; numbers called so have the role without being told, unless the study says that there is none.
        sides.amount = sides.amount.or_else(|| study.called_amount(data).map(|at| data.x.column(at).to_vec()));
        Ok(Table { data: rows, sides, order: roles.order, deduplicated, splits })
    }

    /// The rows of a variant; `None` means all.
    pub fn variant_rows(&self, dedup: bool) -> Option<&[usize]> {
        dedup.then_some(self.deduplicated.as_slice())
    }

    /// The split of a cell, or why it cannot be made.
    ///
    /// # Errors
    /// One sentence.
    pub fn split(&self, cell: &Cell) -> Result<&Split, &str> {
        one(&self.splits.of_variant[usize::from(cell.id.dedup)], cell)
    }

    /// The split of the whole data, duplicates and all, with the cell's seed; there for `duplicates-across-split`.
    pub(super) fn whole(&self, cell: &Cell) -> Result<&Split, &str> {
        one(&self.splits.of_variant[0], cell)
    }

    /// The split of the whole data with another seed; there for `trained-on-another-split`.
    pub(super) fn elsewhere(&self, cell: &Cell) -> Result<&Split, &str> {
        one(&self.splits.elsewhere, cell)
    }
}

fn one<'s>(splits: &'s Divided, cell: &Cell) -> Result<&'s Split, &'s str> {
    splits[cell.split].as_ref().map_err(String::as_str)
}

/// Every split of a protocol; where none can be made, the reason stands in place of each.
fn divide(protocol: &Protocol, roles: &Roles) -> Result<Divided> {
    match protocol.splits(roles) {
        Err(Error::Data(said)) => Ok(vec![Err(said); protocol.numbers().len()]),
        splits => splits,
    }
}

impl Splits {
    /// Says of the splits without duplicates that dedup is why they cannot be made, where they can be made with them.
    fn blame_dedup(&mut self, protocol: &Protocol, whole: &Roles, kept: &Roles) -> Result<()> {
        if self.of_variant[1].iter().all(Result::is_ok) {
            return Ok(());
        }
        if self.of_variant[0].is_empty() {
            self.of_variant[0] = divide(protocol, whole)?;
        }
        let positives = |roles: &Roles| roles.y.iter().filter(|&&label| label == 1).count();
        let (before, after) = (positives(whole), positives(kept));
        let [with, without] = &mut self.of_variant;
        for (without, with) in without.iter_mut().zip(with) {
            if let (Err(said), Ok(_)) = (without, with) {
                said.push_str(&format!(
                    "; dedup did it, which drops {} of {} rows and {} of {before} positives: with duplicates this split can \
                     be made",
                    whole.y.len() - kept.y.len(),
                    whole.y.len(),
                    before - after,
                ));
            }
        }
        Ok(())
    }
}

/// A study and its tables, in the study's order: all of them, or one where one at a time is in memory.
pub struct Job<'a> {
    /// The study.
    pub study: &'a Study,
    /// The number of the first table among the study's data sets.
    pub first: usize,
    /// The tables, then those that leaks of columns make of them.
    pub tables: Vec<Table<'a>>,
    /// Which table of the study each of the latter was made of, and under which leaks.
    pub derived: Vec<(usize, Leaks)>,
}

impl<'a> Job<'a> {
    /// Splits every table as the study asks. `deduplicated` are the rows that dedup keeps.
    ///
    /// # Errors
    /// [`Error::Data`] when the data cannot be split so.
    pub fn new(study: &'a Study, data: impl IntoIterator<Item = (&'a Dataset, Vec<usize>)>) -> Result<Self> {
        let tables = data.into_iter().map(|(data, kept)| Table::new(study, data, kept)).collect::<Result<_>>()?;
        Ok(Job { study, first: 0, tables, derived: Vec::new() })
    }

    /// The same job with the tables that leaks of columns make.
    ///
    /// # Errors
    /// As [`Job::new`].
    pub(crate) fn with_derived(mut self, derived: &'a [Derived]) -> Result<Self> {
        for of in derived {
            let kept = self.tables[of.data - self.first].deduplicated.clone();
            self.tables.push(Table::new(self.study, &of.table, kept)?);
            self.derived.push((of.data, of.leaks));
        }
        Ok(self)
    }

    /// One table of the study, which is the data set of this number.
    ///
    /// # Errors
    /// As [`Job::new`].
    pub fn of_one(study: &'a Study, number: usize, (data, kept): (&'a Dataset, Vec<usize>)) -> Result<Self> {
        Ok(Job { first: number, ..Job::new(study, [(data, kept)])? })
    }

    /// The table of a cell.
    pub fn table(&self, cell: &Cell) -> &Table<'a> {
        &self.tables[self.place(cell)]
    }

    /// Which of the tables that is.
    pub fn place(&self, cell: &Cell) -> usize {
        let of_columns = (cell.data, cell.leaks.of_columns());
        match self.derived.iter().position(|of| *of == of_columns) {
            Some(place) => self.tables.len() - self.derived.len() + place,
            None => cell.data - self.first,
        }
    }

    /// The cell's key. Under leaks of columns it has the digests of the table that these were made for, as a manifest has: with
    /// the leaks' names they decide what is in the features.
    pub fn key(&self, cell: &Cell) -> String {
        cell.key(self.study, self.tables[cell.data - self.first].data.digests)
    }
}
