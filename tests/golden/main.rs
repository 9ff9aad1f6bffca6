//! Golden tests: the same answers as pinned releases of the Python libraries. `scripts/golden/` made the expected files.

mod splits;
mod metrics;
mod neighbors;
mod trees;
mod scalers;
mod linear_svc;
//! Against pinned Python packages: a topic a file, its data under `data/`, written by `scripts/golden/`.

mod boosting;
