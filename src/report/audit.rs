//! `audit.md` and `audit.csv`: what each leak of a run is worth.

use std::path::Path;

use super::columns::of_pipelines;
use super::document::{Block, Document, Picture, Section, Table, Text};
use super::leakage;
use super::number::{change, probability, score};
use super::render::csv::{encode, exact};
use super::render::{Exporter, Report};
use super::run::best::interval;
use super::tested;
use super::words::variant;
use crate::analyze::Results;
use crate::analyze::ladder::{Change, Figure, Ladder, Step, first, metrics};
use crate::audit::acts_in;
use crate::error::Result;
use crate::split::{Leak, Leaks};
use crate::store::Outcome;
use crate::study::Study;
use crate::words::counted;

/// `audit.csv`; none for an honest run.
pub(super) const CSV: Exporter = Exporter {
    file: "audit.csv",
    bytes: |report: &Report<'_>| match report.all.is_leaky() {
        true => table(report.all, report.ladders).map(Some),
        false => Ok(None),
    },
};

/// The audit in words; `made` are the checks of the inspection, and `picture` is the ladder's chart, where one was drawn.
pub fn document(results: &Results, ladders: &[Ladder], made: &[String], picture: Option<&Picture>) -> Document {
    let (names, shown) = (metrics(results), first(results).len());
    let manifest = &results.manifest;
    // The results were planned with it.
    let study = Study::parse(&manifest.study, &manifest.study_file, Path::new("."), &results.registry).ok();
    let study = study.as_ref();
    let mut lead: Vec<Block> =
        ladders.iter().map(|ladder| Block::Verdict(verdict(ladder, (results, study), &names))).collect();
    if ladders.is_empty() {
        lead.push(Block::said(
            "The run has no honest protocol, so there is nothing to compare its leaky ones with: all of its scores are leaky.",
        ));
    }
    let mut protocols = vec![Block::Table(steps(results))];
    if !ladders.is_empty() {
        protocols.extend(picture.cloned().into_iter().flat_map(Picture::blocks));
        protocols.push(Block::said(HOW_TO_READ));
    }
    let kinds = vec![Block::Table(leakage::table((results, study), ladders, made))];
    let mut sections = vec![
        Section::new("protocols", "The protocols", protocols),
        Section::new("kinds", "Kinds of leakage by the field's names", kinds),
    ];
    sections.extend(ladders.iter().enumerate().map(|(i, ladder)| pipeline(i, ladder, (&names, shown))));
    sections.extend(failures(results));
    Document { title: Text::plain(format!("{}: audit", results.title)), lead, sections }
}

/// `shown` of the metrics are shown with intervals.
fn pipeline(place: usize, ladder: &Ladder, (names, shown): (&[String], usize)) -> Section {
    let mut blocks = vec![Block::Table(first_metrics(ladder, &names[..shown]))];
    if let Some(table) = by_seed(ladder) {
        blocks
            .push(Block::Paragraph(Text::plain(format!("{} by repeat; repeat 0 has the study's own seed:", names[0]))));
        blocks.push(Block::Table(table));
    }
    blocks.push(Block::said("Mean change of every metric, leaky minus honest:"));
    blocks.push(Block::Table(all_metrics(ladder, names)));
    Section::new(&format!("pipeline-{}", place + 1), &describe(ladder), blocks)
}

const HOW_TO_READ: &str = "Values are means over the splits, in brackets the 95% interval by the corrected resampled t, since \
     splits share rows. A change is leaky minus honest on the same split; an interval that holds 0 says that no change was \
     shown, not that there is none. What the data and the splits show before anything is \
     fitted is in `inspection.md`, which `fraudbench audit` writes beside this file.";

/// Numbers of leaks that can go together, at the beginning of a sentence.
const NUMBERS: [&str; 11] = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

/// One verdict per pipeline.
fn verdict(ladder: &Ladder, (results, study): (&Results, Option<&Study>), names: &[String]) -> Text {
    let metric = names.first().map_or("", String::as_str);
    let (what, honest) = (Text::strong(describe(ladder)), ladder.steps[0].figures.first());
    let Some(value) = honest.and_then(|figure| figure.mean) else {
        return what.then(Text::plain(format!(": the honest protocol has no {metric}.")));
    };
    let changes: Vec<(&Step, &Change)> =
        ladder.steps[1..].iter().filter_map(|step| Some((step, step.figures.first()?.change.as_ref()?))).collect();
    let largest = changes.iter().filter(|(step, _)| step.leaks.list().len() == 1);
    let largest = largest.max_by(|a, b| a.1.mean.abs().total_cmp(&b.1.mean.abs()));
    let mut text = format!(": {metric} is {value:.4} when nothing leaks.");
    match largest {
        Some((_, c)) if c.moved == 0 => text.push_str(" No leak alone changes it on any split."),
        Some((step, c)) => {
            text.push_str(&format!(" The leak that alone changes it most is `{}`: {}", step.leaks, brief(c)));
            text.push_str(if holds_zero(c) { ", which is within what splits vary." } else { "." });
            text.push_str(&tested::behind(results, step.leaks, &ladder.pipeline.resampler));
        }
        None => {}
    }
    let together = changes.iter().filter(|(step, _)| step.leaks.list().len() > 1);
    // Of those that were run, some may have no step of this pipeline to act through.
    let acts = |leak: &Leak| study.is_none_or(|study| acts_in(*leak, study, &ladder.pipeline));
    let acting = |step: &Step| step.leaks.list().into_iter().filter(acts).count();
    if let Some((step, c)) = together.max_by_key(|(step, _)| acting(step)).filter(|(step, _)| acting(step) > 1) {
        let (mean, number) = (step.figures[0].mean, acting(step));
        let all = NUMBERS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned());
        text.push_str(&format!(" {all} leaks together make it {}: {}.", score(mean), brief(c)));
    }
    what.then(Text::marked(&text))
}

/// Whether splits vary by as much; without an interval nothing says so.
fn holds_zero(change: &Change) -> bool {
    change.interval.is_some_and(|(low, high)| low <= 0.0 && high >= 0.0)
}

pub(super) fn brief(c: &Change) -> String {
    match c.interval {
        Some((low, high)) => format!("{} (95% CI {} to {})", change(c.mean), change(low), change(high)),
        None if c.pairs == 1 => format!("{} (one split, so no interval)", change(c.mean)),
        None => format!("{} (the same on all {} splits, which tells no variance)", change(c.mean), c.pairs),
    }
}

fn steps(results: &Results) -> Table {
    let used: Vec<Leaks> = crate::analyze::leaderboard::distinct(
        results.planned.iter().map(|planned| Leaks::of_protocol(&planned.cell.protocol)),
    );
    let honest = || vec!["honest".to_owned(), "what learns from data sees training rows alone".to_owned()];
    let mut rows: Vec<Vec<String>> = used.iter().filter(|leaks| leaks.is_empty()).map(|_| honest()).collect();
    let known = Leak::ALL.iter().filter(|leak| used.iter().any(|leaks| leaks.has(**leak)));
    let about = |leak: &Leak| match leak {
        Leak::ResampleBeforeSplit => tested::about(results),
        leak => leak.about().to_owned(),
    };
    rows.extend(known.map(|leak| vec![format!("`{}`", leak.name()), about(leak)]));
    Table::marked("protocols", &["name", "what it does"], rows)
}

fn first_metrics(ladder: &Ladder, names: &[String]) -> Table {
    let mut header: Vec<String> = vec!["protocol".into(), "scored/planned".into()];
    for name in names {
        header.extend([name.clone(), format!("change of {name}")]);
    }
    let rows: Vec<Vec<String>> = ladder
        .steps
        .iter()
        .map(|step| {
            let mut cells = vec![format!("`{}`", step.protocol), format!("{}/{}", step.scored, step.planned)];
            for figure in &step.figures[..names.len()] {
                cells.push(format!("{} ({})", score(figure.mean), interval(figure.interval)));
                cells.push(figure.change.as_ref().map_or_else(|| "–".to_owned(), told));
            }
            cells
        })
        .collect();
    Table::marked("first-metrics", &header, rows)
}

fn told(c: &Change) -> String {
    if c.moved == 0 {
        return format!("none on {}", counted(c.pairs as u64, "split"));
    }
    let Some((low, high)) = c.interval else { return brief(c) };
    let p = c.p.map_or_else(String::new, |p| format!(", p {}", probability(p)));
    format!("{} ({} to {}{p})", change(c.mean), change(low), change(high))
}

/// The first metric of every repeat, where a repeat is one split.
fn by_seed(ladder: &Ladder) -> Option<Table> {
    let values = |step: &Step| step.figures.first().map(|figure| figure.values.clone()).unwrap_or_default();
    let honest = values(&ladder.steps[0]);
    if honest.len() < 2 || honest.iter().any(|((_, fold), _)| *fold > 0) {
        return None;
    }
    let header: Vec<String> =
        std::iter::once("repeat".to_owned()).chain(ladder.steps.iter().map(|s| s.leaks.to_string())).collect();
    let rows: Vec<Vec<String>> = honest
        .iter()
        .map(|(split, _)| {
            let of = |step: &Step| score(values(step).iter().find(|(s, _)| s == split).map(|(_, value)| *value));
            std::iter::once(split.0.to_string()).chain(ladder.steps.iter().map(of)).collect()
        })
        .collect();
    Some(Table::plain("by-repeat", &header, rows))
}

fn all_metrics(ladder: &Ladder, names: &[String]) -> Table {
    let mut header = vec!["metric".to_owned(), "honest".to_owned()];
    header.extend(ladder.steps[1..].iter().map(|step| step.leaks.to_string()));
    let rows: Vec<Vec<String>> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let of = |step: &Step| step.figures[i].change.as_ref().map_or_else(|| "–".to_owned(), |c| change(c.mean));
            [name.clone(), score(ladder.steps[0].figures[i].mean)]
                .into_iter()
                .chain(ladder.steps[1..].iter().map(of))
                .collect()
        })
        .collect();
    Table::plain("all-metrics", &header, rows)
}

fn failures(results: &Results) -> Option<Section> {
    let failed = results.records.iter().filter(|r| r.outcome != Outcome::Scored);
    let reasons = crate::analyze::leaderboard::distinct(
        failed.map(|r| (r.cell.protocol.clone(), r.outcome.name(), r.reason.clone().unwrap_or_default())),
    );
    let row = |(protocol, outcome, reason): (String, &str, String)| {
        vec![Text::plain(protocol), Text::plain(outcome), Text::quoting(&reason)]
    };
    let rows: Vec<Vec<Text>> = reasons.into_iter().map(row).collect();
    let table = |rows| Block::Table(Table::of("failed", &["protocol", "outcome", "reason"], rows));
    (!rows.is_empty()).then(|| Section::new("failed", "Failed cells", vec![table(rows)]))
}

pub(super) fn describe(ladder: &Ladder) -> String {
    format!("{} · {}", ladder.pipeline.classifier, variant(&ladder.pipeline))
}

/// `audit.csv`: a row per pipeline, protocol and metric, with full precision. `change` is the mean over the `n_pairs` splits
/// that both protocols have, `n_moved` of which differ.
///
/// # Errors
/// [`crate::error::Error::Component`] when the table cannot be encoded.
fn table(results: &Results, ladders: &[Ladder]) -> Result<Vec<u8>> {
    let own = [
        "metric",
        "n_planned",
        "n_scored",
        "mean",
        "ci_low",
        "ci_high",
        "n_pairs",
        "n_moved",
        "change",
        "change_ci_low",
        "change_ci_high",
        "p",
    ];
    let header = of_pipelines().map(|axis| axis.column).chain(own);
    let mut rows: Vec<Vec<String>> = vec![header.map(str::to_owned).collect()];
    let names = metrics(results);
    for (ladder, step) in ladders.iter().flat_map(|ladder| ladder.steps.iter().map(move |step| (ladder, step))) {
        for (name, figure) in names.iter().zip(&step.figures) {
            let pipeline = ladder.pipeline.with(|cell| cell.protocol.clone_from(&step.protocol));
            let mut row: Vec<String> = of_pipelines().map(|axis| axis.value(&pipeline).to_string()).collect();
            row.extend([name.clone(), step.planned.to_string(), step.scored.to_string()]);
            row.extend(numbers(figure));
            rows.push(row);
        }
    }
    encode(&rows)
}

fn numbers(figure: &Figure) -> [String; 9] {
    let ends = |interval: Option<(f64, f64)>| [interval.map(|i| i.0), interval.map(|i| i.1)].map(exact);
    let [low, high] = ends(figure.interval);
    let c = figure.change.as_ref();
    let [change_low, change_high] = ends(c.and_then(|c| c.interval));
    let count = |n: fn(&Change) -> usize| c.map_or_else(String::new, |c| n(c).to_string());
    [
        exact(figure.mean),
        low,
        high,
        count(|c| c.pairs),
        count(|c| c.moved),
        exact(c.map(|c| c.mean)),
        change_low,
        change_high,
        exact(c.and_then(|c| c.p)),
    ]
}
