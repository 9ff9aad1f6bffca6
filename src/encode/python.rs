//! `python`: any class with scikit-learn's `fit` and `transform` makes numbers of the categories, in a Python of its own.
//!
//! The class is given the categories as texts, in a table with the columns' names, and the labels; the other columns pass by it and
//! stand before what it makes. What it makes of the training rows is what its `fit_transform` gives, so that a class which looks
//! at labels can keep a row's own label out.

use ndarray::{Array2, ArrayView2, Axis, concatenate};

use crate::component::{Entry, Features, FittedTransformer, Perhaps, Shape, Train, Transformer};
use crate::data::{Column, ColumnShape, Kind};
use crate::error::{Error, Result};
use crate::external::step::{self, FittedStep, Step};

struct Encoder(Step);

struct Fitted {
    step: FittedStep,
    columns: Vec<Column>,
    numbers: Vec<usize>,
    categories: Vec<usize>,
}

impl Transformer for Encoder {
    /// How many columns the class makes, and what it calls them, is known after its fit only: one of each category is what is
    /// planned with.
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let (numbers, categories): (Vec<ColumnShape>, Vec<ColumnShape>) =
            given.columns.iter().cloned().partition(|column| column.levels.is_none());
        let perhaps = if categories.is_empty() { given.perhaps.clone() } else { vec![Perhaps::Anything] };
        let made = categories.into_iter().map(|column| ColumnShape {
            // One without any value is refused by its name.
            name: if column.empty { column.name } else { String::new() },
            levels: None,
            blanks: false,
            empty: column.empty,
        });
        Ok(Shape { rows: given.rows, columns: numbers.into_iter().chain(made).collect(), perhaps })
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let all = train.features.columns;
        let is_category = |&at: &usize| matches!(all[at].kind, Kind::Category(_));
        let (categories, numbers): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(is_category);
        let chosen = train.x().select(Axis(1), &categories);
        let names: Vec<Column> = categories.iter().map(|&at| all[at].clone()).collect();
        let x = chosen.as_standard_layout();
        let step = self.0.fit(&Features { x: x.view(), columns: &names }, Some(train.y), true)?;
        let columns = numbers.iter().map(|&at| all[at].clone()).chain(step.columns()).collect();
        Ok(Box::new(Fitted { step, columns, numbers, categories }))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Fitted {
    /// The numbers, and behind them what the class makes of the categories.
    fn put_together(
        &self,
        x: &Array2<f64>,
        made: impl FnOnce(ArrayView2<'_, f64>) -> Result<Array2<f64>>,
    ) -> Result<Array2<f64>> {
        let chosen = x.select(Axis(1), &self.categories);
        let made = made(chosen.as_standard_layout().view())?;
        let numbers = x.select(Axis(1), &self.numbers);
        let all = concatenate(Axis(1), &[numbers.view(), made.view()]);
        let all = all.map_err(|e| Error::Component(format!("python: {e}")))?;
        Ok(all.as_standard_layout().into_owned())
    }
}

impl FittedTransformer for Fitted {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        self.put_together(&x, |categories| self.step.transform(categories))
    }

    fn transform_training(&self, x: Array2<f64>, places: &[Option<u32>]) -> Result<Array2<f64>> {
        self.put_together(&x, |categories| self.step.transform_training(categories, places))
    }

    fn close(&self) -> Result<()> {
        self.step.close()
    }
}

/// `python`.
pub const ENTRY: Entry<dyn Transformer> = Entry::new(
    "python",
    "any class with scikit-learn's fit and transform, on the categories as texts: python = \"module:Class\"",
    |table| step::built(table, |step| Box::new(Encoder(step)) as Box<dyn Transformer>),
)
.backend("python")
.least("estimator = \"sklearn.preprocessing:OrdinalEncoder\"");
