//! `report.html`: the whole report as one page that needs no network.
//!
//! What is said in words is written here, in the page itself. What can be sorted, filtered, picked and compared is one block of
//! JSON (`data`) that the scripts of `assets/report` show. A content security policy forbids the page any request.

mod data;
mod failed;
mod parts;
mod picture;

use crate::error::{Error, Result};
use crate::report::document::Picture;
use crate::report::render::html::{blocks, escape};
use crate::report::render::{Exporter, Report};
use crate::report::run::answer::{self, Counts};
use crate::report::run::{FROM_PREDICTIONS, WHAT_WAS_RUN, best};

pub use picture::figure;

/// `report.html`.
pub(super) const PAGE: Exporter =
    Exporter { file: "report.html", bytes: |report: &Report<'_>| page(report, false).map(Some) };
/// The same while the run goes on.
pub(super) const LIVE: Exporter =
    Exporter { file: "report.html", bytes: |report: &Report<'_>| page(report, true).map(Some) };

pub(super) const TEMPLATE: &str = include_str!("../../../assets/report/report.html");
pub(super) const STYLE: &str = include_str!("../../../assets/report/report.css");
/// Has a browser load the page of a run that goes on again.
const RELOAD: &str = "<meta http-equiv=\"refresh\" content=\"15\">\n";
/// The scripts in the order in which they build on each other.
const SCRIPTS: [&str; 7] = [
    include_str!("../../../assets/report/base.js"),
    include_str!("../../../assets/report/statistics.js"),
    include_str!("../../../assets/report/first.js"),
    include_str!("../../../assets/report/leaderboard.js"),
    include_str!("../../../assets/report/compare.js"),
    include_str!("../../../assets/report/maps.js"),
    include_str!("../../../assets/report/page.js"),
];

/// A drawn chart to put into a page.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// Its file name without the extension.
    pub id: String,
    /// What it shows, one line.
    pub caption: String,
    /// The SVG file.
    pub svg: Vec<u8>,
    /// A sentence on its files, where they need one.
    pub note: Option<String>,
}

impl Drawing {
    /// How a document names it.
    pub fn picture(&self) -> Picture {
        Picture { id: self.id.clone(), caption: self.caption.clone(), note: self.note.clone() }
    }
}

/// The page.
fn page(report: &Report<'_>, is_live: bool) -> Result<Vec<u8>> {
    let Report { results, board, bests, predicted, explained, drawings, .. } = *report;
    let counts = Counts::of(results);
    let data = serde_json::to_string(&data::of(report))
        .map_err(|e| Error::Component(format!("cannot encode the report's data: {e}")))?;
    let parts = [
        ("title", escape(&results.title)),
        ("reload", if is_live { RELOAD.to_owned() } else { String::new() }),
        ("live", if is_live { parts::live(results) } else { String::new() }),
        ("answer", blocks("", &answer::blocks(board, bests, &counts, predicted), &[])),
        ("coverage", parts::coverage(board)),
        ("best-heading", escape(best::HEADING)),
        ("best", parts::best(board, bests)),
        ("idle", parts::idle(results)),
        ("predicted-heading", escape(FROM_PREDICTIONS)),
        ("predicted", parts::predicted(board, predicted)),
        ("explained", parts::explained(explained)),
        ("to-explained", parts::to_explained(explained)),
        // A section with nothing to show is not shown, nor is the link to it.
        ("if-failed", if failed::is_any(results) { String::new() } else { " hidden".to_owned() }),
        ("failed", failed::groups(results)),
        ("charts", picture::figures(drawings, !bests.is_empty())),
        ("run-heading", escape(WHAT_WAS_RUN)),
        ("run", parts::run(results)),
        ("cautions", parts::cautions(results, board)),
        ("style", STYLE.to_owned()),
        // `<` is the only character by which JSON could end its element.
        ("data", data.replace('<', "\\u003c")),
        ("scripts", SCRIPTS.concat()),
    ];
    Ok(fill(TEMPLATE, &parts).into_bytes())
}

/// The template with its parts in their places.
pub(super) fn fill(template: &str, parts: &[(&str, String)]) -> String {
    let mut page = String::with_capacity(parts.iter().map(|(_, part)| part.len()).sum::<usize>() + template.len());
    let mut rest = template;
    // Piece by piece, so that a name of the study that looks like a place in the template stays what it is.
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        page.push_str(parts.iter().find(|(known, _)| *known == name).map_or("", |(_, part)| part));
        rest = after;
    }
    page.push_str(rest);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_assets_names_another_place() {
        for asset in SCRIPTS.iter().chain([&TEMPLATE, &STYLE]) {
            let foreign: Vec<&str> =
                asset.lines().filter(|l| l.contains("://") && !l.contains("www.w3.org/2000/svg")).collect();
            assert!(foreign.is_empty() && !asset.contains("@import") && !asset.contains("url("), "{foreign:?}");
        }
    }
}
