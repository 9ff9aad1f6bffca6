//! `hashing`: categories share a fixed number of columns, by a hash of name and level.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::component::{Also, DTYPE, Entry, FittedTransformer, Shape, Train, Transformer, build, same_columns};
use crate::data::{Column, ColumnShape, Kind};
use crate::error::{Error, Result};

const ID: &str = "hashing";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// How many columns all categories share.
    n_features: u32,
    /// Whether half of the levels count -1, so that levels that share a column cancel out on average.
    alternate_sign: bool,
}

impl Default for Params {
    fn default() -> Self {
        // scikit-learn's 2^20 columns are for sparse matrices.
        Params { n_features: 32, alternate_sign: true }
    }
}

struct Hashing(Params);

/// What a column of the training rows becomes.
enum Made {
    Same,
    /// For each level of the table its column among the shared ones, and what it adds there.
    Hashed(Vec<(u32, f64)>),
}

struct Fitted {
    made: Vec<Made>,
    columns: Vec<Column>,
    /// The first of the shared columns.
    first: usize,
}

/// MurmurHash3 of 32 bits (Appleby, public domain) with seed 0.
fn murmur3(bytes: &[u8]) -> u32 {
    let scramble = |word: u32| word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (words, rest) = bytes.as_chunks::<4>();
    let mut hash = words.iter().fold(0_u32, |hash, word| {
        (hash ^ scramble(u32::from_le_bytes(*word))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    });
    let last = rest.iter().rev().fold(0_u32, |word, &byte| word << 8 | u32::from(byte));
    hash ^= scramble(last) ^ bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

impl Hashing {
    fn hashed(&self, column: &str, level: &str) -> (u32, f64) {
        let hash = murmur3(format!("{column}={level}").as_bytes()) as i32;
        // Where -2^31 has no absolute value, this is what it would be there.
        let place = hash.unsigned_abs() % self.0.n_features;
        (place, if self.0.alternate_sign && hash < 0 { -1.0 } else { 1.0 })
    }
}

impl Transformer for Hashing {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut columns: Vec<ColumnShape> =
            given.columns.iter().filter(|column| column.levels.is_none()).cloned().collect();
        if columns.len() < given.columns.len() {
            let shared = |nth| ColumnShape { name: format!("hash{nth}"), levels: None, blanks: false, empty: false };
            columns.extend((0..self.0.n_features).map(shared));
        }
        Ok(Shape { columns, ..given.clone() })
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let mut fitted = Fitted { made: Vec::new(), columns: Vec::new(), first: 0 };
        for column in train.features.columns {
            fitted.made.push(match &column.kind {
                Kind::Category(levels) => {
                    Made::Hashed(levels.iter().map(|level| self.hashed(&column.name, level)).collect())
                }
                _ => {
                    fitted.columns.push(Column::number(column.name.as_str()));
                    Made::Same
                }
            });
        }
        fitted.first = fitted.columns.len();
        if fitted.first < fitted.made.len() {
            fitted.columns.extend((0..self.0.n_features).map(|nth| Column::number(format!("hash{nth}"))));
        }
        Ok(Box::new(fitted))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl FittedTransformer for Fitted {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        if self.made.is_empty() {
            return Ok(x);
        }
        same_columns(ID, self.made.len(), x.ncols())?;
        let mut wide = Array2::zeros((x.nrows(), self.columns.len()));
        // Numbers come first, in their order.
        let mut numbers = 0..self.first;
        for (values, made) in x.axis_iter(Axis(1)).zip(&self.made) {
            let Made::Hashed(levels) = made else {
                if let Some(place) = numbers.next() {
                    wide.column_mut(place).assign(&values);
                }
                continue;
            };
            for (row, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
                let (place, sign) = levels[*value as usize];
                wide[(row, self.first + place as usize)] += sign;
            }
        }
        Ok(wide)
    }
}

/// `FeatureHasher` on a row's categories as `{column: level}`, with its hash:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.feature_extraction.FeatureHasher.html>. Nothing is learnt, so a level
/// that the training rows lack is hashed like any other; what is missing adds nothing. The shared columns come after the numbers.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "categories share `n_features` columns by a hash of name and level, unseen levels too", |table| {
        build::<Params, _>(ID, table, |params| match params.n_features {
            1..=65_536 => Ok(Box::new(Hashing(params)) as Box<dyn Transformer>),
            other => Err(Error::Study(format!("`n_features` must be from 1 to 65536, but is {other}"))),
        })
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.feature_extraction.FeatureHasher.html")
    .notes(&["`n_features` is 2^20 in `FeatureHasher` by default, whose columns are sparse"])
    .also(&[
        Also::harmless("dtype", DTYPE),
        Also::only("input_type", "\"dict\"", "a row is hashed as `{column: level}`: leave it out"),
    ]);
