//! `function`: one function applied to every value.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::matrix::{columns_error, map_chunks, update_chunks};
use crate::component::{Also, DENSE, Entry, FittedScaler, SavedScaler, Scaler, Takes, build};
use crate::error::Result;
use crate::words::short;

const ID: &str = "function";

/// The functions by their NumPy names; `signed-log1p` is sign(v) * log(1 + |v|).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Func {
    #[default]
    Identity,
    Abs,
    Square,
    Sqrt,
    Cbrt,
    Exp,
    Expm1,
    Log,
    Log1p,
    Arcsinh,
    #[serde(rename = "signed-log1p")]
    SignedLog1p,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Params {
    func: Func,
}

/// Learns nothing: unfitted and fitted are the same.
#[derive(Clone, Copy)]
pub(super) struct Function(Params);

impl Func {
    fn of(self) -> fn(f64) -> f64 {
        match self {
            Func::Identity => |v| v,
            Func::Abs => f64::abs,
            Func::Square => |v| v * v,
            Func::Sqrt => f64::sqrt,
            Func::Cbrt => f64::cbrt,
            Func::Exp => f64::exp,
            Func::Expm1 => f64::exp_m1,
            Func::Log => f64::ln,
            Func::Log1p => f64::ln_1p,
            Func::Arcsinh => arcsinh,
            Func::SignedLog1p => |v| v.abs().ln_1p().copysign(v),
        }
    }
}

/// The standard library's `asinh` squares its argument and so loses values beyond 1e154; past 2^28 the 1 under the
/// root no longer counts.
fn arcsinh(v: f64) -> f64 {
    match v.abs() > f64::from(1 << 28) {
        true => (v.abs().ln() + std::f64::consts::LN_2).copysign(v),
        false => v.asinh(),
    }
}

impl Scaler for Function {
    fn fit(&self, _x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        Ok(Box::new(*self))
    }

    fn learns(&self) -> bool {
        false
    }
}

impl Function {
    /// For each column the first value that the function does not map to a number.
    fn undefined(&self, data: &[f64], columns: usize) -> Vec<Option<f64>> {
        let f = self.0.func.of();
        let of_chunk = |chunk: &[f64]| {
            let mut first = vec![None; columns];
            for row in chunk.chunks_exact(columns) {
                first.iter_mut().zip(row).filter(|(_, v)| !f(**v).is_finite()).for_each(|(first, v)| {
                    first.get_or_insert(*v);
                });
            }
            first
        };
        map_chunks(data, columns, of_chunk).into_iter().fold(vec![None; columns], |all: Vec<Option<f64>>, more| {
            all.into_iter().zip(more).map(|(first, later)| first.or(later)).collect()
        })
    }
}

impl Func {
    /// Its name in a study.
    fn name(self) -> String {
        let written = serde_json::to_value(self).ok();
        written.as_ref().and_then(|name| name.as_str()).unwrap_or(ID).to_owned()
    }
}

impl Function {
    /// The function of this name in a study.
    pub(super) fn named(name: &str) -> Option<Self> {
        let func = serde_json::from_value(name.into()).ok()?;
        Some(Function(Params { func }))
    }
}

impl FittedScaler for Function {
    fn saved(&self) -> Option<SavedScaler> {
        Some(SavedScaler::Function { func: self.0.func.name() })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        let func = self.0.func;
        if func == Func::Identity || x.is_empty() {
            return Ok(x);
        }
        // A value that has no image is named, so it is looked for before the values are overwritten.
        if matches!(func, Func::Square | Func::Sqrt | Func::Exp | Func::Expm1 | Func::Log | Func::Log1p) {
            let columns = x.ncols();
            let ordered = x.as_standard_layout();
            // `as_standard_layout` is contiguous by definition.
            let undefined = self.undefined(ordered.as_slice().unwrap_or_default(), columns);
            if let Some(value) = undefined.iter().flatten().next() {
                let name = func.name();
                let at = (0..columns).filter(|&j| undefined[j].is_some()).collect();
                let one = format!("holds {}, whose {name} is not a finite number", short(*value));
                return Err(columns_error(ID, at, &one, &format!("hold values whose {name} is not a finite number")));
            }
        }
        let f = func.of();
        update_chunks(ID, x, |chunk| chunk.iter_mut().for_each(|v| *v = f(*v)))
    }
}

/// `FunctionTransformer`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.FunctionTransformer.html>.
/// Without a function it is the identity, as there; unlike there, a value without an image is an error.
pub const ENTRY: Entry<dyn Scaler> =
    Entry::new(ID, "one function of every value: identity, log1p, sqrt, signed-log1p ...", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(Function(params)) as Box<dyn Scaler>))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.FunctionTransformer.html")
    .unset(&[("func", "none")])
    .also(&[
        Also::harmless("inverse_func", "nothing is transformed back"),
        Also::harmless("inv_kw_args", "nothing is transformed back"),
        Also::harmless("check_inverse", "nothing is transformed back").takes(Takes::TRUTHS),
        Also::harmless("validate", "columns are numbers before any scaler").takes(Takes::TRUTHS),
        Also::harmless("accept_sparse", DENSE).takes(Takes::TRUTHS),
        Also::harmless("feature_names_out", "the columns keep their names"),
        Also::only("kw_args", "null", "the functions take no further arguments: leave it out"),
    ]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn pythons_none_is_the_identity() {
        let params = |toml: &str| ENTRY.build(&toml.parse().unwrap(), &Registry::empty()).unwrap().params;
        assert_eq!(params("func = \"none\""), params("func = \"identity\""));
    }
}
