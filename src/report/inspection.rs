//! What an inspection of data and splits found, as a document.

use super::document::{Block, Document, Table, Text};
use super::render::markdown;
use crate::audit::Finding;

/// The file of the findings beside the records of an audit.
pub(crate) const FILE: &str = "inspection.md";

/// The findings on the study called `title`, in Markdown.
pub(crate) fn text(title: &str, findings: &[Finding]) -> Vec<u8> {
    let row = |finding: &Finding| {
        let [verdict, check] = [finding.verdict.name(), finding.check].map(Text::plain);
        vec![verdict, check, Text::marked(&finding.said)]
    };
    let table = Table::of("findings", &["verdict", "check", "finding"], findings.iter().map(row).collect());
    let said = Block::said("What the data and the splits of the study show before anything is fitted.");
    let document = Document {
        title: Text::plain(format!("{title}: inspection")),
        lead: vec![said, Block::Table(table)],
        sections: Vec::new(),
    };
    markdown::document(&document).into_bytes()
}
