//! The report's sections on models that learnt nothing or little, and on those whose threshold parts no rows.

use serde_json::Value;

use crate::analyze::Results;
use crate::analyze::leaderboard::distinct;
use crate::analyze::learnt::{Idle, Learnt, Nothing, idle};
use crate::component::{Remedies, Remedy};
use crate::report::document::{Block, Section, Table};
use crate::report::words::pipeline;
use crate::words::{agree, counted};

/// Pipelines of a family that are named.
const NAMED: usize = 2;
/// What weighs rows by their class.
const WEIGH: Remedy = Remedy::params(
    "weigh the classes",
    &[
        ("class_weight", |given| !given.is_null()),
        ("scale_pos_weight", |given| given.as_f64().is_some_and(|given| given != 1.0)),
        ("is_unbalance", |given| *given == true),
    ],
);
/// What helps where scores part the classes and labels do not.
const LABELS: Remedies = Remedies {
    any: &[
        Remedy::params(
            "tune the threshold (`threshold = \"max-f1\"`, or a number of alarms a day)",
            &[("threshold", |given| given["rule"].as_str().is_some_and(|rule| rule != "fixed"))],
        ),
        WEIGH,
    ],
    why: "",
};
/// What helps where nobody knows the family better, or where a pipeline does what its family is advised.
const SCORES: Remedies = Remedies {
    any: &[
        WEIGH,
        Remedy::resampler("resample"),
        Remedy::params("a larger `C`", &[("C", |given| given.as_f64().is_some_and(|given| given > 1.0))]),
    ],
    why: "",
};
/// Where a pipeline does all that is known to help.
const NOTHING_KNOWN: &str = "columns that tell more, or more positives";

/// Pipelines of which the same is wrong.
struct Group<'a> {
    id: &'static str,
    heading: &'static str,
    /// Where each cell is listed.
    listed: &'static str,
    all: Vec<&'a Idle>,
}

impl<'a> Group<'a> {
    /// Those of which a model learnt `what`; none where there are none.
    fn of(what: Learnt, all: &'a [Idle]) -> Option<Self> {
        let (id, heading, listed) = match what {
            Learnt::Nothing => ("learnt-nothing", "Models that learnt nothing", "; `cells.csv` has each"),
            Learnt::Little => ("learnt-little", "Models that learnt little", ""),
            Learnt::Ranking => {
                ("labels-alike", "Models whose threshold parts no rows", "; `cells.csv` has the counts of each")
            }
        };
        let all: Vec<&Idle> = all.iter().filter(|one| one.what.learnt() == what).collect();
        (!all.is_empty()).then_some(Group { id, heading, listed, all })
    }

    /// All groups that there are.
    fn every(all: &'a [Idle]) -> impl Iterator<Item = Self> {
        [Learnt::Nothing, Learnt::Little, Learnt::Ranking].into_iter().filter_map(move |what| Group::of(what, all))
    }

    /// How many they are and what is wrong with them, in a sentence.
    fn said(&self) -> String {
        let whose = agree(self.all.len(), "its", "their");
        let words = match self.all[0].what.learnt() {
            Learnt::Nothing => format!(
                "learnt nothing in at least one of {whose} cells: {whose} scores are alike for most rows and find no more than chance \
                 among the others, or do not rank positives above the others."
            ),
            Learnt::Little => format!(
                "learnt little in at least one of {whose} cells: {whose} scores are alike for most rows and at least half of the \
                 positives, and the others hold few positives for their number, though more than chance would give."
            ),
            Learnt::Ranking => {
                let (raises, calls) =
                    (agree(self.all.len(), "raises", "raise"), agree(self.all.len(), "calls", "call"));
                format!(
                    "{raises} no alarm, or {calls} every row one, in at least one of {whose} cells: {whose} scores tell rows apart \
                     there, but the threshold does not."
                )
            }
        };
        format!("{} {words}", counted(self.all.len() as u64, "pipeline"))
    }

    /// The names of the first ones, in a sentence.
    fn names(&self) -> String {
        let named: Vec<String> = self.all.iter().take(NAMED).map(|one| pipeline(&one.pipeline)).collect();
        let named = named.join("; ");
        match self.all.len() {
            1 => format!("It is {named}."),
            n if n > NAMED => format!("They are {named} and {} more.", n - NAMED),
            _ => format!("They are {named}."),
        }
    }
}

/// Which pipelines learnt nothing or little, and of which others the labels alone are alike: what is wrong and the first names, where
/// there are any.
pub(in crate::report) fn said(all: &[Idle]) -> Vec<String> {
    Group::every(all).map(|group| format!("{} {}", group.said(), group.names())).collect()
}

/// Which pipelines learnt nothing or little, and of which the labels alone are alike: how it shows, and what is likely to help. A
/// section each, where there are any.
pub(in crate::report) fn sections(results: &Results) -> Vec<Section> {
    let all = idle(results);
    Group::every(&all)
        .map(|group| {
            let text = format!("{} The means above count these cells{}.", group.said(), group.listed);
            let table = Block::Table(table(group.id, results, &group.all));
            Section::new(group.id, group.heading, vec![Block::said(&text), table])
        })
        .collect()
}

/// What is likely to help a pipeline, without what it does already.
fn help(results: &Results, one: &Idle) -> String {
    let entry = results.registry.classifier(&one.family, Some(&one.backend)).ok();
    let params = entry.map_or(Value::Null, |entry| entry.defaults(&results.registry));
    // Every family may have a threshold.
    let takes = |name: &str| name == "threshold" || params.get(name).is_some();
    let left = |remedies: Remedies| remedies.left(&one.scaler, &one.resampler, &one.classifier, takes);
    if one.what.learnt() == Learnt::Ranking {
        let else_ = || "give another `threshold`".to_owned();
        return format!("the scores may part the classes all the same: {}", left(LABELS).unwrap_or_else(else_));
    }
    let own = entry.map_or(Remedies::NONE, |entry| entry.remedy);
    left(own).or_else(|| left(SCORES)).unwrap_or_else(|| NOTHING_KNOWN.to_owned())
}

fn table(id: &str, results: &Results, all: &[&Idle]) -> Table {
    type Kind = (String, String, Nothing, String);
    let kind = |one: &&Idle| (one.family.clone(), one.backend.clone(), one.what, help(results, one));
    let kinds: Vec<Kind> = all.iter().map(kind).collect();
    let line = |shown: &Kind| {
        let of = all.iter().zip(&kinds).filter(|(_, kind)| *kind == shown).map(|(one, _)| *one);
        let of: Vec<&Idle> = of.collect();
        let (.., what, help) = shown;
        let mut named: Vec<String> = of.iter().take(NAMED).map(|one| pipeline(&one.pipeline)).collect();
        if of.len() > NAMED {
            named.push(format!("and {} more", of.len() - NAMED));
        }
        let sum = |count: fn(&Idle) -> usize| of.iter().map(|one| count(one)).sum::<usize>();
        let cells = format!("{}/{}", sum(|one| one.cells), sum(|one| one.scored));
        vec![named.join("; "), cells, what.words().to_owned(), help.clone()]
    };
    let rows = distinct(kinds.iter()).into_iter().map(line).collect();
    Table::marked(id, &["pipelines", "cells", "what shows", "what is likely to help"], rows)
}
