//! `none`: all training rows.

use serde::{Deserialize, Serialize};

use crate::component::{Context, Entry, Resampled, Resampler, Shape, Train, build};
use crate::error::Result;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

struct All;

impl Resampler for All {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        Ok(given.clone())
    }

    fn resample(&self, train: &Train<'_>, _context: &Context) -> Result<Resampled> {
        let y = train.y;
        Ok(Resampled::chosen((0..y.len()).collect()))
    }
}

/// Keeps every training row.
pub const ENTRY: Entry<dyn Resampler> = Entry::new("none", "all training rows", |table| {
    build::<Params, _>("none", table, |_| Ok(Box::new(All) as Box<dyn Resampler>))
});
