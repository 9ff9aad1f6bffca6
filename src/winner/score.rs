//! Scores of rows that have no label.

use std::path::Path;

use super::model::{Model, description};
use crate::component::Prediction;
use crate::data::{Column, read_rows};
use crate::error::{COLUMN, Error, Result, columns_named};
use crate::report::columns::Values;
use crate::report::render::{csv, parquet};

/// What a model says of the rows of a file.
pub(crate) struct Scores {
    /// By row.
    pub said: Prediction,
    /// What a person should know, a sentence each.
    pub notes: Vec<String>,
}

/// Scores the rows of a file, CSV or Parquet, whatever else it holds beside the columns of the model, which was read from `from`.
///
/// # Errors
/// [`Error::Data`] with one sentence for rows and files that do not fit; [`Error::Store`] for a model that cannot be restored, or whose
/// parts do not fit each other.
pub(crate) fn score(model: &Model, from: &Path, file: &Path) -> Result<Scores> {
    let from = description(from);
    let pipeline = model.pipeline().map_err(|e| of_model(e, &from))?;
    let rows = read_rows(file, (&model.columns, &model.computed), &model.spelling.options(), &model.blanks)?;
    let blamed = |e: Error| match pipeline.refuses_all(model.columns.len()) {
        Some(said) => Error::Store(format!(
            "{} cannot score any row: {said}; it is damaged or edited, unless a program that it needs is missing: refit the model",
            from.display()
        )),
        None => named(e, file, &model.columns),
    };
    let said = pipeline.predict(rows.x).map_err(blamed)?;
    Ok(Scores { said, notes: rows.notes })
}

/// What is wrong with a model that was read, with its file.
fn of_model(error: Error, from: &Path) -> Error {
    match error {
        Error::Store(said) => Error::Store(format!("{}: {said}", from.display())),
        other => other,
    }
}

/// What a step says of a value, with the file and the column's name where the columns are still those of the file.
fn named(error: Error, file: &Path, columns: &[Column]) -> Error {
    let file = file.display();
    let of = |at: &[usize], said: &str| {
        let name = columns_named(at, |at| columns.get(at).map(|column| column.name.clone()));
        Error::Data(format!("{file}: {}", said.replace(COLUMN, &name)))
    };
    match error {
        Error::Column { at, said } => of(&[at], &said),
        Error::Columns { at, said } => of(&at, &said),
        Error::Component(said) => Error::Data(format!("{file}: {said}")),
        other => other,
    }
}

impl Scores {
    /// A row per row of the file: its number from 1, its score, its label.
    fn columns(&self) -> Vec<(String, Values)> {
        let rows = self.said.score.len() as u64;
        let numbers = self.said.score.iter().map(|&score| Some(score)).collect();
        let labels = self.said.label.iter().map(|&label| Some(u64::from(label))).collect();
        vec![
            ("row".into(), Values::Count((1..=rows).map(Some).collect())),
            ("score".into(), Values::Number(numbers)),
            ("label".into(), Values::Count(labels)),
        ]
    }

    /// As CSV, numbers so that reading them gives the same bits.
    ///
    /// # Errors
    /// [`Error::Component`] when it cannot be encoded.
    pub fn csv(&self) -> Result<Vec<u8>> {
        csv::table(&self.columns(), self.said.score.len())
    }

    /// As Parquet.
    ///
    /// # Errors
    /// [`Error::Component`] when it cannot be encoded.
    pub fn parquet(&self) -> Result<Vec<u8>> {
        parquet::table(&self.columns())
    }
}
