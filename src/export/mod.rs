//! What other tools are given of a results directory.

mod http;
pub mod mlflow;
