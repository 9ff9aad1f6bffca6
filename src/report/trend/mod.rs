//! The history of a study's runs: a page, JSON, and words for the terminal.

mod json;

pub use json::json;

use super::chart::Chart;
use super::chart::trend::{Trends, draw};
use super::document::{Block, Document, Section, Table, Text, Width};
use super::drawings;
use super::gate::value;
use super::number::utc;
use super::render::html::page as page_of;
use super::words::{Names, capital};
use crate::analyze::gate::Measure;
use crate::analyze::leaderboard::distinct;
use crate::analyze::trend::{Change, Gone, Series, Trend, data_sets};
use crate::words::{agree, and_more, counted};

/// Regressions that the one line names.
const NAMED: usize = 3;

/// Says in one line whether anything is worse than it was, since when, and what.
pub fn line(trend: &Trend) -> String {
    let pipelines = distinct(trend.series.iter().map(|s| (&s.data_set, &s.pipeline))).len();
    let over = format!("{} of {}", counted(trend.runs.len() as u64, "run"), counted(pipelines as u64, "pipeline"));
    let found = trend.regressions();
    let untold = untold(trend);
    if found.is_empty() {
        return match untold {
            None => format!("HISTORY clean: {over}, nothing is worse than it was"),
            Some(untold) => format!("HISTORY undecided: {over}, {untold}"),
        };
    }
    let names = names(trend);
    let named = found.iter().take(NAMED).map(|(series, change)| said(trend, &names, (series, change)));
    let mut named: Vec<String> = named.collect();
    if found.len() > NAMED {
        named.push(and_more(found.len() - NAMED));
    }
    let untold = untold.map_or_else(String::new, |untold| format!("; {untold}"));
    format!("HISTORY worse: {over}, {} ({}){untold}", counted(found.len() as u64, "regression"), named.join("; "))
}

/// Of how many series nothing can be told yet, and from how many runs on a change could be; none where all have that many.
fn untold(trend: &Trend) -> Option<String> {
    let (short, all) = (trend.too_short().len(), trend.series.len());
    let which = if short == all { String::new() } else { format!(" of {short} of {all} series") };
    let from = trend.enough;
    (short > 0).then(|| format!("nothing can be told yet{which}: a change can be told from {from} runs on"))
}

/// How the pipelines that are followed are called.
fn names(trend: &Trend) -> Names<'_> {
    Names::of(trend.series.iter().map(|series| (series.data_set.as_str(), &series.pipeline)))
}

/// A change in a few words.
fn said(trend: &Trend, names: &Names<'_>, (series, change): (&Series, &Change)) -> String {
    let run = &trend.runs[series.points[change.at].run];
    let value = |v: f64| value(&series.measure, Some(v));
    let now = series.now(change).map_or_else(String::new, |now| format!(", now {}", value(now)));
    format!(
        "{}: {} from {} to {} since {} ({}){now}",
        names.name(&series.data_set, &series.pipeline),
        series.measure.name(),
        value(change.before),
        value(change.after),
        short(&run.name),
        utc(run.started_unix)
    )
}

/// A directory without the folders that it lies in.
pub(super) fn short(name: &str) -> &str {
    let name = name.trim_end_matches('/');
    name.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or(name)
}

/// All changes of all series, the newest first.
fn changes(trend: &Trend) -> Vec<(&Series, &Change)> {
    let mut all: Vec<(&Series, &Change)> =
        trend.series.iter().flat_map(|series| series.changes.iter().map(move |change| (series, change))).collect();
    all.sort_by_key(|(series, change)| std::cmp::Reverse(series.points[change.at].run));
    all
}

fn table_of_changes(trend: &Trend) -> Table {
    let names = names(trend);
    let row = |(series, change): (&Series, &Change)| {
        let run = &trend.runs[series.points[change.at].run];
        let kind = match (change.is_worse, change.is_in_force) {
            (true, true) => Text::strong("worse"),
            (true, false) => Text::plain("worse, over"),
            (false, _) => Text::plain("better"),
        };
        vec![
            Text::plain(short(&run.name)),
            Text::plain(utc(run.started_unix)),
            Text::plain(names.name(&series.data_set, &series.pipeline)),
            Text::plain(series.measure.name()),
            kind,
            Text::plain(value(&series.measure, Some(change.before))),
            Text::plain(value(&series.measure, Some(change.after))),
            Text::plain(format!("{:.4}", change.p)),
            Text::plain(&run.version),
        ]
    };
    let header = [
        "first run after it",
        "started",
        "pipeline",
        "measure",
        "change",
        "before",
        "after",
        "p (adjusted)",
        "fraudbench",
    ];
    let (natural, number) = (Width::Natural, Width::Number);
    Table::of("changes", &header, changes(trend).into_iter().map(row).collect())
        .widths(&[natural, natural, natural, natural, natural, number, number, number, natural])
}

fn table_of_series(trend: &Trend) -> Table {
    let names = names(trend);
    let row = |series: &Series| {
        let first_last = [series.points.first(), series.points.last()];
        let [first, last] = first_last.map(|point| value(&series.measure, point.map(|p| p.value)));
        let part = series.parts().last().map(|(_, _, mean)| *mean);
        let none = if series.is_too_short(trend.enough) { "cannot be told yet" } else { "–" };
        let since = series.changes.last().map_or(none.to_owned(), |change| {
            let run = &trend.runs[series.points[change.at].run];
            format!("{} since {}", if change.is_worse { "worse" } else { "better" }, short(&run.name))
        });
        let cells = [
            names.name(&series.data_set, &series.pipeline),
            series.measure.name().to_owned(),
            series.points.len().to_string(),
            first,
            value(&series.measure, part),
            last,
            since,
        ];
        cells.into_iter().map(Text::plain).collect()
    };
    let header = ["pipeline", "measure", "runs", "first", "mean since the last change", "newest", "last change"];
    let (natural, number) = (Width::Natural, Width::Number);
    Table::of("series", &header, trend.series.iter().map(row).collect())
        .widths(&[natural, natural, number, number, number, number, natural])
}

fn table_of_runs(trend: &Trend) -> Table {
    let row = |run: &crate::analyze::trend::Facts| {
        let (planned, scored) = run.cells;
        let cells = [run.name.clone(), utc(run.started_unix), run.version.clone(), format!("{scored} / {planned}")];
        cells.into_iter().map(Text::plain).collect()
    };
    Table::of("runs", &["run", "started", "fraudbench", "cells scored"], trend.runs.iter().rev().map(row).collect())
}

/// What was looked for, in sentences.
fn how(trend: &Trend) -> Vec<String> {
    let rules = &trend.rules;
    let mut said = vec![format!(
        "A change: the means before and after differ by more than {} ({}), and the cut explains more than it would in other orders of the same runs (permutations). \
         A history without any change shows one with a probability of {} at most, over all series. With so many series a change can be told \
         from {} runs on, and later where it is near the first run or the newest.",
        rules.threshold,
        rules.metrics.join(", "),
        rules.alpha,
        trend.enough
    )];
    let costs = [("fit seconds", rules.seconds), ("peak memory", rules.memory)];
    let costs: Vec<String> =
        costs.into_iter().filter_map(|(name, ratio)| Some(format!("{name} by more than {} times", ratio?))).collect();
    if !costs.is_empty() {
        said.push(format!("Costs: {}, of the runs on the newest run's machine only.", costs.join(", ")));
    }
    said.extend(gone(trend).into_iter().chain(trend.notes.iter().cloned()).map(|note| format!("{note}.")));
    said
}

/// Which pipelines the newest run lacks, and the last run of each; none where it has all.
fn gone(trend: &Trend) -> Option<String> {
    let followed = trend.series.iter().map(|series| (series.data_set.as_str(), &series.pipeline));
    let names = Names::of(followed.chain(trend.gone.iter().map(|one| (one.data_set.as_str(), &one.pipeline))));
    let of = |one: &Gone| {
        let name = names.name(&one.data_set, &one.pipeline);
        format!("{name} (last in {})", short(&trend.runs[one.run].name))
    };
    let named: Vec<String> = trend.gone.iter().map(of).collect();
    (!named.is_empty()).then(|| format!("not followed, as the newest run lacks them: {}", named.join(", ")))
}

/// The charts: one per data set and measure that changed or is a metric.
fn charts(trend: &Trend) -> Vec<Chart> {
    let runs: Vec<String> = trend.runs.iter().map(|run| short(&run.name).to_owned()).collect();
    let (mut charts, names, data_sets) = (Vec::new(), names(trend), data_sets(trend));
    for data_set in data_sets.iter().copied() {
        let measures: Vec<&Measure> = distinct(trend.series.iter().map(|series| &series.measure));
        for measure in measures {
            let of: Vec<&Series> =
                trend.series.iter().filter(|s| s.data_set == data_set && s.measure == *measure).collect();
            if of.is_empty() {
                continue;
            }
            let name = measure.name();
            let place = if data_sets.len() > 1 { format!("{data_set}: ") } else { String::new() };
            let title = format!("{place}{name} by run");
            let id: String =
                format!("trend-{data_set}-{name}").chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
            let panels = of.iter().map(|series| (names.name(&series.data_set, &series.pipeline), *series)).collect();
            let scene =
                draw(&Trends { title: title.clone(), lines: vec![trend.title.clone()], runs: runs.clone(), panels });
            charts.push(Chart { id, caption: format!("{title}: mean over splits."), scene });
        }
    }
    charts
}

/// The whole history, with the names of its charts.
fn document(trend: &Trend, charts: Vec<Block>) -> Document {
    let found = trend.regressions();
    let verdict = line(trend);
    let mut lead = vec![Block::Verdict(Text::strong(capital(verdict.trim_start_matches("HISTORY "))))];
    if let Some((series, change)) = found.first() {
        let run = &trend.runs[series.points[change.at].run];
        let more = distinct(found.iter().map(|(s, _)| (&s.data_set, &s.pipeline, s.measure.name()))).len();
        lead.push(Block::Paragraph(Text::plain(format!(
            "First bad run: {}, {} (fraudbench {}). {} {} since then or later.",
            run.name,
            utc(run.started_unix),
            run.version,
            counted(more as u64, "series"),
            agree(more, "is worse", "are worse"),
        ))));
    }
    let untold = untold(trend).map(|untold| format!("{}.", capital(&untold)));
    let changed = match (changes(trend).is_empty(), untold) {
        (true, None) => vec![Block::said("Nothing changed by more than matters beyond chance.")],
        (true, Some(untold)) => vec![Block::said(&untold)],
        (false, untold) => {
            let said = untold.iter().map(|untold| Block::said(untold));
            std::iter::once(Block::Table(table_of_changes(trend))).chain(said).collect()
        }
    };
    let how = Block::List(how(trend).into_iter().map(Text::plain).collect());
    let sections = vec![
        Section::new("changes", "Changes", changed),
        Section::new("trends", "Trends", charts),
        Section::new("series", "All pipelines", vec![Block::Table(table_of_series(trend))]),
        Section::new("runs", "Runs", vec![Block::Table(table_of_runs(trend))]),
        Section::new("how", "How changes are found", vec![how]),
    ];
    Document { title: Text::plain(format!("History: {}", trend.title)), lead, sections }
}

/// The page: one file that needs no network.
pub fn page(trend: &Trend) -> String {
    let drawings = drawings(&charts(trend));
    let pictures = drawings.iter().map(|drawing| Block::Chart(drawing.picture())).collect();
    page_of(&document(trend, pictures), &drawings)
}

/// The tables for a terminal: changes, and all pipelines.
pub fn words(trend: &Trend) -> Document {
    let mut document = document(trend, Vec::new());
    document.sections.retain(|section| !matches!(section.id.as_str(), "trends" | "runs"));
    document
}
