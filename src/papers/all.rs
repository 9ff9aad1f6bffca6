//! All papers on one page: `reproductions.md`, `reproductions.html`, and every claim with its verdict in `reproductions.csv`.

use std::path::{Path, PathBuf};

use super::report::{claims_csv, claims_table};
use super::{Evidence, Finding, Paper, Verdict};
use crate::error::Result;
use crate::report::chart::Chart;
use crate::report::chart::verdicts::{VerdictRow, Verdicts, draw};
use crate::report::document::{Block, Document, Picture, Section, Table, Text};
use crate::report::render::html::Drawing;
use crate::report::render::{html, markdown};
use crate::report::{drawn, write_files};
use crate::words::{count, counted};

/// The kinds of verdicts in the order of tables and legends.
const KINDS: [&str; 4] = ["reproduced", "not reproduced", "reproduced only with a leak", "not measured"];

/// A paper with what was measured for it.
pub struct Reproduced<'a> {
    /// Which.
    pub paper: &'static Paper,
    /// What was measured; none where nothing was run.
    pub evidence: Option<Evidence>,
    /// The folder of its own report, relative to the page.
    pub folder: &'a str,
}

impl Reproduced<'_> {
    fn findings(&self) -> Vec<Finding> {
        match &self.evidence {
            Some(evidence) => self.paper.claims.iter().map(|claim| (claim.judge)(evidence)).collect(),
            None => self.paper.claims.iter().map(|_| Finding::none("it was not run")).collect(),
        }
    }
}

fn kind(verdict: &Verdict) -> usize {
    KINDS.iter().position(|name| *name == verdict.name()).unwrap_or(KINDS.len() - 1)
}

/// Writes the page of `papers` into `dir` and returns the paths.
///
/// # Errors
/// [`crate::error::Error::Io`] when a file cannot be written; [`crate::error::Error::Component`] when the chart cannot be made.
pub fn write(papers: &[Reproduced<'_>], dir: &Path) -> Result<Vec<PathBuf>> {
    let findings: Vec<Vec<Finding>> = papers.iter().map(Reproduced::findings).collect();
    let (mut files, drawings) = drawn(&[chart(papers, &findings)], true)?;
    let pictures: Vec<Picture> = drawings.iter().map(Drawing::picture).collect();
    // Each links to the reports of its own kind.
    let page = document(papers, &findings, &pictures, "report.html")?;
    files.push(("reproductions.html".into(), html::page(&page, &drawings).into_bytes()));
    let text = document(papers, &findings, &pictures, "reproduction.md")?;
    files.push(("reproductions.md".into(), markdown::document(&text).into_bytes()));
    let mut csv = Vec::new();
    for (of, findings) in papers.iter().zip(&findings) {
        csv.push((of.paper.name, of.paper.claims, findings.as_slice()));
    }
    files.push(("reproductions.csv".into(), claims_csv(&csv)?));
    write_files(dir, &files)
}

fn chart(papers: &[Reproduced<'_>], findings: &[Vec<Finding>]) -> Chart {
    let row = |(of, findings): (&Reproduced<'_>, &Vec<Finding>)| VerdictRow {
        name: of.paper.title.to_owned(),
        below: counted(findings.len() as u64, "claim"),
        claims: findings.iter().map(|finding| kind(&finding.verdict)).collect(),
    };
    let verdicts = Verdicts {
        title: "What published papers claim, and what came out".to_owned(),
        lines: vec!["A mark a claim, in the paper's order.".to_owned()],
        kinds: KINDS.map(str::to_owned).to_vec(),
        rows: papers.iter().zip(findings).map(row).collect(),
    };
    let caption = "Every claim of every paper, by its verdict".to_owned();
    Chart { id: "verdicts".to_owned(), caption, scene: draw(&verdicts) }
}

/// The page; `report` is the file of a paper's own report in its folder.
fn document(
    papers: &[Reproduced<'_>],
    findings: &[Vec<Finding>],
    pictures: &[Picture],
    report: &str,
) -> Result<Document> {
    let all = || findings.iter().flatten();
    let of_kind = |nth: usize| all().filter(|finding| kind(&finding.verdict) == nth).count();
    let parts: Vec<String> = KINDS.iter().enumerate().map(|(nth, name)| format!("{} {name}", of_kind(nth))).collect();
    let claims = counted(all().count() as u64, "claim");
    let of = format!("Of {claims} of {}: ", counted(papers.len() as u64, "work"));
    let mut lead = vec![Block::Verdict(Text::plain(of).then(Text::strong(parts.join(", "))).then(Text::plain(".")))];
    lead.extend(pictures.iter().cloned().flat_map(Picture::blocks));
    let mut rows = Vec::new();
    let mut sections = Vec::new();
    for (of, findings) in papers.iter().zip(findings) {
        let counts = KINDS.iter().enumerate().map(|(nth, _)| {
            Text::plain(findings.iter().filter(|finding| kind(&finding.verdict) == nth).count().to_string())
        });
        let report = format!("{}/{report}", of.folder);
        let name = match of.evidence {
            Some(_) => Text::link(of.paper.title, &report),
            None => Text::plain(of.paper.title),
        };
        let numbers = match &of.evidence {
            Some(evidence) => (of.paper.numbers)(evidence)?,
            None => Vec::new(),
        };
        let mut row = vec![name.clone()];
        row.extend(counts);
        let agree = numbers.iter().filter(|number| number.is_reproduced()).count() as u64;
        row.push(Text::plain(match numbers.len() as u64 {
            0 => "–".to_owned(),
            all => format!("{} of {}", count(agree), count(all)),
        }));
        rows.push(row);
        let mut blocks = vec![Block::Paragraph(Text::plain(of.paper.citation))];
        blocks.push(Block::Paragraph(match of.evidence {
            Some(_) => Text::plain("Its own report: ").then(Text::link(&report, &report)).then(Text::plain(".")),
            None => {
                Text::marked(&format!("Not run: `fraudbench reproduce {}` takes {}.", of.paper.name, of.paper.takes))
            }
        }));
        blocks.push(Block::Table(claims_table(&format!("claims-{}", of.paper.name), of.paper.claims, findings)));
        sections.push(Section::new(of.paper.name, of.paper.title, blocks));
    }
    let header = ["work", KINDS[0], KINDS[1], KINDS[2], KINDS[3], "printed numbers had again"];
    lead.push(Block::Table(
        Table::of("works", &header, rows).captioned("Claims by verdict; of the numbers that a work prints in tables, those that come out equal to the printed digits or within 0.002."),
    ));
    Ok(Document { title: Text::plain("Published papers, reproduced"), lead, sections })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::PAPERS;
    use crate::papers::ruchay_2023::sample::counted as counts;

    #[test]
    fn a_page_has_every_claim_of_every_paper_run_or_not() {
        let dir = tempfile::tempdir().unwrap();
        let counted = counts(crate::papers::ruchay_2023::sample::counts(248));
        let papers: Vec<Reproduced<'_>> = PAPERS
            .iter()
            .map(|&paper| {
                let evidence = (paper.name == "ruchay-2023").then(|| counted.clone());
                Reproduced { paper, evidence, folder: "own" }
            })
            .collect();
        write(&papers, dir.path()).unwrap();
        let read = |file: &str| std::fs::read_to_string(dir.path().join(file)).unwrap();
        let (page, csv) = (read("reproductions.md"), read("reproductions.csv"));
        assert_eq!(page.matches("Not run: `fraudbench reproduce ").count(), PAPERS.len() - 1);
        assert_eq!(page.matches("(own/reproduction.md)").count(), 2, "once in the table, once in its section");
        let claims: usize = PAPERS.iter().map(|paper| paper.claims.len()).sum();
        assert_eq!(csv.lines().filter(|line| line.starts_with("ruchay-2023,")).count(), PAPERS[0].claims.len());
        assert!(page.contains(&format!("Of {claims} claims of {} works: ", PAPERS.len())), "{page}");
        assert!(dir.path().join("charts/verdicts.svg").exists());
    }
}
