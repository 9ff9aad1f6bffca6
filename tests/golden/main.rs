//! Golden tests: the same answers as pinned releases of the Python libraries. `scripts/golden/` made the expected files.

mod linear_svc;
