//! `mean`, `median`, `most-frequent` and `constant`: one value per column stands for what is missing in it.

use std::collections::HashMap;
use std::sync::Arc;

use ndarray::{Array2, ArrayView1};
use serde::{Deserialize, Serialize};

use crate::component::{
    Also, COPY, Entry, FittedTransformer, InPython, SavedStep, Shape, StepForm, Takes, Train, Transformer, build,
};
use crate::data::{Column, ColumnShape, Kind};
use crate::error::{Error, Result};

/// The level that stands for a missing category under `constant`, as in scikit-learn.
const MISSING: &str = "missing_value";
/// What the names of indicator columns begin with, as in scikit-learn.
const INDICATOR: &str = "missingindicator_";

/// What stands for a missing number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Strategy {
    Mean,
    Median,
    MostFrequent,
    Constant(f64),
}

/// Parameters of the strategies that learn a value.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Learnt {
    /// Adds a column of 0 and 1 for each column with missing values among the training rows.
    add_indicator: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Given {
    /// What stands for a missing number.
    fill_value: f64,
    /// As for the other strategies.
    add_indicator: bool,
}

struct Filling {
    strategy: Strategy,
    add_indicator: bool,
}

pub(super) struct Fitted {
    fill: Vec<f64>,
    /// Categories that got a level: the column, and the level's number. The levels behind it have moved on.
    inserted: Vec<(usize, usize)>,
    /// The columns whose blanks get an indicator.
    indicated: Vec<usize>,
    columns: Vec<Column>,
}

impl Transformer for Filling {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        if !matches!(self.strategy, Strategy::Constant(_)) {
            given.has_values()?;
        }
        let mut shape = given.clone();
        for column in shape.columns.iter_mut().filter(|column| column.blanks) {
            (column.blanks, column.empty) = (false, false);
            // A level of its own.
            column.levels = column.levels.map(|n| n + usize::from(matches!(self.strategy, Strategy::Constant(_))));
        }
        if self.add_indicator {
            let blank = given.columns.iter().filter(|column| column.blanks);
            shape.columns.extend(blank.map(|column| ColumnShape {
                name: format!("{INDICATOR}{}", column.name),
                levels: None,
                blanks: false,
                empty: false,
            }));
        }
        Ok(shape)
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let x = train.x();
        let given = train.features.columns;
        let mut fitted = Fitted { fill: Vec::new(), inserted: Vec::new(), indicated: Vec::new(), columns: Vec::new() };
        for (at, values) in x.columns().into_iter().enumerate() {
            let mut column = given.get(at).cloned().unwrap_or_else(|| Column::number(at.to_string()));
            let blank = values.iter().any(|value| value.is_nan());
            let fill = match (&column.kind, self.strategy) {
                (Kind::Category(levels), Strategy::Constant(_)) if blank => {
                    let (levels, place, is_new) = with_level(levels, MISSING);
                    column.kind = Kind::Category(levels);
                    if is_new {
                        fitted.inserted.push((at, place));
                    }
                    place as f64
                }
                (Kind::Category(_), _) => most_frequent(values, &column.name)?,
                (_, Strategy::Constant(value)) => value,
                (_, Strategy::MostFrequent) => most_frequent(values, &column.name)?,
                (_, strategy) => number(values, strategy, &column.name)?,
            };
            if blank && self.add_indicator {
                fitted.indicated.push(at);
            }
            fitted.fill.push(fill);
            fitted.columns.push(column);
        }
        let indicators: Vec<Column> = fitted
            .indicated
            .iter()
            .map(|&at| Column::number(format!("{INDICATOR}{}", fitted.columns[at].name)))
            .collect();
        fitted.columns.extend(indicators);
        Ok(Box::new(fitted))
    }
}

/// The levels with this one, its number, and whether it was not there. The order of levels is by text, so that encoders number
/// and drop them as scikit-learn does, which learns them from filled columns.
fn with_level(levels: &Arc<[String]>, level: &str) -> (Arc<[String]>, usize, bool) {
    match levels.binary_search_by(|known| known.as_str().cmp(level)) {
        Ok(place) => (Arc::clone(levels), place, false),
        Err(place) => {
            let mut more = levels.to_vec();
            more.insert(place, level.to_owned());
            (more.into(), place, true)
        }
    }
}

fn present(values: ArrayView1<'_, f64>, name: &str) -> Result<Vec<f64>> {
    let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    match present.is_empty() {
        false => Ok(present),
        true => Err(Error::Component(format!(
            "column `{name}` has no value in {} training rows, so nothing can stand for its missing ones: put it under \
             `ignore`, or use the imputer `constant`",
            values.len()
        ))),
    }
}

fn number(values: ArrayView1<'_, f64>, strategy: Strategy, name: &str) -> Result<f64> {
    let mut present = present(values, name)?;
    Ok(match strategy {
        Strategy::Median => median(&mut present),
        _ => present.iter().sum::<f64>() / present.len() as f64,
    })
}

/// The value that most rows have, the smallest of several: scikit-learn's.
fn most_frequent(values: ArrayView1<'_, f64>, name: &str) -> Result<f64> {
    let mut counts: HashMap<u64, (usize, f64)> = HashMap::new();
    for value in present(values, name)? {
        // 0.0 and -0.0 are one value.
        counts.entry((value + 0.0).to_bits()).or_insert((0, value + 0.0)).0 += 1;
    }
    let best = counts.into_values().max_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    // `present` has refused a column without values.
    Ok(best.map_or(f64::NAN, |(_, value)| value))
}

/// The median of `values`, which holds one or more and no NaN; reorders them.
fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) } else { *upper };
    // Halves are added, not the sum halved: the sum of two large values may overflow.
    if even { lower / 2.0 + *upper / 2.0 } else { *upper }
}

impl Fitted {
    pub(super) fn new(
        fill: Vec<f64>,
        inserted: Vec<(usize, usize)>,
        indicated: Vec<usize>,
        columns: Vec<Column>,
    ) -> Self {
        Fitted { fill, inserted, indicated, columns }
    }
}

impl FittedTransformer for Fitted {
    fn saved(&self) -> Option<SavedStep> {
        let (fill, inserted, indicated) = (self.fill.clone(), self.inserted.clone(), self.indicated.clone());
        let form = StepForm::Filled { fill, inserted, indicated };
        Some(SavedStep { form, columns: self.columns.clone() })
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, mut x: Array2<f64>) -> Result<Array2<f64>> {
        let width = self.fill.len();
        if x.ncols() != width {
            return Err(Error::Component(format!("the imputer learnt {width} columns, and {} are given", x.ncols())));
        }
        let marks = Array2::from_shape_fn((x.nrows(), self.indicated.len()), |(row, nth)| {
            f64::from(u8::from(x[(row, self.indicated[nth])].is_nan()))
        });
        for &(at, place) in &self.inserted {
            // What no level of the fit is keeps lying behind all of them.
            x.column_mut(at).iter_mut().filter(|value| **value >= place as f64).for_each(|value| *value += 1.0);
        }
        for mut row in x.rows_mut() {
            row.iter_mut().zip(&self.fill).filter(|(value, _)| value.is_nan()).for_each(|(value, fill)| *value = *fill);
        }
        if self.indicated.is_empty() {
            return Ok(x);
        }
        let mut wide = Array2::zeros((x.nrows(), self.columns.len()));
        wide.slice_mut(ndarray::s![.., ..width]).assign(&x);
        wide.slice_mut(ndarray::s![.., width..]).assign(&marks);
        Ok(wide)
    }
}

fn learnt(strategy: Strategy) -> impl Fn(Learnt) -> Result<Box<dyn Transformer>> {
    move |params| Ok(Box::new(Filling { strategy, add_indicator: params.add_indicator }))
}

/// What is missing is known before any imputer.
const MISSING_VALUES: Also = Also::only(
    "missing_values",
    "nan",
    "write the texts that are missing values as `missing = [...]` in [data], and leave it out here",
);
/// What belongs to `constant` alone.
const FILL_VALUE: Also =
    Also::only("fill_value", "null", "it is a parameter of the imputer `constant`: write that one, or leave it out");
/// A column without a value has nothing to be filled with.
const KEEP_EMPTY_FEATURES: Also = Also::only(
    "keep_empty_features",
    "false",
    "a column without any value is refused: put it under `ignore` in [data], or use the imputer `constant`",
);
/// Why there is no other strategy.
const STRATEGY: &str = "every strategy is an imputer by itself: write `mean`, `median`, `most-frequent` or `constant`";

/// `SimpleImputer` (and `MissingIndicator`): <https://scikit-learn.org/1.9/modules/generated/sklearn.impute.SimpleImputer.html>.
/// One difference: a column without any value is refused, not dropped: before any cell where no row of the table has one, by the
/// cell where no training row has one. Categories get their most
/// frequent level.
pub const MEAN: Entry<dyn Transformer> =
    Entry::new("mean", "the column's mean over the training rows; of categories the most frequent level", |table| {
        build::<Learnt, _>("mean", table, learnt(Strategy::Mean))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.impute.SimpleImputer.html")
    .also(&[COPY, MISSING_VALUES, Also::only("strategy", "\"mean\"", STRATEGY), FILL_VALUE, KEEP_EMPTY_FEATURES])
    .in_python(InPython::new().given("strategy = \"mean\""));

/// The same with the median; the mean of the middle two where they are even in number.
pub const MEDIAN: Entry<dyn Transformer> = Entry::new(
    "median",
    "the column's median over the training rows; of categories the most frequent level",
    |table| build::<Learnt, _>("median", table, learnt(Strategy::Median)),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.impute.SimpleImputer.html")
.also(&[COPY, MISSING_VALUES, Also::only("strategy", "\"median\"", STRATEGY), FILL_VALUE, KEEP_EMPTY_FEATURES])
.in_python(InPython::new().given("strategy = \"median\""));

/// The same with the most frequent value, the smallest of several; of levels the first by text.
pub const MOST_FREQUENT: Entry<dyn Transformer> =
    Entry::new("most-frequent", "the column's most frequent value, the smallest of several", |table| {
        build::<Learnt, _>("most-frequent", table, learnt(Strategy::MostFrequent))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.impute.SimpleImputer.html")
    .also(&[
        COPY,
        MISSING_VALUES,
        Also::only("strategy", "\"most_frequent\"", STRATEGY),
        FILL_VALUE,
        KEEP_EMPTY_FEATURES,
    ])
    .in_python(InPython::new().given("strategy = \"most_frequent\""));

/// The same with one number for all columns; a missing category is the level `missing_value`.
pub const CONSTANT: Entry<dyn Transformer> =
    Entry::new("constant", "`fill_value` for numbers, the level `missing_value` for categories", |table| {
        build::<Given, _>("constant", table, |params| {
            if !params.fill_value.is_finite() {
                return Err(Error::Study(format!("`fill_value` must be a number, not {}", params.fill_value)));
            }
            let strategy = Strategy::Constant(params.fill_value);
            Ok(Box::new(Filling { strategy, add_indicator: params.add_indicator }) as Box<dyn Transformer>)
        })
    })
    // 2: the level is among the others in the order of their texts; it was the last one.
    .version(2)
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.impute.SimpleImputer.html")
    .unset(&[("fill_value", "none")])
    .also(&[
        COPY,
        MISSING_VALUES,
        Also::only("strategy", "\"constant\"", STRATEGY),
        Also::harmless("keep_empty_features", "a column without any value gets `fill_value`, as with True there")
            .takes(Takes::TRUTHS),
    ])
    .in_python(InPython::new().given("strategy = \"constant\""));

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::component::{Features, Registry};

    const BLANK: f64 = f64::NAN;

    fn transformed(entry: &Entry<dyn Transformer>, toml: &str) -> (Array2<f64>, Vec<Column>) {
        let country = Kind::Category(["de", "fr", "se"].map(str::to_owned).into());
        let columns = [Column::number("a"), Column { kind: country, ..Column::number("land") }];
        let train = array![[1.0, 2.0], [BLANK, BLANK], [4.0, 0.0], [4.0, 2.0], [BLANK, 0.0], [1.0, 1.0]];
        let y = [0, 0, 1, 0, 0, 1];
        let train = Train::new(Features { x: train.view(), columns: &columns }, &y);
        let component = entry.build(&toml.parse().unwrap(), &Registry::empty()).unwrap().component;
        let fitted = component.fit(&train).unwrap();
        let test = array![[BLANK, BLANK], [7.0, 1.0]];
        (fitted.transform(test).unwrap(), fitted.columns().to_vec())
    }

    #[test]
    fn each_strategy_fills_numbers_its_way_and_categories_with_a_level() {
        assert_eq!(transformed(&MEAN, "").0, array![[2.5, 0.0], [7.0, 1.0]]);
        assert_eq!(transformed(&MEDIAN, "").0, array![[2.5, 0.0], [7.0, 1.0]]);
        assert_eq!(transformed(&MOST_FREQUENT, "").0, array![[1.0, 0.0], [7.0, 1.0]], "the smaller of two");
        let (filled, columns) = transformed(&CONSTANT, "fill_value = -9.0");
        assert_eq!(filled, array![[-9.0, 2.0], [7.0, 1.0]]);
        assert_eq!(transformed(&CONSTANT, "fill_value = \"none\"").0, array![[0.0, 2.0], [7.0, 1.0]]);
        let Kind::Category(levels) = &columns[1].kind else { panic!("no category") };
        assert_eq!(levels[..], ["de", "fr", MISSING, "se"]);
    }

    #[test]
    fn the_level_of_missing_categories_has_its_place_among_the_sorted_ones() {
        let fitted = |levels: &[&str], x: &Array2<f64>| {
            let kind = Kind::Category(levels.iter().map(|&level| level.to_owned()).collect());
            let columns = [Column { kind, ..Column::number("c") }];
            let y = vec![0; x.nrows()];
            let constant = CONSTANT.build(&toml::Table::new(), &Registry::empty()).unwrap().component;
            constant.fit(&Train::new(Features { x: x.view(), columns: &columns }, &y)).unwrap()
        };
        // blue, green, red, x y and zürich; behind them a level that only other tables have.
        let colours = ["blue", "green", "red", "x y", "zürich"];
        let x = array![[0.0], [1.0], [2.0], [3.0], [4.0], [BLANK], [5.0]];
        let of_fit = fitted(&colours, &x);
        let stored = serde_json::to_string(&of_fit.saved().unwrap()).unwrap();
        let restored = crate::impute::restored(serde_json::from_str(&stored).unwrap()).unwrap();
        for fitted in [of_fit, restored] {
            let filled = fitted.transform(x.clone()).unwrap();
            assert_eq!(filled, array![[0.0], [1.0], [3.0], [4.0], [5.0], [2.0], [6.0]]);
            let ordinal = crate::encode::CATALOGUE.iter().find(|entry| entry.id == "ordinal").unwrap();
            let ordinal = ordinal.build(&toml::Table::new(), &Registry::empty()).unwrap().component;
            let train = filled.slice(ndarray::s![..6, ..]);
            let codes = ordinal.fit(&Train::new(Features { x: train, columns: fitted.columns() }, &[0; 6])).unwrap();
            let codes = codes.transform(filled.clone()).unwrap();
            assert_eq!(codes, array![[0.0], [1.0], [3.0], [4.0], [5.0], [2.0], [-1.0]]);
        }
        // A text of that name is that level, and nothing moves.
        let named = fitted(&["a", MISSING, "z"], &array![[0.0], [1.0], [2.0], [BLANK]]);
        assert_eq!(named.transform(array![[2.0], [BLANK], [1.0]]).unwrap(), array![[2.0], [1.0], [1.0]]);
        // Without a missing value there is no level more.
        let complete = fitted(&["a", "z"], &array![[0.0], [1.0]]);
        assert_eq!(complete.transform(array![[1.0], [0.0]]).unwrap(), array![[1.0], [0.0]]);
    }

    #[test]
    fn a_step_that_was_stored_without_new_levels_is_still_read() {
        let stored = r#"{ "form": "filled", "fill": [2.5], "indicated": [], "columns": [] }"#;
        let restored = crate::impute::restored(serde_json::from_str(stored).unwrap()).unwrap();
        assert_eq!(restored.transform(array![[BLANK], [1.0]]).unwrap(), array![[2.5], [1.0]]);
    }

    #[test]
    fn indicators_say_what_was_missing() {
        let (filled, columns) = transformed(&MEAN, "add_indicator = true");
        assert_eq!(filled, array![[2.5, 0.0, 1.0, 1.0], [7.0, 1.0, 0.0, 0.0]]);
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["a", "land", "missingindicator_a", "missingindicator_land"]);
    }

    #[test]
    fn columns_without_values_are_told_before_any_cell_all_at_once_but_a_constant_fills_them() {
        let column = |name: &str, empty| ColumnShape { name: name.into(), levels: None, blanks: true, empty };
        let given = Shape::new(9, vec![column("fax", true), column("age", false), column("telex", true)]);
        let shape = |entry: &Entry<dyn Transformer>| {
            entry.build(&toml::Table::new(), &Registry::empty()).unwrap().component.shape(&given)
        };
        for entry in [&MEAN, &MEDIAN, &MOST_FREQUENT] {
            assert_eq!(
                shape(entry).unwrap_err(),
                "`fax` and `telex` have no value in any row, so nothing can stand for the missing ones: write ignore = \
                 [\"fax\", \"telex\"] in [data], or use the imputer `constant`"
            );
        }
        assert!(shape(&CONSTANT).unwrap().columns.iter().all(|column| !column.blanks && !column.empty));
    }

    #[test]
    fn a_column_without_values_is_named() {
        let (x, columns) = (array![[BLANK], [BLANK]], [Column::number("empty")]);
        let train = Train::new(Features { x: x.view(), columns: &columns }, &[0, 1]);
        let component = MEDIAN.build(&toml::Table::new(), &Registry::empty()).unwrap().component;
        let said = component.fit(&train).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said.contains("`empty` has no value in 2 training rows"), "{said}");
    }
}
