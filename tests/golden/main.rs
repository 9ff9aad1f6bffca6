//! Golden tests: the same answers as pinned releases of the Python libraries. `scripts/golden/` made the expected files.

mod boosting;
mod calibration;
mod columns;
mod differential;
mod encoders;
mod ensembles;
mod exceptions;
mod families;
mod linear;
mod linear_svc;
mod metrics;
mod neighbors;
mod parameters;
mod resamplers;
mod scalers;
mod search;
mod selects;
mod significance;
mod splits;
mod trees;
mod values;
mod weights;
