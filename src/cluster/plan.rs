//! `plan.json`: a study with the digests of its data, cut into shards. Every shard and the merge go by this file alone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::assign::Share;
use crate::cell::{AXES, Axis, Cell, CellId, Filter, Plan};
use crate::component::Registry;
use crate::data::TableFacts;
use crate::error::{Error, Result};
use crate::os::replace;
use crate::store::{PLAN_FILE, check_format};
use crate::study::Study;
use crate::words::{counted, quoted, quoted_path};

/// The version of the plan's format.
const FORMAT: u32 = 1;

/// The results directory of a shard in a plan's folder.
pub fn shard_folder(plan: &Path, shard: usize) -> PathBuf {
    plan.join(format!("shard-{shard}"))
}

/// What each shard may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Threads.
    pub threads: usize,
    /// MiB of memory.
    pub memory_mib: u64,
    /// Minutes until the engine ends it.
    pub minutes: u64,
}

/// Some of a plan's cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    /// Seconds that it is expected to take.
    pub seconds: f64,
    /// The same cells as `--filter` takes them.
    pub filter: String,
    /// The cells' places in the plan, as runs of neighbours: first and last.
    pub cells: Vec<(usize, usize)>,
}

impl Shard {
    /// The cells' places in the plan, ascending.
    pub fn cells(&self) -> impl Iterator<Item = usize> {
        self.cells.iter().flat_map(|&(first, last)| first..=last)
    }

    /// How many cells it has.
    pub fn count(&self) -> usize {
        self.cells.iter().map(|(first, last)| last + 1 - first).sum()
    }
}

/// A study that was cut into shards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShardPlan {
    /// Format version of the file.
    pub format: u32,
    /// The version of the program that made it.
    pub fraudbench: String,
    /// The command that made it.
    pub command: String,
    /// The study file's name.
    pub study_file: String,
    /// The way from the plan's folder to the study file's folder, where the study's relative paths start.
    pub study_folder: String,
    /// `--filter` as given; empty without one.
    pub filter: String,
    /// Cells in all.
    pub cells: usize,
    /// Where the expected seconds come from, in words.
    pub times: String,
    /// What each shard may use.
    pub resources: Resources,
    /// What the command line gave of the resources, as options of `run`: the shards of a plan without an engine need to be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// How many shards the engine may run at a time.
    pub throttle: Option<usize>,
    /// How many shards were asked for, where fewer have cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<usize>,
    /// The shards, the longest first.
    pub shards: Vec<Shard>,
    /// The data sets, in the study's order.
    pub data: Vec<TableFacts>,
    /// The study file's whole text.
    pub study: String,
}

impl ShardPlan {
    /// The format of the plans that are made here.
    pub const FORMAT: u32 = FORMAT;

    /// Reads the plan in the folder `path`.
    ///
    /// # Errors
    /// [`Error::Store`] when there is none, it is unreadable, of a newer format, or its shards do not hold each cell once.
    pub fn read(path: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let file = path.join(PLAN_FILE);
        let text = std::fs::read(&file)
            .map_err(|e| Error::Store(format!("not the folder of a plan: cannot read {}: {e}", file.display())))?;
        let bad = |e: serde_json::Error| {
            Error::Store(format!("{} is no plan, or was cut short: {e}: {PUT_BACK}", file.display()))
        };
        let version: Version = serde_json::from_slice(&text).map_err(bad)?;
        check_format(file.display(), version.format.into(), FORMAT)?;
        let plan: ShardPlan = serde_json::from_slice(&text).map_err(bad)?;
        plan.check_shards(&file)?;
        Ok(plan)
    }

    /// Refuses a plan of which a shard went missing, or came in twice: its merge would be taken for the whole study; and one without
    /// any shard.
    fn check_shards(&self, file: &Path) -> Result<()> {
        let mut runs: Vec<(usize, usize)> = self.shards.iter().flat_map(|shard| shard.cells.iter().copied()).collect();
        runs.sort_unstable();
        let (mut held, mut next, mut is_once) = (0, 0, true);
        for (first, last) in runs {
            let is_planned = first <= last && last < self.cells;
            is_once &= is_planned && first >= next;
            if is_planned && last >= next {
                held += last + 1 - first.max(next);
                next = last + 1;
            }
        }
        let more = if is_once { "" } else { ", and some twice or none of the plan" };
        let wrong = match (held == self.cells && is_once, self.shards.is_empty()) {
            (true, false) => return Ok(()),
            // Every plan has a shard, and callers count on it.
            (true, true) => "it has no shards".to_owned(),
            (false, _) => format!("its shards hold {held} of {}{more}", counted(self.cells as u64, "cell")),
        };
        Err(changed(file, &wrong))
    }

    /// Writes the plan into the folder `path`, which exists.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let text =
            serde_json::to_string_pretty(self).map_err(|e| Error::Store(format!("cannot encode the plan: {e}")))?;
        replace(&path.join(PLAN_FILE), format!("{text}\n").as_bytes())
    }

    /// The study, with its relative paths as they are seen from the plan's folder `path`.
    ///
    /// # Errors
    /// [`Error::Study`] when this version does not understand it.
    pub fn study(&self, path: &Path, registry: &Registry) -> Result<Study> {
        Study::parse(&self.study, &self.study_file, &path.join(&self.study_folder), registry)
    }

    /// The cells that were cut, of the plan in the folder `path`.
    ///
    /// # Errors
    /// [`Error::Store`] when the plan's filter or study was changed; [`Error::Study`] when this version of the program, which is not the
    /// one that made the plan, unfolds the study into other cells.
    pub fn cells(&self, path: &Path, study: &Study) -> Result<Vec<Cell>> {
        let found = Filter::parse(&self.filter).and_then(|filter| Plan::of(study, &self.data, &filter));
        let file = path.join(PLAN_FILE);
        let has_made_it = self.fraudbench == crate::VERSION;
        let cells = match found {
            Ok(plan) => plan.cells,
            Err(e) if has_made_it => return Err(changed(&file, &e.to_string())),
            Err(e) => return Err(e),
        };
        match (cells.len() == self.cells, has_made_it) {
            (true, _) => Ok(cells),
            (false, true) => {
                let (has, found) = (counted(self.cells as u64, "cell"), cells.len());
                Err(changed(&file, &format!("it has {has}, and its study and its filter give {found}")))
            }
            (false, false) => Err(Error::Study(format!(
                "the plan was made by fraudbench {} for {}, and this version {} finds {}: use one version for a plan",
                self.fraudbench,
                counted(self.cells as u64, "cell"),
                crate::VERSION,
                cells.len()
            ))),
        }
    }

    /// The command that runs a shard where no engine does; `shard` is its number, or what stands for it.
    pub fn command_of(&self, path: &Path, shard: &str) -> String {
        let place = quoted_path(path);
        let options: String = self.options.iter().map(|option| format!(" {}", quoted(option))).collect();
        format!("fraudbench run --plan {place} --shard {shard}/{}{options}", self.shards.len())
    }

    /// Refuses data that are not those that the plan was made for.
    ///
    /// # Errors
    /// [`Error::Data`].
    pub fn check_data(&self, study: &Study, found: &[TableFacts]) -> Result<()> {
        for ((planned, now), spec) in self.data.iter().zip(found).zip(&study.data) {
            if let Some(part) = planned.digests.other_than(&now.digests) {
                return Err(Error::Data(format!(
                    "{part} of {} are not those that the plan was made for, and results on different data do not mix: see to it \
                     that every machine reads the same file, or make a new plan{}",
                    now.name,
                    spec.source.as_read()
                )));
            }
        }
        Ok(())
    }
}

/// What to do where a plan's file is not what it was.
const PUT_BACK: &str = "put back the file that `fraudbench submit` wrote, or make a new plan in another folder";

/// That somebody edited a plan's file.
fn changed(file: &Path, wrong: &str) -> Error {
    Error::Store(format!("{} was changed: {wrong}: {PUT_BACK}", file.display()))
}

/// Shards of `shares` of `cells`. A shard's filter is taken of the `whole` study's cells, of which `cells` may be some.
///
/// # Errors
/// [`Error::Study`] for a name that a filter cannot say.
pub fn shards(whole: &[Cell], cells: &[Cell], shares: &[Share]) -> Result<Vec<Shard>> {
    let varying: Vec<&Axis> =
        AXES.iter().filter(|axis| whole.iter().any(|cell| axis.value(&cell.id) != axis.value(&whole[0].id))).collect();
    if let Some(name) = varying
        .iter()
        .flat_map(|axis| cells.iter().map(|cell| axis.value(&cell.id).to_string()))
        .find(|name| name.contains([',', ';']) || name.trim() != name)
    {
        return Err(Error::Study(format!(
            "`{name}` has a comma, a semicolon or a space at its end: a plan of shards needs another name"
        )));
    }
    let mut sizes: HashMap<String, usize> = HashMap::new();
    whole.iter().for_each(|cell| *sizes.entry(prefix(&cell.id, &varying)).or_default() += 1);
    let shard = |share: &Share| Shard {
        seconds: share.seconds,
        filter: filter(share.cells.iter().map(|&cell| &cells[cell].id), &varying, &sizes),
        cells: runs(&share.cells),
    };
    Ok(shares.iter().map(shard).collect())
}

/// Ascending numbers as runs of neighbours.
fn runs(numbers: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    runs
}

/// The axis that prefixes do not have.
const CLASSIFIER: &str = "classifier";

/// A cell's prefix as a filter says it.
fn prefix(cell: &CellId, varying: &[&Axis]) -> String {
    let of_prefix = varying.iter().filter(|axis| axis.id != CLASSIFIER);
    of_prefix.map(|axis| format!("{}={}", axis.id, axis.value(cell))).collect::<Vec<_>>().join(",")
}

/// The filter that takes exactly `cells` of the whole study: an alternative per prefix, and the classifiers where they are not all that it
/// has there; `sizes` says how many it has.
fn filter<'c>(cells: impl Iterator<Item = &'c CellId>, varying: &[&Axis], sizes: &HashMap<String, usize>) -> String {
    let mut prefixes: Vec<(String, Vec<String>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for cell in cells {
        let prefix = prefix(cell, varying);
        let at = *places.entry(prefix.clone()).or_insert(prefixes.len());
        if at == prefixes.len() {
            prefixes.push((prefix, Vec::new()));
        }
        prefixes[at].1.push(format!("{CLASSIFIER}={}", cell.classifier));
    }
    let alternative = |(prefix, classifiers): (String, Vec<String>)| {
        let is_whole = sizes.get(&prefix) == Some(&classifiers.len());
        let classifiers = if is_whole { Vec::new() } else { classifiers };
        let parts = std::iter::once(prefix).filter(|prefix| !prefix.is_empty()).chain(classifiers);
        parts.collect::<Vec<_>>().join(",")
    };
    prefixes.into_iter().map(alternative).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Times, assign, pieces};

    const STUDY: &str = "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 3\nleaks = ['honest', \
                         'scaler-on-all-rows']\n[grid]\ndedup = true\nresamplers = ['none', 'tomek-links']\nscalers = ['none', \
                         'standard', 'power']\nclassifiers = ['prior', 'svc', 'decision-tree']\n";

    fn facts() -> TableFacts {
        let columns = [("a", false), ("b", false)].map(|(name, blanks)| crate::data::ColumnShape {
            name: name.into(),
            levels: None,
            blanks,
            empty: false,
        });
        TableFacts {
            name: "x".into(),
            sha256: String::new(),
            rows: 1_000,
            positives: 10,
            duplicate_rows: 0,
            duplicate_positives: 0,
            conflicting: 0,
            digests: crate::data::Digests::default(),
            label: String::new(),
            columns: columns.to_vec(),
        }
    }

    #[test]
    fn a_shards_filter_takes_exactly_its_cells_also_where_prefixes_are_cut() {
        let registry = Registry::built_in();
        let study = Study::parse(STUDY, "x.toml", Path::new("."), &registry).unwrap();
        let facts = [facts()];
        let cells = Plan::of(&study, &facts, &Filter::default()).unwrap().cells;
        let all: Vec<&Cell> = cells.iter().collect();
        let times = Times::of(&study, &facts, &all, &[]);
        let pieces = pieces(&study, &facts, &all, &times);
        assert_eq!(pieces.len() * 3, cells.len());
        for many in [1, 5, 40, 1_000] {
            let shards = shards(&cells, &cells, &assign(&pieces, many)).unwrap();
            assert!(shards.len() <= many && (many < 1_000 || shards.len() > pieces.len()), "{many}: {}", shards.len());
            for shard in &shards {
                let taken = Plan::of(&study, &facts, &Filter::parse(&shard.filter).unwrap()).unwrap().cells;
                let mine: Vec<Cell> = shard.cells().map(|cell| cells[cell].clone()).collect();
                assert_eq!(taken, mine, "{}", shard.filter);
                assert_eq!(shard.count(), mine.len());
            }
        }
    }

    /// What a filter leaves of an axis, or of the classifiers, is not all that the study has.
    #[test]
    fn a_shard_of_a_filtered_plan_takes_its_cells_of_the_whole_study() {
        let registry = Registry::built_in();
        let study = Study::parse(STUDY, "x.toml", Path::new("."), &registry).unwrap();
        let facts = [facts()];
        let taken = |filter: &str| Plan::of(&study, &facts, &Filter::parse(filter).unwrap()).unwrap().cells;
        let whole = taken("");
        // Of 108 cells: 2 protocols, 3 folds, 2 resamplers, 3 scalers, 3 classifiers.
        for (given, many) in [
            ("fold=0", 36),
            ("family=prior", 36),
            ("scaler=standard", 36),
            ("family=svc,family=prior,fold=2", 24),
            ("classifier=prior;fold=1", 60),
            ("resampler=none,scaler=none", 18),
            ("protocol=stratified-k-fold,resampler=none,scaler=none,classifier=svc,fold=1", 1),
        ] {
            let cells = taken(given);
            assert_eq!(cells.len(), many, "{given}");
            let all: Vec<&Cell> = cells.iter().collect();
            let pieces = pieces(&study, &facts, &all, &Times::of(&study, &facts, &all, &[]));
            for many in [1, 3, 1_000] {
                for shard in shards(&whole, &cells, &assign(&pieces, many)).unwrap() {
                    let mine: Vec<Cell> = shard.cells().map(|cell| cells[cell].clone()).collect();
                    assert_eq!(taken(&shard.filter), mine, "{given}: {}", shard.filter);
                }
            }
        }
    }

    #[test]
    fn the_command_of_a_shard_says_what_it_may_use() {
        let mut plan = plan();
        assert_eq!(plan.command_of(Path::new("a b"), "I"), "fraudbench run --plan 'a b' --shard I/1");
        plan.options = ["--threads", "3"].map(str::to_owned).to_vec();
        assert_eq!(plan.command_of(Path::new("p"), "0"), "fraudbench run --plan p --shard 0/1 --threads 3");
    }

    fn plan() -> ShardPlan {
        ShardPlan {
            format: FORMAT,
            fraudbench: "0".into(),
            command: "c".into(),
            study_file: "x.toml".into(),
            study_folder: ".".into(),
            filter: String::new(),
            cells: 3,
            times: "estimates".into(),
            resources: Resources { threads: 1, memory_mib: 2, minutes: 3 },
            options: Vec::new(),
            throttle: None,
            asked: None,
            shards: vec![Shard { seconds: 0.1, filter: "fold=1".into(), cells: vec![(0, 0), (1, 2)] }],
            data: vec![facts()],
            study: STUDY.into(),
        }
    }

    #[test]
    fn a_plan_is_read_back_and_a_newer_or_broken_one_is_told() {
        let place = tempfile::tempdir().unwrap();
        let plan = plan();
        plan.write(place.path()).unwrap();
        assert_eq!(ShardPlan::read(place.path()).unwrap(), plan);
        let file = place.path().join(PLAN_FILE);
        let text = std::fs::read_to_string(&file).unwrap();
        for (text, said) in [
            (text.replace("\"format\": 1", "\"format\": 9").into_bytes(), "use a newer fraudbench"),
            (text.as_bytes()[..40].to_vec(), "is no plan, or was cut short"),
            (b"{\"format\": 1, \"filter\": \"\xff\"}".to_vec(), ": put back the file that `fraudbench submit` wrote"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = ShardPlan::read(place.path()).unwrap_err();
            assert!(error.to_string().contains(said) && error.exit_code() == 3, "{error}");
        }
    }

    #[test]
    fn a_plan_whose_filter_was_changed_is_told_from_one_of_another_version() {
        let registry = Registry::built_in();
        let made = |filter: &str, fraudbench: &str| ShardPlan {
            // The study has 108 cells, 36 of each fold.
            cells: 108,
            filter: filter.into(),
            fraudbench: fraudbench.into(),
            ..plan()
        };
        let here = crate::VERSION;
        let cells = |plan: &ShardPlan| {
            let study = plan.study(Path::new("p"), &registry).unwrap();
            plan.cells(Path::new("p"), &study).map(|cells| cells.len()).map_err(|e| (e.exit_code(), e.to_string()))
        };
        assert_eq!(cells(&made("", here)), Ok(108));
        let way = ": put back the file that `fraudbench submit` wrote, or make a new plan in another folder";
        let told = |wrong: &str| Err((3, format!("p/plan.json was changed: {wrong}{way}")));
        assert_eq!(cells(&made("fold=0", here)), told("it has 108 cells, and its study and its filter give 36"));
        let (code, said) = cells(&made("flod=0", here)).unwrap_err();
        assert!(code == 3 && said.starts_with("p/plan.json was changed: ") && said.ends_with(way), "{said}");
        let (code, said) = cells(&made("fold=0", "0.0.9")).unwrap_err();
        let other = format!(
            "the plan was made by fraudbench 0.0.9 for 108 cells, and this version {here} finds 36: use one version for a plan"
        );
        assert_eq!((code, said), (2, other));
    }

    #[test]
    fn a_plan_whose_shards_do_not_hold_each_cell_once_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let shard = |cells: &[(usize, usize)]| Shard { seconds: 0.1, filter: String::new(), cells: cells.to_vec() };
        let said = |shards: Vec<Shard>| {
            ShardPlan { shards, ..plan() }.write(place.path()).unwrap();
            ShardPlan::read(place.path()).map(|_| ()).map_err(|error| {
                assert_eq!(error.exit_code(), 3, "{error}");
                error.to_string()
            })
        };
        // The plan has 3 cells, 0 to 2; the shards may have them in any order.
        assert_eq!(said(vec![shard(&[(2, 2)]), shard(&[(0, 1)])]), Ok(()));
        let none = "its shards hold 0 of 3 cells: put back";
        let again = ", and some twice or none of the plan: put back";
        for (shards, wanted) in [
            (vec![], none.to_owned()),
            (vec![shard(&[(0, 1)])], "its shards hold 2 of 3 cells: put back".to_owned()),
            (vec![shard(&[(0, 2)]), shard(&[(1, 1)])], format!("its shards hold 3 of 3 cells{again}")),
            (vec![shard(&[(0, 1)]), shard(&[(1, 1)])], format!("its shards hold 2 of 3 cells{again}")),
            (vec![shard(&[(0, 2)]), shard(&[(3, 3)])], format!("its shards hold 3 of 3 cells{again}")),
            (vec![shard(&[(0, usize::MAX)])], format!("its shards hold 0 of 3 cells{again}")),
            (vec![shard(&[(2, 0)])], format!("its shards hold 0 of 3 cells{again}")),
        ] {
            let error = said(shards).unwrap_err();
            assert!(error.contains(&wanted), "{error}");
        }
        // Nothing of nothing is whole, and is no plan either: no shard is without cells.
        ShardPlan { shards: Vec::new(), cells: 0, ..plan() }.write(place.path()).unwrap();
        let error = ShardPlan::read(place.path()).unwrap_err();
        let wanted = "plan.json was changed: it has no shards: put back the file that `fraudbench submit` wrote";
        assert!(error.to_string().contains(wanted) && error.exit_code() == 3, "{error}");
    }
}
