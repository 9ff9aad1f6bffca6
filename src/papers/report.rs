//! The report of a reproduction: `reproduction.md`, `reproduction.tex`, `report.html`, `claims.csv`, `numbers.csv` where the paper
//! prints many, and the figures. One
//! document is written three ways, so that all say the same.

use std::path::{Path, PathBuf};

use super::{Cells, Claim, Evidence, Figure, Finding, Number, Paper, Part, Verdict, number};
use crate::analyze::leaderboard::distinct;
use crate::error::Result;
use crate::report::chart::Chart;
use crate::report::document::{Block, Document, Picture, Section, Table, Text, Width};
use crate::report::number::utc;
use crate::report::render::csv::{encode, exact};
use crate::report::render::html::Drawing;
use crate::report::render::{html, latex, markdown};
use crate::report::{drawn, write_files};
use crate::split::Leaks;
use crate::store::{Outcome, Record};
use crate::words::{count, counted};

/// Every claim with its verdict.
const CLAIMS: &str = "claims.csv";

/// Where a part was read, and whether it was there.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Which.
    pub part: &'static Part,
    /// Its results directory.
    pub directory: PathBuf,
}

/// Writes the report of `evidence` into `dir` and returns the paths. `sources` says where the parts were read.
///
/// # Errors
/// [`crate::error::Error::Io`] when a file cannot be written; [`crate::error::Error::Component`] when a table or chart cannot
/// be made.
pub fn write_all(paper: &Paper, evidence: &Evidence, sources: &[Source], dir: &Path) -> Result<Vec<PathBuf>> {
    let findings: Vec<Finding> = paper.claims.iter().map(|claim| (claim.judge)(evidence)).collect();
    let charts: Vec<Chart> = paper.figures.iter().filter_map(|figure| (figure.chart)(paper, evidence)).collect();
    let (mut files, drawings) = drawn(&charts, true)?;
    let pictures: Vec<Picture> = drawings.iter().map(Drawing::picture).collect();
    let numbers = (paper.numbers)(evidence)?;
    let document = document(paper, (evidence, &numbers), sources, &findings, &pictures)?;
    files.push((CLAIMS.into(), claims_csv(&[(paper.name, paper.claims, &findings)])?));
    if !numbers.is_empty() {
        files.push(("numbers.csv".into(), number::csv(&numbers)?));
    }
    let tex = latex::tables(&document, (paper.name, paper.title), "claims.csv has the claims in full precision.");
    files.push(("reproduction.tex".into(), tex.into_bytes()));
    files.push(("report.html".into(), html::page(&document, &drawings).into_bytes()));
    files.push(("reproduction.md".into(), markdown::document(&document).into_bytes()));
    write_files(dir, &files)
}

fn document(
    paper: &Paper,
    (evidence, numbers): (&Evidence, &[Number]),
    sources: &[Source],
    findings: &[Finding],
    pictures: &[Picture],
) -> Result<Document> {
    let figure = |figure: &Figure| {
        let mut blocks: Vec<Block> =
            pictures.iter().filter(|p| p.id == figure.id).cloned().flat_map(Picture::blocks).collect();
        blocks.push(match (figure.table)(paper, evidence) {
            Some(table) => Block::Table(table),
            None => Block::said(&format!("Not measured: {}.", figure.lacking)),
        });
        Section::new(figure.id, figure.heading, blocks)
    };
    let mut sections = vec![
        Section::new("claims", "Claims", vec![Block::Table(claims_table("claims", paper.claims, findings))]),
        Section::new("verdicts", "How each verdict came about", vec![Block::List(verdicts(paper.claims, findings))]),
    ];
    sections.extend(printed(paper, evidence)?);
    let (agreement, tables) = number::sections(numbers).unzip();
    sections.extend(agreement);
    sections.extend(paper.figures.iter().map(figure));
    sections.extend(tables);
    sections.push(Section::new("run", "What was run", run(evidence, sources)));
    let of_data = paper.parts.first().and_then(|part| part.data.leak());
    let of_data =
        of_data.map(|leak| format!("The data leak by themselves, and nobody can say what that is worth: {leak}."));
    let cautions: Vec<String> = of_data.into_iter().chain((paper.cautions)(evidence)).collect();
    let cautions: Vec<Text> = cautions.iter().map(|said| Text::marked(said)).collect();
    if !cautions.is_empty() {
        sections.push(Section::new("care", "Read with care", vec![Block::List(cautions)]));
    }
    let title = Text::plain(format!("{}: reproduction", paper.title));
    Ok(Document { title, lead: lead(paper, findings, numbers), sections })
}

fn lead(paper: &Paper, findings: &[Finding], numbers: &[Number]) -> Vec<Block> {
    let number = |name: &str| findings.iter().filter(|finding| finding.verdict.name() == name).count();
    let kinds = [
        Verdict::Reproduced,
        Verdict::NotReproduced,
        Verdict::OnlyWithLeak(Vec::new()),
        Verdict::NotMeasured(String::new()),
    ];
    let parts: Vec<String> = kinds.iter().map(|v| format!("{} {}", number(v.name()), v.name())).collect();
    let of = counted(findings.len() as u64, "claim");
    let mut lead = vec![
        Block::Paragraph(Text::plain(paper.citation)),
        Block::Verdict(Text::plain(format!("Of {of}: ")).then(Text::strong(parts.join(", "))).then(Text::plain("."))),
    ];
    let leaky = paper.claims.iter().zip(findings).filter(|(_, f)| matches!(f.verdict, Verdict::OnlyWithLeak(_)));
    let said =
        |(claim, f): (&Claim, &Finding)| Block::said(&format!("“{}”: **{}**. {}.", claim.said, f.verdict, f.measured));
    lead.extend(leaky.map(said));
    if !numbers.is_empty() {
        lead.push(Block::Verdict(Text::strong(number::told(numbers)).then(Text::plain("."))));
    }
    lead
}

/// `3/10`; a dash where there are no cells to count.
pub(super) fn covered(cells: Option<Cells>) -> String {
    cells.map_or_else(|| "–".to_owned(), |c| format!("{}/{}", count(c.scored as u64), count(c.planned as u64)))
}

/// Every claim with its verdict.
pub(super) fn claims_table(id: &str, claims: &[Claim], findings: &[Finding]) -> Table {
    let row = |(claim, finding): (&Claim, &Finding)| {
        vec![
            claim.said.to_owned(),
            claim.place.to_owned(),
            claim.printed.text().to_owned(),
            finding.measured.clone(),
            covered(finding.cells),
            match &finding.verdict {
                // Why it was not measured has its own list.
                Verdict::NotMeasured(_) => format!("**{}**", finding.verdict.name()),
                verdict => format!("**{verdict}**"),
            },
        ]
    };
    let header = ["claim", "where", "printed", "measured", "cells", "verdict"];
    let widths = [0.2, 0.09, 0.08, 0.32].map(Width::Share);
    Table::marked(id, &header, claims.iter().zip(findings).map(row).collect())
        .captioned("The paper's claims, what was measured, and one verdict per claim. Cells: scored/planned.")
        .widths(&[&widths[..], &[Width::Natural, Width::Share(0.13)]].concat())
}

fn verdicts(claims: &[Claim], findings: &[Finding]) -> Vec<Text> {
    let item = |(claim, finding): (&Claim, &Finding)| {
        Text::marked(&format!("`{}`: **{}**. Rule: {}.", claim.id, finding.verdict, claim.rule))
    };
    claims.iter().zip(findings).map(item).collect()
}

/// The tables that the paper prints, beside what was measured; none where it has no such table.
fn printed(paper: &Paper, evidence: &Evidence) -> Result<Option<Section>> {
    let mut blocks = Vec::new();
    for table in paper.tables {
        let compared = table.compared(evidence)?;
        let (agree, both) = compared.agreeing();
        let cells = counted(both as u64, "measured cell");
        let said = format!("{agree} of {cells} lie within {} of the printed value; the others are bold.", table.within);
        blocks.push(Block::Verdict(Text::plain(said)));
        blocks.push(Block::Table(compared.table(table.id, table.caption)));
    }
    Ok((!blocks.is_empty()).then(|| Section::new("printed", "The paper's tables: printed / measured", blocks)))
}

fn run(evidence: &Evidence, sources: &[Source]) -> Vec<Block> {
    let row = |source: &Source| {
        let mut row = vec![source.part.name.to_owned(), format!("`{}`", source.directory.display())];
        let Some(results) = evidence.part(source.part) else {
            row.extend(["not there".to_owned()].into_iter().chain(std::iter::repeat_n("–".to_owned(), 4)));
            return row;
        };
        let m = &results.manifest;
        let scored = results.records.iter().filter(|r| r.outcome == Outcome::Scored).count() as u64;
        let failed = results.records.len() as u64 - scored;
        let filter = if m.filter.is_empty() { "none".to_owned() } else { format!("`{}`", m.filter) };
        let cores = counted(u64::from(m.machine.cores), "core");
        row.extend([
            format!("{}/{}", count(scored), count(results.planned.len() as u64)),
            count(failed),
            filter,
            utc(m.started_unix),
            format!("fraudbench {} on {}, {cores}", m.fraudbench, m.machine.cpu),
        ]);
        row
    };
    let header = ["part", "directory", "cells scored/planned", "failed", "filter", "started", "version and machine"];
    let widths = [Width::Natural, Width::Share(0.2), Width::Natural, Width::Natural, Width::Share(0.25)];
    let table = Table::marked("run", &header, sources.iter().map(row).collect())
        .captioned("The results directories that this report is made from; each has its own report.")
        .widths(&[&widths[..], &[Width::Natural, Width::Share(0.15)]].concat());
    let failures = failures(evidence, sources);
    let mut blocks = vec![Block::Table(table)];
    if !failures.is_empty() {
        blocks.push(Block::said("Failed cells:"));
        blocks.push(Block::List(failures.into_iter().map(Text::plain).collect()));
    }
    blocks
}

/// The failed cells by part, family and reason.
fn failures(evidence: &Evidence, sources: &[Source]) -> Vec<String> {
    let mut said = Vec::new();
    for part in sources.iter().map(|source| source.part) {
        let Some(results) = evidence.part(part) else { continue };
        let key = |r: &Record| (r.family.clone(), r.outcome.name(), r.reason.clone().unwrap_or_default());
        let failed: Vec<_> = results.records.iter().filter(|r| r.outcome != Outcome::Scored).map(key).collect();
        for group in distinct(failed.iter()) {
            let n = failed.iter().filter(|other| *other == group).count() as u64;
            let (family, outcome, reason) = group;
            said.push(format!("{}, {family}: {} {outcome}: {reason}", part.name, counted(n, "cell")));
        }
    }
    said
}

/// The paper whose report stands in `dir`: the first column of its `claims.csv`.
pub(crate) fn reproduced_in(dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(dir.join(CLAIMS)).ok()?;
    let mut lines = text.lines();
    lines.next().filter(|header| header.starts_with("paper,"))?;
    lines.next()?.split_once(',').map(|(name, _)| name.to_owned())
}

/// `claims.csv`: a row per claim of each paper, numbers with full precision.
pub(super) fn claims_csv(papers: &[(&str, &[Claim], &[Finding])]) -> Result<Vec<u8>> {
    let header = [
        "paper",
        "id",
        "where",
        "claim",
        "printed",
        "value",
        "ci_low",
        "ci_high",
        "n_scored",
        "n_planned",
        "verdict",
        "leaks",
        "reason",
        "measured",
        "rule",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let all = papers.iter().flat_map(|(paper, claims, findings)| {
        claims.iter().zip(*findings).map(move |(claim, finding)| (*paper, claim, finding))
    });
    for (paper, claim, finding) in all {
        let (leaks, reason) = match &finding.verdict {
            Verdict::OnlyWithLeak(leaks) => {
                (leaks.iter().map(Leaks::to_string).collect::<Vec<_>>().join(" or "), String::new())
            }
            Verdict::NotMeasured(why) => (String::new(), why.clone()),
            Verdict::Reproduced | Verdict::NotReproduced => Default::default(),
        };
        let number = |of: fn(Cells) -> usize| finding.cells.map_or_else(String::new, |c| of(c).to_string());
        rows.push(vec![
            paper.to_owned(),
            claim.id.to_owned(),
            claim.place.to_owned(),
            claim.said.to_owned(),
            claim.printed.text().to_owned(),
            exact(finding.value),
            exact(finding.interval.map(|i| i.0)),
            exact(finding.interval.map(|i| i.1)),
            number(|c| c.scored),
            number(|c| c.planned),
            finding.verdict.name().to_owned(),
            leaks,
            reason,
            finding.measured.clone(),
            claim.rule.to_owned(),
        ]);
    }
    encode(&rows)
}
