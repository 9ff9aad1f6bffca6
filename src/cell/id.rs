//! How a cell is called.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::axis::{AXES, Facet};

/// Which cell: data set, variant, pipeline and split, by the names that the study gave. [`AXES`] says of each field what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellId {
    /// The data set's name.
    pub data_set: String,
    /// The protocol's name, such as `stratified-k-fold`.
    pub protocol: String,
    /// Whether exact duplicate rows were dropped first.
    pub dedup: bool,
    /// The imputer's name in the study.
    pub imputer: String,
    /// The resampler's name in the study.
    pub resampler: String,
    /// The encoder's name in the study.
    pub encoder: String,
    /// The scaler's name in the study.
    pub scaler: String,
    /// The name in the study of what selects columns; records leave it out where nothing does.
    #[serde(default = "none", skip_serializing_if = "is_none")]
    pub select: String,
    /// The classifier's name in the study; the family's unless the study names it otherwise.
    pub classifier: String,
    /// The repeat's number, from 0.
    pub repeat: u32,
    /// The fold's number, from 0.
    pub fold: u32,
}

fn none() -> String {
    "none".to_owned()
}

fn is_none(name: &str) -> bool {
    name == "none"
}

impl CellId {
    /// Variant and pipeline without data set and split, as one readable line. Axes at their default are left out.
    pub fn pipeline(&self) -> String {
        self.line(Facet::is_of_pipelines)
    }

    /// The cell as it is called where there are several data sets: its own is named, too.
    pub fn named(&self, several_data_sets: bool) -> String {
        self.with_data_set(self.to_string(), several_data_sets)
    }

    /// [`CellId::pipeline`] as it is called where there are several data sets.
    pub fn named_pipeline(&self, several_data_sets: bool) -> String {
        self.with_data_set(self.pipeline(), several_data_sets)
    }

    fn with_data_set(&self, name: String, several_data_sets: bool) -> String {
        if several_data_sets { format!("data-set={} {name}", self.data_set) } else { name }
    }

    fn line(&self, which: impl Fn(Facet) -> bool) -> String {
        let shown = AXES.iter().filter(|axis| which(axis.facet) && !axis.is_default(self));
        let shown: Vec<String> = shown.map(|axis| format!("{}={}", axis.id, axis.value(self))).collect();
        shown.join(" ")
    }
}

impl fmt::Display for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pipeline(), self.line(|facet| facet == Facet::Split))
    }
}
