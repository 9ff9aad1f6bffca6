//! The gate as JUnit XML: a test case per comparison, per pipeline's cells and per value to reach; an alarm is a failure.

use std::fmt::Write as _;

use super::{changed, floor_words, line, names, regression};
use crate::analyze::gate::{Call, Gate};
use crate::report::render::junit::{HEAD, OF_GATE, escape};

/// A case: class, name, and how it went.
type Case = (String, String, Went);

/// How a case went.
enum Went {
    Passed,
    Failed(String),
    Skipped(String),
}

/// The file.
pub fn junit(gate: &Gate) -> String {
    let cases = cases(gate);
    let count = |of: fn(&Went) -> bool| cases.iter().filter(|(_, _, went)| of(went)).count();
    let mut out = format!(
        "{HEAD}{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" \
         skipped=\"{}\">\n",
        escape(&format!("{OF_GATE}{}", gate.new)),
        cases.len(),
        count(|went| matches!(went, Went::Failed(_))),
        count(|went| matches!(went, Went::Skipped(_))),
    );
    for (class, name, went) in &cases {
        // Writing to a string cannot fail.
        let _ = write!(out, "<testcase classname=\"{}\" name=\"{}\"", escape(class), escape(name));
        let _ = match went {
            Went::Passed => writeln!(out, "/>"),
            Went::Failed(why) => writeln!(out, "><failure type=\"gate\" message=\"{}\"/></testcase>", escape(why)),
            Went::Skipped(why) => writeln!(out, "><skipped message=\"{}\"/></testcase>", escape(why)),
        };
    }
    let _ = write!(out, "<system-out>{}</system-out>\n</testsuite>\n</testsuites>\n", escape(&line(gate)));
    out
}

fn cases(gate: &Gate) -> Vec<Case> {
    let (mut cases, names) = (Vec::new(), names(gate));
    for c in &gate.comparisons {
        let went = match &c.call {
            Call::Worse => Went::Failed(regression(&names, c)),
            Call::NotWorse | Call::OneNight => Went::Passed,
            Call::NotJudged(reason) => Went::Skipped(reason.clone()),
        };
        cases.push((names.name(&c.data_set, &c.pipeline), c.measure.name().to_owned(), went));
    }
    for one in &gate.ends.failed {
        let class = names.name(&one.data_set, &one.pipeline);
        cases.push((class, "cells".into(), Went::Failed(changed(&names, one))));
    }
    for floor in &gate.floors {
        let went = if floor.is_reached { Went::Passed } else { Went::Failed(floor_words(gate, &names, floor)) };
        cases.push((floor.data_set.clone(), format!("{} {}", floor.metric, floor.wanted), went));
    }
    cases
}
