//! `none`: missing values stay missing.

use serde::{Deserialize, Serialize};

use crate::component::{Entry, Transformer, Unchanged, build};

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

/// Leaves missing values to the families that take them.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new("none", "missing values stay missing, for the families that take them", |table| {
        build::<Params, _>("none", table, |_| Ok(Box::new(Unchanged) as Box<dyn Transformer>))
    });
