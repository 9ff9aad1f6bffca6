//! `fraudbench` compares classifiers on rare-event data, and its numbers can be trusted.
//!
//! ```text
//! study.toml -> Study -> plan -> [split -> impute -> resample -> encode -> scale -> select -> fit -> predict -> score] -> records -> leaderboard -> report
//! ```
//!
//! One way only: [`run`] measures and appends records; [`analyze`] and [`report`] only read them.
//!
//! | module | what it holds |
//! |---|---|
//! | [`study`] | study files: wire shape, checked `Study` |
//! | [`cell`] | the axes, what a cell is called, its key, the plan, what is outstanding |
//! | [`data`], [`split`] | data sets; which rows train and which test |
//! | [`features`] | window features of raw transactions, which look back only |
//! | [`simulate`] | rare-event tables of any size; card transactions, the Fraud Detection Handbook's to the bit |
//! | [`component`] | the contract: entries, the registry, what a component is given and gives back |
//! | `catalogue` | `Registry::built_in`: the lists of all components, put together |
//! | [`impute`], [`resample`], [`encode`], [`scale`], [`select`], [`classify`], [`metric`] | the components, a file each, one catalogue per folder |
//! | [`search`] | what chooses hyperparameters, thresholds or whole pipelines, inside a classifier's fit |
//! | [`external`] | programs and classes of Python as components: one protocol |
//! | `sampling` | how many rows of which class a sampling strategy asks for, and drawing them |
//! | [`neighbors`] | exact nearest neighbours, minority first: what `k-neighbors` and `tomek-links` share |
//! | [`harness`] | the conductor: opens a study, plans, runs, resumes and closes it |
//! | [`run`], [`store`] | scheduler, worker processes, limits, events; records and their log, predictions |
//! | `winner` | the chosen pipeline, fitted again and handed on: its file, scores of new rows, ONNX, what it looks at |
//! | [`cluster`] | past one machine: shards, the scripts and manifests that run them, what is missing, what many machines would take |
//! | [`scaling`] | how time and memory grow with the rows: a study over simulated data, and what its records say |
//! | [`analyze`], [`report`] | leaderboard, statistics, comparisons; exporters and charts |
//! | [`export`] | what other tools are given: runs of an MLflow server |
//! | [`audit`] | leaky protocols as a study, and what data and splits show before a fit |
//! | [`power`] | studies whose truth is known, on many draws: how often their reports are right |
//! | [`papers`] | published papers: their claims, how each is measured, and what came out |
//! | [`cli`] | the command line: a subcommand per file |
//! | `os` | processes, signals, limits, memory, replacing files |
//! | [`numeric`] | random streams, dense products, factorisations |
//! | [`seed`], [`error`], `words` | the only source of seeds; errors and exit codes; counts in words |

#![warn(missing_docs)]
// These panic where nobody reads any more; `cli` has `say!` and `show!`.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

pub mod analyze;
pub mod audit;
mod catalogue;
pub mod cell;
pub mod classify;
pub mod cli;
pub mod cluster;
pub mod component;
pub mod data;
pub mod encode;
pub mod error;
pub mod export;
pub mod external;
pub mod features;
pub mod harness;
pub mod impute;
#[cfg(test)]
mod layers;
pub mod metric;
pub mod neighbors;
pub mod numeric;
mod os;
pub mod papers;
pub mod power;
pub mod report;
pub mod resample;
pub mod run;
mod sampling;
pub mod scale;
pub mod scaling;
pub mod search;
pub mod seed;
pub mod select;
pub mod simulate;
pub mod split;
pub mod store;
pub mod study;
mod winner;
mod words;

/// This build: the version, and after `+` a digest of the sources that it was made from, as `scripts/sources` prints it of a commit.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("FRAUDBENCH_SOURCES"));

pub use os::{Allocator, spare_addresses, tell_want_of_memory};
pub use run::worker;
