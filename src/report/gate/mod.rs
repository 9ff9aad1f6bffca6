//! What a gate found: a document, JUnit XML, JSON, and one line.

mod json;
mod junit;

pub use json::json;
pub(super) use json::place;
pub use junit::junit;

use super::document::{Block, Document, Section, Table, Text, Width};
use super::number::{change, score, seconds};
use super::words::Names;
use crate::analyze::gate::{Call, Changed, Comparison, Floor, Gate, Measure, Rows, Unlike, Why};
use crate::analyze::leaderboard::{Pipeline, distinct};
use crate::words::{agree, and_more, counted};

/// What stands over what was found.
pub(super) const TITLE: &str = "Quality gate";
/// Alarms that the one line names; the others are counted.
const NAMED: usize = 3;

/// Says in one line whether the gate was passed, and what for it was not.
pub fn line(gate: &Gate) -> String {
    let (regressions, under, failed) = (gate.regressions(), gate.under(), &gate.ends.failed);
    if gate.is_passed() {
        let judged = gate.comparisons.iter().filter(|c| matches!(c.call, Call::NotWorse | Call::OneNight)).count();
        let pipelines = distinct(gate.comparisons.iter().map(|c| (&c.data_set, &c.pipeline))).len();
        let floors = match gate.floors.len() {
            0 => String::new(),
            n => format!(", {} reached", counted(n as u64, "wanted value")),
        };
        if gate.base.is_empty() {
            return match gate.unlike.len() {
                0 => format!("GATE passed: no finished run before {}, nothing to compare it with{floors}", gate.new),
                n => format!(
                    "GATE passed: no finished run before {} that it can be compared with, {} left out{floors}",
                    gate.new,
                    counted(n as u64, "run")
                ),
            };
        }
        return format!(
            "GATE passed: {} of {}, none worse by more than matters beyond chance{floors}",
            counted(judged as u64, "comparison"),
            counted(pipelines as u64, "pipeline"),
        );
    }
    let (mut said, names) = (Vec::new(), names(gate));
    if !regressions.is_empty() {
        let mut named: Vec<String> = regressions.iter().take(NAMED).map(|c| regression(&names, c)).collect();
        if regressions.len() > NAMED {
            named.push(and_more(regressions.len() - NAMED));
        }
        said.push(format!("{} ({})", counted(regressions.len() as u64, "regression"), named.join("; ")));
    }
    if !failed.is_empty() {
        let cells: usize = failed.iter().map(|changed| changed.cells).sum();
        let named = changed(&names, &failed[0]);
        let more = if failed.len() > 1 { format!("; and of {} more", failed.len() - 1) } else { String::new() };
        said.push(format!("{} newly without a score ({named}{more})", counted(cells as u64, "cell")));
    }
    said.extend(under.iter().map(|floor| floor_words(gate, &names, floor)));
    format!("GATE failed: {}", said.join(", "))
}

/// How pipelines are called: by the axes on which those that were compared differ.
pub(super) fn names(gate: &Gate) -> Names<'_> {
    let ends = [&gate.ends.only_base, &gate.ends.only_new].into_iter().flatten();
    let ends = ends.map(|(data_set, pipeline)| (data_set.as_str(), pipeline));
    Names::of(gate.comparisons.iter().map(|c| (c.data_set.as_str(), &c.pipeline)).chain(ends))
}

/// A value as the measure is written.
pub(super) fn value(measure: &Measure, value: Option<f64>) -> String {
    match measure {
        Measure::Metric { .. } => score(value),
        Measure::Seconds => seconds(value),
        Measure::Memory => value.map_or_else(|| "–".to_owned(), |v| format!("{v:.0}")),
    }
}

/// A regression in a few words.
pub(super) fn regression(names: &Names<'_>, c: &Comparison) -> String {
    format!(
        "{}: {} from {} to {}",
        names.name(&c.data_set, &c.pipeline),
        c.measure.name(),
        value(&c.measure, c.base),
        value(&c.measure, c.new)
    )
}

/// Cells that ended differently, in a few words.
pub(super) fn changed(names: &Names<'_>, changed: &Changed) -> String {
    let reason = changed.reason.as_ref().map_or_else(String::new, |reason| format!(", {reason}"));
    format!(
        "{}: {} {}{reason}",
        names.name(&changed.data_set, &changed.pipeline),
        counted(changed.cells as u64, "cell"),
        changed.how
    )
}

/// A value that had to be reached, in a few words; with its data set where there are such values on several.
pub(super) fn floor_words(gate: &Gate, names: &Names<'_>, floor: &Floor) -> String {
    let has_several = gate.floors.iter().any(|other| other.data_set != floor.data_set);
    let best = match &floor.best {
        Some((pipeline, mean)) => {
            let name = match has_several {
                true => names.without_data_set(pipeline),
                false => names.name(&floor.data_set, pipeline),
            };
            format!("the best is {mean:.4} ({name})")
        }
        None if floor.has_whole => format!("no pipeline has a defined {} on all its folds", floor.metric),
        None => "no pipeline has all its folds".to_owned(),
    };
    let place = if has_several { format!("{}: ", floor.data_set) } else { String::new() };
    let verb = if floor.is_reached { "reached" } else { "not reached" };
    format!("{place}{} {} {verb}: {best}", floor.metric, floor.wanted)
}

fn worse(c: &Comparison) -> String {
    match (c.worse, c.measure.is_cost()) {
        (None, _) => "–".into(),
        (Some(ratio), true) => {
            let bound = c.bound.map_or_else(String::new, |bound| format!("{} ", bound.words()));
            format!("{bound}{ratio:.2} times")
        }
        // People read scores, of which less is worse for most.
        (Some(by), false) => match &c.measure {
            Measure::Metric { better: crate::metric::Better::Higher, .. } => change(-by),
            _ => change(by),
        },
    }
}

fn p(p: f64) -> String {
    match p {
        p if p.is_nan() => "–".into(),
        p if p < 0.0001 => "<0.0001".into(),
        p => format!("{p:.4}"),
    }
}

fn call(c: &Comparison) -> String {
    match &c.call {
        Call::Worse => "**worse**".into(),
        Call::NotWorse => "not worse".into(),
        Call::OneNight => "one night beyond the threshold: not told yet".into(),
        Call::NotJudged(reason) => format!("not judged: {reason}"),
    }
}

fn table(names: &Names<'_>, id: &str, comparisons: &[&Comparison]) -> Table {
    let row = |c: &&Comparison| {
        let cells = [
            Text::plain(names.name(&c.data_set, &c.pipeline)),
            Text::plain(c.measure.name()),
            Text::plain(value(&c.measure, c.base)),
            Text::plain(value(&c.measure, c.new)),
            Text::plain(worse(c)),
            Text::plain(c.runs.to_string()),
            Text::plain(p(c.p)),
            Text::marked(&call(c)),
        ];
        cells.to_vec()
    };
    let header = ["pipeline", "measure", "before", "now", "change", "runs before", "p (adjusted)", "said"];
    let (natural, number) = (Width::Natural, Width::Number);
    Table::of(id, &header, comparisons.iter().map(row).collect())
        .widths(&[natural, natural, number, number, number, number, number, natural])
}

fn list(items: impl IntoIterator<Item = String>) -> Block {
    Block::List(items.into_iter().map(Text::plain).collect())
}

/// The whole document.
pub fn document(gate: &Gate) -> Document {
    let (mut sections, names) = (Vec::new(), names(gate));
    let regressions = gate.regressions();
    if !regressions.is_empty() {
        sections.push(Section::new(
            "regressions",
            "Regressions",
            vec![Block::Table(table(&names, "regressions", &regressions))],
        ));
    }
    let lists = [
        ("failed", "Newly without a score", gate.ends.failed.iter().map(|c| changed(&names, c)).collect()),
        (
            "floors",
            "Values that had to be reached",
            gate.floors.iter().map(|f| floor_words(gate, &names, f)).collect::<Vec<_>>(),
        ),
        ("recovered", "Recovered", gate.ends.recovered.iter().map(|c| changed(&names, c)).collect()),
        ("one-side", "Only in one of the runs", one_side(gate, &names)),
    ];
    let filled = lists.into_iter().filter(|(_, _, items)| !items.is_empty());
    sections.extend(filled.map(|(id, heading, items)| Section::new(id, heading, vec![list(items)])));
    let all: Vec<&Comparison> = gate.comparisons.iter().collect();
    sections.push(Section::new(
        "comparisons",
        "All comparisons",
        vec![Block::Table(table(&names, "comparisons", &all))],
    ));
    sections.push(Section::new("how", "How it was judged", vec![list(how(gate))]));
    Document { title: Text::plain(TITLE), lead: vec![Block::Verdict(Text::strong(line(gate)))], sections }
}

/// Pipelines that only one side has.
fn one_side(gate: &Gate, names: &Names<'_>) -> Vec<String> {
    let of = |side: &str, pipelines: &[(String, Pipeline)]| {
        pipelines.iter().map(|(set, pipeline)| format!("{side}: {}", names.name(set, pipeline))).collect::<Vec<_>>()
    };
    [of("only before", &gate.ends.only_base), of("only now", &gate.ends.only_new)].concat()
}

/// By which tests, and from what they know how large chance is.
fn tests(gate: &Gate) -> Vec<String> {
    // One fold has no variance between folds.
    let is_by_nights =
        |c: &Comparison| c.measure.is_cost() && matches!(&c.rows, Some(Rows::Same { splits }) if splits.len() == 1);
    let said = |is_same: bool, is_told: bool| {
        let is_of = |c: &&Comparison| {
            c.rows.as_ref().is_some_and(|rows| (*rows != Rows::Other) == is_same) && (c.predictions > 0) == is_told
        };
        let of: Vec<&Comparison> = gate.comparisons.iter().filter(is_of).filter(|c| !is_by_nights(c)).collect();
        let predictions = counted(of.iter().map(|c| c.predictions as u64).sum(), "kept prediction");
        let how = match (is_same, is_told) {
            (true, false) => "fold by fold, corrected resampled t, one-sided".to_owned(),
            (true, true) => format!(
                "fold by fold, one-sided, from {predictions}: with the larger of the variance that rows tell and the one that folds tell"
            ),
            (false, false) => {
                "means, with the larger of the variance that folds tell and the one that nights tell".to_owned()
            }
            (false, true) => {
                format!("means, from {predictions}: with the largest of the variances that rows, folds and nights tell")
            }
        };
        let comparisons = counted(of.len() as u64, "comparison");
        match (of.len(), is_same) {
            (0, _) => None,
            (_, true) => Some(format!("{comparisons} on the same rows: {how}.")),
            (n, false) => Some(format!(
                "{comparisons} {} unpaired, as the rows, their features or the amounts, groups or times that the metric reads are others: {how}.",
                agree(n, "is", "are")
            )),
        }
    };
    let by_nights = gate.comparisons.iter().filter(|c| is_by_nights(c)).count() as u64;
    let by_nights = (by_nights > 0).then(|| {
        format!("{} of costs on one fold: by the variance that nights tell.", counted(by_nights, "comparison"))
    });
    let kinds = [(true, true), (true, false), (false, true), (false, false)];
    kinds.into_iter().filter_map(|(a, b)| said(a, b)).chain(by_nights).collect()
}

/// Why a run of the base is not used, in a few words about such runs.
pub(super) fn why(why: Why) -> &'static str {
    match why {
        Why::NoDataSet => "no such data set there",
        Why::Machine => "on another machine, or with other threads",
        Why::NoValue => "no value there",
        Why::OtherRows => "on other rows, features, splits or amounts than the new run, while others are on its own",
        Why::FewerSplits => "fewer folds with a value than other runs have",
        Why::FarWorse => "far worse than the other runs",
    }
}

/// Which runs and folds were not compared: a sentence for each reason and number.
fn left_out(gate: &Gate) -> Vec<String> {
    let all = || gate.comparisons.iter().flat_map(|c| &c.left_out);
    let runs = distinct(all()).into_iter().map(|one| {
        let n = all().filter(|other| *other == one).count();
        let of = format!("{} of {}", one.1, counted(gate.base.len() as u64, "run"));
        format!("Left out of {}: {of} ({}).", counted(n as u64, "comparison"), why(one.0))
    });
    let alone = || gate.comparisons.iter().map(|c| c.alone).filter(|alone| *alone > 0);
    let folds = distinct(alone()).into_iter().map(|folds| {
        let n = alone().filter(|other| *other == folds).count();
        let folds = counted(folds as u64, "fold");
        format!(
            "Left out of {}: {folds} of the new run that none of the runs used has.",
            counted(n as u64, "comparison")
        )
    });
    runs.chain(folds).chain(unlike(gate)).collect()
}

/// Why a run of the folder is no part of the base, in a few words about such runs.
pub(super) fn why_unlike(why: Unlike) -> &'static str {
    match why {
        Unlike::Protocol => "split by another protocol",
        Unlike::Metric => "lack a metric that is judged",
        Unlike::Pipelines => "no pipeline in common",
    }
}

/// Which runs of the folder are no part of the base: a sentence for each reason.
fn unlike(gate: &Gate) -> impl Iterator<Item = String> {
    distinct(gate.unlike.iter().map(|(_, why)| *why)).into_iter().map(move |why| {
        let runs: Vec<&str> = gate.unlike.iter().filter(|(_, own)| *own == why).map(|(run, _)| run.as_str()).collect();
        let last = runs.last().copied().unwrap_or_default();
        let runs = counted(runs.len() as u64, "run");
        format!("Not among those before: {runs} of the folder ({}), the last of them {last}.", why_unlike(why))
    })
}

/// What was compared with what, and by which rules.
fn how(gate: &Gate) -> Vec<String> {
    let rules = &gate.rules;
    let base = match &gate.base[..] {
        [] if gate.unlike.is_empty() => "nothing, as there is no finished run before it".to_owned(),
        [] => "nothing, as no finished run before it can be compared with it".to_owned(),
        [one] => one.clone(),
        many => format!("{} runs, {} to {}", many.len(), many[0], many[many.len() - 1]),
    };
    let mut said = vec![
        format!("{} against {base}.", gate.new),
        format!(
            "An alarm: worse by more than {} ({}), beyond chance; at most {} of nights without a regression have one.",
            rules.threshold,
            rules.metrics.join(", "),
            rules.alpha
        ),
    ];
    said.extend(tests(gate));
    said.extend(left_out(gate));
    let costs = [("fit seconds", rules.seconds), ("peak memory", rules.memory)];
    let costs = costs.into_iter().filter_map(|(name, ratio)| Some(format!("{name} by more than {} times", ratio?)));
    let costs: Vec<String> = costs.collect();
    if !costs.is_empty() {
        said.push(format!("Costs: {}, on the same machine only.", costs.join(", ")));
    }
    said.extend(gate.notes.iter().map(|note| format!("{note}.")));
    said
}
