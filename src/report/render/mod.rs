//! Everything that is written about a run, a file each: documents as Markdown, LaTeX and pages, records and leaderboard as CSV,
//! Parquet, JSON and JUnit. An exporter gives bytes; [`super::write`] alone touches the disk.
//!
//! A new exporter is a file with an [`Exporter`], and a line of [`EXPORTERS`].

pub(crate) mod best_params;
pub mod csv;
pub mod html;
pub mod json;
pub mod junit;
pub mod latex;
pub mod markdown;
pub mod parquet;
mod python;
mod searches;

use super::document::Document;
use super::explained::Explained;
use super::predicted::{self, Predicted};
use super::{IN_WORDS, audit, html as interactive};
use crate::analyze::Results;
use crate::analyze::best::Best;
use crate::analyze::ladder::Ladder;
use crate::analyze::leaderboard::Leaderboard;
use crate::error::Result;
use html::Drawing;

/// All that is known about a run when its files are made.
pub struct Report<'a> {
    /// Every planned cell and record, those of leaky protocols too.
    pub all: &'a Results,
    /// The honest part, which is ranked.
    pub results: &'a Results,
    /// The ranking.
    pub board: &'a Leaderboard,
    /// The best of each dataset variant, and what cannot be told apart from it.
    pub bests: &'a [Best<'a>],
    /// What is made from kept predictions.
    pub predicted: &'a Predicted,
    /// What pipelines look at.
    pub explained: &'a Explained,
    /// What each leak is worth; empty for an honest run.
    pub ladders: &'a [Ladder],
    /// The drawn charts.
    pub drawings: &'a [Drawing],
    /// The report in words.
    pub document: &'a Document,
    /// The audit in words; none for an honest run.
    pub audit: Option<&'a Document>,
}

/// Makes one file of a report.
#[derive(Clone, Copy)]
pub struct Exporter {
    /// The file's name in the report's folder.
    pub file: &'static str,
    /// Its content; none where the run has nothing for it.
    pub bytes: fn(&Report<'_>) -> Result<Option<Vec<u8>>>,
}

/// Every exporter, in the order in which the files are written.
pub static EXPORTERS: &[Exporter] = &[
    csv::CELLS,
    parquet::CELLS,
    csv::LEADERBOARD,
    predicted::curves::CSV,
    predicted::calibration::CSV,
    predicted::scores::CSV,
    predicted::thresholds::CSV,
    predicted::savings::CSV,
    searches::CSV,
    best_params::JSON,
    json::LEADERBOARD,
    junit::CELLS,
    latex::LEADERBOARD,
    interactive::PAGE,
    audit::CSV,
    Exporter { file: "audit.md", bytes: |report| Ok(report.audit.map(|audit| markdown::document(audit).into_bytes())) },
    Exporter { file: IN_WORDS, bytes: |report| Ok(Some(markdown::document(report.document).into_bytes())) },
];
