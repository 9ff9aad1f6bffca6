//! `report.html`: the whole report as one page that needs no network.
//!
//! What is said in words is written here, in the page itself. What can be sorted, filtered, picked and compared is one block of
//! JSON ([`data`]) that the scripts of `assets/report` show. A content security policy forbids the page any request.

mod data;
mod parts;
mod picture;

use crate::analyze::Results;
use crate::analyze::best::{ROPE, best};
use crate::analyze::leaderboard::Leaderboard;
use crate::error::{Error, Result};
use crate::report::predicted::Predicted;

pub(super) use parts::{escape, rich, words as table};
pub(super) use picture::figure;

const PAGE: &str = include_str!("../../../assets/report/report.html");
pub(super) const STYLE: &str = include_str!("../../../assets/report/report.css");
/// The scripts in the order in which they build on each other.
const SCRIPTS: [&str; 6] = [
    include_str!("../../../assets/report/base.js"),
    include_str!("../../../assets/report/statistics.js"),
    include_str!("../../../assets/report/leaderboard.js"),
    include_str!("../../../assets/report/compare.js"),
    include_str!("../../../assets/report/maps.js"),
    include_str!("../../../assets/report/page.js"),
];

/// A chart to put into the page.
pub struct Drawing {
    /// Its file name without the extension.
    pub id: String,
    /// What it shows, one line.
    pub caption: String,
    /// The SVG file.
    pub svg: Vec<u8>,
}

/// The page.
///
/// # Errors
/// [`Error::Component`] when the data cannot be encoded as JSON.
pub fn page(results: &Results, board: &Leaderboard, predicted: &Predicted, drawings: &[Drawing]) -> Result<Vec<u8>> {
    let bests = best(board, ROPE);
    let data = serde_json::to_string(&data::of(results, board, &bests))
        .map_err(|e| Error::Component(format!("cannot encode the report's data: {e}")))?;
    let parts = [
        ("title", parts::escape(&results.title)),
        ("verdict", parts::verdict(board, &bests)),
        ("coverage", parts::coverage(board)),
        ("best", parts::best(board, &bests)),
        ("predicted", parts::predicted(board, predicted)),
        ("charts", picture::figures(drawings)),
        ("run", parts::run(results)),
        ("cautions", parts::cautions(results, board)),
        ("style", STYLE.to_owned()),
        // `<` is the only character by which JSON could end its element.
        ("data", data.replace('<', "\\u003c")),
        ("scripts", SCRIPTS.concat()),
    ];
    Ok(fill(PAGE, &parts).into_bytes())
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
        for asset in SCRIPTS.iter().chain([&PAGE, &STYLE]) {
            let foreign: Vec<&str> =
                asset.lines().filter(|l| l.contains("://") && !l.contains("www.w3.org/2000/svg")).collect();
            assert!(foreign.is_empty() && !asset.contains("@import") && !asset.contains("url("), "{foreign:?}");
        }
    }
}
