//! Encoder and scaler of a prefix as one: what is learnt from training rows, applied to any rows.

use std::collections::HashMap;

use ndarray::{Array2, ArrayView2, Axis};

use crate::component::{Features, FittedScaler, FittedTransformer, Scaler, Train, Transformer};
use crate::data::{Column, Kind};
use crate::error::{Error, Result};

/// A fitted encoder and scaler.
pub struct Fitted {
    /// None where there is nothing to encode.
    encoder: Option<Box<dyn FittedTransformer>>,
    scaler: Box<dyn FittedScaler>,
    /// Columns that pass by the scaler.
    categories: Vec<usize>,
    /// The others; looked at where there are categories.
    numbers: Vec<usize>,
    /// The columns after both; empty where all are numbers.
    pub columns: Vec<Column>,
}

impl Fitted {
    /// Fits the encoder on `train`, the scaler on what the encoder makes of `scaled_on` (of `train` without it).
    ///
    /// # Errors
    /// Those of the components, in one sentence.
    pub fn new(
        encoder: &dyn Transformer,
        scaler: &dyn Scaler,
        train: &Train<'_>,
        scaled_on: Option<ArrayView2<'_, f64>>,
    ) -> Result<Self> {
        let has_categories = train.features.columns.iter().any(|column| matches!(column.kind, Kind::Category(_)));
        if !has_categories {
            let scaler = match scaled_on {
                Some(all) => scaler.fit(all)?,
                None => scaler.fit(train.x())?,
            };
            let (categories, numbers, columns) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(Fitted { encoder: None, scaler, categories, numbers, columns });
        }
        let encoder = encoder.fit(train)?;
        let encoded = match scaled_on {
            Some(all) => encoder.transform(all.to_owned())?,
            None => encoder.transform_training(train.x().to_owned(), &all_places(train.y.len()))?,
        };
        let is_category = |&at: &usize| matches!(encoder.columns()[at].kind, Kind::Category(_));
        let (categories, numbers): (Vec<usize>, Vec<usize>) = (0..encoder.columns().len()).partition(is_category);
        if categories.is_empty() {
            let scaler = scaler.fit(encoded.view())?;
            return Ok(Fitted { encoder: Some(encoder), scaler, categories, numbers, columns: Vec::new() });
        }
        let chosen = encoded.select(Axis(1), &numbers);
        let scaler = scaler.fit(chosen.view())?;
        let first = chosen.slice(ndarray::s![..1, ..]).to_owned();
        let made = scaler.transform(first)?.ncols();
        let given = encoder.columns();
        let columns = if made == numbers.len() {
            given.to_vec()
        } else {
            let products = (0..made).map(|nth| Column::number(format!("x{nth}")));
            products.chain(categories.iter().map(|&at| given[at].clone())).collect()
        };
        Ok(Fitted { encoder: Some(encoder), scaler, categories, numbers, columns })
    }

    /// Encodes and scales rows. Where the scaler keeps the number of columns every column stays in its place; else the
    /// categories come last.
    ///
    /// # Errors
    /// Those of the components, in one sentence.
    pub fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        match &self.encoder {
            Some(encoder) => self.scaled(encoder.transform(x)?),
            None => self.scaled(x),
        }
    }

    /// The same for rows that encoder and scaler learnt from; `places` as in [`FittedTransformer::transform_training`].
    ///
    /// # Errors
    /// As [`Fitted::transform`].
    pub fn transform_training(&self, x: Array2<f64>, places: &[Option<u32>]) -> Result<Array2<f64>> {
        match &self.encoder {
            Some(encoder) => self.scaled(encoder.transform_training(x, places)?),
            None => self.scaled(x),
        }
    }

    fn scaled(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        if self.categories.is_empty() {
            return self.scaler.transform(x);
        }
        let made = self.scaler.transform(x.select(Axis(1), &self.numbers))?;
        let mut all = Array2::zeros((x.nrows(), made.ncols() + self.categories.len()));
        let in_place = made.ncols() == self.numbers.len();
        for (nth, column) in made.columns().into_iter().enumerate() {
            all.column_mut(if in_place { self.numbers[nth] } else { nth }).assign(&column);
        }
        for (nth, &from) in self.categories.iter().enumerate() {
            all.column_mut(if in_place { from } else { made.ncols() + nth }).assign(&x.column(from));
        }
        Ok(all)
    }

    /// Transformed training rows with their columns.
    pub fn train<'t>(&'t self, x: &'t Array2<f64>, y: &'t [u8]) -> Train<'t> {
        Train::new(Features { x: x.view(), columns: &self.columns }, y)
    }

    /// The number of columns after both, told from one row.
    ///
    /// # Errors
    /// As [`Fitted::transform`].
    pub fn width(&self, x: ArrayView2<'_, f64>) -> Result<usize> {
        if x.nrows() == 0 {
            return Err(Error::Component("there is no training row".into()));
        }
        Ok(self.transform(x.slice(ndarray::s![..1, ..]).to_owned())?.ncols())
    }
}

/// The places of all rows of a fit, in order.
pub fn all_places(rows: usize) -> Vec<Option<u32>> {
    (0..rows as u32).map(Some).collect()
}

/// The places of rows among the rows of a fit.
pub fn places(rows: &[usize], of_fit: &[usize]) -> Vec<Option<u32>> {
    let places: HashMap<usize, u32> = of_fit.iter().copied().zip(0..).collect();
    rows.iter().map(|row| places.get(row).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_the_fit_is_found_wherever_it_stands() {
        assert_eq!(places(&[7, 2, 7, 5], &[5, 9, 7]), [Some(2), None, Some(2), Some(0)]);
        assert_eq!(all_places(2), [Some(0), Some(1)]);
    }
}
