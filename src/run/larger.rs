//! `skip_larger`: cells that took too long or too much memory on a simulated table are not begun on larger ones.

use std::collections::{HashMap, HashSet};

use crate::cell::{Cell, CellId};
use crate::simulate::Simulation;
use crate::store::{Outcome, Record};
use crate::study::{DataSource, Study};

/// What was too much so far.
#[derive(Debug, Default)]
pub struct TooMuch {
    /// The study's data sets by name, those that are simulated; empty where nothing is to be skipped.
    tables: HashMap<String, Simulation>,
    /// The data sets on which a cell was too much, and how it ended there, by the cell without its data set.
    found: HashMap<CellId, Vec<(String, Outcome)>>,
}

/// The cell on any data set.
fn anywhere(cell: &CellId) -> CellId {
    CellId { data_set: String::new(), ..cell.clone() }
}

impl TooMuch {
    /// What `records` tell; those of cells that are to be run again tell nothing.
    pub fn of(study: &Study, records: &[Record], again: &[&Cell], skips: bool) -> Self {
        let simulated = study.data.iter().filter_map(|spec| match spec.source {
            DataSource::Simulated(simulation) => Some((spec.name.clone(), simulation)),
            _ => None,
        });
        let mut known = TooMuch { tables: simulated.filter(|_| skips).collect(), found: HashMap::new() };
        let again: HashSet<&CellId> = again.iter().map(|cell| &cell.id).collect();
        records.iter().filter(|record| !again.contains(&record.cell)).for_each(|r| known.note(r));
        known
    }

    /// Takes account of how a cell ended.
    pub fn note(&mut self, record: &Record) {
        if matches!(record.outcome, Outcome::TimedOut | Outcome::OutOfMemory) && !self.tables.is_empty() {
            let found = self.found.entry(anywhere(&record.cell)).or_default();
            found.push((record.cell.data_set.clone(), record.outcome));
        }
    }

    /// Why a cell is not begun: the same cell was too much on a smaller table that is simulated alike.
    pub fn reason(&self, cell: &CellId) -> Option<String> {
        let here = *self.tables.get(&cell.data_set)?;
        let smaller = self.found.get(&anywhere(cell))?.iter().filter_map(|(data_set, outcome)| {
            let there = *self.tables.get(data_set)?;
            let alike = Simulation { rows: here.rows, ..there } == here && there.rows < here.rows;
            alike.then_some((there.rows, *outcome))
        });
        let (rows, outcome) = smaller.min_by_key(|(rows, _)| *rows)?;
        let ended = if outcome == Outcome::TimedOut { "timed out" } else { "ran out of memory" };
        Some(format!("{rows} rows {ended} (`skip_larger` of the limits)"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cell::{Filter, Plan};
    use crate::component::Registry;

    #[test]
    fn the_same_cell_is_skipped_on_larger_tables_of_the_same_share_only() {
        let table = |name: &str, rows: usize, share: f64| {
            format!("[[data]]\nname = '{name}'\nsimulate = {{ rows = {rows}, positives = {share} }}\n")
        };
        let tables = [("small", 100, 0.1), ("half", 1_000, 0.5), ("large", 1_000, 0.1), ("huge", 9_000, 0.1)];
        let tables: String = tables.map(|(name, rows, share)| table(name, rows, share)).concat();
        let text = format!(
            "name = 'x'\n{tables}[protocol]\nkind = 'hold-out'\n[grid]\nscalers = ['none', 'standard']\nclassifiers = \
             ['prior']\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
        let cell = |data_set: &str, scaler: &str| {
            plan.cells.iter().find(|cell| cell.id.data_set == data_set && cell.id.scaler == scaler).unwrap()
        };
        let mut too_much = TooMuch::of(&study, &[], &[], true);
        let reason = |too_much: &TooMuch, data_set, scaler| too_much.reason(&cell(data_set, scaler).id);
        assert_eq!(reason(&too_much, "huge", "none"), None);
        let mut ended = |data_set: &str, outcome| {
            let id = &cell(data_set, "none").id;
            too_much.found.entry(anywhere(id)).or_default().push((id.data_set.clone(), outcome));
        };
        ended("large", Outcome::OutOfMemory);
        ended("small", Outcome::TimedOut);
        let said = "100 rows timed out (`skip_larger` of the limits)";
        assert_eq!(reason(&too_much, "huge", "none").as_deref(), Some(said));
        assert_eq!(reason(&too_much, "large", "none").as_deref(), Some(said));
        for (data_set, scaler) in [("small", "none"), ("half", "none"), ("huge", "standard")] {
            assert_eq!(reason(&too_much, data_set, scaler), None, "{data_set}");
        }
    }
}
