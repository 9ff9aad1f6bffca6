//! Property tests: what must hold for any input, on generated data.

mod trees;
