//! Leaderboard, tables, report and charts, over hand-made and made-up runs.

mod auditing;
mod best;
mod charts;
mod comparing;
mod exports;
mod files;
mod leaderboard;
mod predicted;
mod reproducing;
mod sample;
mod scaling;
mod searching;
