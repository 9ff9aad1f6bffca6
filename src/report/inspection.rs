//! What an inspection of data and splits found, as a document, and which checks such a document has.

use std::io;
use std::path::Path;

use super::document::{Block, Document, Table, Text};
use super::render::markdown;
use crate::audit::{Finding, Judgement};
use crate::error::{Error, Result};
use crate::store::read_beside;

/// The file of the findings beside the records of an audit.
pub(crate) const FILE: &str = "inspection.md";

/// What follows the name of a check that could not be made.
const NOT_MADE: &str = " (not made)";

/// The findings on the study called `title`, in Markdown.
pub(crate) fn text(title: &str, findings: &[Finding]) -> Vec<u8> {
    let row = |finding: &Finding| {
        let not_made = if finding.is_made { "" } else { NOT_MADE };
        let [verdict, check] =
            [finding.verdict.name().to_owned(), format!("{}{not_made}", finding.check)].map(Text::plain);
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

/// The checks that were made on `data_set`, by the findings in `directory`; none where it has no such file, as only `audit` writes it.
///
/// # Errors
/// [`Error::Io`] when it cannot be read.
pub(super) fn checks_made(directory: &Path, data_set: &str) -> Result<Vec<String>> {
    let path = directory.join(FILE);
    let text = read_beside(&path).and_then(|bytes| bytes.map(|bytes| io::read_to_string(bytes.as_slice())).transpose());
    let text = text.map_err(|e| Error::io("read", &path, e))?;
    Ok(text.map_or_else(Vec::new, |text| made(&text, data_set)))
}

/// The checks of the findings in `text`. Where there are several data sets, a finding begins with its own.
fn made(text: &str, data_set: &str) -> Vec<String> {
    let verdicts = [Judgement::Clean, Judgement::Look, Judgement::Leak].map(Judgement::name);
    let row = |line: &str| {
        let (verdict, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
        let (check, said) = rest.split_once(" | ")?;
        verdicts.contains(&verdict).then(|| (check.to_owned(), said.starts_with(&format!("{data_set}: "))))
    };
    let rows: Vec<(String, bool)> = text.lines().filter_map(row).collect();
    let is_of_several = rows.iter().any(|(_, is_named)| *is_named);
    let of_data_set = rows.into_iter().filter(|(_, is_named)| *is_named || !is_of_several);
    of_data_set.map(|(check, _)| check).filter(|check| !check.ends_with(NOT_MADE)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checks_that_were_made_are_read_back() {
        let finding =
            |check, said: &str, is_made| Finding { check, verdict: Judgement::Look, said: said.into(), is_made };
        let findings = [
            finding("identical-rows", "a: with `x`, none | of these", true),
            finding("time-order", "a: not looked at", false),
            finding("id-columns", "b: `y`", true),
            finding("time-order", "b: 0.0%", true),
        ];
        let text = |findings: &[Finding]| String::from_utf8(text("leak | identical", findings)).unwrap();
        assert_eq!(made(&text(&findings), "a"), ["identical-rows"]);
        assert_eq!(made(&text(&findings), "b"), ["id-columns", "time-order"]);
        // Of one data set alone, findings do not say which.
        assert_eq!(made(&text(&findings), "c"), ["identical-rows", "id-columns", "time-order"]);
        assert!(text(&findings).contains("| look | time-order (not made) | a: not looked at |"));
        let nowhere = tempfile::TempDir::new().unwrap();
        assert!(checks_made(nowhere.path(), "a").unwrap().is_empty());
        std::fs::create_dir(nowhere.path().join(FILE)).unwrap();
        assert!(checks_made(nowhere.path(), "a").is_err());
    }
}
