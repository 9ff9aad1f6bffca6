//! The rows and columns that a member of bagging is fitted on: scikit-learn's `_generate_bagging_indices`.

use ndarray::{Array2, ArrayView2, Axis};

use crate::classify::column_counts::{never_so_wide, too_wide};
use crate::classify::draws::{by_weight, indices};
use crate::classify::tree::MaxSamples;
use crate::component::{Classifier, ColumnShape, Features, Resampled, Shape, Train};
use crate::data::Column;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::sum::pairwise;

/// How rows and columns are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bag {
    pub bootstrap: bool,
    pub bootstrap_features: bool,
    /// None: as many as there are rows.
    pub max_samples: Option<MaxSamples>,
    pub max_features: MaxSamples,
}

/// What a member is fitted on.
pub(super) struct Drawn {
    /// Places of training rows in the order of the draw.
    pub rows: Vec<usize>,
    /// Columns in the order of the draw; none where they are all of them in order.
    pub columns: Option<Vec<usize>>,
}

/// Rows are counted in 32 bits.
const MOST_DRAWN: usize = u32::MAX as usize;

/// How many of `all` are drawn.
fn of(most: MaxSamples, all: f64) -> usize {
    match most {
        MaxSamples::Count(count) => count,
        MaxSamples::Share(share) => ((share * all) as usize).max(1),
    }
}

impl Bag {
    /// Refuses what scikit-learn refuses, and numbers that nothing can hold.
    pub fn check(&self) -> Result<()> {
        for (name, most) in [("max_samples", self.max_samples), ("max_features", Some(self.max_features))] {
            let said = match most {
                Some(MaxSamples::Count(0)) => format!("`{name}` must be at least 1, not 0"),
                Some(MaxSamples::Count(count)) if count > MOST_DRAWN => {
                    format!("`{name}` must be at most {MOST_DRAWN}, not {count}")
                }
                Some(MaxSamples::Share(share)) if !(share > 0.0 && share <= 1.0) => {
                    format!("`{name}` as a share must lie in (0, 1], not {share}")
                }
                _ => continue,
            };
            return Err(Error::Component(said));
        }
        Ok(())
    }

    /// How many of `rows` and of `columns` are drawn; a share of rows that weigh differently is one of their weight.
    pub fn sizes(&self, rows: usize, columns: usize, weight: Option<&[f64]>) -> Result<(usize, usize)> {
        let drawn = self.max_samples.map_or(rows, |most| of(most, weight.map_or(rows as f64, pairwise)));
        let wide = of(self.max_features, columns as f64);
        if !self.bootstrap && drawn > rows {
            return Err(Error::Component(format!(
                "`max_samples` draws {drawn} rows without replacement, but there are {rows}: write {rows} or less, or bootstrap = true"
            )));
        }
        match self.count().and_then(|wide| too_wide(wide, columns)) {
            Some(said) => Err(Error::Component(said)),
            None => Ok((drawn, wide)),
        }
    }

    /// How many columns are drawn, where a study says a number: a share is never too many.
    fn count(&self) -> Option<usize> {
        match self.max_features {
            MaxSamples::Count(wide) => Some(wide),
            MaxSamples::Share(_) => None,
        }
    }

    /// Why columns of this shape are never of use, to the bag or to `member`, which gets the drawn ones only.
    pub fn never_fits(&self, given: &Shape, member: &dyn Classifier) -> Option<String> {
        let own = self.count().and_then(|wide| never_so_wide(wide, given));
        let (columns, wide) = (given.columns.len(), of(self.max_features, given.columns.len() as f64));
        own.or_else(|| match wide < columns {
            true => {
                // Each member draws others, so that none has a name.
                let one = ColumnShape { name: String::new(), levels: None, blanks: false, empty: false };
                let said =
                    member.never_fits(&Shape { columns: vec![one; wide], perhaps: given.perhaps.clone(), ..*given });
                said.map(|said| format!("a member gets {wide} of {columns} columns: {said}"))
            }
            false => member.never_fits(given),
        })
    }

    /// Draws for the member that is seeded with `seed`; `sizes` are those of [`Bag::sizes`].
    ///
    /// # Errors
    /// Fewer rows with a weight than are drawn without replacement.
    pub fn draw(
        &self,
        seed: u32,
        (rows, columns): (usize, usize),
        sizes: (usize, usize),
        weight: Option<&[f64]>,
    ) -> Result<Drawn> {
        let mut stream = Mt19937::new(seed);
        let drawn = indices(&mut stream, self.bootstrap_features, columns, sizes.1);
        let is_whole = !self.bootstrap_features && sizes.1 == columns;
        let rows = match weight {
            None => indices(&mut stream, self.bootstrap, rows, sizes.0),
            Some(weight) => by_weight(&mut stream, self.bootstrap, weight, sizes.0)?,
        };
        Ok(Drawn { rows, columns: (!is_whole).then_some(drawn) })
    }
}

/// Some columns of a matrix, in C order.
pub(super) fn columns_of(x: ArrayView2<'_, f64>, columns: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), columns.len()), |(row, nth)| x[[row, columns[nth]]])
}

impl Drawn {
    /// How often each of `rows` rows was drawn.
    pub fn counts(&self, rows: usize) -> Vec<f64> {
        let mut counts = vec![0.0; rows];
        self.rows.iter().for_each(|&row| counts[row] += 1.0);
        counts
    }
}

/// Those of `all` columns at the places `columns`. No columns are listed where all are numbers.
fn named(all: &[Column], columns: &[usize]) -> Vec<Column> {
    columns.iter().filter_map(|&column| all.get(column).cloned()).collect()
}

/// Some rows and columns of training rows, with a matrix of their own.
pub(super) struct Part {
    pub x: Array2<f64>,
    pub y: Vec<u8>,
    /// What the rows weigh; none where all weigh the same.
    pub weight: Option<Vec<f64>>,
    pub columns: Vec<Column>,
}

impl Part {
    /// The rows at the places `rows`, in that order, of the columns `columns`, or of all.
    pub fn of(train: &Train<'_>, rows: &[usize], columns: Option<&[usize]>) -> Self {
        let x = train.x().select(Axis(0), rows);
        let all = train.features.columns;
        let (x, columns) = match columns {
            None => (x, all.to_vec()),
            Some(columns) => (columns_of(x.view(), columns), named(all, columns)),
        };
        Part { x, y: rows.iter().map(|&row| train.y[row]).collect(), weight: None, columns }
    }

    /// All rows of the drawn columns, each as heavy as it was drawn often.
    pub fn counted(train: &Train<'_>, drawn: &Drawn) -> Self {
        let all = train.features.columns;
        let (x, columns) = match drawn.columns.as_deref() {
            None => (train.x().to_owned(), all.to_vec()),
            Some(columns) => (columns_of(train.x(), columns), named(all, columns)),
        };
        Part { x, y: train.y.to_vec(), weight: Some(drawn.counts(train.y.len())), columns }
    }

    /// The same rows as a resampler chose, repeated and made them.
    ///
    /// # Errors
    /// Rows that are not there, or made ones of other columns.
    pub fn resampled(self, resampled: &Resampled) -> Result<Self> {
        resampled.check(self.y.len(), self.x.ncols())?;
        let (x, y) = (resampled.matrix(self.x.view()), resampled.labels(&self.y));
        Ok(Part { x, y, weight: None, columns: self.columns })
    }

    /// The rows to fit on.
    pub fn train(&self) -> Train<'_> {
        let train = Train::new(Features { x: self.x.view(), columns: &self.columns }, &self.y);
        Train { weight: self.weight.as_deref(), ..train }
    }
}
