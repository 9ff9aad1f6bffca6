//! The report of a reproduction: `reproduction.md`, `reproduction.tex`, `report.html`, `claims.csv` and the figures. One
//! document is written three ways, so that all say the same.

mod document;
mod pictures;
mod tables;

use std::path::{Path, PathBuf};

use super::document::Picture;
use super::render::html::Drawing;
use super::render::{html, latex, markdown};
use super::{drawn, write_files};
use crate::error::Result;
use crate::reproduce::claims::CLAIMS;
use crate::reproduce::{Evidence, Finding, Paper};

pub use document::Source;

/// Writes the report of `evidence` into `dir` and returns the paths. `sources` says where the parts were read.
///
/// # Errors
/// [`crate::error::Error::Io`] when a file cannot be written; [`crate::error::Error::Component`] when a table or chart cannot
/// be made.
pub fn write_all(paper: &Paper, evidence: &Evidence, sources: &[Source], dir: &Path) -> Result<Vec<PathBuf>> {
    let findings: Vec<Finding> = CLAIMS.iter().map(|claim| (claim.judge)(evidence)).collect();
    let (mut files, drawings) = drawn(&pictures::all(paper, evidence))?;
    let charts: Vec<Picture> = drawings.iter().map(Drawing::picture).collect();
    let document = document::of(paper, evidence, sources, &findings, &charts);
    files.push(("claims.csv".into(), tables::csv(&findings)?));
    let tex = latex::tables(&document, "reproduction", "claims.csv has the claims in full precision.");
    files.push(("reproduction.tex".into(), tex.into_bytes()));
    files.push(("report.html".into(), html::page(&document, &drawings).into_bytes()));
    files.push(("reproduction.md".into(), markdown::document(&document).into_bytes()));
    write_files(dir, &files)
}
