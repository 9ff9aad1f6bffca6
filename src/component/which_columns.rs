//! Parameters that name columns of the table.

use serde::{Deserialize, Serialize};

use super::{Perhaps, Shape, Train, indicator};
use crate::error::{Error, Result};
use crate::words::listed;

/// A column by its name, or by its place counted from 0, as in scikit-learn's `ColumnTransformer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a column is its name, or its place from 0")]
pub(crate) enum Which {
    Place(usize),
    Name(String),
}

impl Which {
    /// Its place among columns of these names; none where only a fit tells which one it is, and for a name that none of them has. A
    /// column without a name has one of `perhaps`.
    fn place(&self, names: &[&str], perhaps: &[Perhaps]) -> Result<Option<usize>, String> {
        match self {
            Which::Place(place) if *place < names.len() => Ok(Some(*place)),
            Which::Place(_) if perhaps.contains(&Perhaps::Anything) => Ok(None),
            Which::Place(place) => {
                let last = names.len().saturating_sub(1);
                Err(format!("`columns` has the place {place}, and the places of the table's columns are 0 to {last}"))
            }
            Which::Name(name) => one("`columns`", name, names),
        }
    }
}

/// A column that stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found<'w> {
    /// At this place.
    At(usize),
    /// At a place that only a fit tells.
    Later(&'w Which),
}

/// The place of the one column that is called `wanted`; none where no column is.
///
/// # Errors
/// In one sentence which columns share the name, and what to write in `key` instead.
pub(crate) fn one(key: &str, wanted: &str, names: &[&str]) -> Result<Option<usize>, String> {
    let places: Vec<String> =
        names.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(place, _)| place.to_string()).collect();
    if places.len() > 1 {
        return Err(format!(
            "{key}: `{wanted}` is the name of {} columns, at the places {} (counted from 0): write the place of the one that is \
             meant, or give one of the table's columns another name",
            places.len(),
            listed(&places)
        ));
    }
    if places.is_empty() {
        let others = indicator::instead_of(wanted, names);
        if others.len() > 1 {
            let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
            return Err(format!(
                "{key}: `{wanted}` would be the name of {} columns, so they are called {}: write one of these names",
                others.len(),
                listed(&others)
            ));
        }
    }
    Ok(names.iter().position(|name| *name == wanted))
}

/// The first column that is named twice, in words.
pub(crate) fn repeated(columns: &[Which]) -> Option<String> {
    let twice = columns.iter().enumerate().find(|(at, which)| columns[..*at].contains(which));
    twice.map(|(_, which)| match which {
        Which::Place(place) => format!("the place {place}"),
        Which::Name(name) => format!("`{name}`"),
    })
}

/// Where `columns` stand in a table of this shape.
///
/// # Errors
/// In one sentence, every one that the table lacks.
pub(crate) fn in_shape<'w>(columns: &'w [Which], given: &Shape) -> Result<Vec<Found<'w>>, String> {
    let names: Vec<&str> = given.columns.iter().map(|column| column.name.as_str()).collect();
    let places = all(columns, &names, &given.perhaps)?;
    Ok(columns.iter().zip(places).map(|(which, place)| place.map_or(Found::Later(which), Found::At)).collect())
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
    let places = all(columns, if given.is_empty() { &unnamed } else { &named }, &[]).map_err(said)?;
    Ok(places.into_iter().flatten().collect())
}

fn all(columns: &[Which], names: &[&str], perhaps: &[Perhaps]) -> Result<Vec<Option<usize>>, String> {
    let found: Vec<Result<Option<usize>, String>> = columns.iter().map(|which| which.place(names, perhaps)).collect();
    let lacking = columns.iter().zip(&found).filter_map(|(which, place)| match (which, place) {
        (Which::Name(name), Ok(None)) => Some(name.as_str()),
        _ => None,
    });
    let unknown = Perhaps::unknown("name in `columns`", lacking, names, perhaps);
    let others = found.iter().filter_map(|place| place.as_ref().err().map(String::as_str));
    let faults: Vec<&str> = unknown.as_deref().into_iter().chain(others).collect();
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
        let column = |name: &str| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false };
        let shape = Shape::new(2, ["Time", "Amount"].map(column).into());
        let name = |name: &str| Which::Name(name.into());
        assert_eq!(in_shape(&[name("Amount"), Which::Place(0)], &shape), Ok(vec![Found::At(1), Found::At(0)]));
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

    #[test]
    fn a_name_that_columns_share_is_refused_with_what_to_write() {
        let column = |name: &str| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false };
        let wanted = [Which::Name("a b".into())];
        let said = in_shape(&wanted, &Shape::new(2, ["a b", "c", "a b"].map(column).into())).unwrap_err();
        assert_eq!(
            said,
            "`columns`: `a b` is the name of 2 columns, at the places 0 and 2 (counted from 0): write the place of the one that \
             is meant, or give one of the table's columns another name"
        );
        let x = ndarray::array![[1.0, 2.0, 3.0]];
        let of = |names: [&str; 3], wanted: &Which| {
            let columns = names.map(Column::number);
            let train = Train::new(Features { x: x.view(), columns: &columns }, &[0]);
            in_train("f", std::slice::from_ref(wanted), &train).map_err(|e| e.to_string())
        };
        assert!(of(["a b", "c", "a b"], &wanted[0]).unwrap_err().contains("places 0 and 2"));
        // A place is never of two columns.
        assert_eq!(of(["a b", "c", "a b"], &Which::Place(2)), Ok(vec![2]));
        let dummy = Which::Name("a_b_c".into());
        assert_eq!(
            of(["a=b_c", "d", "a_b=c"], &dummy).unwrap_err(),
            "f: `columns`: `a_b_c` would be the name of 2 columns, so they are called `a=b_c` and `a_b=c`: write one of these names"
        );
        assert_eq!(of(["a=b_c", "a_b_c", "a_b=c"], &dummy), Ok(vec![1]));
    }

    #[test]
    fn a_name_that_a_fit_gives_is_not_refused_before_it() {
        let column = |name: &str| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false };
        let name = |name: &str| Which::Name(name.into());
        let of =
            |perhaps: Perhaps| Shape { perhaps: vec![perhaps], ..Shape::new(2, ["Amount", ""].map(column).into()) };
        let levels = of(Perhaps::Starts("kind_".into()));
        let [level, other, plain] = ["kind_web", "shop_a", "kind"].map(name);
        assert_eq!(in_shape(std::slice::from_ref(&level), &levels), Ok(vec![Found::Later(&level)]));
        let said = in_shape(&[other, plain], &levels).unwrap_err();
        assert_eq!(
            said,
            "unknown name in `columns` `shop_a`; unknown name in `columns` `kind` (did you mean `kind_...`?). Allowed: Amount, kind_..."
        );
        // Of how many there are nothing is known where anything may come.
        let far = Which::Place(7);
        assert!(in_shape(std::slice::from_ref(&far), &levels).unwrap_err().contains("are 0 to 1"));
        let anything = of(Perhaps::Anything);
        assert_eq!(in_shape(std::slice::from_ref(&far), &anything), Ok(vec![Found::Later(&far)]));
        let some = of(Perhaps::Is("Time".into()));
        assert_eq!(in_shape(&[name("Amount"), name("Time")], &some).map(|found| found.len()), Ok(2));
        assert!(in_shape(&[name("Tine")], &some).unwrap_err().ends_with("did you mean `Time`? Allowed: Amount, Time"));
    }
}
