//! Words that all reports share: names of pipelines, and the sentences and facts that
//! `report.md` and `report.html` have in common.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::columns::shown;
use super::document::Text;
use super::number::utc;
use super::perfect;
use crate::analyze::Results;
use crate::analyze::choice::family;
use crate::analyze::datasets::Tables;
use crate::analyze::folds::Split;
use crate::analyze::leaderboard::{BASELINE, Leaderboard, Over, Pipeline, Row, distinct, variant_name};
use crate::analyze::packages::{Package, others_than_pinned};
use crate::analyze::statistics::wilson::wilson;
use crate::analyze::stopped;
use crate::analyze::unfinished::{Unfinished, unfinished_fits};
use crate::analyze::watched::watched_behind_resampler;
use crate::cell::CellId;
use crate::cell::axis::Axis;
use crate::data::catalogue;
use crate::split::Leaks;
use crate::words::{agree, and_more, count, counted, listed};

/// Why Friedman's test has no F of Iman and Davenport's.
pub const ALL_AGREE: &str = "all data sets agree, where Iman and Davenport's F is not defined";

/// `on` or `off`.
pub fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// With a capital at its beginning.
pub(super) fn capital(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// A pipeline in words, without its protocol.
pub(super) fn pipeline(p: &Pipeline) -> String {
    let others = shown([&**p]).into_iter().filter(|axis| !matches!(axis.id, "classifier" | "protocol"));
    let others: Vec<String> = others.map(|axis| format!("{} {}", axis.id, axis.value(p))).collect();
    format!("{} ({})", p.classifier, others.join(", "))
}

/// What tells the pipelines of one classifier apart, in one line; axes at their default and the protocol are not named.
pub(super) fn variant(cell: &CellId) -> String {
    let others = shown([cell]).into_iter().filter(|axis| !matches!(axis.id, "classifier" | "protocol"));
    let said = |axis: &Axis| match axis.id {
        // Everyone knows these by their names alone.
        "scaler" | "resampler" => axis.value(cell).to_string(),
        id => format!("{id} {}", axis.value(cell)),
    };
    others.map(said).collect::<Vec<_>>().join(" · ")
}

/// What a ranking is over, where a run has several: pipelines of other variants were tested on other rows.
pub(super) fn ranking(board: &Leaderboard, variant: (&str, bool)) -> String {
    variant_name(&board.variants(), variant)
}

/// What is said of each dataset variant that has too few pipelines to be ranked over several data sets.
pub fn without_ranks(tables: &Tables) -> Vec<String> {
    let of = |(name, pipelines): &(String, usize)| {
        let which = counted(*pipelines as u64, "pipeline");
        format!(
            "{which} with {name}: fewer than two have a score on every fold of every data set, so there are no ranks."
        )
    };
    tables.without.iter().map(of).collect()
}

/// How many splits: folds, or splits where each repeat has one alone.
pub(super) fn counted_splits(splits: &[Split]) -> String {
    let is_single = splits.len() > 1 && splits.iter().all(|(_, fold)| *fold == splits[0].1);
    counted(splits.len() as u64, if is_single { "split" } else { "fold" })
}

/// Of which of these best pipelines it is to be said that they were chosen, at the beginning of a sentence: those that are the only one
/// of their family were not. None where that is so of all.
pub(super) fn chosen<'a>(board: &Leaderboard, rows: impl IntoIterator<Item = &'a Row>) -> Option<&'static str> {
    let alone: Vec<bool> = rows.into_iter().map(|row| family(board, row).len() == 1).collect();
    match (alone.contains(&true), alone.contains(&false)) {
        (_, false) => None,
        (false, true) => Some("Each"),
        (true, true) => Some("Of families with several pipelines each"),
    }
}

/// A split by its fold, and its repeat where that is not the first.
pub(super) fn fold_name((repeat, fold): Split) -> String {
    match repeat {
        0 => format!("fold {fold}"),
        repeat => format!("repeat {repeat}, fold {fold}"),
    }
}

/// A pipeline's classifier and what tells it apart, in one line.
pub(super) fn one_line(p: &Pipeline) -> String {
    format!("{} · {}", p.classifier, variant(p))
}

/// How pipelines are called that stand beside each other: by the classifier and the places on the axes on which they differ.
pub(super) struct Names<'p> {
    /// Whether they are on several data sets.
    has_several: bool,
    /// One of them, and the axes on which others differ from it.
    one: Option<&'p Pipeline>,
    varying: Vec<&'static str>,
}

impl<'p> Names<'p> {
    /// Of pipelines with their data sets.
    pub fn of(all: impl Iterator<Item = (&'p str, &'p Pipeline)> + Clone) -> Self {
        let pipelines = || all.clone().map(|(_, pipeline)| pipeline);
        let one = pipelines().next();
        let differs = |axis: &&Axis| one.is_some_and(|one| pipelines().any(|p| axis.value(p) != axis.value(one)));
        let varying = super::columns::of_pipelines().filter(differs).map(|axis| axis.id).collect();
        let mut data_sets = all.clone().map(|(data_set, _)| data_set);
        let has_several = data_sets.next().is_some_and(|first| data_sets.any(|other| other != first));
        Names { has_several, one, varying }
    }

    /// The name of a pipeline: with its data set where there are several.
    pub fn name(&self, data_set: &str, pipeline: &Pipeline) -> String {
        let place = if self.has_several { format!("{data_set}: ") } else { String::new() };
        format!("{place}{}", self.without_data_set(pipeline))
    }

    /// The same of a pipeline whose data set goes without saying.
    pub fn without_data_set(&self, pipeline: &Pipeline) -> String {
        let is_other = |axis: &Axis| self.one.is_some_and(|one| axis.value(one) != axis.value(pipeline));
        on_axes(pipeline, |axis| self.varying.contains(&axis.id) || is_other(axis))
    }
}

/// A pipeline's classifier, and its places on the axes that are to be said.
pub(super) fn on_axes(p: &CellId, is_said: impl Fn(&Axis) -> bool) -> String {
    let said = |axis: &'static Axis| match axis.id {
        "scaler" | "resampler" | "protocol" => axis.value(p).to_string(),
        id => format!("{id} {}", axis.value(p)),
    };
    let others = super::columns::of_pipelines().collect::<Vec<_>>().into_iter().rev();
    let others = others.filter(|axis| axis.id != "classifier" && is_said(axis));
    std::iter::once(p.classifier.clone()).chain(others.map(said)).collect::<Vec<_>>().join(" · ")
}

/// What was run on what, where and by which command: name and fact.
pub(super) fn facts(results: &Results) -> Vec<(&'static str, Text)> {
    let m = &results.manifest;
    let folds = distinct(results.planned.iter().map(|p| (p.cell.repeat, p.cell.fold))).len() as u64;
    let variants = distinct(results.planned.iter().map(|p| p.cell.protocol.as_str()));
    let leaky = variants.iter().any(|name| !Leaks::of_protocol(name).is_empty());
    let variants = if leaky { format!("; run as {}", variants.join(", ")) } else { String::new() };
    let components = distinct(results.records.iter().flat_map(|r| {
        // An axis that a run does not use is not named; the others have always been.
        let select = Some(&r.select_facts).filter(|facts| facts.id != "none");
        let before = [&r.imputer_facts, &r.resampler_facts, &r.encoder_facts, &r.scaler_facts];
        before
            .into_iter()
            .chain(select)
            .chain([&r.classifier_facts])
            .map(|facts| format!("{} ({} v{})", facts.id, facts.backend, facts.version))
    }));
    let duplicates = format!(
        "{} duplicate rows with {}; {} of equal features with different labels",
        count(m.table().duplicate_rows),
        counted(m.table().duplicate_positives, "positive"),
        counted(m.table().conflicting, "group"),
    );
    let machine = format!(
        "{}, {}, {} MiB memory, {}",
        m.machine.cpu,
        counted(u64::from(m.machine.cores), "core"),
        count(m.machine.memory_mib),
        m.machine.os
    );
    let threads = format!("{} in all, {} per cell", m.threads, m.cell_threads);
    let rows = format!("{} with {}", count(m.table().rows), counted(m.table().positives, "positive"));
    let components = if components.is_empty() { "no records yet".to_owned() } else { components.join(", ") };
    let left_out = results.left_out.iter().map(|kind| ("Left out", Text::quoting(&kind.to_string())));
    let packages = python_packages(&others_than_pinned(&results.records));
    let facts = vec![
        ("Study", Text::code(&m.study_file)),
        ("Filter", if m.filter.is_empty() { Text::plain("none") } else { Text::code(&m.filter) }),
        (
            "Data",
            Text::plain(format!("{}, {}", m.table().name, counted(m.table().columns.len() as u64, "feature column"))),
        ),
        ("Data SHA-256", Text::code(&m.table().sha256)),
        ("Rows", Text::plain(rows)),
        ("Dedup removes", Text::plain(duplicates)),
        ("Protocol", Text::plain(format!("{}; {} per pipeline{variants}", results.protocol, counted(folds, "split")))),
        ("Primary metric", Text::plain(&results.primary)),
        ("Started", Text::plain(utc(m.started_unix))),
        ("Version", Text::plain(format!("fraudbench {}", m.fraudbench))),
        ("Components", Text::plain(components)),
        ("Machine", Text::plain(machine)),
        ("Threads", Text::plain(threads)),
        ("Command", Text::code(&m.command)),
    ];
    let contradictions = m.contradictions.iter().map(|said| ("Contradicting runs", Text::quoting(said)));
    facts.into_iter().chain(packages).chain(left_out).chain(contradictions).collect()
}

/// Packages of Python that a report names at most.
const PACKAGES: usize = 12;

/// The packages by which a Python of one's own differs from what this version pins; nothing where it does not.
fn python_packages(others: &[Package]) -> Option<(&'static str, Text)> {
    let mut said: Vec<String> = others.iter().take(PACKAGES).map(Package::said).collect();
    if others.len() > PACKAGES {
        said.push(and_more(others.len() - PACKAGES));
    }
    (!said.is_empty()).then(|| ("Python packages", Text::plain(format!("not the pinned ones: {}", said.join(", ")))))
}

/// How many splits of the plan the pipelines are not ranked over, as they cannot be made.
fn impossible(board: &Leaderboard) -> usize {
    board.rows.iter().map(|row| row.coverage.planned.saturating_sub(row.wanted)).max().unwrap_or(0)
}

/// How many of the rows that `keep` lets through a filter or a merge left fewer splits than others of their ranking.
fn left_fewer(board: &Leaderboard, keep: impl Fn(&Row) -> bool) -> usize {
    // Common splits are those that all have.
    if board.over == Over::Common {
        return 0;
    }
    let mut most: HashMap<(&str, bool), usize> = HashMap::new();
    for row in &board.rows {
        let so_far = most.entry(row.pipeline.variant()).or_default();
        *so_far = (*so_far).max(row.coverage.planned).max(row.wanted);
    }
    board.rows.iter().filter(|row| keep(row) && row.coverage.planned < most[&row.pipeline.variant()]).count()
}

/// Whether a row is not ranked because it lacks scores.
fn is_lacking(row: &Row) -> bool {
    row.rank.is_none() && !row.is_whole()
}

/// How the cells ended and what is ranked, in two sentences.
pub(super) fn coverage_text(board: &Leaderboard) -> String {
    let all = board.coverage();
    let ranked = board.rows.iter().filter(|row| row.rank.is_some()).count();
    let over = match board.common {
        None => match impossible(board) {
            0 if left_fewer(board, |row| row.imputed > 0 || !row.is_whole()) > 0 => {
                "on every split that any pipeline of the same ranking is planned on".to_owned()
            }
            0 => "on every planned split".to_owned(),
            _ => "on every planned split that could be made".to_owned(),
        },
        Some(common) => format!(
            "on each of the {} of {} that all pipelines with any score have (`--intersection`); all means are over these",
            common.kept,
            counted(common.planned as u64, "split")
        ),
    };
    let imputed: usize = board.rows.iter().map(|row| row.imputed).sum();
    let stand_in = match imputed {
        0 => String::new(),
        n => format!(
            " In {} without scores{} those of the baseline `{BASELINE}` stand in (`--impute-baseline`); rows that have any \
             say so, and intervals and tests treat them as the row's own.",
            counted(n as u64, "cell"),
            match left_fewer(board, |row| row.imputed > 0) {
                0 => "",
                _ => ", planned or left out by a filter or a merge,",
            }
        ),
    };
    let fewer = left_fewer(board, is_lacking) > 0;
    let without = (fewer || board.over == Over::Imputed).then(|| not_whole(board)).flatten();
    let without = without.map_or_else(String::new, |said| format!(" {said}"));
    format!(
        "{} of {} cells scored, {} failed, {} missing. {ranked} of {} ranked: only those with a defined {} {over}.{stand_in}{without}",
        count(all.scored as u64),
        count(all.planned as u64),
        count(all.failed as u64),
        count(all.missing as u64),
        counted(board.rows.len() as u64, "pipeline"),
        board.primary,
    )
}

/// How many pipelines are not ranked because they lack scores or have a shorter plan than others, and that nothing could stand in where
/// it should have; none where all have theirs.
pub(super) fn not_whole(board: &Leaderboard) -> Option<String> {
    let lacking = board.rows.iter().filter(|row| is_lacking(row)).count();
    if lacking == 0 {
        return None;
    }
    let which = format!("{} {} not ranked", counted(lacking as u64, "pipeline"), agree(lacking, "is", "are"));
    let fewer = left_fewer(board, is_lacking);
    let them = if fewer == lacking { agree(lacking, "it", "them").to_owned() } else { format!("{fewer} of them") };
    let left = format!("filter or a merge left {them} fewer splits than others.");
    let baseline = match board.over {
        Over::Imputed => format!(", and so does the baseline `{BASELINE}` with the same other steps"),
        // They may have a score on each of the splits that they were left.
        _ if fewer == lacking => return Some(format!("{which}: a {left}")),
        _ => String::new(),
    };
    let left = if fewer == 0 { String::new() } else { format!(" A {left}") };
    Some(format!("{which}, because {} scores{baseline}.{left}", agree(lacking, "it lacks", "they lack")))
}

/// Scored of planned cells, on how many more the baseline's scores stand in, and how many models learnt nothing.
pub(super) fn scored(row: &Row) -> String {
    let mut said = format!("{}/{}", row.coverage.scored, row.coverage.planned);
    if row.imputed > 0 {
        let _ = write!(said, ", {} imputed", row.imputed);
    }
    if row.idle > 0 {
        let _ = write!(said, ", {} learnt nothing", row.idle);
    }
    said
}

/// The baseline that looks at no feature, where the study has it.
pub(super) fn prior(board: &Leaderboard) -> Option<&Row> {
    board.rows.iter().find(|row| row.family == BASELINE && row.coverage.scored > 0)
}

/// That pipelines stop early by rows that were resampled, if any do.
fn watched(results: &Results) -> Option<String> {
    let all = watched_behind_resampler(results);
    let first = pipeline(all.first()?);
    let which = if all.len() > 1 { format!("such as {first}") } else { first };
    Some(format!(
        "{} ({which}) {} early by rows that are kept out of the resampled training rows: the value that ends the training is no \
         estimate of the score on test rows, and may end it late.",
        counted(all.len() as u64, "pipeline"),
        agree(all.len(), "stops", "stop"),
    ))
}

/// Pipelines that the notice of unfinished fits names; the others are counted.
const UNFINISHED: usize = 3;

/// That `seconds` ended searches, so that their scores are not those of every machine, if it did.
pub(super) fn out_of_time(results: &Results) -> Option<String> {
    let (cells, classifiers) = stopped::out_of_time(results);
    let classifiers: Vec<String> = classifiers.into_iter().map(|name| format!("`{name}`")).collect();
    (cells > 0).then(|| {
        format!(
            "In {} the search of {} was ended by `seconds`: how far it comes depends on the machine, so {} scores will not come \
             out again exactly. Leave `seconds` out, and bound the search by `evaluations`.",
            counted(cells as u64, "cell"),
            listed(&classifiers),
            agree(cells, "its", "their"),
        )
    })
}

/// That a limit ended fits before they had converged, if any did.
fn unfinished(results: &Results) -> Option<String> {
    let all = unfinished_fits(results);
    if all.is_empty() {
        return None;
    }
    let of = |one: &Unfinished| {
        format!("{} on {} of {}", pipeline(&one.pipeline), one.cells, counted(one.scored as u64, "scored cell"))
    };
    let mut named: Vec<String> = all.iter().take(UNFINISHED).map(of).collect();
    if let Some(rest) = all.len().checked_sub(UNFINISHED).filter(|rest| *rest > 0) {
        named.push(format!("and {}", counted(rest as u64, "more pipeline")));
    }
    let limits = distinct(all.iter().flat_map(|one| one.limits.iter().copied()));
    let limits: Vec<String> = limits.into_iter().map(|name| format!("`{name}`")).collect();
    let cells: usize = all.iter().map(|one| one.cells).sum();
    Some(format!(
        "On {} of {} a limit ended the fit before it had converged ({}), where scikit-learn warns: write a larger {} for {}.",
        counted(cells as u64, "cell"),
        counted(all.len() as u64, "pipeline"),
        named.join("; "),
        limits.join(" or "),
        agree(all.len(), "it", "them"),
    ))
}

/// How little one fold with so many positives tells of the best pipeline's recall; nothing of what is no share.
fn recall_on_one_fold(recall: f64, positives: u64) -> Option<String> {
    // All of them found, or none, have no standard error: what is known then is Wilson's end.
    let known = |end: Option<f64>, word: &str| {
        let end = end?;
        Some(format!(
            " So the best pipeline's recall of {recall:.4} says on one fold no more than that it is at {word} {end:.4} (95%, Wilson)."
        ))
    };
    match recall {
        0.0 => known(wilson(0, positives).map(|(_, high)| high), "most"),
        1.0 => known(wilson(positives, positives).map(|(low, _)| low), "least"),
        _ if (0.0..1.0).contains(&recall) => {
            let error = (recall * (1.0 - recall) / positives as f64).sqrt();
            Some(format!(
                " So the best pipeline's recall of {recall:.4} has a standard error of about {error:.4} on one fold."
            ))
        }
        _ => None,
    }
}

/// How far the numbers can be trusted, one paragraph per point; what follows the last is the baseline's scores.
pub(super) fn cautions(results: &Results, board: &Leaderboard) -> Vec<String> {
    let mut said = Vec::from_iter(perfect::said(board));
    let table = results.manifest.table();
    if let Some(leak) = catalogue::leak(&table.name, &table.sha256) {
        said.push(format!("The data leak by themselves, and nobody can say what that is worth: {leak}."));
    }
    let mixed: Vec<String> =
        others_than_pinned(&results.records).iter().filter(|one| one.is_mixed()).map(Package::said).collect();
    if !mixed.is_empty() {
        said.push(format!(
            "Cells are by different Python packages ({}), so a mean over them is of no one method: run the study with one Python.",
            mixed.join("; ")
        ));
    }
    said.extend(watched(results));
    said.extend(unfinished(results));
    said.extend(out_of_time(results));
    let positives: Vec<u64> = results.records.iter().map(|r| r.test_positives).filter(|n| *n > 0).collect();
    if let (Some(least), Some(most)) = (positives.iter().min(), positives.iter().max()) {
        let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let mut text = format!("A test fold has {range} {}.", agree(*most as usize, "positive", "positives"));
        let recall = board.best(|_| true).and_then(|row| board.summary(row, "recall")).and_then(|s| s.mean);
        text.extend(recall.and_then(|recall| recall_on_one_fold(recall, *least)));
        said.push(text);
    }
    said.push(
        "An SD is over folds. Folds share training rows, so it says how much one fold's score scatters, not how sure a difference between two means is. An interval allows for the shared rows, not for other data."
            .to_owned(),
    );
    let m = results.manifest.table();
    let mut text = "Accuracy says little about rare events.".to_owned();
    if m.rows > 0 {
        let legitimate = m.rows.saturating_sub(m.positives) as f64 / m.rows as f64;
        let _ = write!(text, " Calling every row negative has accuracy {legitimate:.4} on all rows and finds nothing.");
    }
    if prior(board).is_some() {
        text.push_str(" The baseline `prior` looks at no feature: what it scores, any classifier must beat.");
    }
    said.push(text);
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recall_of_all_or_none_of_few_positives_has_no_standard_error_of_0() {
        // Of n hits in n Wilson's lower end is n / (n + 1.96^2): 3 / 6.8415.
        assert_eq!(
            recall_on_one_fold(1.0, 3).unwrap(),
            " So the best pipeline's recall of 1.0000 says on one fold no more than that it is at least 0.4385 (95%, Wilson)."
        );
        assert_eq!(
            recall_on_one_fold(0.0, 3).unwrap(),
            " So the best pipeline's recall of 0.0000 says on one fold no more than that it is at most 0.5615 (95%, Wilson)."
        );
        // The root of 0.8 * 0.2 / 16 is 0.1.
        assert_eq!(
            recall_on_one_fold(0.8, 16).unwrap(),
            " So the best pipeline's recall of 0.8000 has a standard error of about 0.1000 on one fold."
        );
        assert_eq!((recall_on_one_fold(f64::NAN, 3), recall_on_one_fold(1.5, 3)), (None, None));
    }
}
