//! `columns`: the columns that a study names, and no others.

use serde::{Deserialize, Serialize};

use super::chosen::Chosen;
use crate::component::which_columns::{Found, Which, in_shape, in_train, repeated};
use crate::component::{ColumnShape, Entry, FittedTransformer, Shape, Train, Transformer, build};
use crate::error::{Error, Result};

const ID: &str = "columns";

/// Which columns stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    /// Names, or places counted from 0; at least one.
    columns: Vec<Which>,
}

struct Columns(Params);

fn checked(params: Params) -> Result<Box<dyn Transformer>> {
    if let Some(twice) = repeated(&params.columns) {
        return Err(Error::Study(format!("`columns` has {twice} twice: leave one out")));
    }
    match params.columns.is_empty() {
        false => Ok(Box::new(Columns(params))),
        true => Err(Error::Study(format!("`{ID}` needs `columns`, the names of those that stay"))),
    }
}

impl Transformer for Columns {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let found = in_shape(&self.0.columns, given)?;
        let kept = given.columns.iter().enumerate().filter(|(at, _)| found.contains(&Found::At(*at)));
        // What only a fit finds is a number: no step before makes categories.
        let number = |name: &str| ColumnShape { name: name.to_owned(), levels: None, blanks: false, empty: false };
        let mut later: Vec<ColumnShape> = Vec::new();
        for of in &found {
            match of {
                Found::At(_) => {}
                Found::Later(Which::Name(name)) if later.iter().any(|column| column.name == *name) => {}
                Found::Later(Which::Name(name)) => later.push(number(name)),
                Found::Later(Which::Place(_)) => later.push(number("")),
            }
        }
        let columns: Vec<ColumnShape> = kept.map(|(_, column)| column.clone()).chain(later).collect();
        let has_unnamed = columns.iter().any(|column| column.name.is_empty());
        let perhaps = if has_unnamed { given.perhaps.clone() } else { Vec::new() };
        Ok(Shape { rows: given.rows, columns, perhaps })
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let places = in_train(ID, &self.0.columns, train)?;
        let kept: Vec<bool> = (0..train.x().ncols()).map(|at| places.contains(&at)).collect();
        Ok(Box::new(Chosen::new(ID, train, &kept)))
    }
}

/// Columns by name, in the table's order; a study compares sets of columns with several of these.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "the columns that are named", |table| build::<Params, _>(ID, table, checked))
        .least("columns = [\"Amount\"]");

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::component::{Features, Registry};
    use crate::data::Column;

    fn made(columns: &str) -> Box<dyn Transformer> {
        let table: toml::Table = format!("columns = {columns}").parse().unwrap();
        ENTRY.build(&table, &Registry::built_in()).unwrap().component
    }

    #[test]
    fn those_that_are_named_stay_in_the_tables_order() {
        let columns = ["a", "b", "c"].map(Column::number);
        let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let train = Train::new(Features { x: x.view(), columns: &columns }, &[0, 1]);
        let fitted = made("[\"c\", 0]").fit(&train).unwrap();
        assert_eq!(fitted.columns().iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(fitted.transform(x.clone()).unwrap(), array![[1.0, 3.0], [4.0, 6.0]]);
        let Err(said) = made("[\"d\", 7]").fit(&train) else { panic!("there is no d") };
        assert!(said.to_string().contains("`d`") && said.to_string().contains('7'), "{said}");
    }

    #[test]
    fn a_column_that_is_named_twice_is_told() {
        let said = |columns: &str| {
            let table: toml::Table = format!("columns = {columns}").parse().unwrap();
            ENTRY.build(&table, &Registry::built_in()).err().unwrap().to_string()
        };
        assert_eq!(said("['a', 'b', 'a']"), "`columns`: `columns` has `a` twice: leave one out");
        assert_eq!(said("[0, 0]"), "`columns`: `columns` has the place 0 twice: leave one out");
    }

    #[test]
    fn none_is_a_mistake() {
        let Err(said) = ENTRY.build(&toml::Table::new(), &Registry::built_in()) else { panic!("no columns") };
        assert!(said.to_string().contains("needs `columns`"), "{said}");
    }
}
