//! `columns`: the columns that a study names, and no others.

use serde::{Deserialize, Serialize};

use super::chosen::Chosen;
use crate::component::which_columns::{Which, in_shape, in_train};
use crate::component::{Entry, FittedTransformer, Shape, Train, Transformer, build};
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
    match params.columns.is_empty() {
        false => Ok(Box::new(Columns(params))),
        true => Err(Error::Study(format!("`{ID}` needs `columns`, the names of those that stay"))),
    }
}

impl Transformer for Columns {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut places = in_shape(&self.0.columns, given)?;
        places.sort_unstable();
        places.dedup();
        let columns = places.into_iter().map(|at| given.columns[at].clone()).collect();
        Ok(Shape { columns, ..given.clone() })
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
    fn none_is_a_mistake() {
        let Err(said) = ENTRY.build(&toml::Table::new(), &Registry::built_in()) else { panic!("no columns") };
        assert!(said.to_string().contains("needs `columns`"), "{said}");
    }
}
