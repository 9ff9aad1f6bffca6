//! What runs that are merged say differently of one and the same cell, and which of them say the same: for the terminal with what
//! counts now, for the manifest without.

use std::collections::HashMap;

use crate::analyze::{Results, agree, by_result, difference};
use crate::cell::CellId;
use crate::store::{Outcome, Record};
use crate::words::{agree as fits, counted};

/// A run by its name, and its records in lists.
pub(super) struct Part<'r> {
    pub name: String,
    /// Whether its manifest has the names of runs that contradict each other in it.
    pub has_names: bool,
    pub records: [&'r [Record]; 2],
}

/// The runs behind each result, and which of the results counts after the merge.
type Sides = (Vec<Vec<usize>>, Option<usize>);

/// Cells on which the same runs contradict each other in the same way.
pub(super) struct Alike {
    sides: Sides,
    cells: usize,
    /// The first cell, what differs there, and what it is on each side.
    first: String,
    what: String,
    values: Vec<String>,
}

/// Which runs contradict each other on which cells. `joined` is what the merge made of them.
pub(super) fn contradictions(parts: &[Part<'_>], joined: &Results) -> Vec<Alike> {
    let mut by_cell: HashMap<&CellId, Vec<(usize, &Record)>> = HashMap::new();
    for (place, part) in parts.iter().enumerate() {
        for record in part.records.iter().flat_map(|list| list.iter()).filter(|r| r.outcome == Outcome::Scored) {
            by_cell.entry(&record.cell).or_default().push((place, record));
        }
    }
    let counting: HashMap<&CellId, &Record> = joined.records.iter().map(|record| (&record.cell, record)).collect();
    let mut all: Vec<Alike> = Vec::new();
    for cell in joined.planned.iter().map(|planned| &planned.cell) {
        let Some(of_cell) = by_cell.get(cell) else { continue };
        let records: Vec<&Record> = of_cell.iter().map(|(_, record)| *record).collect();
        let groups = by_result(&records);
        if groups.len() < 2 {
            continue;
        }
        let firsts: Vec<&Record> = groups.iter().map(|group| records[group[0]]).collect();
        let counts = counting.get(cell).and_then(|record| firsts.iter().position(|first| agree(first, record)));
        let sides = (groups.iter().map(|group| runs(group, of_cell)).collect(), counts);
        match all.iter_mut().find(|alike| alike.sides == sides) {
            Some(alike) => alike.cells += 1,
            None => {
                let first = cell.named(joined.has_several_data_sets());
                let (what, values) = difference(&firsts, &joined.primary);
                all.push(Alike { sides, cells: 1, first, what, values });
            }
        }
    }
    all
}

/// The runs that records of a cell, by their places, are of; each once.
fn runs(group: &[usize], of_cell: &[(usize, &Record)]) -> Vec<usize> {
    let mut runs: Vec<usize> = group.iter().map(|&place| of_cell[place].0).collect();
    runs.dedup();
    runs
}

/// `a`, `a and b`, `a, b and c`.
fn names(runs: &[usize], parts: &[Part<'_>]) -> String {
    let names: Vec<&str> = runs.iter().map(|&run| parts[run].name.as_str()).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}

impl Alike {
    /// The sentence for the terminal: which runs say what, and which result counts.
    pub fn warning(&self, parts: &[Part<'_>]) -> String {
        let (sides, counts) = &self.sides;
        let sides: Vec<String> = sides.iter().map(|runs| names(runs, parts)).collect();
        let counts = match counts {
            Some(side) => format!("; the one in {} counts", sides[*side]),
            None => "; none counts, however many runs agree".to_owned(),
        };
        let by_name = self.has_names(parts).map_or_else(String::new, |part| {
            format!("; the runs by name are in {}/report.md, under Contradicting runs", part.name)
        });
        format!("warning: {}{by_name}", self.sentence(&sides, &counts))
    }

    /// The part with all the results whose manifest has the names of the runs that they are of.
    fn has_names<'p, 'r>(&self, parts: &'p [Part<'r>]) -> Option<&'p Part<'r>> {
        let has_all = |run: usize| self.sides.0.iter().all(|runs| runs.contains(&run));
        parts.iter().enumerate().find(|(run, part)| part.has_names && has_all(*run)).map(|(_, part)| part)
    }

    /// The sentence for the manifest, which says nothing of what counts: that changes when the cell is run again. None where the
    /// manifest of a part with all the results has one. `joined` is the part that is merged into, if any; beside others with its
    /// result it is not named.
    pub fn lasting(&self, parts: &[Part<'_>], joined: Option<usize>) -> Option<String> {
        if self.has_names(parts).is_some() {
            return None;
        }
        let sides = &self.sides.0;
        let others = |runs: &Vec<usize>| -> Vec<usize> {
            runs.iter().copied().filter(|&run| runs.len() == 1 || joined != Some(run)).collect()
        };
        let sides: Vec<String> = sides.iter().map(|runs| names(&others(runs), parts)).collect();
        Some(self.sentence(&sides, ""))
    }

    fn sentence(&self, sides: &[String], counts: &str) -> String {
        let results: Vec<String> = sides.iter().map(|names| format!("in {names}")).collect();
        let values: Vec<String> =
            self.values.iter().zip(&results).map(|(value, place)| format!("{value} {place}")).collect();
        format!(
            "{} {} one result {}{counts} ({}{}: {} is {})",
            counted(self.cells as u64, "cell"),
            fits(self.cells, "has", "have"),
            results.join(", another "),
            if self.cells > 1 { "the first is " } else { "" },
            self.first,
            self.what,
            values.join(", ")
        )
    }
}
