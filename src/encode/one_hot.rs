//! `one-hot`: a column of 0 and 1 for each level of the training rows.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::levels::{Grouped, Known, LEARNT, MinFrequency, Rare, known, saved};
use crate::component::{
    Also, DENSE, DTYPE, Entry, FittedTransformer, InPython, Perhaps, SavedStep, Shape, Takes, Train, Transformer,
    build, indicator, later, same_columns,
};
use crate::data::{Column, ColumnShape, Kind};
use crate::error::Result;

const ID: &str = "one-hot";
/// What the indicator of missing values is called, as in scikit-learn.
const MISSING: &str = "nan";
/// What the indicator of rare levels is called, as in scikit-learn.
const RARE: &str = "infrequent_sklearn";

/// Which level has no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Drop {
    First,
    #[serde(alias = "if_binary")]
    IfBinary,
}

/// What a level becomes that the training rows lack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Unknown {
    /// Zeros.
    #[default]
    Ignore,
    /// A rare level, if there is any; else zeros.
    #[serde(alias = "infrequent_if_exist")]
    InfrequentIfExist,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {
    /// Leaves out the column of the first level, always or where there are two; none is left out without it.
    drop: Option<Drop>,
    /// Levels of fewer training rows (a number, or a share of all) have one column together, the last one.
    min_frequency: Option<MinFrequency>,
    /// At most so many columns per category; the rarest levels have one together.
    max_categories: Option<u32>,
    /// `ignore`: a level that the training rows lack is zeros; `infrequent-if-exist`: it is a rare one, if there is any.
    handle_unknown: Unknown,
}

struct OneHot {
    drop: Option<Drop>,
    rare: Rare,
    unknown: Unknown,
}

/// What a column of the training rows becomes.
enum Made {
    Same,
    /// The group with this number has no column; the level after the last one is what is missing.
    Indicators {
        known: Known,
        grouped: Grouped,
        dropped: Option<usize>,
    },
}

struct Fitted {
    made: Vec<Made>,
    columns: Vec<Column>,
    unknown: Unknown,
}

/// Names that columns of 0 and 1 would share with another column: they are called otherwise. All levels of the table count, so
/// that a fold that lacks some has the same names.
fn shared(columns: &[Column]) -> Vec<String> {
    let is_category = |column: &Column| matches!(column.kind, Kind::Category(_));
    let kinds: Vec<(&str, bool)> = columns.iter().map(|column| (column.name.as_str(), is_category(column))).collect();
    let may_share = indicator::may_share(&kinds);
    if !may_share.contains(&true) {
        return Vec::new();
    }
    let names = columns.iter().zip(may_share).filter_map(|(column, may_share)| match &column.kind {
        Kind::Category(_) if !may_share => None,
        Kind::Category(levels) => {
            let levels = levels.iter().map(String::as_str).filter(|level| ![MISSING, RARE].contains(level));
            Some((column.name.as_str(), Some(levels.chain([MISSING, RARE]).collect())))
        }
        Kind::Number | Kind::Time => Some((column.name.as_str(), None)),
    });
    indicator::shared(names)
}

impl OneHot {
    fn dropped(&self, levels: usize) -> Option<usize> {
        match self.drop {
            Some(Drop::First) => Some(0),
            Some(Drop::IfBinary) if levels == 2 => Some(0),
            _ => None,
        }
    }
}

impl Transformer for OneHot {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let (mut columns, mut perhaps) = (Vec::new(), given.perhaps.clone());
        let kinds: Vec<_> =
            given.columns.iter().map(|column| (column.name.as_str(), column.levels.is_some())).collect();
        for (column, may_share) in given.columns.iter().zip(indicator::may_share(&kinds)) {
            let Some(levels) = column.levels else {
                columns.push(column.clone());
                continue;
            };
            // At most: the training rows may lack some.
            let all = levels + usize::from(column.blanks);
            let count = self.rare.max_categories.map_or(all, |most| all.min(most as usize));
            let shown = count - usize::from(self.dropped(count).is_some());
            // Which levels the training rows have is known after a fit only.
            let indicator = || ColumnShape { name: String::new(), levels: None, blanks: false, empty: false };
            columns.extend(std::iter::repeat_with(indicator).take(shown));
            perhaps.push(Perhaps::Starts(indicator::plain(&column.name, "")));
            perhaps.extend(may_share.then(|| Perhaps::Starts(indicator::apart(&column.name, ""))));
        }
        Ok(Shape { rows: given.rows, columns, perhaps })
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let mut fitted = Fitted { made: Vec::new(), columns: Vec::new(), unknown: self.unknown };
        let shared = shared(train.features.columns);
        for (known, column) in known(train).into_iter().zip(train.features.columns) {
            let Some(known) = known else {
                fitted.columns.push(Column::number(column.name.as_str()));
                fitted.made.push(Made::Same);
                continue;
            };
            let mut counts = known.counts.clone();
            counts.extend((known.missing > 0).then_some(known.missing));
            let grouped = self.rare.grouped(&counts, train.y.len());
            let level = |&level: &usize| known.texts.get(level).map_or(MISSING, String::as_str);
            let names = grouped.frequent.iter().map(level).chain(grouped.has_rare.then_some(RARE));
            let dropped = self.dropped(grouped.count);
            let shown = names.enumerate().filter(|(place, _)| Some(*place) != dropped);
            let named = |level: &str| Some(indicator::plain(&column.name, level)).filter(|name| !shared.contains(name));
            let name = |level: &str| named(level).unwrap_or_else(|| indicator::apart(&column.name, level));
            fitted.columns.extend(shown.map(|(_, level)| Column::number(name(level))));
            fitted.made.push(Made::Indicators { known, grouped, dropped });
        }
        Ok(Box::new(fitted))
    }
}

impl Fitted {
    /// The group of a value; none for what the training rows lack.
    fn group(&self, value: f64, known: &Known, grouped: &Grouped) -> Option<usize> {
        let level = match known.of(value) {
            Some(place) => Some(place as usize),
            None if value.is_nan() && known.missing > 0 => Some(known.texts.len()),
            None => None,
        };
        match level {
            Some(level) => Some(grouped.group[level] as usize),
            None if self.unknown == Unknown::InfrequentIfExist && grouped.has_rare => Some(grouped.count - 1),
            None => None,
        }
    }
}

impl FittedTransformer for Fitted {
    fn saved(&self) -> Option<SavedStep> {
        let width = |made: &Made| match made {
            Made::Same => None,
            Made::Indicators { known, grouped, dropped } => {
                Some((known.place.len(), grouped.count - usize::from(dropped.is_some())))
            }
        };
        saved(self, &self.made.iter().map(width).collect::<Vec<_>>())
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        if self.made.is_empty() {
            return Ok(x);
        }
        same_columns(ID, self.made.len(), x.ncols())?;
        let mut wide = Array2::zeros((x.nrows(), self.columns.len()));
        let mut first = 0;
        for (values, made) in x.axis_iter(Axis(1)).zip(&self.made) {
            let Made::Indicators { known, grouped, dropped } = made else {
                wide.column_mut(first).assign(&values);
                first += 1;
                continue;
            };
            for (row, &value) in values.iter().enumerate() {
                let group = self.group(value, known, grouped);
                // The dropped group is the first one: the others move up by it.
                if let Some(group) = group.filter(|group| Some(*group) != *dropped) {
                    wide[(row, first + group - usize::from(dropped.is_some()))] = 1.0;
                }
            }
            first += grouped.count - usize::from(dropped.is_some());
        }
        Ok(wide)
    }
}

/// `OneHotEncoder(handle_unknown="ignore", sparse_output=False)`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OneHotEncoder.html>. Columns stand where their category
/// stood. A level that the training rows lack is zeros; what is missing among them has a column of its own. A column that would be
/// called as another one is has `=` in its name, `kind=web`, where scikit-learn's has `_`.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "a column of 0 and 1 for each level of the training rows; unseen levels are zeros", |table| {
        let built = build::<Params, _>(ID, table, |params| {
            let Params { drop, min_frequency, max_categories, handle_unknown: unknown } = params;
            let rare = Rare { min_frequency, max_categories }.checked()?;
            Ok(Box::new(OneHot { drop, rare, unknown }) as Box<dyn Transformer>)
        })?;
        Ok(later::<Params, _>(built, &["min_frequency", "max_categories", "handle_unknown"]))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OneHotEncoder.html")
    .also(&[
        Also::harmless("sparse_output", DENSE).takes(Takes::TRUTHS),
        Also::harmless("dtype", DTYPE),
        Also::only("categories", "\"auto\"", LEARNT),
        Also::only(
            "feature_name_combiner",
            "\"concat\"",
            "a column is called by its category and its level: leave it out",
        ),
    ])
    .in_python(InPython::new().given("handle_unknown = \"ignore\"\nsparse_output = false"));

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::component::{Features, Registry};

    fn names(columns: &[Column], x: &Array2<f64>) -> Vec<String> {
        let y = vec![0; x.nrows()];
        let one_hot = ENTRY.build(&toml::Table::new(), &Registry::built_in()).unwrap().component;
        let fitted = one_hot.fit(&Train::new(Features { x: x.view(), columns }, &y)).unwrap();
        fitted.columns().iter().map(|column| column.name.clone()).collect()
    }

    fn category(name: &str, levels: &[&str]) -> Column {
        let levels: Vec<String> = levels.iter().map(|level| (*level).to_owned()).collect();
        Column { kind: Kind::Category(levels.into()), ..Column::number(name) }
    }

    #[test]
    fn a_name_that_another_column_has_is_written_otherwise() {
        let columns = [category("a", &["b_c", "q"]), category("a_b", &["c", "r"]), Column::number("a_b_c")];
        let x = array![[0.0, 0.0, 5.0], [1.0, 1.0, 6.0]];
        let wanted = ["a=b_c", "a_q", "a_b=c", "a_b_r", "a_b_c"];
        assert_eq!(names(&columns, &x), wanted);
        // A fold without the level has the same names for the others.
        assert_eq!(names(&columns, &array![[1.0, 0.0, 5.0], [1.0, 1.0, 6.0]]), &wanted[1..]);
        // Two categories alone.
        assert_eq!(names(&columns[..2], &array![[0.0, 0.0], [1.0, 1.0]]), &wanted[..4]);
    }

    #[test]
    fn names_that_no_other_column_has_are_scikit_learns() {
        let columns = [category("a", &["b", "nan", "q"]), Column::number("a_c"), category("ab", &["c"])];
        let x = array![[0.0, 5.0, 0.0], [1.0, 6.0, 0.0], [2.0, 7.0, 0.0]];
        assert_eq!(names(&columns, &x), ["a_b", "a_nan", "a_q", "a_c", "ab_c"]);
    }

    #[test]
    fn before_a_fit_both_names_are_possible_where_columns_may_share_one() {
        let shape = |columns: &[(&str, Option<usize>)]| {
            let of = |&(name, levels): &(&str, Option<usize>)| ColumnShape {
                name: name.into(),
                levels,
                blanks: false,
                empty: false,
            };
            let one_hot = ENTRY.build(&toml::Table::new(), &Registry::built_in()).unwrap().component;
            one_hot.shape(&Shape::new(9, columns.iter().map(of).collect())).unwrap().perhaps
        };
        let starts = |start: &str| Perhaps::Starts(start.into());
        assert_eq!(shape(&[("a", Some(2)), ("b", Some(2)), ("ab", None)]), [starts("a_"), starts("b_")]);
        assert_eq!(shape(&[("a", Some(2)), ("a_b", None)]), [starts("a_"), starts("a=")]);
    }
}
