//! The report of a reproduction: `reproduction.md`, `reproduction.tex`, `report.html`, `claims.csv` and the figures. One
//! [`document`] is written three ways, so that all say the same.

mod document;
mod html;
mod latex;
mod markdown;
mod pictures;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use super::html::Drawing;
use super::{CHARTS, write_files};
use crate::error::{Error, Result};
use crate::reproduce::claims::CLAIMS;
use crate::reproduce::{Evidence, Finding, Paper};

pub use document::Source;

/// Writes the report of `evidence` into `dir` and returns the paths. `sources` says where the parts were read.
///
/// # Errors
/// [`Error::Io`] when a file cannot be written; [`Error::Component`] when a table or chart cannot be made.
pub fn write_all(paper: &Paper, evidence: &Evidence, sources: &[Source], dir: &Path) -> Result<Vec<PathBuf>> {
    let findings: Vec<Finding> = CLAIMS.iter().map(|claim| (claim.judge)(evidence)).collect();
    let charts = pictures::all(paper, evidence);
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    let mut drawings = Vec::new();
    for chart in &charts {
        let file = |extension: &str| Path::new(CHARTS).join(format!("{}.{extension}", chart.id));
        let svg = chart.scene.svg()?;
        drawings.push(Drawing { id: chart.id.clone(), caption: chart.caption.clone(), svg: svg.clone() });
        files.push((file("svg"), svg));
        files.push((file("png"), chart.scene.png()?));
    }
    let document = document::of(paper, evidence, sources, &findings, &charts);
    files.push(("claims.csv".into(), tables::csv(&findings)?));
    files.push(("reproduction.tex".into(), latex::tables(&document).into_bytes()));
    files.push(("report.html".into(), html::page(&document, &drawings).into_bytes()));
    files.push(("reproduction.md".into(), markdown::report(&document, &charts).into_bytes()));
    let folder = dir.join(CHARTS);
    fs::create_dir_all(&folder).map_err(|e| Error::io("create", &folder, e))?;
    write_files(dir, &files)
}
