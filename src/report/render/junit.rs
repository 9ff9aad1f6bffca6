//! `junit.xml`: a test case per cell, for the dashboards that read such files: a failed cell is a failure, a missing one is skipped.

use std::fmt::Write as _;

use super::{Exporter, Report};
use crate::analyze::Results;
use crate::analyze::leaderboard::{Pipeline, distinct, matched};
use crate::report::words::pipeline;
use crate::store::{Outcome, Record, Stage};

/// How every file of ours begins, up to the name of its suite.
pub(in crate::report) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"";
/// How the name of a gate's suite begins.
pub(in crate::report) const OF_GATE: &str = "gate: ";

/// `junit.xml`.
pub(super) const CELLS: Exporter =
    Exporter { file: "junit.xml", bytes: |report: &Report<'_>| Ok(Some(cells(report.all).into_bytes())) };

/// One suite per run, one case per planned cell in plan order; the class is the pipeline, behind the data set where there
/// are several, the name its split. Seconds are those of fitting and predicting; of a cell without a score those of all its stages.
pub fn cells(results: &Results) -> String {
    let records = matched(results);
    let several = distinct(results.planned.iter().map(|p| &p.cell.data_set)).len() > 1;
    let failed = records.iter().flatten().filter(|r| r.outcome != Outcome::Scored).count();
    let missing = records.iter().filter(|r| r.is_none()).count();
    let mut out = format!(
        "{HEAD}{}\" tests=\"{}\" failures=\"{failed}\" \
         errors=\"0\" skipped=\"{missing}\">\n",
        escape(&results.title),
        records.len(),
    );
    for (planned, record) in results.planned.iter().zip(records) {
        let cell = &planned.cell;
        let of = if several { format!("{}, ", cell.data_set) } else { String::new() };
        let class = format!("{of}{}, {}", cell.protocol, pipeline(&Pipeline::of(cell)));
        let seconds = record.map_or(0.0, seconds);
        let _ = write!(
            out,
            "<testcase classname=\"{}\" name=\"repeat {} fold {}\" time=\"{seconds:.3}\"",
            escape(&class),
            cell.repeat,
            cell.fold
        );
        match record {
            Some(r) if r.outcome == Outcome::Scored => out.push_str("/>\n"),
            Some(r) => {
                let _ = writeln!(out, ">{}</testcase>", failure(r));
            }
            None => out.push_str("><skipped message=\"no record yet\"/></testcase>\n"),
        }
    }
    out.push_str("</testsuite>\n</testsuites>\n");
    out
}

fn seconds(record: &Record) -> f64 {
    match record.outcome {
        Outcome::Scored => record.seconds.fit + record.seconds.predict,
        // The sum of no numbers is -0.0, which would be written with its sign.
        _ => record.stages.iter().map(|cost| cost.seconds).fold(0.0, std::ops::Add::add),
    }
}

fn failure(record: &Record) -> String {
    let kind = match record.stage {
        Some(stage) => format!("{} in {}", record.outcome.name(), Stage::name(stage)),
        None => record.outcome.name().to_owned(),
    };
    let reason = record.reason.as_deref().unwrap_or("no reason recorded");
    format!("<failure type=\"{}\" message=\"{}\"/>", escape(&kind), escape(reason))
}

/// Text in an attribute; characters that XML cannot hold become `?`.
pub(in crate::report) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_attribute() {
        assert_eq!(escape("\"<a>\" & b\n\u{1}"), "&quot;&lt;a&gt;&quot; &amp; b&#10;?");
    }
}
