//! What cells and prefixes are expected to take, and how much memory: what an earlier run measured, or the rough estimates.

use std::collections::HashMap;

use super::Piece;
use crate::cell::{Cell, CellId};
use crate::data::TableFacts;
use crate::run::{Prefix, estimate, expected, prefixes, thread_seconds};
use crate::store::{Outcome, Record};
use crate::study::Study;

/// Seconds per value of a table that a prefix is taken to need where none like it was measured: it is copied, transformed and hashed.
const SECONDS_PER_VALUE: f64 = 5e-8;

/// Seconds by what prefixes have in common, and how often each was measured.
type Means = HashMap<String, (f64, u32)>;

/// What each cell of a plan is expected to take.
pub struct Times {
    /// Seconds of one thread, in the plan's order.
    pub cells: Vec<f64>,
    /// Seconds of a resampler's choice by data set and resampler.
    choose: Means,
    /// Seconds of a prefix's encoder, scaler and selection.
    prepare: Means,
    /// How far like cells were apart: the standard deviation of the logarithm of their seconds, by their seconds; none where no two were
    /// measured.
    pub spread: Option<f64>,
    /// The most private memory that a worker had, in MiB, where it was measured.
    pub peak_mib: Option<u64>,
}

fn add(means: &mut Means, key: String, seconds: f64) {
    let mean = means.entry(key).or_default();
    mean.0 += seconds;
    mean.1 += 1;
}

fn mean(means: &Means, key: &str) -> Option<f64> {
    means.get(key).map(|(sum, count)| sum / f64::from((*count).max(1)))
}

fn pipeline(cell: &CellId) -> String {
    format!("{} {} {}", cell.data_set, cell.protocol, cell.pipeline())
}

fn choosing(cell: &CellId) -> String {
    format!("{} {} {}", cell.data_set, cell.imputer, cell.resampler)
}

fn preparing(cell: &CellId) -> String {
    format!("{} {} {} {}", cell.data_set, cell.encoder, cell.scaler, cell.select)
}

/// See [`Times::spread`]; `means` are those of `records`.
fn spread(records: &[Record], means: &Means) -> Option<f64> {
    let (mut sum, mut weight) = (0.0, 0.0);
    for record in records.iter().filter(|record| record.outcome == Outcome::Scored && record.equals.is_none()) {
        let seconds = thread_seconds(record);
        let alike = means.get(&pipeline(&record.cell)).filter(|(_, count)| *count > 1);
        if let Some((all, count)) = alike.filter(|_| seconds > 0.0) {
            // Of two cells around their mean only one is free.
            let freedom = f64::from(*count) / f64::from(count - 1);
            sum += seconds * freedom * (seconds * f64::from(*count) / all).ln().powi(2);
            weight += seconds;
        }
    }
    (weight > 0.0).then(|| (sum / weight).sqrt())
}

impl Times {
    /// Of `cells`, from the records of an earlier run of this study or one like it, if there are any.
    pub fn of(study: &Study, facts: &[TableFacts], cells: &[&Cell], records: &[Record]) -> Self {
        let size = |cell: &Cell| (facts[cell.data].rows as usize, facts[cell.data].columns.len());
        // The same pipeline on another split is the best likeness.
        let mut measured = Means::new();
        for record in records.iter().filter(|record| record.outcome == Outcome::Scored && record.equals.is_none()) {
            add(&mut measured, pipeline(&record.cell), thread_seconds(record));
        }
        let spread = spread(records, &measured);
        let expected = expected(study, cells, size, records).into_iter().zip(cells);
        // What was measured is told as it was: fits and predictions.
        let beside = if records.is_empty() { estimate::BESIDE } else { 0.0 };
        let of = |(guess, cell): (f64, &&Cell)| mean(&measured, &pipeline(&cell.id)).unwrap_or(guess + beside);
        let mut times = Times {
            cells: expected.map(of).collect(),
            choose: Means::new(),
            prepare: Means::new(),
            spread,
            peak_mib: records.iter().filter_map(|record| record.peak_memory_mib).max(),
        };
        for record in records.iter().filter(|record| record.outcome == Outcome::Scored) {
            add(&mut times.choose, choosing(&record.cell), record.seconds.resample);
            add(&mut times.prepare, preparing(&record.cell), record.seconds.scale);
        }
        times
    }
}

/// The prefixes of `cells` with what they are expected to take: what belongs together.
pub fn pieces(study: &Study, facts: &[TableFacts], cells: &[&Cell], times: &Times) -> Vec<Piece> {
    let of = |prefix: Prefix| {
        let first = cells[prefix.cells[0]];
        let table = &facts[first.data];
        let rough = table.rows as f64 * first.columns.unwrap_or(table.columns.len()) as f64 * SECONDS_PER_VALUE;
        let has_resampler = study.resamplers[first.resampler].facts.id != "none";
        Piece {
            cells: prefix.cells.iter().map(|&cell| (cell, times.cells[cell])).collect(),
            prepare: mean(&times.prepare, &preparing(&first.id)).unwrap_or(rough),
            choice: prefix.choice,
            choose: mean(&times.choose, &choosing(&first.id)).unwrap_or(if has_resampler { rough } else { 0.0 }),
        }
    };
    prefixes(study, cells).into_iter().map(of).collect()
}

/// What the cells of a run were expected to take and what they really took, as the same pieces; a simulation cuts by the one and runs the
/// other.
pub struct Replayed {
    /// By the mean of the same pipeline over the splits.
    pub expected: Vec<Piece>,
    /// As recorded.
    pub real: Vec<Piece>,
    /// As [`Times::spread`].
    pub spread: Option<f64>,
    /// Cells without a record, which are left out.
    pub missing: usize,
}

/// The pieces of a run's plan, `repeats` times; `records` are the run's.
pub fn replayed(study: &Study, facts: &[TableFacts], cells: &[Cell], records: &[Record], repeats: usize) -> Replayed {
    let known: HashMap<&CellId, &Record> = records.iter().map(|record| (&record.cell, record)).collect();
    let there: Vec<&Cell> = cells.iter().filter(|cell| known.contains_key(&cell.id)).collect();
    let times = Times::of(study, facts, &there, records);
    let once = pieces(study, facts, &there, &times);
    // Records of one choice may stem from several runs, which made it anew; one of them counts.
    let mut made: HashMap<usize, f64> = HashMap::new();
    let mut really = |piece: &Piece| {
        let first = known[&there[piece.cells[0].0].id];
        let took = |&(cell, _): &(usize, f64)| (cell, thread_seconds(known[&there[cell].id]));
        Piece {
            cells: piece.cells.iter().map(took).collect(),
            prepare: first.seconds.scale,
            choice: piece.choice,
            choose: *made.entry(piece.choice).or_insert(first.seconds.resample),
        }
    };
    let really: Vec<Piece> = once.iter().map(&mut really).collect();
    Replayed {
        expected: repeated(&once, there.len(), repeats),
        real: repeated(&really, there.len(), repeats),
        spread: times.spread,
        missing: cells.len() - there.len(),
    }
}

/// The pieces of `cells` cells, so many times over; no choice is shared between two repeats.
fn repeated(pieces: &[Piece], cells: usize, repeats: usize) -> Vec<Piece> {
    let choices = pieces.iter().map(|piece| piece.choice + 1).max().unwrap_or(0);
    let again = |repeat: usize| {
        pieces.iter().map(move |piece| Piece {
            cells: piece.cells.iter().map(|&(cell, seconds)| (cell + repeat * cells, seconds)).collect(),
            choice: piece.choice + repeat * choices,
            ..*piece
        })
    };
    (0..repeats).flat_map(again).collect()
}
