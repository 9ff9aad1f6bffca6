//! The winner leaves: the chosen pipeline is fitted again on all rows, written as a model, and scores rows that have no label.
//!
//! | file | what it does |
//! |---|---|
//! | `choose` | which pipeline of a results directory is meant |
//! | `refit` | fits it on all rows |
//! | `model` | a model's folder: its description, and the native files beside it |
//! | `onnx` | the same as one ONNX file |
//! | `score` | scores of new rows |
//! | `explain`, `shap` | what a pipeline looks at: permutation importance, exact SHAP values |

mod choose;
mod explain;
mod model;
mod onnx;
mod refit;
mod score;
mod shap;

pub(crate) use explain::{Draws, Looked, Shuffles, explain};
pub(crate) use model::{MODEL_FILE, Model, model_folder};
pub(crate) use refit::refit;
pub(crate) use score::score;
