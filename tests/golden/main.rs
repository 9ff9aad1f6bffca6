//! Against pinned Python packages: a topic a file, its data under `data/`, written by `scripts/golden/`.

mod boosting;
