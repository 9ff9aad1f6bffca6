//! Published papers: what each claims, how each claim is measured, and what came out.
//!
//! A reproduction is ordinary results directories ([`Part`]), what is measured in the data themselves ([`Probe`]), and a report that
//! is made from these alone. Everything but [`report`] is pure: [`Evidence`] in, verdicts and figures out.
//!
//! A paper is a folder with one [`Paper`], and a line of [`PAPERS`].

pub mod all;
mod cells;
mod evidence;
pub mod handbook;
pub mod kochnev_2023;
pub mod levashov_ovchinnikov_2019;
mod number;
mod part;
mod printed;
pub mod report;
pub mod ruchay_2023;
mod splits;
mod subeh_yarovenko_2017;
mod verdict;

use crate::data::{Dataset, Deduplicated};
use crate::error::{Error, Result, unknown};
use crate::report::chart::Chart;
use crate::report::document::Table;

pub use cells::Cells;
pub use evidence::Evidence;
pub use number::{Agreement, Measured, Number, Ours, Statistic};
pub(crate) use part::part;
pub use part::{DataSet, Part};
pub use printed::PrintedTable;
pub(crate) use verdict::{Answer, both};
pub use verdict::{Finding, Verdict};

/// A paper that can be reproduced.
pub struct Paper {
    /// Its name on the command line.
    pub name: &'static str,
    /// Authors and year.
    pub title: &'static str,
    /// What to cite.
    pub citation: &'static str,
    /// What a whole reproduction takes, in words: time, memory, other programs.
    pub takes: &'static str,
    /// The runs that it is made of, in the order in which they are run; at least one.
    pub parts: &'static [Part],
    /// What is measured in the data of parts.
    pub probes: &'static [Probe],
    /// Tables of the paper whose every cell is measured.
    pub tables: &'static [PrintedTable],
    /// Every other number that it prints and that can be measured, in its order; those of a table one after another.
    ///
    /// # Errors
    /// A printed table that cannot be read; a test shows that it can.
    pub numbers: fn(&Evidence) -> Result<Vec<Number>>,
    /// What it says, in its order.
    pub claims: &'static [Claim],
    /// Its figures and tables, made anew from what was measured.
    pub figures: &'static [Figure],
    /// What a reader should know before quoting the report.
    pub cautions: fn(&Evidence) -> Vec<String>,
}

/// Every paper.
pub static PAPERS: &[&Paper] = &[
    &ruchay_2023::PAPER,
    &kochnev_2023::PAPER,
    &subeh_yarovenko_2017::PAPER,
    &levashov_ovchinnikov_2019::PAPER,
    &handbook::PAPER,
];

/// The paper of that name in a list such as [`PAPERS`].
///
/// # Errors
/// [`Error::Usage`] for an unknown name, with the nearest one.
pub fn find(papers: &[&'static Paper], name: &str) -> Result<&'static Paper> {
    papers.iter().find(|paper| paper.name == name).copied().ok_or_else(|| {
        let names: Vec<&str> = papers.iter().map(|paper| paper.name).collect();
        Error::Usage(unknown("paper", name, &names))
    })
}

impl Paper {
    /// The part of that name.
    ///
    /// # Errors
    /// [`Error::Usage`] for an unknown name, with the nearest one.
    pub fn part(&self, name: &str) -> Result<&'static Part> {
        self.parts.iter().find(|part| part.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.parts.iter().map(|part| part.name).collect();
            Error::Usage(unknown("part", name, &names))
        })
    }
}

/// A sentence of a paper that can be measured.
pub struct Claim {
    /// Kebab-case name.
    pub id: &'static str,
    /// Where in the paper.
    pub place: &'static str,
    /// What it says.
    pub said: &'static str,
    /// The value as printed.
    pub printed: Printed,
    /// When it counts as reproduced.
    pub rule: &'static str,
    /// Measures it.
    pub judge: fn(&Evidence) -> Finding,
}

/// What a paper prints of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// In the text, so it is known.
    Value(&'static str),
    /// The text says it in words only.
    Words,
    /// In the picture of a figure only, which is not text: the value is not known here.
    Figure,
}

impl Printed {
    /// As tables have it.
    pub fn text(self) -> &'static str {
        match self {
            Printed::Value(value) => value,
            Printed::Words => "in words only",
            Printed::Figure => "in a figure only",
        }
    }
}

/// A figure or table of the paper, made anew: a section of the report.
pub struct Figure {
    /// Kebab-case name; the chart's, where there is one.
    pub id: &'static str,
    /// The section's heading.
    pub heading: &'static str,
    /// Draws it; none where nothing was measured for it, or where there is nothing to draw.
    pub chart: fn(&Paper, &Evidence) -> Option<Chart>,
    /// The numbers in it; none where nothing was measured for it.
    pub table: fn(&Paper, &Evidence) -> Option<Table>,
    /// What is lacking where there is no table.
    pub lacking: &'static str,
}

/// Something measured in the data themselves, kept in a file for reports without the data.
pub struct Probe {
    /// The file in the reproduction's folder.
    pub file: &'static str,
    /// What is done, for the progress of a run.
    pub about: &'static str,
    /// The part whose data it is about.
    pub part: &'static str,
    /// Measures it; gives the file.
    pub measure: fn(&Dataset, &Deduplicated) -> Result<Vec<u8>>,
    /// Refuses the text of a file, which is named, that this version cannot read or that is about other data.
    pub check: fn(&str, &str) -> Result<()>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_paper_is_told_with_the_nearest() {
        let said = find(PAPERS, "ruchai-2023").err().unwrap().to_string();
        assert!(said.contains("did you mean `ruchay-2023`"), "{said}");
        assert_eq!(find(PAPERS, "ruchay-2023").unwrap().name, "ruchay-2023");
        let said = PAPERS[0].part("holdout").err().unwrap().to_string();
        assert!(said.contains("did you mean `hold-out`"), "{said}");
    }

    #[test]
    fn the_document_on_studies_names_those_that_no_part_is_made_of() {
        let experiments = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments");
        let entries = std::fs::read_dir(experiments).unwrap().map(|entry| entry.unwrap().file_name());
        let files: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
        let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/README.md"));
        let mut whole = Vec::new();
        for piece in document.split("`fraudbench reproduce ").skip(1) {
            let (name, said) = piece.split_once('`').unwrap();
            let said = said.lines().next().unwrap();
            if !said.contains("with all of `") {
                continue;
            }
            let parts: Vec<&str> = find(PAPERS, name)
                .unwrap()
                .parts
                .iter()
                .filter_map(|part| part.file.strip_prefix("experiments/"))
                .collect();
            let is_its = |file: &&String| file.starts_with(name) && file.ends_with(".toml");
            let others = files.iter().filter(is_its).filter(|file| !parts.contains(&file.as_str()));
            others.for_each(|file| assert!(said.contains(&format!("`{file}`")), "{name}: {file}"));
            whole.push(name);
        }
        assert_eq!(whole, ["handbook", "kochnev-2023"]);
        for paper in PAPERS {
            assert!(document.contains(&format!("`fraudbench reproduce {}`", paper.name)), "{}", paper.name);
        }
    }

    #[test]
    fn without_evidence_nothing_is_measured_and_nothing_panics() {
        for paper in PAPERS {
            for claim in paper.claims {
                let finding = (claim.judge)(&Evidence::default());
                assert!(matches!(finding.verdict, Verdict::NotMeasured(_)), "{}: {finding:?}", claim.id);
            }
            let mut ids: Vec<&str> =
                paper.claims.iter().map(|c| c.id).chain(paper.figures.iter().map(|f| f.id)).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), paper.claims.len() + paper.figures.len(), "{}", paper.name);
        }
    }
}
