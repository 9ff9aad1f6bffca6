//! `power`: a power of each column that makes it as normal as a power can, then mean 0 and standard deviation 1.

mod likelihood;
mod minimum;

use std::mem::discriminant;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::matrix::{check_fit, columns_error, map_columns, update_chunks};
use super::moments::moments;
use crate::component::{COPY, Curve, Entry, FittedScaler, SavedPower, SavedScaler, Scaler, build, same_columns};
use crate::error::Result;
use crate::words::short;

const ID: &str = "power";

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Method {
    #[default]
    YeoJohnson,
    BoxCox,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Params {
    method: Method,
    standardize: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { method: Method::YeoJohnson, standardize: true }
    }
}

struct Power(Params);

pub(super) struct Fitted {
    columns: Vec<SavedPower>,
}

fn on(curve: Curve, v: f64) -> f64 {
    match curve {
        Curve::Identity => v,
        Curve::YeoJohnson(lambda) => yeo_johnson(v, lambda),
        Curve::BoxCox(lambda) => box_cox(v, lambda),
    }
}

/// Yeo and Johnson (Biometrika 87(4), 2000), equation 2.1, in SciPy's stable form.
fn yeo_johnson(v: f64, lambda: f64) -> f64 {
    if v >= 0.0 {
        let log = v.ln_1p();
        if lambda.abs() < f64::EPSILON { log } else { (lambda * log).exp_m1() / lambda }
    } else {
        let (log, mirrored) = ((-v).ln_1p(), 2.0 - lambda);
        if mirrored.abs() > f64::EPSILON { -(mirrored * log).exp_m1() / mirrored } else { -log }
    }
}

/// Box and Cox (Journal of the Royal Statistical Society B 26, 1964), equation 1, in SciPy's stable form.
fn box_cox(v: f64, lambda: f64) -> f64 {
    let power = lambda * v.ln();
    if lambda.abs() < 1e-19 {
        v.ln()
    } else if power < 709.78 {
        power.exp_m1() / lambda
    } else {
        (power - lambda.abs().ln()).exp().copysign(lambda) - 1.0 / lambda
    }
}

/// Why a column cannot be transformed.
#[derive(Debug, Clone, Copy)]
enum Misfit {
    /// It holds this value.
    NotPositive(f64),
    TooLarge,
    NoPower,
}

impl Misfit {
    /// What is said of one column, and of several.
    fn said(self) -> (String, &'static str) {
        match self {
            Misfit::NotPositive(value) => (
                format!("holds {}; box-cox needs positive values", short(value)),
                "hold values of 0 or less; box-cox needs positive values",
            ),
            Misfit::TooLarge => (
                "is too large in absolute value for a Yeo-Johnson transformation".into(),
                "are too large in absolute value for a Yeo-Johnson transformation",
            ),
            Misfit::NoPower => (
                "has no best Box-Cox power; it may be constant".into(),
                "have no best Box-Cox power; they may be constant",
            ),
        }
    }
}

/// Refuses all columns that have the fault of the first one that has any.
fn refuse(misfits: &[(usize, Misfit)]) -> Result<()> {
    let Some((_, first)) = misfits.first() else { return Ok(()) };
    let is_same = |other: &Misfit| discriminant(other) == discriminant(first);
    let at = misfits.iter().filter(|(_, other)| is_same(other)).map(|(at, _)| *at).collect();
    let (one, several) = first.said();
    Err(columns_error(ID, at, &one, several))
}

impl Power {
    fn fit_column(&self, column: &mut [f64]) -> Result<SavedPower, Misfit> {
        let raw = moments(column, 1)[0];
        let curve = match self.0.method {
            Method::YeoJohnson if raw.constant => Curve::Identity,
            Method::YeoJohnson => Curve::YeoJohnson(likelihood::yeo_johnson_lambda(column).ok_or(Misfit::TooLarge)?),
            Method::BoxCox => match column.iter().find(|v| **v <= 0.0) {
                Some(bad) => return Err(Misfit::NotPositive(*bad)),
                None => Curve::BoxCox(likelihood::box_cox_lambda(column).ok_or(Misfit::NoPower)?),
            },
        };
        if !self.0.standardize {
            return Ok(SavedPower { curve, mean: 0.0, scale: 1.0 });
        }
        column.iter_mut().for_each(|v| *v = on(curve, *v));
        let found = moments(column, 1)[0];
        Ok(SavedPower { curve, mean: found.mean, scale: found.scale })
    }
}

impl Scaler for Power {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        let (mut columns, mut misfits) = (Vec::new(), Vec::new());
        for (at, fitted) in map_columns(x, |_, column| Ok(self.fit_column(column)))?.into_iter().enumerate() {
            match fitted {
                Ok(column) => columns.push(column),
                Err(misfit) => misfits.push((at, misfit)),
            }
        }
        refuse(&misfits)?;
        Ok(Box::new(Fitted { columns }))
    }
}

impl Fitted {
    pub(super) fn new(columns: Vec<SavedPower>) -> Self {
        Fitted { columns }
    }
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        Some(SavedScaler::Powers { columns: self.columns.clone() })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        let columns = self.columns.len();
        same_columns(ID, columns, x.ncols())?;
        let mut misfits = Vec::new();
        for (at, (column, values)) in self.columns.iter().zip(x.columns()).enumerate() {
            if let (Curve::BoxCox(_), Some(bad)) = (column.curve, values.iter().find(|v| **v <= 0.0)) {
                misfits.push((at, Misfit::NotPositive(*bad)));
            }
        }
        refuse(&misfits)?;
        update_chunks(ID, x, |chunk| {
            for (j, column) in self.columns.iter().enumerate() {
                for v in chunk[j..].iter_mut().step_by(columns) {
                    *v = (on(column.curve, *v) - column.mean) / column.scale;
                }
            }
        })
    }
}

/// `PowerTransformer`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.PowerTransformer.html>.
/// Two differences: a constant column keeps its values exactly (there with the rounding of a logarithm and its
/// inverse), and a column whose squares overflow is transformed, not taken for constant.
pub const ENTRY: Entry<dyn Scaler> = Entry::new(
    ID,
    "each column to the power that makes it most normal (Yeo-Johnson or Box-Cox), then standardised",
    |table| build::<Params, _>(ID, table, |params| Ok(Box::new(Power(params)) as Box<dyn Scaler>)),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.PowerTransformer.html")
.also(&[COPY])
.space("");
