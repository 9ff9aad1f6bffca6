//! What the report says, in which order, before it is Markdown, LaTeX or a page.

use std::path::PathBuf;

use super::tables;
use crate::analyze::leaderboard::distinct;
use crate::report::document::{Block, Document, Picture, Section, Table, Text, Width};
use crate::report::number::{count, utc};
use crate::report::words::counted;
use crate::reproduce::claims::{CLAIMS, Claim};
use crate::reproduce::{Evidence, Finding, Paper, Part, Verdict, figures};
use crate::store::Outcome;

/// Where a part was read, and whether it was there.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Which.
    pub part: Part,
    /// Its results directory.
    pub directory: PathBuf,
}

pub fn of(
    paper: &Paper,
    evidence: &Evidence,
    sources: &[Source],
    findings: &[Finding],
    charts: &[Picture],
) -> Document {
    let figure = |id: &str, heading: &str, table: Option<Table>, otherwise: &str| {
        let mut blocks: Vec<Block> = charts.iter().filter(|chart| chart.id == id).cloned().map(Block::Chart).collect();
        blocks.push(table.map_or_else(|| Block::said(&format!("Not measured: {otherwise}.")), Block::Table));
        Section::new(id, heading, blocks)
    };
    let families = evidence.hold_out.as_ref().map(figures::families);
    let folds = evidence.cross_validation.as_ref().map(figures::folds);
    let any = evidence.hold_out.is_some() || evidence.cross_validation.is_some();
    let tomek = match &evidence.counts {
        Some(counts) => Block::Table(tables::tomek(counts)),
        None => Block::said("Not measured: the data were not counted."),
    };
    let sections = vec![
        Section::new("claims", "Claims", vec![Block::Table(tables::claims(findings))]),
        Section::new("verdicts", "How each verdict came about", vec![Block::List(verdicts(findings))]),
        Section::new("tomek", "Tomek links", vec![tomek]),
        figure(
            "figure-2",
            "Figure 2: scalers",
            any.then(|| tables::scalers(evidence)),
            "neither hold-out nor cross-validation is there",
        ),
        figure("figure-3", "Figure 3: families", families.as_ref().map(tables::families), "the hold-out is not there"),
        figure("figure-4", "Figure 4: against the claimed values", Some(tables::studies(evidence, paper)), ""),
        figure(
            "figure-5",
            "Figure 5: ten folds",
            folds.as_deref().map(tables::folds),
            "the cross-validation is not there",
        ),
        Section::new("run", "What was run", run(evidence, sources)),
        Section::new(
            "care",
            "Read with care",
            vec![Block::List(care(evidence).iter().map(|s| Text::marked(s)).collect())],
        ),
    ];
    Document { title: Text::plain(format!("{}: reproduction", paper.short)), lead: lead(paper, findings), sections }
}

fn lead(paper: &Paper, findings: &[Finding]) -> Vec<Block> {
    let number = |name: &str| findings.iter().filter(|finding| finding.verdict.name() == name).count();
    let names = distinct(
        [
            Verdict::Reproduced,
            Verdict::NotReproduced,
            Verdict::OnlyWithLeak(Vec::new()),
            Verdict::NotMeasured(String::new()),
        ]
        .map(|verdict| verdict.name()),
    );
    let parts: Vec<String> = names.into_iter().map(|name| format!("{} {name}", number(name))).collect();
    let mut lead = vec![
        Block::Paragraph(Text::plain(paper.citation)),
        Block::Verdict(Text::marked(&format!(
            "Of {}: **{}**.",
            counted(findings.len() as u64, "claim"),
            parts.join(", ")
        ))),
    ];
    let leaky = CLAIMS.iter().zip(findings).filter(|(_, f)| matches!(f.verdict, Verdict::OnlyWithLeak(_)));
    let said =
        |(claim, f): (&Claim, &Finding)| Block::said(&format!("“{}”: **{}**. {}.", claim.said, f.verdict, f.measured));
    lead.extend(leaky.map(said));
    lead
}

fn verdicts(findings: &[Finding]) -> Vec<Text> {
    let item = |(claim, finding): (&Claim, &Finding)| {
        Text::marked(&format!("`{}`: **{}**. Rule: {}.", claim.id, finding.verdict, claim.rule))
    };
    CLAIMS.iter().zip(findings).map(item).collect()
}

fn run(evidence: &Evidence, sources: &[Source]) -> Vec<Block> {
    let row = |source: &Source| {
        let mut row = vec![source.part.name().to_owned(), format!("`{}`", source.directory.display())];
        let Some(results) = evidence.part(source.part) else {
            row.extend(["not there".to_owned()].into_iter().chain(std::iter::repeat_n("–".to_owned(), 4)));
            return row;
        };
        let m = &results.manifest;
        let scored = results.records.iter().filter(|r| r.outcome == Outcome::Scored).count() as u64;
        let failed = results.records.len() as u64 - scored;
        let filter = if m.filter.is_empty() { "none".to_owned() } else { format!("`{}`", m.filter) };
        row.extend([
            format!("{}/{}", count(scored), count(results.planned.len() as u64)),
            count(failed),
            filter,
            utc(m.started_unix),
            format!(
                "fraudbench {} on {}, {}",
                m.fraudbench,
                m.machine.cpu,
                counted(u64::from(m.machine.cores), "core")
            ),
        ]);
        row
    };
    let header = ["part", "directory", "cells scored/planned", "failed", "filter", "started", "version and machine"];
    let widths = [Width::Natural, Width::Share(0.2), Width::Natural, Width::Natural, Width::Share(0.25)];
    let table = Table::marked("run", &header, sources.iter().map(row).collect())
        .captioned("The results directories that this report is made from; each has its own report.")
        .widths(&[&widths[..], &[Width::Natural, Width::Share(0.15)]].concat());
    let failures = failures(evidence);
    let mut blocks = vec![Block::Table(table)];
    if !failures.is_empty() {
        blocks.push(Block::said("Failed cells:"));
        blocks.push(Block::List(failures.into_iter().map(Text::plain).collect()));
    }
    blocks
}

/// The failed cells by part, family and reason.
fn failures(evidence: &Evidence) -> Vec<String> {
    let mut said = Vec::new();
    for part in Part::ALL {
        let Some(results) = evidence.part(part) else { continue };
        let key = |r: &crate::store::Record| (r.family.clone(), r.outcome.name(), r.reason.clone().unwrap_or_default());
        let failed: Vec<_> = results.records.iter().filter(|r| r.outcome != Outcome::Scored).map(key).collect();
        for group in distinct(failed.iter()) {
            let n = failed.iter().filter(|other| *other == group).count() as u64;
            let (family, outcome, reason) = group;
            said.push(format!("{}, {family}: {} {outcome}: {reason}", part.name(), counted(n, "cell")));
        }
    }
    said
}

fn care(evidence: &Evidence) -> Vec<String> {
    let mut said = vec![
        "The paper's figures are pictures. A value that stands in a picture only is not known here and is not compared."
            .to_owned(),
        "“At most” is the best of many pipelines on the test part itself: generous to the claim, and no estimate of what a new \
         test would give."
            .to_owned(),
        "A rank on one test part of 142 frauds is weak evidence: the standard error of a recall is about 0.035, and 0.0001 of \
         accuracy is 8.5 rows. Equal values of different scalers with random forest are no coincidence: a scaler that keeps the \
         order of values keeps the trees."
            .to_owned(),
        "IBA is iba-1, `(1 + TPR - TNR) TPR TNR`, as the paper prints it. imbalanced-learn's default use of the index gives \
         another number, `iba-multiclass`, and its usual binary form a third, `iba-0.1`; both are in the parts' `cells.csv`."
            .to_owned(),
    ];
    let families: Vec<&str> = figures::FAMILIES.iter().map(|(family, _)| *family).collect();
    let run = |results: &crate::analyze::Results, family: &str| results.planned.iter().any(|p| p.family == family);
    for part in [Part::HoldOut, Part::CrossValidation] {
        let Some(results) = evidence.part(part) else { continue };
        let absent: Vec<&str> = families.iter().copied().filter(|family| !run(results, family)).collect();
        if !absent.is_empty() {
            said.push(format!(
                "Families of the paper that were not run in the part {}: {}.",
                part.name(),
                absent.join(", ")
            ));
        }
    }
    said
}
