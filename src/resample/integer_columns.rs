//! `integer_columns`: columns whose made values are cut to whole numbers.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::interpolate;
use crate::component::{Features, Perhaps, Shape};
use crate::error::{Error, Result};

/// The parameters of `smote` and `smote-nc`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Params {
    #[serde(flatten)]
    pub common: interpolate::Params,
    /// Columns whose made values lose what stands behind the point: imbalanced-learn does that where a column of a DataFrame has
    /// an integer type, and so do published results on such columns.
    pub integer_columns: IntegerColumns,
}

impl Params {
    /// The same, if they make sense.
    ///
    /// # Errors
    /// As [`interpolate::Params::checked`].
    pub fn checked(self) -> Result<Self> {
        Ok(Params { common: self.common.checked()?, integer_columns: self.integer_columns })
    }
}

/// Names of columns of numbers, as the table has them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct IntegerColumns(Vec<String>);

impl IntegerColumns {
    /// Whether `id` finds all of them among columns of this shape.
    ///
    /// # Errors
    /// Those that it does not find, with the names that fit.
    pub fn in_shape(&self, id: &str, given: &Shape) -> Result<(), String> {
        let columns = given.columns.iter().map(|column| (column.name.as_str(), column.levels.is_none()));
        self.places(id, columns, &given.perhaps).map(|_| ())
    }

    /// Cuts the made rows' values in these columns towards 0.
    ///
    /// # Errors
    /// As [`IntegerColumns::in_shape`].
    pub fn cut(&self, id: &str, features: &Features<'_>, mut made: Array2<f64>) -> Result<Array2<f64>> {
        let is_number = |at: usize| features.levels(at).is_none();
        let columns = features.columns.iter().enumerate().map(|(at, column)| (column.name.as_str(), is_number(at)));
        for place in self.places(id, columns, &[]).map_err(Error::Component)? {
            made.index_axis_mut(Axis(1), place).mapv_inplace(f64::trunc);
        }
        Ok(made)
    }

    /// Whether they can be found and cut where the resampler acts on encoded and scaled rows.
    ///
    /// # Errors
    /// They cannot, as columns have other names and other values there.
    pub fn on_scaled(&self) -> Result<(), String> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err("on encoded and scaled rows there are no columns of whole numbers: leave out `on`, or the \
                          parameter `integer_columns`"
                .into()),
        }
    }

    /// The places of these among columns, each of which is a name and whether it holds numbers; without those that have one of
    /// `perhaps`, as a fit will tell.
    fn places<'n>(
        &self,
        id: &str,
        columns: impl Iterator<Item = (&'n str, bool)>,
        perhaps: &[Perhaps],
    ) -> Result<Vec<usize>, String> {
        let (places, names): (Vec<usize>, Vec<&str>) =
            columns.enumerate().filter(|(_, (_, is_number))| *is_number).map(|(at, (name, _))| (at, name)).unzip();
        let place = |wanted: &String| names.iter().position(|name| name == wanted);
        let lacking = self.0.iter().filter(|wanted| place(wanted).is_none()).map(String::as_str);
        match Perhaps::unknown(&format!("column in {id}'s `integer_columns`"), lacking, &names, perhaps) {
            Some(said) => Err(said),
            None => Ok(self.0.iter().filter_map(place).map(|nth| places[nth]).collect()),
        }
    }
}
