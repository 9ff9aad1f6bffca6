//! Monotone constraints of boosted trees: by column in order, or by the columns' names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::column_counts::{never_as_many, other_number};
use crate::component::which_columns::one;
use crate::component::{Perhaps, Shape, Train};
use crate::error::{Error, Result};

/// Whether the score may only rise with a column (1), only fall (-1), or both (0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "it is a list of -1, 0 or 1 for each column, or a table of columns such as { Amount = 1 }"
)]
pub(super) enum Directions {
    /// For each column.
    Each(Vec<i8>),
    /// For those that are named; the others are 0, as in scikit-learn and XGBoost.
    Named(BTreeMap<String, i8>),
}

impl Directions {
    /// # Errors
    /// Other numbers; `key` is the parameter.
    pub fn check(&self, key: &str) -> Result<()> {
        let is_none = |direction: &&i8| !(-1..=1).contains(*direction);
        let wrong = match self {
            Directions::Each(all) => all.iter().find(is_none),
            Directions::Named(some) => some.values().find(is_none),
        };
        match wrong {
            None => Ok(()),
            Some(other) => Err(Error::Study(format!("`{key}` must be -1, 0 or 1 for each column, not {other}"))),
        }
    }

    /// Whether columns of this shape have the names, as far as that is known before a fit.
    ///
    /// # Errors
    /// In one sentence, every name that none has, or that several have.
    pub fn in_shape(&self, key: &str, given: &Shape) -> Result<(), String> {
        let names: Vec<&str> = given.columns.iter().map(|column| column.name.as_str()).collect();
        self.places(key, &names, &given.perhaps).map(drop)
    }

    /// That there are more or fewer directions than columns, where a fit has as many columns as are known before it.
    pub fn never_fits(&self, key: &str, given: &Shape) -> Option<String> {
        let Directions::Each(all) = self else { return None };
        never_as_many(key, all.len(), given)
    }

    /// One for each column of a fit.
    ///
    /// # Errors
    /// Too few or too many; as [`Directions::in_shape`]; names where the steps before have made columns that have none.
    fn of(&self, key: &str, train: &Train<'_>) -> Result<Vec<i8>> {
        let columns = train.x().ncols();
        match self {
            Directions::Each(all) => match other_number(key, all.len(), columns) {
                None => Ok(all.clone()),
                Some(said) => Err(Error::Component(said)),
            },
            Directions::Named(_) if train.features.columns.is_empty() => Err(Error::Component(format!(
                "`{key}`: the columns have no names here, as a step before made them: write a number for each column"
            ))),
            Directions::Named(some) => {
                let names: Vec<&str> = train.features.columns.iter().map(|column| column.name.as_str()).collect();
                let places = self.places(key, &names, &[]).map_err(Error::Component)?;
                let mut all = vec![0; columns];
                places.into_iter().zip(some.values()).for_each(|(place, direction)| {
                    place.into_iter().for_each(|place| all[place] = *direction);
                });
                Ok(all)
            }
        }
    }

    /// The places of those that are named, in the names' order; none where only a fit tells.
    fn places(&self, key: &str, names: &[&str], perhaps: &[Perhaps]) -> Result<Vec<Option<usize>>, String> {
        let Directions::Named(some) = self else { return Ok(Vec::new()) };
        let found: Vec<Result<Option<usize>, String>> =
            some.keys().map(|name| one(&format!("`{key}`"), name, names)).collect();
        let lacking = some.keys().zip(&found).filter(|(_, place)| **place == Ok(None)).map(|(name, _)| name.as_str());
        let unknown = Perhaps::unknown(&format!("name in `{key}`"), lacking, names, perhaps);
        let others = found.iter().filter_map(|place| place.as_ref().err().cloned());
        let faults: Vec<String> = unknown.into_iter().chain(others).collect();
        match faults.is_empty() {
            true => Ok(found.into_iter().flatten().collect()),
            false => Err(faults.join("; ")),
        }
    }

    /// One for each column; empty where they are named.
    pub fn each(&self) -> &[i8] {
        match self {
            Directions::Each(all) => all,
            Directions::Named(_) => &[],
        }
    }
}

/// The directions of a fit in the place of those that are given, where that changes them.
///
/// # Errors
/// Those of a fit's columns.
pub(super) fn placed(given: Option<&Directions>, key: &str, train: &Train<'_>) -> Result<Option<Directions>> {
    let Some(given) = given else { return Ok(None) };
    let each = Directions::Each(given.of(key, train)?);
    Ok((each != *given).then_some(each))
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::component::{ColumnShape, Context, Features, Registry};
    use crate::data::Column;

    const FAMILIES: [(&str, &str); 3] = [
        ("hist-gradient-boosting", "monotonic_cst"),
        ("xgboost", "monotone_constraints"),
        ("lightgbm", "monotone_constraints"),
    ];

    /// What a family says of rows, or why it is refused.
    fn scores(family: &str, params: &str, names: Option<[&str; 3]>) -> Result<Vec<f64>, String> {
        let x = Array2::from_shape_fn((200, 3), |(row, column)| ((row * (7 + 6 * column)) % 31) as f64);
        let y: Vec<u8> = (0..200).map(|row| u8::from((x[(row, 0)] - 12.0).abs() > 9.0 && x[(row, 2)] < 20.0)).collect();
        let columns: Vec<Column> = names.into_iter().flatten().map(Column::number).collect();
        let registry = Registry::built_in();
        let built = registry.classifier(family, None).unwrap().build(&params.parse().unwrap(), &registry);
        let train = Train::new(Features { x: x.view(), columns: &columns }, &y);
        let model = built.map_err(|e| e.to_string())?.component.fit(&train, &Context { seed: 1 });
        Ok(model.map_err(|e| e.to_string())?.predict(x.view()).unwrap().score)
    }

    #[test]
    fn names_and_places_are_the_same_constraints() {
        let names = Some(["a", "b", "c"]);
        for (family, key) in FAMILIES {
            let of = |value: &str| scores(family, &format!("{key} = {value}"), names).unwrap();
            assert_eq!(of("{ a = 1, c = -1 }"), of("[1, 0, -1]"), "{family}");
            assert_ne!(of("{ a = 1 }"), of("{}"), "{family}");
            assert_eq!(of("{}"), of("[0, 0, 0]"), "{family}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for (family, key) in FAMILIES {
            let of = |value: &str, names| scores(family, &format!("{key} = {value}"), names).unwrap_err();
            let names = Some(["a", "b", "c"]);
            assert!(
                of("[1, 0]", names).contains(&format!("`{key}` has 2 numbers, but there are 3 columns")),
                "{family}"
            );
            assert!(
                of("{ a = 2 }", names).contains(&format!("`{key}` must be -1, 0 or 1 for each column, not 2")),
                "{family}"
            );
            assert!(of("{ d = 1 }", names).contains(&format!("unknown name in `{key}` `d`")), "{family}");
            assert!(of("{ a = 1 }", None).contains("the columns have no names here"), "{family}");
            assert!(of("{ a = 1 }", Some(["a", "b", "a"])).contains("`a` is the name of 2 columns"), "{family}");
            assert!(of("'up'", names).contains("or a table of columns such as { Amount = 1 }"), "{family}");
        }
    }

    #[test]
    fn a_name_that_no_column_has_is_refused_before_a_fit() {
        let registry = Registry::built_in();
        let column = |name: &str| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false };
        let shape = Shape::new(9, ["Time", "Amount"].map(column).into());
        for (family, key) in FAMILIES {
            let accepts = |name: &str| {
                let table = format!("{key} = {{ {name} = 1 }}").parse().unwrap();
                let built = registry.classifier(family, None).unwrap().build(&table, &registry).unwrap();
                built.component.accepts(&shape)
            };
            assert_eq!(accepts("Amount"), Ok(()), "{family}");
            assert_eq!(
                accepts("Amuont"),
                Err(format!("unknown name in `{key}` `Amuont`; did you mean `Amount`? Allowed: Time, Amount")),
                "{family}"
            );
        }
    }
}
