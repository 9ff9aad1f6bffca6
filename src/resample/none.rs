//! `none`: all training rows.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::Resampler;
use crate::classify::Context;
use crate::error::Result;
use crate::registry::{Entry, build};

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

struct All;

impl Resampler for All {
    fn resample(&self, _x: ArrayView2<'_, f64>, y: &[u8], _context: &Context) -> Result<Vec<usize>> {
        Ok((0..y.len()).collect())
    }
}

/// Keeps every training row.
pub const ENTRY: Entry<dyn Resampler> = Entry {
    id: "none",
    backend: "native",
    about: "all training rows",
    version: 1,
    build: |table| build::<Params, _>("none", table, |_| Ok(Box::new(All) as Box<dyn Resampler>)),
};
