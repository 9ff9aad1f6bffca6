//! How reports that were written here are told from files of others: a report takes the place of such a one alone. What tells them
//! is what every version has written.

use super::data_sets::RANKS;
use super::gate::TITLE;
use super::html::TEMPLATE;
use super::render::html::PAGE;
use super::render::junit::{HEAD, OF_GATE};
use super::run::WHAT_WAS_RUN;

/// Whether Markdown that begins so is what a gate found, or the report of a run.
pub fn is_markdown(text: &str) -> bool {
    let Some((title, rest)) = text.strip_prefix("# ").and_then(|text| text.split_once('\n')) else { return false };
    let has = |piece: &str| rest.contains(piece);
    (title == TITLE && rest.starts_with("\n**GATE "))
        || has(&format!("\n## {WHAT_WAS_RUN}\n\n| what | value |\n"))
        || has(&format!("\n## {RANKS}\n"))
}

/// Whether JUnit XML that begins so has the comparisons of a gate, or the cells of a run.
pub fn is_junit(text: &str) -> bool {
    let is_ours = |suite: &str| suite.starts_with(OF_GATE) || suite.contains("\" name=\"repeat ");
    text.strip_prefix(HEAD).is_some_and(is_ours)
}

/// Whether JSON that begins so has the number of its layout first.
pub fn is_json(text: &str) -> bool {
    fn behind<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
        text.strip_prefix(mark).map(str::trim_start)
    }
    let layout = behind(text, "{").and_then(|text| behind(text, "\"layout\"")).and_then(|text| behind(text, ":"));
    layout.is_some_and(|layout| layout.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a page that begins so is made of one of the templates.
pub fn is_page(text: &str) -> bool {
    [PAGE, TEMPLATE].iter().any(|template| {
        let head = template.split_once("{{").map_or(*template, |(head, _)| head);
        text.starts_with(head)
    })
}
