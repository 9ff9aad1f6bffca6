//! Leaderboard, tables, report and charts, over hand-made and made-up runs.

mod charts;
mod files;
mod leaderboard;
mod sample;
mod scaling;
