//! What runs that are merged say differently of one and the same cell, and which of them say the same.

use std::collections::HashMap;

use crate::analyze::{Results, agree, by_result, difference};
use crate::cell::CellId;
use crate::store::{Outcome, Record};
use crate::words::{agree as fits, counted};

/// A run by its name, and its records in lists.
pub(super) struct Part<'r> {
    pub name: String,
    pub records: [&'r [Record]; 2],
}

/// The runs behind each result, and which of the results counts after the merge.
type Sides = (Vec<Vec<usize>>, Option<usize>);

/// Cells on which the same runs contradict each other in the same way.
struct Alike {
    sides: Sides,
    cells: usize,
    /// The first cell, and what differs there.
    first: String,
}

/// Which runs contradict each other on how many cells, a sentence for each division of the runs. `joined` is what the merge made of
/// them.
pub(super) fn contradictions(parts: &[Part<'_>], joined: &Results) -> Vec<String> {
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
                let name = cell.named(joined.has_several_data_sets());
                let first = format!("{name}: {}", said(&firsts, &sides.0, parts, &joined.primary));
                all.push(Alike { sides, cells: 1, first });
            }
        }
    }
    all.iter().map(|alike| alike.sentence(parts)).collect()
}

/// The runs that records of a cell, by their places, are of; each once.
fn runs(group: &[usize], of_cell: &[(usize, &Record)]) -> Vec<usize> {
    let mut runs: Vec<usize> = group.iter().map(|&place| of_cell[place].0).collect();
    runs.dedup();
    runs
}

/// `pr-auc is 0.9 in a and b, 0.5 in c`.
fn said(firsts: &[&Record], sides: &[Vec<usize>], parts: &[Part<'_>], primary: &str) -> String {
    let (what, values) = difference(firsts, primary);
    let said = values.iter().zip(sides).map(|(value, runs)| format!("{value} in {}", names(runs, parts)));
    format!("{what} is {}", said.collect::<Vec<_>>().join(", "))
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
    fn sentence(&self, parts: &[Part<'_>]) -> String {
        let (sides, counts) = &self.sides;
        let results: Vec<String> = sides.iter().map(|runs| format!("in {}", names(runs, parts))).collect();
        let first = if self.cells > 1 { "the first is " } else { "" };
        let counted_is = match counts {
            Some(side) => format!("the one {} counts", results[*side]),
            None => "none counts, however many runs agree".to_owned(),
        };
        format!(
            "warning: {} {} one result {}; {counted_is} ({first}{})",
            counted(self.cells as u64, "cell"),
            fits(self.cells, "has", "have"),
            results.join(", another "),
            self.first,
        )
    }
}
