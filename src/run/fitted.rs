//! Encoder, scaler and selection of columns of a prefix as one: what is learnt from training rows, applied to any rows.

use std::collections::HashMap;

use ndarray::{Array2, ArrayView2, Axis};

use super::whole::SavedSteps;
use crate::component::{ColumnShape, Features, FittedScaler, FittedTransformer, Scaler, Shape, Train, Transformer};
use crate::data::{Column, Kind};
use crate::error::{Error, Result};

/// The steps of a prefix that change columns after the resampler.
#[derive(Clone, Copy)]
pub struct Steps<'s> {
    /// Makes numbers of categories.
    pub encoder: &'s dyn Transformer,
    /// Scales numbers.
    pub scaler: &'s dyn Scaler,
    /// Selects columns; none where all stay.
    pub select: Option<&'s dyn Transformer>,
}

/// What steps learn from that a leak has see more than the training rows; none where they learn from these.
#[derive(Clone, Copy, Default)]
pub struct Leaked<'l> {
    /// The encoder's rows with their labels.
    pub encoder: Option<(ArrayView2<'l, f64>, &'l [u8])>,
    /// The scaler's rows.
    pub scaler: Option<ArrayView2<'l, f64>>,
    /// The selection's rows with their labels.
    pub select: Option<(ArrayView2<'l, f64>, &'l [u8])>,
}

/// Fitted encoder, scaler and selection.
pub struct Fitted {
    /// None where there is nothing to encode.
    encoder: Option<Box<dyn FittedTransformer>>,
    /// Whether the encoder has seen all rows, and training rows are encoded as any others.
    alike: bool,
    scaler: Box<dyn FittedScaler>,
    /// Columns that pass by the scaler.
    categories: Vec<usize>,
    /// The others; looked at where there are categories.
    numbers: Vec<usize>,
    select: Option<Box<dyn FittedTransformer>>,
    /// The columns after all steps; empty where all are numbers and nobody names them.
    pub columns: Vec<Column>,
}

impl Fitted {
    /// Fits each step on what those before it make of `train`; one that a leak has see more, on what they make of those rows.
    ///
    /// # Errors
    /// Those of the components, in one sentence.
    pub fn new(steps: Steps<'_>, train: &Train<'_>, leaked: Leaked<'_>) -> Result<Self> {
        let mut fitted = Self::scaling(steps, train, leaked)?;
        let Some(select) = steps.select else { return Ok(fitted) };
        let (x, y) = match leaked.select {
            Some((x, y)) => (fitted.transform(x.to_owned())?, y),
            None => (fitted.transform_training(train.x().to_owned(), &all_places(train.y.len()))?, train.y),
        };
        let columns = fitted.named(train.features.columns, x.ncols());
        let select = select.fit(&Train::new(Features { x: x.view(), columns: &columns }, y))?;
        fitted.columns = select.columns().to_vec();
        fitted.select = Some(select);
        Ok(fitted)
    }

    /// The steps as data.
    ///
    /// # Errors
    /// The kinds of those that cannot be said.
    pub fn saved(&self) -> Result<SavedSteps, Vec<&'static str>> {
        let encoder = self.encoder.as_ref().map(|encoder| encoder.saved());
        let select = self.select.as_ref().map(|select| select.saved());
        let scaler = self.scaler.saved();
        let lacks = [
            ("encoder", matches!(encoder, Some(None))),
            ("scaler", scaler.is_none()),
            ("select", matches!(select, Some(None))),
        ];
        let lacks: Vec<&str> = lacks.into_iter().filter(|(_, lacks)| *lacks).map(|(kind, _)| kind).collect();
        match scaler {
            Some(scaler) if lacks.is_empty() => Ok(SavedSteps {
                encoder: encoder.flatten(),
                scaler,
                categories: self.categories.clone(),
                numbers: self.numbers.clone(),
                select: select.flatten(),
                columns: self.columns.clone(),
            }),
            _ => Err(lacks),
        }
    }

    /// The steps that said this of themselves; `categories` pass by the scaler, `numbers` do not.
    pub fn restored(
        encoder: Option<Box<dyn FittedTransformer>>,
        scaler: Box<dyn FittedScaler>,
        [categories, numbers]: [Vec<usize>; 2],
        select: Option<Box<dyn FittedTransformer>>,
        columns: Vec<Column>,
    ) -> Self {
        Fitted { encoder, alike: false, scaler, categories, numbers, select, columns }
    }

    /// The columns that reach the selection; `given` reach the encoder.
    pub fn named(&self, given: &[Column], width: usize) -> Vec<Column> {
        let encoded = self.encoder.as_ref().map_or(given, |encoder| encoder.columns());
        match [&self.columns, encoded].into_iter().find(|columns| columns.len() == width) {
            Some(columns) => columns.to_vec(),
            None => unnamed(width),
        }
    }

    /// Encoder and scaler alone; the scaler on what the encoder makes of `scaled_on` (of `train` without it).
    fn scaling(steps: Steps<'_>, train: &Train<'_>, leaked: Leaked<'_>) -> Result<Self> {
        let Steps { encoder, scaler, .. } = steps;
        let (scaled_on, alike) = (leaked.scaler, leaked.encoder.is_some());
        let has_categories = train.features.columns.iter().any(|column| matches!(column.kind, Kind::Category(_)));
        if !has_categories {
            let fitted = match scaled_on {
                Some(all) => scaler.fit(all)?,
                None => scaler.fit(train.x())?,
            };
            let made = width(fitted.as_ref(), train.x())?;
            let columns = scaled_columns(scaler, train.features.columns, made).unwrap_or_default();
            let (categories, numbers) = (Vec::new(), Vec::new());
            return Ok(Fitted { encoder: None, alike, scaler: fitted, categories, numbers, select: None, columns });
        }
        let encoder = match leaked.encoder {
            Some((x, y)) => encoder.fit(&Train::new(Features { x: x.view(), columns: train.features.columns }, y))?,
            None => encoder.fit(train)?,
        };
        let encoded = match scaled_on {
            Some(all) => encoder.transform(all.to_owned())?,
            None if alike => encoder.transform(train.x().to_owned())?,
            None => encoder.transform_training(train.x().to_owned(), &all_places(train.y.len()))?,
        };
        let is_category = |&at: &usize| matches!(encoder.columns()[at].kind, Kind::Category(_));
        let (categories, numbers): (Vec<usize>, Vec<usize>) = (0..encoder.columns().len()).partition(is_category);
        let chosen = if categories.is_empty() { encoded } else { encoded.select(Axis(1), &numbers) };
        let fitted = scaler.fit(chosen.view())?;
        let made = width(fitted.as_ref(), chosen.view())?;
        let given = encoder.columns();
        let of_numbers: Vec<Column> = numbers.iter().map(|&at| given[at].clone()).collect();
        let columns = match scaled_columns(scaler, &of_numbers, made) {
            Some(_) if made == numbers.len() => given.to_vec(),
            None if categories.is_empty() => Vec::new(),
            // Which of them are categories has to be told, whatever the others are called.
            named => {
                let columns = named.unwrap_or_else(|| unnamed(made));
                columns.into_iter().chain(categories.iter().map(|&at| given[at].clone())).collect()
            }
        };
        Ok(Fitted { encoder: Some(encoder), alike, scaler: fitted, categories, numbers, select: None, columns })
    }

    /// Encodes and scales rows and selects columns. Where the scaler keeps the number of columns every column stays in its
    /// place; else the categories come last.
    ///
    /// # Errors
    /// Those of the components, in one sentence.
    pub fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        self.selected(self.encoded(x)?)
    }

    /// The same for rows that the steps learnt from; `places` as in [`FittedTransformer::transform_training`].
    ///
    /// # Errors
    /// As [`Fitted::transform`].
    pub fn transform_training(&self, x: Array2<f64>, places: &[Option<u32>]) -> Result<Array2<f64>> {
        match &self.encoder {
            Some(encoder) if !self.alike => self.selected(encoder.transform_training(x, places)?),
            _ => self.transform(x),
        }
    }

    /// Nothing more is asked of the steps.
    ///
    /// # Errors
    /// What the steps have made is not to be trusted.
    pub fn close(&self) -> Result<()> {
        self.encoder.as_ref().map_or(Ok(()), |encoder| encoder.close())?;
        self.scaler.close()?;
        self.select.as_ref().map_or(Ok(()), |select| select.close())
    }

    fn encoded(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        match &self.encoder {
            Some(encoder) => encoder.transform(x),
            None => Ok(x),
        }
    }

    fn selected(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        let scaled = self.scaled(x)?;
        self.chosen(scaled)
    }

    fn chosen(&self, scaled: Array2<f64>) -> Result<Array2<f64>> {
        match &self.select {
            Some(select) => select.transform(scaled),
            None => Ok(scaled),
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

    /// The number of columns after all steps, and the largest one on the way there, told from one row.
    ///
    /// # Errors
    /// As [`Fitted::transform`].
    pub fn widths(&self, x: ArrayView2<'_, f64>) -> Result<(usize, usize)> {
        if x.nrows() == 0 {
            return Err(Error::Component("there is no training row".into()));
        }
        let encoded = self.encoded(x.slice(ndarray::s![..1, ..]).to_owned())?;
        let given = encoded.ncols();
        let scaled = self.scaled(encoded)?;
        let between = given.max(scaled.ncols());
        let made = self.chosen(scaled)?.ncols();
        Ok((made, between.max(made)))
    }
}

/// The number of columns that a scaler makes of such rows, told from one of them.
fn width(scaler: &dyn FittedScaler, x: ArrayView2<'_, f64>) -> Result<usize> {
    let first = x.slice(ndarray::s![..x.nrows().min(1), ..]).to_owned();
    Ok(scaler.transform(first)?.ncols())
}

/// The columns that a scaler makes of `given`, so many; none where it does not say what they are called.
fn scaled_columns(scaler: &dyn Scaler, given: &[Column], made: usize) -> Option<Vec<Column>> {
    if made == given.len() {
        return Some(given.to_vec());
    }
    let number = |column: &Column| ColumnShape { name: column.name.clone(), levels: None, blanks: false, empty: false };
    // As the plan has it, so that a study may use these names.
    let planned = scaler.shape(&Shape::new(1, given.iter().map(number).collect())).ok()?;
    let named: Vec<Column> = planned.columns.into_iter().map(|column| Column::number(column.name)).collect();
    (named.len() == made).then_some(named)
}

/// So many columns of numbers that nobody names.
fn unnamed(columns: usize) -> Vec<Column> {
    (0..columns).map(|nth| Column::number(format!("x{nth}"))).collect()
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
    use toml::Table;

    use super::*;
    use crate::component::Registry;

    #[test]
    fn an_encoder_on_all_rows_knows_test_labels_and_encodes_training_rows_alike() {
        let registry = Registry::built_in();
        let encoder = registry.encoders().iter().find(|entry| entry.id == "target").unwrap();
        let encoder = encoder.build(&Table::new(), &registry).unwrap().component;
        let scaler = registry.scalers().iter().find(|entry| entry.id == "none").unwrap();
        let scaler = scaler.build(&Table::new(), &registry).unwrap().component;
        let levels = ["a", "b"].map(str::to_owned).to_vec();
        let columns = [Column { kind: Kind::Category(levels.into()), ..Column::number("c") }];
        // Level b, the second one, is positive in the last rows only.
        let x = Array2::from_shape_fn((40, 1), |(row, _)| (row % 2) as f64);
        let y: Vec<u8> = (0..40).map(|row| u8::from(row % 4 == 0 || (row >= 20 && row % 2 == 1))).collect();
        let (train_x, train_y) = (x.slice(ndarray::s![..20, ..]).to_owned(), &y[..20]);
        let train = Train::new(Features { x: train_x.view(), columns: &columns }, train_y);
        let steps = Steps { encoder: encoder.as_ref(), scaler: scaler.as_ref(), select: None };
        let of = |leaked: Leaked<'_>| {
            let fitted = Fitted::new(steps, &train, leaked).unwrap();
            let made = fitted.transform_training(train_x.clone(), &all_places(20)).unwrap();
            (made, fitted.transform(train_x.clone()).unwrap())
        };
        let (honest, as_others) = of(Leaked::default());
        assert_ne!(honest, as_others, "a training row's own label is not in its feature");
        let (leaky, alike) = of(Leaked { encoder: Some((x.view(), &y)), ..Leaked::default() });
        assert_eq!(leaky, alike);
        assert!(as_others[[1, 0]] < 0.1, "no training row of the level is positive");
        assert!(leaky[[1, 0]] > 0.4, "{leaky}");
    }

    #[test]
    fn a_row_of_the_fit_is_found_wherever_it_stands() {
        assert_eq!(places(&[7, 2, 7, 5], &[5, 9, 7]), [Some(2), None, Some(2), Some(0)]);
        assert_eq!(all_places(2), [Some(0), Some(1)]);
    }
}
