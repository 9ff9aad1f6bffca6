//! Scores by another data set's amounts, groups or days. Data sets of one run may have the same features and labels, and a cell of
//! one then copies what a cell of the other has said. Builds that did not write `sided_rows` copied its scores by money, cards and
//! days, too.

use std::collections::HashMap;

use super::expected::Expected;
use super::{ByCell, Doubt, is_scored};
use crate::analyze::contradiction::agree;
use crate::cell::{Cell, Plan};
use crate::data::Role;
use crate::store::Record;

/// Takes out the copies whose scores are by the sides of another data set. They are named unless their cell was run anew.
pub(super) fn without_others(
    by_cell: &mut ByCell,
    (expected, plan): (&Expected<'_>, &Plan),
    found: &mut Vec<(Doubt, String)>,
) {
    if expected.data.len() < 2 {
        return;
    }
    let known = Known::of(by_cell, expected, plan);
    let mut of_others = Vec::new();
    for cell in &plan.cells {
        let records = by_cell.get(&cell.id).map_or(&[][..], Vec::as_slice);
        let doubted = |(_, record): &(usize, &Record)| known.is_by_others(cell, record);
        let doubted: Vec<usize> = records.iter().enumerate().filter(doubted).map(|(at, _)| at).collect();
        let is_anew = (0..records.len()).any(|at| is_scored(&records[at]) && !doubted.contains(&at));
        if !is_anew {
            found.extend(doubted.iter().map(|_| (Doubt::OtherSides, cell.id.named(true))));
        }
        of_others.push((&cell.id, doubted));
    }
    for (id, doubted) in of_others {
        let mut places = 0..;
        if let Some(records) = by_cell.get_mut(id) {
            records.retain(|_| !places.next().is_some_and(|at| doubted.contains(&at)));
        }
    }
}

/// What a copy may be of.
struct Known<'k> {
    expected: &'k Expected<'k>,
    /// The scored records of cells that were fitted, by their keys.
    fitted: HashMap<&'k str, Vec<&'k Record>>,
    /// The planned cells by their keys.
    planned: HashMap<&'k str, Vec<&'k Cell>>,
}

impl<'k> Known<'k> {
    fn of(by_cell: &'k ByCell, expected: &'k Expected<'k>, plan: &'k Plan) -> Self {
        let (mut fitted, mut planned) = (HashMap::new(), HashMap::new());
        for record in by_cell.values().flatten().filter(|record| is_scored(record) && record.equals.is_none()) {
            fitted.entry(record.key.as_str()).or_insert_with(Vec::new).push(record);
        }
        for cell in &plan.cells {
            if let Some((cell, key)) = expected.cells.get(&cell.id) {
                planned.entry(key.as_str()).or_insert_with(Vec::new).push(*cell);
            }
        }
        Known { expected, fitted, planned }
    }

    /// Whether a record of `cell` has scores that were copied from a data set with other sides.
    fn is_by_others(&self, cell: &Cell, record: &Record) -> bool {
        let Some(key) = record.equals.as_deref().filter(|_| is_scored(record) && record.sided_rows.is_none()) else {
            return false;
        };
        let roles = self.roles(record);
        let digests = |data: usize| &self.expected.data[data].digests;
        let is_other = |data: usize| {
            let differs = |role: &Role| digests(cell.data).of_role(*role) != digests(data).of_role(*role);
            roles.iter().any(differs)
        };
        let originals = self.fitted.get(key).into_iter().flatten().filter(|original| original.cell != record.cell);
        let originals: Vec<(usize, &Record)> = originals
            .filter_map(|original| self.expected.cells.get(&original.cell).map(|(of, _)| (of.data, *original)))
            .collect();
        if originals.is_empty() {
            // A cell with its own key is of another data set, though its record is lost.
            let namesakes = self.planned.get(key).into_iter().flatten().filter(|other| other.id != record.cell);
            let namesakes: Vec<usize> = namesakes.map(|other| other.data).collect();
            return key == record.key && !namesakes.is_empty() && namesakes.into_iter().all(is_other);
        }
        let is_right = |(data, original): &(usize, &Record)| !is_other(*data) && agree(record, original);
        !originals.iter().any(is_right) && originals.iter().any(|(data, _)| is_other(*data))
    }

    /// What its scores are by beside scores and labels; those of metrics that came later are given by rows that were kept once for all.
    fn roles(&self, record: &Record) -> Vec<Role> {
        let study = self.expected.study;
        let scored = record.metrics.keys().filter_map(|id| study.registry.metric(id).ok());
        let later = study.metrics.iter().copied().filter(|_| record.kept);
        scored.chain(later).flat_map(|metric| metric.needs).filter_map(|need| need.role()).collect()
    }
}
