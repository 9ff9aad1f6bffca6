//! `power.csv` and `power.md`: what the trials found.

use std::path::{Path, PathBuf};

use super::Tried;
use super::rates::{Rate, Rates};
use super::studies::Design;
use crate::error::Result;
use crate::report::document::{Block, Document, Section, Table, Text};
use crate::report::number::{change, score};
use crate::report::render::csv::{encode, exact};
use crate::report::render::markdown;
use crate::report::write::write_files;

/// The report.
pub const FILE: &str = "power.md";
const TABLE: &str = "power.csv";

/// Writes table and report into `dir`, which exists, and returns their paths.
///
/// # Errors
/// [`crate::error::Error::Io`]; [`crate::error::Error::Component`] when the table cannot be encoded.
pub fn write(tried: &[Tried], dir: &Path) -> Result<Vec<PathBuf>> {
    let report = markdown::document(&document(tried)).into_bytes();
    write_files(dir, &[(TABLE.into(), csv(tried)?), (FILE.into(), report)])
}

type Column = (&'static str, fn(&Rates) -> Rate);

/// What counts false alarms: at most 5% should.
const ALARMS: [Column; 2] =
    [("false_alarms", |rates| rates.false_alarms), ("named_false_alarms", |rates| rates.named_alarms)];
/// Intervals at 95%.
const COVERAGE: [Column; 6] = [
    ("coverage", |rates| rates.coverage),
    ("difference_coverage", |rates| rates.named_coverage),
    ("best_coverage", |rates| rates.best_coverage),
    ("corrected_best_coverage", |rates| rates.corrected_coverage),
    ("rows_coverage", |rates| rates.rows_coverage),
    ("best_rows_coverage", |rates| rates.best_rows_coverage),
];
/// What is seen of a lead.
const LEAD: [Column; 2] = [("best_found", |rates| rates.found), ("others_told", |rates| rates.told)];

fn csv(tried: &[Tried]) -> Result<Vec<u8>> {
    let mut header: Vec<String> = [
        "study",
        "protocol",
        "classifier",
        "metric",
        "data_set",
        "rows",
        "positives",
        "pipelines",
        "correlation",
        "lead",
        "draws",
        "worth_first",
        "worth_others",
    ]
    .map(str::to_owned)
    .to_vec();
    let shares = || ALARMS.iter().chain(&COVERAGE).chain(&LEAD);
    header.extend(shares().flat_map(|(name, _)| [(*name).to_owned(), format!("{name}_of"), format!("{name}_se")]));
    header.extend(["flattery", "corrected_flattery", "smallest_callable"].map(str::to_owned));
    let mut rows = vec![header];
    for Tried { title, primary, protocol, classifier, rates } in tried {
        for rates in rates {
            let Design { name, data } = &rates.design;
            let mut cells = vec![title.clone(), protocol.clone(), classifier.clone(), primary.clone(), name.clone()];
            cells.extend([data.rows, data.positives, data.columns].map(|n| n.to_string()));
            cells.extend([data.correlation, data.lead].map(|v| exact(Some(v))));
            cells.push(rates.draws.to_string());
            cells.extend(rates.worth.map(|v| exact(Some(v))));
            let share = |rate: Rate| [exact(rate.share()), rate.of.to_string(), exact(rate.error())];
            cells.extend(shares().flat_map(|(_, of)| share(of(rates))));
            cells.extend([rates.flattery, rates.corrected_flattery, rates.callable].map(exact));
            rows.push(cells);
        }
    }
    encode(&rows)
}

fn document(tried: &[Tried]) -> Document {
    let lead = Block::said(
        "Studies whose truth is known, drawn many times and run through the program: each pipeline sees one column of simulated data, \
         and all columns are worth the same, but for the first where it has a lead. Shares are over draws, with their standard errors; several \
         pipelines of a draw share its rows and folds, and count as one. Where something never happened, or always, the end of its 95% \
         interval (Wilson, by draws) stands instead. A better mean is a smaller one where the metric's smaller values are better. \
         Nominal are at most 5% of false alarms and 95% of intervals that hold the truth.",
    );
    Document {
        title: Text::plain("What a report's tests and intervals are worth"),
        lead: vec![lead],
        sections: tried.iter().enumerate().map(|(nth, tried)| section(nth, tried)).collect(),
    }
}

fn section(nth: usize, tried: &Tried) -> Section {
    let said = format!("Protocol: {}. Classifier: `{}`. Metric: {}.", tried.protocol, tried.classifier, tried.primary);
    let (null, led): (Vec<&Rates>, Vec<&Rates>) = tried.rates.iter().partition(|rates| rates.design.data.lead == 0.0);
    let mut blocks = vec![Block::said(&said)];
    if !null.is_empty() {
        blocks.extend(without_lead(nth, &null));
    }
    if !led.is_empty() {
        blocks.extend(with_lead(nth, &led));
    }
    Section::new(&format!("study-{nth}"), &tried.title, blocks)
}

/// What was found where no pipeline is better.
fn without_lead(nth: usize, null: &[&Rates]) -> [Block; 2] {
    let said = Block::said(
        "No pipeline is better than another. False alarms: draws in which one is told from the best; of two that were named before, \
         draws in which they are told apart. Coverage: of the mean of a pipeline; of the difference of those two; of the best's mean \
         as if it had been named before, and with the end that allows for choosing; by the bootstrap over rows, of a pipeline and of the best. Flattery: \
         by how much the best's mean is too good on average, as it is and read on other folds (extrapolated where splits share test rows, of \
         the draws in which that stays in the metric's range).",
    );
    let header = [
        "data",
        "positives",
        "draws",
        "false alarms",
        "of two named",
        "coverage",
        "of a difference",
        "of the best",
        "corrected",
        "over rows",
        "of the best over rows",
        "flattery",
        "corrected flattery",
    ];
    let line = |rates: &&Rates| {
        let mut cells = named(rates);
        cells.extend(ALARMS.iter().chain(&COVERAGE).map(|(_, of)| percent(of(rates))));
        cells.extend([rates.flattery, rates.corrected_flattery].map(or_dash));
        cells
    };
    [said, Block::Table(Table::plain(&format!("null-{nth}"), &header, null.iter().map(line).collect()))]
}

/// What was found where the first pipeline is better.
fn with_lead(nth: usize, led: &[&Rates]) -> [Block; 2] {
    let said = Block::said(
        "The first pipeline is better by the lead. Found: draws in which it comes out best; told: how many of the others are told \
         from it then. A difference is called from the smallest callable one on, on average.",
    );
    let header = [
        "data",
        "positives",
        "draws",
        "lead",
        "smallest callable",
        "found",
        "told",
        "false alarms",
        "of the best",
        "corrected",
    ];
    let line = |rates: &&Rates| {
        let mut cells = named(rates);
        cells.extend([or_dash(rates.lead), score(rates.callable)]);
        let shares = [rates.found, rates.told, rates.false_alarms, rates.best_coverage, rates.corrected_coverage];
        cells.extend(shares.map(percent));
        cells
    };
    [said, Block::Table(Table::plain(&format!("lead-{nth}"), &header, led.iter().map(line).collect()))]
}

fn named(rates: &Rates) -> Vec<String> {
    vec![rates.design.name.clone(), rates.design.data.positives.to_string(), rates.draws.to_string()]
}

/// A change with its sign, or `–`.
fn or_dash(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), change)
}

/// `4.7% ± 1.2`; `0.0% (at most 2.5)` and `100.0% (at least 97.5)`, which have no such error; or `–`.
fn percent(rate: Rate) -> String {
    let percent = |share: f64| format!("{:.1}", 100.0 * share);
    let Some(share) = rate.share() else { return "–".to_owned() };
    match (rate.error(), rate.bound()) {
        (Some(error), _) => format!("{}% ± {}", percent(share), percent(error)),
        (None, Some(most)) if rate.count == 0 => format!("{}% (at most {})", percent(share), percent(most)),
        (None, Some(least)) => format!("{}% (at least {})", percent(share), percent(least)),
        (None, None) => format!("{}%", percent(share)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_an_error_or_a_bound() {
        let of = |draws: &[(usize, usize)]| percent(Rate::by_draw(draws.iter().copied()));
        assert_eq!(of(&[(2, 2), (2, 2), (2, 2), (0, 2)]), "75.0% ± 25.0");
        assert_eq!(of(&[(0, 1); 150]), "0.0% (at most 2.5)");
        assert_eq!(of(&[(1, 1); 150]), "100.0% (at least 97.5)");
        assert_eq!((of(&[(1, 4)]), of(&[])), ("25.0%".to_owned(), "–".to_owned()));
    }
}
