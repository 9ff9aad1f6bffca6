//! Leaderboard, tables, report and charts, over hand-made and made-up runs.

mod auditing;
mod best;
mod certainty;
mod charts;
mod comparing;
mod data_sets;
mod exports;
mod files;
mod gating;
mod gating_said;
mod growing;
mod latex;
mod leaderboard;
mod learnt;
mod money;
mod not_as_written;
mod page;
mod perfect;
mod pictures;
mod predicted;
mod reproducing;
mod sample;
mod scaling;
mod searching;
mod terminal;
mod unfinished;
mod watching;

/// `report.md` of a run without pictures and predictions.
fn report(results: &fraudbench::analyze::Results, board: &fraudbench::analyze::leaderboard::Leaderboard) -> String {
    use fraudbench::report::{explained::Explained, predicted::Predicted, render::markdown, run};
    markdown::document(&run::document(results, board, (&Predicted::default(), &Explained::default()), &[]))
}
