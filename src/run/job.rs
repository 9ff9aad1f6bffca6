//! What every cell of a run needs: the study, its tables, and their splits.

use ndarray::ArrayView2;

use crate::cell::Cell;
use crate::data::{Column, Dataset, Digests};
use crate::error::{Error, Result, unknown};
use crate::split::{ELSEWHERE, Leak, Protocol, Split};
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

/// The splits of a table's variants.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Splits {
    /// Of all rows, and of the rows that dedup keeps; empty where the study does not need them.
    pub of_variant: [Vec<Split>; 2],
    /// Of all rows with another seed; empty but for `trained-on-another-split`.
    pub elsewhere: Vec<Split>,
}

/// A table of a study with its splits.
pub struct Table<'a> {
    /// Its rows.
    pub data: Rows<'a>,
    /// What it is worth, for the files of test rows; not there in a worker.
    pub amount: Option<Vec<f64>>,
    /// The rows that dedup keeps.
    pub deduplicated: Vec<usize>,
    /// Its splits.
    pub splits: Splits,
}

impl<'a> Table<'a> {
    /// Makes the splits of every variant that the study has. `deduplicated` are the rows that dedup keeps.
    ///
    /// # Errors
    /// [`Error::Data`] when the data cannot be split as the study asks.
    pub fn new(study: &Study, data: &'a Dataset, deduplicated: Vec<usize>) -> Result<Self> {
        let rows = Rows::of(data)?;
        let order_by = order(study, data)?;
        let splits_of = |protocol: &Protocol, kept: Option<&[usize]>| {
            let pick = |all: &[f64]| kept.map_or_else(|| all.to_vec(), |r| r.iter().map(|&i| all[i]).collect());
            let y: Vec<u8> = kept.map_or_else(|| data.y.clone(), |r| r.iter().map(|&i| data.y[i]).collect());
            protocol.splits(&y, order_by.as_deref().map(pick).as_deref()).map_err(|e| match e {
                Error::Data(said) => Error::Data(format!("{}: {said}", data.name)),
                other => other,
            })
        };
        let mut splits = Splits::default();
        for &dedup in &study.dedup {
            splits.of_variant[usize::from(dedup)] =
                splits_of(&study.protocol, dedup.then_some(deduplicated.as_slice()))?;
        }
        let leaks = |leak: Leak| study.leaks.iter().any(|leaks| leaks.has(leak));
        if leaks(Leak::DuplicatesAcrossSplit) && splits.of_variant[0].is_empty() {
            splits.of_variant[0] = splits_of(&study.protocol, None)?;
        }
        if let Some(other) = study.protocol.reseeded(ELSEWHERE).filter(|_| leaks(Leak::TrainedOnAnotherSplit)) {
            splits.elsewhere = splits_of(&other, None)?;
        }
        // Reports of savings need it; a column called so has the role without being told.
        let named = data.columns.iter().position(|column| column.name.eq_ignore_ascii_case("amount"));
        let amount = data.sides.amount.clone().or_else(|| named.map(|at| data.x.column(at).to_vec()));
        Ok(Table { data: rows, amount, deduplicated, splits })
    }

    /// The rows of a variant; `None` means all.
    pub fn variant_rows(&self, dedup: bool) -> Option<&[usize]> {
        dedup.then_some(self.deduplicated.as_slice())
    }

    /// The split of a cell.
    pub fn split(&self, cell: &Cell) -> &Split {
        &self.splits.of_variant[usize::from(cell.id.dedup)][cell.split]
    }

    /// The split of the whole data, duplicates and all, with the cell's seed; there for `duplicates-across-split`.
    pub(super) fn whole(&self, cell: &Cell) -> &Split {
        &self.splits.of_variant[0][cell.split]
    }

    /// The split of the whole data with another seed; there for `trained-on-another-split`.
    pub(super) fn elsewhere(&self, cell: &Cell) -> &Split {
        &self.splits.elsewhere[cell.split]
    }
}

/// What orders a table's rows, where the protocol needs an order: a feature, or the column with the role `time`.
fn order(study: &Study, data: &Dataset) -> Result<Option<Vec<f64>>> {
    let Protocol::TimeOrdered(protocol) = &study.protocol else { return Ok(None) };
    let by_role =
        || data.sides.time.as_ref().map(|time| time.iter().map(|&moment| moment as f64).collect::<Vec<f64>>());
    let Some(name) = &protocol.column else {
        return by_role().map(Some).ok_or_else(|| {
            Error::Study(format!(
                "protocol: `time-ordered` needs to know when a row of {} happened: give `time` in its [data], or `column` \
                 in [protocol]",
                data.name
            ))
        });
    };
    let is_time = |column: &&Column| column.name == *name && column.role == Some(crate::data::Role::Time);
    if data.columns.iter().any(|column| column.name == *name) {
        return data.column(name).map(Some);
    }
    if data.others.iter().any(|column| is_time(&column)) {
        return Ok(by_role());
    }
    let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    Err(Error::Data(format!("{}: {}", data.name, unknown("column for time order", name, &names))))
}

/// A study and its tables, in the study's order.
pub struct Job<'a> {
    /// The study.
    pub study: &'a Study,
    /// Its tables.
    pub tables: Vec<Table<'a>>,
}

impl<'a> Job<'a> {
    /// Splits every table as the study asks. `deduplicated` are the rows that dedup keeps.
    ///
    /// # Errors
    /// [`Error::Data`] when the data cannot be split so.
    pub fn new(study: &'a Study, data: impl IntoIterator<Item = (&'a Dataset, Vec<usize>)>) -> Result<Self> {
        let tables = data.into_iter().map(|(data, kept)| Table::new(study, data, kept)).collect::<Result<_>>()?;
        Ok(Job { study, tables })
    }

    /// The table of a cell.
    pub fn table(&self, cell: &Cell) -> &Table<'a> {
        &self.tables[cell.data]
    }

    /// The cell's key.
    pub fn key(&self, cell: &Cell) -> String {
        cell.key(self.study, self.table(cell).data.digests)
    }
}
