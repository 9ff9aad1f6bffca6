//! `ordinal`: the number of a category's level among the sorted levels of the training rows.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::levels::{Known, LEARNT, MinFrequency, Rare, known, saved};
use crate::component::{
    Also, DTYPE, Entry, FittedTransformer, InPython, SavedStep, Shape, Train, Transformer, build, later, same_columns,
};
use crate::data::{Column, Kind};
use crate::error::{Error, Result};
use crate::words::listed;

const ID: &str = "ordinal";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// What a level becomes that the training rows lack.
    unknown_value: f64,
    /// What a missing category becomes; without it, it stays missing.
    encoded_missing_value: Option<f64>,
    /// Levels of fewer training rows (a number, or a share of all) have one number together, the last one.
    min_frequency: Option<MinFrequency>,
    /// At most so many numbers; the rarest levels have one together.
    max_categories: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Params { unknown_value: -1.0, encoded_missing_value: None, min_frequency: None, max_categories: None }
    }
}

struct Ordinal {
    unknown: f64,
    missing: Option<f64>,
    rare: Rare,
}

/// The levels of a column that is a category, each with its number; none for another column.
type Numbered = Option<(Known, Vec<u32>)>;

struct Fitted {
    /// Each with the numbers of its levels.
    known: Vec<Numbered>,
    columns: Vec<Column>,
    unknown: f64,
    missing: f64,
}

impl Transformer for Ordinal {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut shape = given.clone();
        for column in shape.columns.iter_mut().filter(|column| column.levels.is_some()) {
            column.levels = None;
            column.blanks &= self.missing.is_none();
        }
        Ok(shape)
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let mut columns = train.features.columns.to_vec();
        columns.iter_mut().for_each(|column| column.kind = Kind::Number);
        let numbered = |known: Known| {
            let groups = self.rare.grouped(&known.counts, train.y.len()).group;
            (known, groups)
        };
        let known: Vec<Numbered> = known(train).into_iter().map(|known| known.map(numbered)).collect();
        self.refuse_taken(&known, &columns)?;
        Ok(Box::new(Fitted { known, columns, unknown: self.unknown, missing: self.missing.unwrap_or(f64::NAN) }))
    }
}

impl Ordinal {
    /// Refuses what scikit-learn refuses: a number that levels have, too, of which nobody could tell apart what it stands for.
    fn refuse_taken(&self, known: &[Numbered], columns: &[Column]) -> Result<()> {
        let taken = |key: &str, value: f64, concerns: &dyn Fn(&Known) -> bool| {
            let mut names = Vec::new();
            let mut most = 0;
            for ((known, groups), column) in known.iter().zip(columns).filter_map(|(it, c)| Some((it.as_ref()?, c))) {
                let count = groups.iter().max().map_or(0, |last| last + 1);
                most = most.max(count);
                if concerns(known) && (0..count).any(|number| f64::from(number) == value) {
                    names.push(format!("`{}`", column.name));
                }
            }
            (!names.is_empty()).then(|| {
                format!(
                    "`{ID}`: `{key} = {value}` is the number of a level of {} already: write a whole number below 0, or of {most} or \
                     more",
                    listed(&names)
                )
            })
        };
        let missing = self.missing.and_then(|value| taken("encoded_missing_value", value, &|known| known.missing > 0));
        let said: Vec<String> = taken("unknown_value", self.unknown, &|_| true).into_iter().chain(missing).collect();
        if said.is_empty() { Ok(()) } else { Err(Error::Component(said.join("; "))) }
    }
}

impl FittedTransformer for Fitted {
    fn saved(&self) -> Option<SavedStep> {
        saved(
            self,
            &self.known.iter().map(|known| known.as_ref().map(|(known, _)| (known.place.len(), 1))).collect::<Vec<_>>(),
        )
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, mut x: Array2<f64>) -> Result<Array2<f64>> {
        if self.known.is_empty() {
            return Ok(x);
        }
        same_columns(ID, self.known.len(), x.ncols())?;
        for (mut values, known) in x.axis_iter_mut(Axis(1)).zip(&self.known) {
            let Some((known, groups)) = known else { continue };
            values.mapv_inplace(|value| match known.of(value) {
                Some(place) => f64::from(groups[place as usize]),
                None if value.is_nan() => self.missing,
                None => self.unknown,
            });
        }
        Ok(x)
    }
}

/// `OrdinalEncoder(handle_unknown="use_encoded_value")`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OrdinalEncoder.html>. The order of levels is that of
/// their texts, which means nothing to a learner but for trees, which can cut anywhere.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "the number of the level among the sorted ones of the training rows; unseen is -1", |table| {
        let built = build::<Params, _>(ID, table, |params| {
            let Params { unknown_value: unknown, encoded_missing_value: missing, min_frequency, max_categories } =
                params;
            if !(missing.is_none_or(f64::is_finite) && unknown.is_finite()) {
                return Err(Error::Study("`unknown_value` and `encoded_missing_value` must be numbers".into()));
            }
            if unknown.fract() != 0.0 {
                return Err(Error::Study(format!("`unknown_value` must be a whole number, not {unknown}")));
            }
            let rare = Rare { min_frequency, max_categories }.checked()?;
            Ok(Box::new(Ordinal { unknown, missing, rare }) as Box<dyn Transformer>)
        })?;
        Ok(later::<Params, _>(built, &["min_frequency", "max_categories"]))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OrdinalEncoder.html")
    .also(&[
        Also::harmless("dtype", DTYPE),
        Also::only("categories", "\"auto\"", LEARNT),
        Also::only(
            "handle_unknown",
            "\"use_encoded_value\"",
            "a level that the training rows lack becomes `unknown_value` and fails nothing: leave it out",
        ),
    ])
    .in_python(InPython::new().given("handle_unknown = \"use_encoded_value\"\nunknown_value = -1"));

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::component::{Features, Registry};

    const BLANK: f64 = f64::NAN;

    /// What it makes of two categories of three levels each, all of which the training rows have; the second one has a blank.
    fn fitted(params: &str) -> Result<Array2<f64>, String> {
        let ordinal = ENTRY.build(&params.parse().unwrap(), &Registry::empty()).map_err(|e| e.to_string())?.component;
        let kind = || Kind::Category(["a", "b", "c"].map(str::to_owned).into());
        let columns = [
            Column { kind: kind(), ..Column::number("shop") },
            Column { kind: kind(), ..Column::number("land") },
            Column::number("amount"),
        ];
        let x = array![[0.0, 0.0, 1.0], [1.0, 2.0, 1.0], [2.0, 1.0, 1.0], [2.0, BLANK, 1.0]];
        let train = Train::new(Features { x: x.view(), columns: &columns }, &[0, 1, 0, 0]);
        let fitted = ordinal.fit(&train).map_err(|e| e.to_string())?;
        fitted.transform(array![[3.0, BLANK, 5.0]]).map_err(|e| e.to_string())
    }

    #[test]
    fn a_number_that_levels_have_stands_for_nothing_else() {
        assert_eq!(fitted("encoded_missing_value = -2.0"), Ok(array![[-1.0, -2.0, 5.0]]));
        assert_eq!(fitted("unknown_value = 3\nencoded_missing_value = 4.0"), Ok(array![[3.0, 4.0, 5.0]]));
        // Between two numbers there is no level.
        assert_eq!(fitted("encoded_missing_value = 0.5"), Ok(array![[-1.0, 0.5, 5.0]]));
        assert_eq!(
            fitted("unknown_value = 2\nencoded_missing_value = 0.0").unwrap_err(),
            "`ordinal`: `unknown_value = 2` is the number of a level of `shop` and `land` already: write a whole number below 0, or \
             of 3 or more; `ordinal`: `encoded_missing_value = 0` is the number of a level of `land` already: write a whole number \
             below 0, or of 3 or more"
        );
        // Two rare levels have one number: 0 and 1 are all that there are in `shop`.
        assert!(fitted("unknown_value = 2\nmax_categories = 2").is_ok());
        assert_eq!(
            fitted("unknown_value = 0.5").unwrap_err(),
            "`ordinal`: `unknown_value` must be a whole number, not 0.5"
        );
    }
}
