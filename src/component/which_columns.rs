//! Parameters that name columns of the table.

use serde::{Deserialize, Serialize};

use super::{Shape, Train};
use crate::error::{Error, Result, unknown};

/// A column by its name, or by its place counted from 0, as in scikit-learn's `ColumnTransformer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a column is its name, or its place from 0")]
pub(crate) enum Which {
    Place(usize),
    Name(String),
}

impl Which {
    /// Its place among columns of these names.
    fn place(&self, names: &[&str]) -> Result<usize, String> {
        match self {
            Which::Place(place) if *place < names.len() => Ok(*place),
            Which::Place(place) => {
                let last = names.len().saturating_sub(1);
                Err(format!("`columns` has the place {place}, and the places of the table's columns are 0 to {last}"))
            }
            Which::Name(name) => {
                let found = names.iter().position(|known| known == name);
                found.ok_or_else(|| unknown("name in `columns`", name, names))
            }
        }
    }
}

/// The places of `columns` in a table of this shape.
///
/// # Errors
/// In one sentence, every one that the table lacks.
pub(crate) fn in_shape(columns: &[Which], given: &Shape) -> Result<Vec<usize>, String> {
    let names: Vec<&str> = given.columns.iter().map(|column| column.name.as_str()).collect();
    all(columns, &names)
}

/// The places of `columns` among those of a fit.
///
/// # Errors
/// As [`in_shape`]; a name where the steps before have made columns that have none.
pub(crate) fn in_train(family: &str, columns: &[Which], train: &Train<'_>) -> Result<Vec<usize>> {
    let said = |said: String| Error::Component(format!("{family}: {said}"));
    let width = train.x().ncols();
    let given = train.features.columns;
    if given.is_empty() && columns.iter().any(|which| matches!(which, Which::Name(_))) {
        return Err(said(
            "the columns have no names here, as a step before made them: write their places, such as [0, 1]".into(),
        ));
    }
    let unnamed = vec![""; width];
    let named: Vec<&str> = given.iter().map(|column| column.name.as_str()).collect();
    all(columns, if given.is_empty() { &unnamed } else { &named }).map_err(said)
}

fn all(columns: &[Which], names: &[&str]) -> Result<Vec<usize>, String> {
    let found: Vec<Result<usize, String>> = columns.iter().map(|which| which.place(names)).collect();
    let faults: Vec<&str> = found.iter().filter_map(|place| place.as_ref().err().map(String::as_str)).collect();
    if !faults.is_empty() {
        return Err(faults.join("; "));
    }
    Ok(found.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{ColumnShape, Features};
    use crate::data::Column;

    #[test]
    fn columns_are_found_by_name_or_place_and_all_that_lack_are_told() {
        let shape = Shape {
            rows: 2,
            columns: ["Time", "Amount"]
                .map(|name| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false })
                .into(),
        };
        let name = |name: &str| Which::Name(name.into());
        assert_eq!(in_shape(&[name("Amount"), Which::Place(0)], &shape), Ok(vec![1, 0]));
        let said = in_shape(&[name("Amuont"), Which::Place(2)], &shape).unwrap_err();
        assert!(said.contains("did you mean `Amount`?") && said.contains("; `columns` has the place 2"), "{said}");
        let x = ndarray::array![[1.0, 2.0]];
        let columns = ["Time", "Amount"].map(Column::number);
        let named = Train::new(Features { x: x.view(), columns: &columns }, &[0]);
        assert_eq!(in_train("f", &[name("Time")], &named).unwrap(), [0]);
        let unnamed = Train::numbers(x.view(), &[0]);
        assert_eq!(in_train("f", &[Which::Place(1)], &unnamed).unwrap(), [1]);
        let said = in_train("f", &[name("Time")], &unnamed).unwrap_err().to_string();
        assert!(said.contains("write their places"), "{said}");
    }
}
