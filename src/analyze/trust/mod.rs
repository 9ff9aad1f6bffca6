//! Which records of a results directory count: those that say what the plan of the manifest's study says of their cell, and
//! that do not contradict themselves. All others are left out, and told.
//!
//! This finds what got there by accident (a file of another run, an edited number) and by carelessness. It is no proof
//! against somebody who makes up a whole record that fits.

mod expected;
mod sides;

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::contradiction::{agree, by_result, difference};
use crate::cell::{Cell, CellId, Plan};
use crate::data::TableFacts;
use crate::store::{Outcome, Record};
use crate::study::Study;
use crate::words::counted;
use expected::Expected;

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// Its key is not 32 hexadecimal digits.
    NoKey,
    /// No planned cell has its key.
    Foreign,
    /// Its key is that of another cell than the one that it names.
    OtherCell,
    /// A component, a parameter or the seed is not the plan's.
    Facts,
    /// Its counts contradict each other.
    Counts,
    /// A score is outside its metric's range.
    Range,
    /// A metric contradicts the counts at the model's own labels.
    Contradiction,
    /// Another record of the same cell has other scores.
    Twice,
    /// Its scores are by another data set's amounts, groups or days.
    OtherSides,
    /// It has other scores than the cell whose result it says it has.
    Unequal,
}

impl Doubt {
    fn about(self) -> &'static str {
        match self {
            Doubt::NoKey => "the key is not 32 hexadecimal digits",
            Doubt::Foreign => "no planned cell has the key, so it is of another study, other data or another filter",
            Doubt::OtherCell => "the key is that of another cell than the one named",
            Doubt::Facts => "a component, a parameter or the seed is not the plan's",
            Doubt::Counts => "the counts of rows contradict each other",
            Doubt::Range => "a score is outside the range of its metric",
            Doubt::Contradiction => "a metric contradicts the confusion matrix",
            Doubt::Twice => "several records of one cell have different scores",
            Doubt::OtherSides => {
                "the scores were copied from another data set with the same features and labels, whose amounts, groups or days \
                 are others; `fraudbench run --resume` runs such cells anew"
            }
            Doubt::Unequal => "the scores are not those of the cell that it equals",
        }
    }
}

/// The records that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What is wrong with them.
    pub doubt: Doubt,
    /// How many there are.
    pub records: usize,
    /// Which one is the first, and what was found there.
    pub first: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = if self.records > 1 { "the first is " } else { "" };
        write!(f, "{}: {} ({which}{})", counted(self.records as u64, "record"), self.doubt.about(), self.first)
    }
}

/// The records that count, one a cell at most and in plan order, and what was left out.
///
/// Of several records of a cell one with scores counts rather than one without; else the last. Of records by other versions of
/// components, or by other packages of Python, the newest count. Where such records of a cell have different scores, those count that most
/// of its records have, and none where there is no such majority.
pub fn trusted(study: &Study, plan: &Plan, data: &[TableFacts], records: Vec<Record>) -> (Vec<Record>, Vec<LeftOut>) {
    let (mut by_cell, mut found) = checked(study, plan, data, records);
    let mut kept: Vec<Record> = Vec::new();
    for cell in &plan.cells {
        // A plan that names a cell twice is refused by the study's reader, so nothing is taken from a second one.
        kept.extend(by_cell.remove(&cell.id).and_then(|of_cell| agreed(of_cell, study, &mut found)));
    }
    let kept = without_unequal(kept, study, &mut found);
    (kept, listed(found))
}

/// The scored records of the cells of which records that fit the plan have different scores, in plan order.
pub(super) fn contradicting(study: &Study, plan: &Plan, data: &[TableFacts], records: Vec<Record>) -> Vec<Record> {
    let (mut by_cell, _) = checked(study, plan, data, records);
    let of_cell = |cell: &Cell| {
        let mut records = by_cell.remove(&cell.id).unwrap_or_default();
        retain_newest(&mut records);
        let is_one = by_result(&records.iter().collect::<Vec<_>>()).len() < 2;
        if is_one { Vec::new() } else { records }
    };
    plan.cells.iter().flat_map(of_cell).collect()
}

type ByCell = HashMap<CellId, Vec<Record>>;

/// The records that fit the plan, by cell, and what is wrong with the others.
fn checked(study: &Study, plan: &Plan, data: &[TableFacts], records: Vec<Record>) -> (ByCell, Vec<(Doubt, String)>) {
    let expected = Expected::of(study, plan, data);
    let mut found: Vec<(Doubt, String)> = Vec::new();
    let mut by_cell = ByCell::new();
    for record in records {
        match expected.check(&record) {
            Ok(()) => by_cell.entry(record.cell.clone()).or_default().push(record),
            Err(doubt) => found.push(doubt),
        }
    }
    sides::without_others(&mut by_cell, (&expected, plan), &mut found);
    (by_cell, found)
}

/// The one record of a cell that counts.
fn agreed(mut records: Vec<Record>, study: &Study, found: &mut Vec<(Doubt, String)>) -> Option<Record> {
    if !records.iter().any(is_scored) {
        return records.pop();
    }
    retain_newest(&mut records);
    let votes: Vec<usize> = records.iter().map(|r| records.iter().filter(|other| agree(r, other)).count()).collect();
    let most = votes.iter().copied().max()?;
    let winner = votes.iter().rposition(|&n| n == most)?;
    let rivals = (0..records.len()).filter(|&i| !agree(&records[i], &records[winner]));
    let rivals: Vec<usize> = rivals.collect();
    let tied = rivals.iter().any(|&i| votes[i] == most);
    if !rivals.is_empty() {
        let name = records[winner].cell.named(study.data.len() > 1);
        let said = format!("{name}: {}", different(&records, (winner, &rivals), study.primary.id));
        let bad = if tied { records.len() } else { rivals.len() };
        found.extend(std::iter::repeat_n((Doubt::Twice, said), bad));
    }
    (!tied).then(|| records.swap_remove(winner))
}

/// Leaves of the records of a cell the scored ones by the newest versions of its components, and of these those with the key of the last
/// one: what older versions and other packages of Python have computed is another result, and no contradiction.
fn retain_newest(records: &mut Vec<Record>) {
    records.retain(is_scored);
    let versions = |record: &Record| record.components().map(|(_, facts)| facts.version);
    let newest = records.iter().max_by_key(|record| versions(record)).map(|record| record.key.clone());
    records.retain(|record| Some(&record.key) == newest.as_ref());
}

/// Leaves out copies that have other scores than their original, and the original too: either may be the wrong one.
fn without_unequal(records: Vec<Record>, study: &Study, found: &mut Vec<(Doubt, String)>) -> Vec<Record> {
    // Data sets with the same features and labels share keys, so that a key may be that of several records.
    let mut by_key: HashMap<&str, Vec<&Record>> = HashMap::new();
    for record in &records {
        by_key.entry(&record.key).or_default().push(record);
    }
    let mut bad: HashSet<CellId> = HashSet::new();
    for copy in &records {
        let of_key = copy.equals.as_deref().and_then(|key| by_key.get(key)).into_iter().flatten();
        let can_be_of = |other: &&&Record| other.cell != copy.cell && other.sided_rows == copy.sided_rows;
        let originals: Vec<&&Record> = of_key.filter(can_be_of).collect();
        if !originals.is_empty() && !originals.iter().any(|original| agree(copy, original)) {
            bad.extend(originals.iter().map(|original| original.cell.clone()).chain([copy.cell.clone()]));
        }
    }
    let (left, kept): (Vec<Record>, Vec<Record>) = records.into_iter().partition(|r| bad.contains(&r.cell));
    let several = study.data.len() > 1;
    found.extend(left.iter().map(|record| (Doubt::Unequal, record.cell.named(several))));
    kept
}

fn is_scored(record: &Record) -> bool {
    record.outcome == Outcome::Scored
}

/// What the different results among scored records of one cell are: `pr-auc is 0.9 and 0.5`.
fn different(records: &[Record], (winner, rivals): (usize, &[usize]), primary: &str) -> String {
    let groups = by_result(&rivals.iter().map(|&place| &records[place]).collect::<Vec<_>>());
    let mut places: Vec<usize> = groups.iter().map(|group| rivals[group[0]]).chain([winner]).collect();
    places.sort_unstable();
    let firsts: Vec<&Record> = places.iter().map(|&place| &records[place]).collect();
    let (what, values) = difference(&firsts, primary);
    format!("{what} is {}", values.join(" and "))
}

fn listed(found: Vec<(Doubt, String)>) -> Vec<LeftOut> {
    let mut listed: Vec<LeftOut> = Vec::new();
    for (doubt, first) in found {
        match listed.iter_mut().find(|l| l.doubt == doubt) {
            Some(l) => l.records += 1,
            None => listed.push(LeftOut { doubt, records: 1, first }),
        }
    }
    listed.sort_by_key(|l| l.doubt);
    listed
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::analyze::Results;
    use crate::component::Registry;
    use crate::metric::{Confusion, Score};
    use crate::store::{Directory, Sieve};

    fn committed() -> Vec<PathBuf> {
        fn below(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.join(crate::store::MANIFEST_FILE).exists() {
                    found.push(path);
                } else if path.is_dir() {
                    below(&path, found);
                }
            }
        }
        let mut found = Vec::new();
        below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("results"), &mut found);
        found
    }

    #[test]
    fn every_record_of_the_committed_results_counts() {
        let all = committed();
        assert!(all.len() >= 6, "{all:?}");
        for directory in all {
            let (manifest, records) = Directory::read(&directory).unwrap();
            let lines = records.len();
            let results = Results::of(manifest, records, &Registry::built_in()).unwrap();
            assert_eq!((results.left_out, results.records.len()), (Vec::new(), lines), "{}", directory.display());
        }
    }

    /// A run of two families over ten folds, as kept in this repository.
    fn kept() -> (crate::store::Manifest, Vec<Record>) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/families-10-fold");
        Directory::read(&folder).unwrap()
    }

    /// What is left out of the kept records when `edit` has changed one.
    fn after(edit: impl FnOnce(&mut Record)) -> Vec<LeftOut> {
        let (manifest, mut records) = kept();
        edit(&mut records[7]);
        Results::of(manifest, records, &Registry::built_in()).unwrap().left_out
    }

    #[test]
    fn each_kind_of_edit_is_found() {
        fn counts(r: &mut Record) -> &mut Confusion {
            r.confusion.as_mut().unwrap()
        }
        type Edit = fn(&mut Record);
        let edits: [(Doubt, Edit); 21] = [
            (Doubt::NoKey, |r| r.key = "../../../tmp/x".into()),
            (Doubt::NoKey, |r| r.key = r.key.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A")),
            (Doubt::NoKey, |r| r.equals = Some("/etc/passwd".into())),
            (Doubt::Foreign, |r| r.key = "0123456789abcdef0123456789abcdef".into()),
            (Doubt::Foreign, |r| (r.key, r.cell.scaler) = ("0123456789abcdef0123456789abcdef".into(), "robust".into())),
            (Doubt::OtherCell, |r| r.cell.fold = (r.cell.fold + 1) % 10),
            (Doubt::OtherCell, |r| r.cell.classifier = "catboost".into()),
            (Doubt::Facts, |r| r.seed += 1),
            (Doubt::Facts, |r| r.family = "svc and more".into()),
            (Doubt::Facts, |r| r.classifier_facts.params = serde_json::json!({"n_estimators": 9})),
            (Doubt::Counts, |r| r.test_rows += 1),
            (Doubt::Counts, |r| counts(r).tp = u64::MAX),
            // Of 284,807 rows 255,353 are trained on and 28,373 tested: dedup left out the other 1,081.
            (Doubt::Counts, |r| r.train_rows += 1_082),
            (Doubt::Counts, |r| r.removed_rows = 1_082),
            (Doubt::Counts, |r| r.train_rows = u64::MAX),
            (Doubt::Counts, |r| (r.train_rows, r.made_rows) = (8_000_000, 7_000_000)),
            (Doubt::Counts, |r| (r.repeated_rows, r.made_rows) = (255_353, 1)),
            (Doubt::Counts, |r| r.outcome = Outcome::Failed),
            (Doubt::Range, |r| drop(r.metrics.insert("pr-auc".into(), Score::Value(2.0)))),
            (Doubt::Range, |r| drop(r.validation.insert("log-loss".into(), Score::Value(-0.1)))),
            (Doubt::Contradiction, |r| drop(r.metrics.insert("recall".into(), Score::Value(0.999)))),
        ];
        for (i, (doubt, edit)) in edits.into_iter().enumerate() {
            let left_out = after(edit);
            assert_eq!(left_out.iter().map(|l| (l.doubt, l.records)).collect::<Vec<_>>(), [(doubt, 1)], "edit {i}");
        }
        assert_eq!(after(|_| ()), []);
        // As many as the table has, and what a resampler adds.
        assert_eq!(after(|r| (r.train_rows, r.made_rows) = (8_000_000, 8_000_000 - 256_434)), []);
        let said = after(|r| r.train_rows = 8_000_000).remove(0).to_string();
        let wanted = "8000000 training rows before resampling and 28373 test rows of 284807 rows in the table)";
        assert!(said.ends_with(wanted), "{said}");
    }

    #[test]
    fn stages_of_a_cascade_see_what_the_one_before_them_passed_on() {
        let sieves = |r: &Record| {
            let sieve = |stage: &str, (rows, positives), (left_rows, left_positives)| Sieve {
                stage: stage.into(),
                rows,
                positives,
                left_rows,
                left_positives,
            };
            let (all, passed, checked) = ((r.test_rows, r.test_positives), (300, r.test_positives - 3), (40, 30));
            vec![sieve("likelihood-ratio", all, passed), sieve("decision-tree", passed, checked)]
        };
        assert_eq!(after(|r| r.sieves = sieves(r)), []);
        let edits: [fn(&mut Sieve); 6] = [
            |sieve| sieve.rows -= 1,
            |sieve| sieve.positives += 1,
            |sieve| sieve.left_positives = 1_000_000,
            |sieve| sieve.left_rows += 1_000_000,
            // More positives than rows are passed on, or stopped.
            |sieve| sieve.left_rows = 20,
            |sieve| sieve.left_rows = sieve.rows - 1,
        ];
        for (i, edit) in edits.into_iter().enumerate() {
            let left_out = after(|r| {
                r.sieves = sieves(r);
                edit(&mut r.sieves[1]);
            });
            assert_eq!(
                left_out.iter().map(|l| (l.doubt, l.records)).collect::<Vec<_>>(),
                [(Doubt::Counts, 1)],
                "edit {i}"
            );
        }
    }

    #[test]
    fn under_a_leak_training_rows_may_be_test_rows_and_are_of_the_table_all_the_same() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/creditcard-audit");
        let (manifest, records) = Directory::read(&folder).unwrap();
        let judged = |r: &Record| r.cell.protocol == "hold-out+judged-on-training-rows";
        let at = records.iter().position(judged).unwrap();
        let rows = manifest.data[0].rows;
        assert!(records[at].rows_before_resampling() + records[at].test_rows > rows);
        let after = |removed: u64| {
            let mut records = records.clone();
            records[at].removed_rows += removed;
            Results::of(manifest.clone(), records, &Registry::built_in()).unwrap().left_out
        };
        let room = rows - records[at].rows_before_resampling();
        assert_eq!(after(room), []);
        let found = after(room + 1);
        assert_eq!(found.iter().map(|l| (l.doubt, l.records)).collect::<Vec<_>>(), [(Doubt::Counts, 1)]);
    }

    #[test]
    fn a_record_of_another_version_of_a_component_counts_where_its_key_says_so() {
        let (manifest, records) = kept();
        let study = Study::parse(&manifest.study, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let plan = Plan::of(&study, &manifest.data, &crate::cell::Filter::default()).unwrap();
        let mut old = records[7].clone();
        old.classifier_facts.version = 9;
        let (kept, left_out) = trusted(&study, &plan, &manifest.data, vec![old.clone()]);
        assert_eq!((kept.len(), left_out[0].doubt), (0, Doubt::Facts));
        let expected = Expected::of(&study, &plan, &manifest.data);
        let cell = expected.cells[&old.cell].0;
        old.key = cell.key(&expected.as_made(cell, &old).unwrap(), &manifest.data[cell.data].digests);
        let (kept, left_out) = trusted(&study, &plan, &manifest.data, vec![old.clone()]);
        assert_eq!((kept, left_out), (vec![old], Vec::new()));
    }

    #[test]
    fn a_record_by_other_packages_of_python_counts_where_its_key_says_so() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/families-5-fold");
        let (manifest, records) = Directory::read(&folder).unwrap();
        let study = Study::parse(&manifest.study, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let plan = Plan::of(&study, &manifest.data, &crate::cell::Filter::default()).unwrap();
        let pinned = records.into_iter().find(|record| record.cell.classifier == "catboost").unwrap();
        let mut other = pinned.clone();
        other.classifier_facts.params["packages"] = "catboost==1.2.7".into();
        let of = |records: &[&Record]| {
            let records = records.iter().map(|record| (*record).clone()).collect();
            let (kept, left_out) = trusted(&study, &plan, &manifest.data, records);
            (kept, left_out.iter().map(|left| left.doubt).collect::<Vec<_>>())
        };
        // A key that names other packages than the record. Whose key it is depends on the Python of this machine.
        let (kept, doubts) = of(&[&other]);
        assert!(kept.is_empty() && matches!(doubts[..], [Doubt::Facts | Doubt::Foreign]), "{doubts:?}");
        let expected = Expected::of(&study, &plan, &manifest.data);
        let cell = expected.cells[&other.cell].0;
        let made = expected.as_made(cell, &other).unwrap();
        (other.key, other.seed) = (cell.key(&made, &manifest.data[cell.data].digests), cell.classifier_seed(&made));
        assert!(other.key != pinned.key && other.seed != pinned.seed);
        assert_eq!(of(&[&other]), (vec![other.clone()], vec![]));
        // A run that was resumed with another Python has both: the newer one counts, and nothing contradicts itself.
        other.metrics.insert("pr-auc".into(), Score::Value(0.5));
        assert_eq!(of(&[&other, &pinned]), (vec![pinned.clone()], vec![]));
        assert_eq!(of(&[&pinned, &other]), (vec![other.clone()], vec![]));
        assert!(contradicting(&study, &plan, &manifest.data, vec![pinned, other]).is_empty());
    }

    #[test]
    fn of_records_of_one_cell_most_decide() {
        let (manifest, records) = kept();
        let one = records[7].clone();
        let mut other = one.clone();
        other.metrics.insert("pr-auc".into(), Score::Value(0.123));
        let mut more = one.clone();
        more.metrics.insert("of tomorrow".into(), Score::Value(5.0));
        let failed = Record { outcome: Outcome::TimedOut, confusion: None, metrics: Default::default(), ..one.clone() };
        let of = |records: &[&Record]| {
            let results =
                Results::of(manifest.clone(), records.iter().map(|r| (*r).clone()).collect(), &Registry::built_in())
                    .unwrap();
            let scores: Vec<usize> = results.records.iter().map(|r| r.metrics.len()).collect();
            (scores, results.left_out.iter().map(|l| (l.doubt, l.records)).collect::<Vec<_>>())
        };
        let n = one.metrics.len();
        assert_eq!(of(&[&one, &other]), (vec![], vec![(Doubt::Twice, 2)]));
        assert_eq!(of(&[&one, &other, &one]), (vec![n], vec![(Doubt::Twice, 1)]));
        assert_eq!(of(&[&one, &more]), (vec![n + 1], vec![]), "scored by one more metric");
        assert_eq!(of(&[&one, &failed]), (vec![n], vec![]));
        assert_eq!(of(&[&failed, &one, &one]), (vec![n], vec![]));
        assert_eq!(of(&[&failed, &failed]), (vec![0], vec![]));
    }

    #[test]
    fn a_copy_that_differs_takes_its_original_with_it() {
        let (manifest, mut records) = kept();
        let original = records.iter().position(|r| r.cell.scaler == "none").unwrap();
        let mut copy = records.remove(0);
        let original = records.swap_remove(original.saturating_sub(1));
        copy.equals = Some(original.key.clone());
        (copy.confusion, copy.metrics) = (original.confusion, original.metrics.clone());
        (copy.test_rows, copy.test_positives) = (original.test_rows, original.test_positives);
        let of = |records: Vec<Record>| {
            let results = Results::of(manifest.clone(), records, &Registry::built_in()).unwrap();
            (results.records.len(), results.left_out.iter().map(|l| (l.doubt, l.records)).collect::<Vec<_>>())
        };
        assert_eq!(of(vec![original.clone(), copy.clone()]), (2, vec![]));
        copy.metrics.insert("pr-auc".into(), Score::Value(0.5));
        assert_eq!(of(vec![original, copy]), (0, vec![(Doubt::Unequal, 2)]));
    }

    #[test]
    fn a_copy_is_held_against_the_cell_that_it_can_be_of_and_not_against_its_namesake_on_other_data() {
        let (manifest, records) = kept();
        let study = Study::parse(&manifest.study, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let mut original = records[0].clone();
        original.sided_rows = Some("0123456789abcdef0123456789abcdef".into());
        let mut copy = original.clone();
        (copy.cell.scaler, copy.key) = ("another".into(), "0123456789abcdef0123456789abcdee".into());
        copy.equals = Some(original.key.clone());
        // The same features with other money: the same key, and another score.
        let mut namesake = original.clone();
        namesake.cell.data_set = "net".into();
        namesake.sided_rows = Some("fedcba9876543210fedcba9876543210".into());
        namesake.metrics.insert("pr-auc".into(), Score::Value(0.5));
        let left = |records: &[&Record]| {
            let (records, mut found) = (records.iter().map(|record| (*record).clone()).collect(), Vec::new());
            let kept = without_unequal(records, &study, &mut found);
            (kept.len(), found.len())
        };
        assert_eq!(left(&[&original, &copy, &namesake]), (3, 0));
        // Its own original is not there: nothing can be held against it.
        assert_eq!(left(&[&copy, &namesake]), (2, 0));
        copy.metrics.insert("pr-auc".into(), Score::Value(0.25));
        assert_eq!(left(&[&original, &copy, &namesake]), (1, 2));
    }
}
