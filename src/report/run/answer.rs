//! What a reader in a hurry wants to know: the best pipeline, which others cannot be told apart from it, and what its alarms catch
//! and cost.

use std::collections::HashMap;

use super::best::{callable, interval, lead, none_ranked, others, which};
use super::summary;
use crate::analyze::Results;
use crate::analyze::best::{ALPHA, Best};
use crate::analyze::folds::Split;
use crate::analyze::leaderboard::{Leaderboard, Pipeline, Row, distinct};
use crate::analyze::savings::Saved;
use crate::metric::Confusion;
use crate::report::document::{Block, Text};
use crate::report::number::money;
use crate::report::predicted::Predicted;
use crate::report::words::{counted_splits, one_line, pipeline as named};
use crate::words::{agree, count, counted};

/// Families named before the others are counted.
const NAMED: usize = 6;
/// From this share of the rows on, alarms are nearly all rows.
const NEARLY_ALL: f64 = 0.9;

/// The counts of every scored cell, by pipeline.
pub(in crate::report) struct Counts(HashMap<Pipeline, Vec<(Split, Confusion)>>);

impl Counts {
    pub fn of(results: &Results) -> Self {
        let mut all: HashMap<Pipeline, Vec<(Split, Confusion)>> = HashMap::new();
        for record in &results.records {
            if let Some(confusion) = record.confusion {
                let split = (record.cell.repeat, record.cell.fold);
                all.entry(Pipeline::of(&record.cell)).or_default().push((split, confusion));
            }
        }
        Counts(all)
    }

    /// The counts of a row's own labels over all its splits; none where one of them has another pipeline's.
    fn row(&self, row: &Row) -> Option<Confusion> {
        let own: Vec<Confusion> = row
            .splits
            .iter()
            .filter_map(|split| self.0.get(&row.pipeline)?.iter().find(|(known, _)| known == split))
            .map(|(_, confusion)| *confusion)
            .collect();
        let sum = |of: fn(&Confusion) -> u64| own.iter().map(of).sum();
        (own.len() == row.splits.len()).then(|| Confusion {
            tp: sum(|c| c.tp),
            fp: sum(|c| c.fp),
            fn_: sum(|c| c.fn_),
            tn: sum(|c| c.tn),
        })
    }
}

/// The answer: for each ranking (dedup on, dedup off) the best, who is not told apart from it, and what its alarms catch and cost.
pub(in crate::report) fn blocks(
    board: &Leaderboard,
    bests: &[Best<'_>],
    counts: &Counts,
    predicted: &Predicted,
) -> Vec<Block> {
    if bests.is_empty() {
        return vec![Block::Verdict(Text::plain(none_ranked(board)))];
    }
    let several = bests.len() > 1;
    let of = |best: &Best<'_>| {
        let first = Block::Verdict(winner(board, best, several));
        // Where nothing can be told, "not distinguishable" says nothing about the pipelines.
        let hopeless = best.callable.filter(|callable| callable.is_hopeless()).and_then(|_| callable(board, best));
        let equal = [Some(equals(best)), hopeless].into_iter().flatten().collect::<Vec<String>>().join(" ");
        [Some(first), Some(Block::Paragraph(Text::plain(equal))), catches(best.best, counts, predicted)]
    };
    bests.iter().flat_map(of).flatten().collect()
}

/// Who won, and by how much.
pub(in crate::report) fn winner(board: &Leaderboard, best: &Best<'_>, several: bool) -> Text {
    let row = best.best;
    let which = which(board, best, several);
    let score = summary(board.summary(row, &board.primary));
    let folds = counted_splits(&row.splits);
    let range = row.interval.map_or_else(String::new, |ends| format!(" (95% CI {})", interval(Some(ends))));
    Text::plain(format!("Best by mean {}{which}: ", board.primary))
        .then(Text::strong(named(&row.pipeline)))
        .then(Text::plain(format!(" with {score}{range} over {folds}{}.", lead(board, best))))
}

/// Who is not told apart from the best; families by their names.
pub(in crate::report) fn equals(best: &Best<'_>) -> String {
    let equal = best.equals(ALPHA);
    if best.compared.is_empty() || equal.is_empty() {
        return others(best);
    }
    let families = distinct(equal.iter().map(|other| other.row.family.as_str()));
    let said = families.iter().take(NAMED).map(|family| {
        match equal.iter().filter(|other| other.row.family == **family).count() {
            1 => (*family).to_owned(),
            n => format!("{family} ({n})"),
        }
    });
    let mut said: Vec<String> = said.collect();
    if let Some(rest) = families.len().checked_sub(NAMED).filter(|rest| *rest > 0) {
        said.push(format!("{rest} more {}", agree(rest, "family", "families")));
    }
    format!("{} By family: {}.", others(best), said.join(", "))
}

/// What the best's alarms find, and what they are worth where predictions with amounts were kept.
fn catches(row: &Row, counts: &Counts, predicted: &Predicted) -> Option<Block> {
    let all = counts.row(row)?;
    let mut said = found(all, repeats(&row.splits))?;
    if let Some(saved) = predicted.saved_by(&one_line(&row.pipeline)) {
        let rows = all.rows() as f64 / row.splits.len() as f64;
        said.push(' ');
        said.push_str(&worth(saved.own, saved.chosen, rows, predicted.check_cost));
    }
    Some(Block::said(&said))
}

/// How many repeats the splits are of.
fn repeats(splits: &[Split]) -> usize {
    distinct(splits.iter().map(|(repeat, _)| repeat)).len()
}

/// What the alarms of all splits find, in a sentence; none without positives.
fn found(Confusion { tp, fp, fn_, tn }: Confusion, repeats: usize) -> Option<String> {
    let (positives, alarms) = (tp + fn_, tp + fp);
    let share = |part: u64, of: u64| format!("{:.1}%", 100.0 * part as f64 / of as f64);
    if positives == 0 {
        return None;
    }
    // A row counts in every repeat that tests it, so there can be more positives than the data have.
    let (together, comma) = match repeats {
        0 | 1 => (String::new(), ""),
        several => (format!(", {several} repeats counted together"), ","),
    };
    if alarms == 0 {
        let all = match positives {
            1 => "the one positive".to_owned(),
            n => format!("all {}", counted(n, "positive")),
        };
        return Some(format!("At its own threshold it raises no alarm and misses {all}{together}."));
    }
    Some(format!(
        "At its own threshold it finds {} of {} ({}){together}{comma} with {}, of which {} ({}) {} false; that is {:.1} alarms per 10,000 rows.",
        count(tp),
        counted(positives, "positive"),
        share(tp, positives),
        counted(alarms, "alarm"),
        count(fp),
        share(fp, alarms),
        agree(fp as usize, "is", "are"),
        1e4 * alarms as f64 / (positives + fp + tn) as f64,
    ))
}

/// What the alarms of folds of so many rows on average are worth. Nobody may have chosen the cost, so its option is named.
fn worth(own: Saved, chosen: Option<Saved>, rows: f64, check_cost: f64) -> String {
    let caught = |saved: Saved| format!("{:.1}% of the frauds' amount", 100.0 * saved.share);
    let other = chosen.map_or_else(String::new, |chosen| {
        format!(
            "; a threshold chosen on the other folds catches {} with {:.1} alarms per fold ({:.1}% of the rows) and {}",
            caught(chosen),
            chosen.alarms,
            100.0 * chosen.alarms / rows,
            saves(chosen.money)
        )
    });
    let too_small = match chosen {
        Some(chosen) if chosen.alarms >= NEARLY_ALL * rows => format!(
            " At that threshold nearly every row is an alarm: a cost of {check_cost} is too small for these amounts to choose a \
             threshold by; `fraudbench report DIR --check-cost COST` takes another."
        ),
        _ => String::new(),
    };
    format!(
        "That catches {}, and at a cost of {check_cost} per checked alarm (`--check-cost`) {} per fold{other}.{too_small}",
        caught(own),
        saves(own.money)
    )
}

/// `saves 42`, or `loses 42` where it is less than nothing.
fn saves(amount: f64) -> String {
    let verb = if amount.round() < 0.0 { "loses" } else { "saves" };
    format!("{verb} {}", money(amount.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_several_repeats_are_said_to_be_that() {
        // Two repeats of 3 positives and 17 negatives: 5 of 6 are found, with 8 alarms in 40 rows.
        let both = Confusion { tp: 5, fp: 3, fn_: 1, tn: 31 };
        let rest = "with 8 alarms, of which 3 (37.5%) are false; that is 2000.0 alarms per 10,000 rows.";
        let start = "At its own threshold it finds 5 of 6 positives (83.3%)";
        assert_eq!(found(both, 2).unwrap(), format!("{start}, 2 repeats counted together, {rest}"));
        assert_eq!(found(both, 1).unwrap(), format!("{start} {rest}"));
        let none = Confusion { tp: 0, fp: 0, fn_: 6, tn: 34 };
        let silent = "At its own threshold it raises no alarm and misses all 6 positives";
        assert_eq!(found(none, 2).unwrap(), format!("{silent}, 2 repeats counted together."));
        assert_eq!(found(none, 1).unwrap(), format!("{silent}."));
        assert_eq!(found(Confusion { fn_: 0, ..none }, 2), None);
        let one = "At its own threshold it raises no alarm and misses the one positive.";
        assert_eq!(found(Confusion { fn_: 1, ..none }, 1).unwrap(), one);
        assert_eq!((repeats(&[(0, 0), (0, 1), (1, 0), (1, 1)]), repeats(&[(0, 0), (0, 1)])), (2, 1));
    }

    #[test]
    fn what_is_caught_is_a_share_and_what_is_saved_is_money_per_fold() {
        let own = Saved { money: 1234.4, least: 1.0, largest: 2.0, alarms: 3.0, share: 0.5 };
        assert_eq!(
            worth(own, Some(Saved { money: 1500.0, alarms: 4.25, share: 0.75, ..own }), 100.0, 10.0),
            "That catches 50.0% of the frauds' amount, and at a cost of 10 per checked alarm (`--check-cost`) saves 1,234 per fold; a threshold \
                 chosen on the other folds catches 75.0% of the frauds' amount with 4.2 alarms per fold (4.2% of the rows) and saves \
                 1,500."
        );
        assert_eq!(
            worth(own, None, 100.0, 2.5),
            "That catches 50.0% of the frauds' amount, and at a cost of 2.5 per checked alarm (`--check-cost`) saves 1,234 per fold."
        );
        let bad = Saved { money: -41.6, ..own };
        assert_eq!(
            worth(bad, Some(Saved { money: -0.4, ..own }), 1000.0, 10.0),
            "That catches 50.0% of the frauds' amount, and at a cost of 10 per checked alarm (`--check-cost`) loses 42 per fold; a threshold \
                 chosen on the other folds catches 50.0% of the frauds' amount with 3.0 alarms per fold (0.3% of the rows) and saves \
                 0."
        );
    }

    #[test]
    fn a_threshold_that_calls_nearly_every_row_an_alarm_is_told_from_a_choice() {
        let own = Saved { money: 50.0, least: 1.0, largest: 2.0, alarms: 100.0, share: 0.5 };
        let at = |alarms| worth(own, Some(Saved { alarms, share: 1.0, ..own }), 1000.0, 10.0);
        let small = "At that threshold nearly every row is an alarm: a cost of 10 is too small for these amounts to choose a threshold by; \
                     `fraudbench report DIR --check-cost COST` takes another.";
        let all = at(999.0);
        assert!(all.contains("with 999.0 alarms per fold (99.9% of the rows)") && all.contains(small), "{all}");
        assert!(at(900.0).contains(small) && !at(899.0).contains(small));
        // The model's own labels are not chosen by the cost.
        assert!(!worth(Saved { alarms: 1000.0, ..own }, None, 1000.0, 10.0).contains("too small"));
    }
}
