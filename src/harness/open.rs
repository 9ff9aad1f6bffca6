//! The data of a study, and the results directory that fits them.

use std::path::PathBuf;

use super::fits::Tables;
use super::plan::{Place, Planned, moved};
use super::{fits, load};
use crate::cell::{Cell, Plan};
use crate::data::{Dataset, Deduplicated, TableFacts};
use crate::error::{Error, Result};
use crate::os::start_threads;
use crate::run::{Derived, Displays, Event, Foreseen, Job, Limits, PartSizes, Table};
use crate::study::{Lacks, Study};

/// A planned study with its data; nothing is written yet.
pub struct Opened {
    pub(super) planned: Planned,
    /// None where one at a time is in memory.
    pub(super) tables: Vec<(Dataset, Deduplicated)>,
    /// What leaks of columns make of them.
    pub(super) derived: Vec<Derived>,
    pub(super) facts: Vec<TableFacts>,
    /// Rows of the splits of tables that are not in memory; empty where all are.
    pub(super) sizes: Vec<PartSizes>,
    /// Files that are written into the results directory before the first cell.
    pub(super) beside: Vec<(PathBuf, Vec<u8>)>,
}

impl Planned {
    /// Loads the data and leaves out what does not fit them: the first step of [`super::run`], for those who want to look at
    /// them before the run.
    ///
    /// # Errors
    /// [`Error::Data`] when they are not there or not readable, of all of them; [`Error::Study`] when a component fits none of
    /// them.
    pub fn open(mut self, displays: &mut Displays<'_>) -> Result<Opened> {
        start_threads()?;
        let (mut tables, mut derived, mut facts, mut faults) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut lacks, mut sizes, mut foreseen) = (Vec::new(), Vec::new(), Foreseen::default());
        self.study.notes().iter().for_each(|said| displays.tell(&Event::Warning { said }));
        for (number, spec) in self.study.data.iter().enumerate() {
            // The tables behind one that cannot be read are read all the same: what is wrong with them is told with it.
            let (data, dedup, of_columns) = match prepared(&self.study, number) {
                Ok(prepared) => prepared,
                Err(e) => {
                    faults.push(e);
                    foreseen.extend(Foreseen::unknown());
                    continue;
                }
            };
            data.notes.iter().for_each(|note| displays.tell(&Event::Warning { said: note }));
            let found = TableFacts::of(&spec.name, &data, &dedup);
            displays.tell(&Event::Opened { data: &found });
            facts.push(found);
            lacks.push(Lacks::of(&self.study, &data));
            if self.study.limits.one_table == Some(true) {
                // That it can be split is known before anything is written, as it is of tables that stay.
                match self.check_one((number, &facts[facts.len() - 1]), (&data, dedup), &of_columns) {
                    Ok((size, more)) => {
                        sizes.push(size);
                        foreseen.extend(more);
                    }
                    Err(e) => {
                        faults.push(e);
                        foreseen.extend(Foreseen::unknown());
                    }
                }
            } else {
                tables.push((data, dedup));
                derived.extend(of_columns);
            }
        }
        faults.extend(foreseen.refused(&self.study.file));
        foreseen.notes().iter().for_each(|said| displays.tell(&Event::Warning { said }));
        // A table that cannot be read may be the one that has what the others lack. What was begun can be ended.
        if lacks.len() == self.study.data.len() && matches!(self.place, Place::New { .. }) {
            faults.extend(self.study.check_metrics(&lacks.iter().collect::<Vec<_>>()).err());
        }
        if let Place::Begun(directory, manifest) = &self.place {
            let moved = faults.iter().find_map(|fault| moved(directory.path(), manifest, &self.study, fault));
            faults.extend(moved);
        }
        if let Some(e) = Error::all(faults) {
            return Err(e);
        }
        self.plan = Plan::of(&self.study, &facts, &self.filter)?;
        displays.tell(&Event::Planned { plan: &self.plan });
        Ok(Opened { planned: self, tables, derived, facts, sizes, beside: Vec::new() })
    }
}

impl Planned {
    /// The rows of the splits of a table, which does not stay in memory, and what its cells cannot have; what was begun can be ended.
    ///
    /// # Errors
    /// None of the study's splits can be made.
    fn check_one(
        &self,
        (number, facts): (usize, &TableFacts),
        (data, dedup): (&Dataset, Deduplicated),
        derived: &[Derived],
    ) -> Result<(PartSizes, Foreseen)> {
        let job = Job::of_one(&self.study, number, (data, dedup.keep))?.with_derived(derived)?;
        let foreseen = match self.place {
            Place::New { .. } => load::foreseen(&job, facts, &self.filter),
            Place::Begun(..) => Foreseen::default(),
        };
        Ok((PartSizes::of(&job.tables[0]), foreseen))
    }
}

/// The rows of the splits of each table, which are in `job` or were looked at before (`known`), and the numbers of those that leaks of
/// columns make others of.
pub(super) fn sizes(job: &Job<'_>, known: &[PartSizes]) -> (Vec<PartSizes>, Vec<usize>) {
    let sizes = if job.tables.is_empty() { known.to_vec() } else { PartSizes::of_all(job) };
    (sizes, job.derived.iter().map(|(of, _)| *of).collect())
}

/// A data set of a study, what dedup keeps of it, and what leaks of columns make of it.
pub(super) fn prepared(study: &Study, number: usize) -> Result<(Dataset, Deduplicated, Vec<Derived>)> {
    let spec = &study.data[number];
    let (mut data, dedup, mut derived) = load::open(study, spec, number, &study.leaks)?;
    load::called(study, spec, &mut data);
    derived.iter_mut().for_each(|of| load::called(study, spec, &mut of.table));
    Ok((data, dedup, derived))
}

impl Opened {
    /// The study.
    pub fn study(&self) -> &Study {
        &self.planned.study
    }

    /// Its cells, without those that do not fit the data.
    pub fn plan(&self) -> &Plan {
        &self.planned.plan
    }

    /// What is known of its data sets, in the study's order.
    pub fn facts(&self) -> &[TableFacts] {
        &self.facts
    }

    /// Its data sets in the study's order, each with what dedup keeps of it; none where the study has them in memory one at a
    /// time (`one_table`).
    pub fn tables(&self) -> &[(Dataset, Deduplicated)] {
        &self.tables
    }

    /// Refuses tables of which none of the study's splits can be made, all at once, cells whose training rows cannot be divided
    /// as their classifiers ask, and `limits` that the tables or the cells cannot fit into, as a run within them would: for those
    /// who do not run the cells here.
    ///
    /// # Errors
    /// Those of [`Table::new`]; [`Error::Study`]; [`Error::Data`].
    pub fn check(&self, limits: Option<Limits>) -> Result<()> {
        let (job, cells) = (self.job()?, self.plan().cells.iter().collect::<Vec<&Cell>>());
        // Where one table at a time is in memory, each has been looked at.
        if !self.tables.is_empty() {
            Foreseen::of(&job, &cells).refuse(&self.study().file)?;
        }
        let Some(limits) = limits else { return Ok(()) };
        let (sizes, derived) = sizes(&job, &self.sizes);
        fits::check(self.study(), Tables { facts: &self.facts, sizes: &sizes, derived: &derived }, &cells, limits)
    }

    fn job(&self) -> Result<Job<'_>> {
        let study = self.study();
        let tables = Error::every(self.tables.iter().map(|(data, dedup)| Table::new(study, data, dedup.keep.clone())))?;
        Job { study, first: 0, tables, derived: Vec::new() }.with_derived(&self.derived)
    }

    /// Has a file written into the results directory before the first cell.
    #[must_use]
    pub fn beside(mut self, name: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        self.beside.push((name.into(), bytes));
        self
    }
}
