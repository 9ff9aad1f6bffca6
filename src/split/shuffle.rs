//! `stratified-shuffle` and `group-shuffle`: random parts of the rows or of the groups, drawn again for each repeat.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::draw::stratified;
use super::groups::{ONE_GROUP, numbered};
use super::stratified_group_k_fold::inner_by_group;
use super::{Lack, Roles, Split, Splitter, shares, whole};
use crate::component::{Entry, build, later};
use crate::data::Role;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

/// scikit-learn's `StratifiedShuffleSplit`: all repeats draw from one stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct StratifiedShuffle {
    /// Splits in all, 1 or more: scikit-learn's `n_splits`.
    #[serde(deserialize_with = "whole::one_or_more")]
    repeats: u32,
    /// The test part's share of all rows, rounded up to whole rows; between 0 and 1.
    test: f64,
    /// The training part's share of all rows, rounded down; without it, all rows that do not test.
    train: Option<f64>,
    /// scikit-learn's `random_state`.
    seed: u32,
}

impl Default for StratifiedShuffle {
    fn default() -> Self {
        Self { repeats: 10, test: 0.1, train: None, seed: 0 }
    }
}

/// scikit-learn's `GroupShuffleSplit`: shares are of the groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct GroupShuffle {
    /// Splits in all, 1 or more: scikit-learn's `n_splits`.
    #[serde(deserialize_with = "whole::one_or_more")]
    repeats: u32,
    /// The share of the groups that test, rounded up; between 0 and 1.
    test: f64,
    /// The share of the groups that train, rounded down; without it, all groups that do not test.
    train: Option<f64>,
    /// scikit-learn's `random_state`.
    seed: u32,
}

impl Default for GroupShuffle {
    fn default() -> Self {
        Self { repeats: 5, test: 0.2, train: None, seed: 0 }
    }
}

pub static STRATIFIED: Entry<dyn Splitter> = Entry::new(
    "stratified-shuffle",
    "random parts with the data's share of positives, drawn again for each repeat",
    |table| {
        let built = build("stratified-shuffle", table, |params: StratifiedShuffle| {
            check(params.repeats, params.test, params.train)?;
            Ok(Box::new(params) as Box<dyn Splitter>)
        })?;
        Ok(later::<StratifiedShuffle, _>(built, &["train"]))
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.StratifiedShuffleSplit.html");

pub static GROUPS: Entry<dyn Splitter> =
    Entry::new("group-shuffle", "random groups test and others train, drawn again for each repeat", |table| {
        let built = build("group-shuffle", table, |params: GroupShuffle| {
            check(params.repeats, params.test, params.train)?;
            Ok(Box::new(params) as Box<dyn Splitter>)
        })?;
        Ok(later::<GroupShuffle, _>(built, &["train"]))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.GroupShuffleSplit.html");

fn check(repeats: u32, test: f64, train: Option<f64>) -> Result<()> {
    if repeats < 1 {
        return Err(Error::Study("`repeats` is 1 or more, not 0".into()));
    }
    shares::check(test, ("train", train))?;
    match train.filter(|train| train + test > 1.0) {
        Some(train) => Err(Error::Study(format!("`train` {train} and `test` {test} are more than all together"))),
        None => Ok(()),
    }
}

/// How many of `n` rows or groups, as `what` says, train and test.
fn sizes((n, what): (usize, &str), test: f64, train: Option<f64>) -> Result<(usize, usize)> {
    let tested = shares::taken((n, what), test, "test")?;
    let trained = train.map_or(n - tested, |share| (share * n as f64).floor() as usize).min(n - tested);
    match trained {
        0 => Err(Error::Data(format!(
            "a training part of {} takes none of {n} {what}: use a larger `train`",
            train.unwrap_or(0.0)
        ))),
        trained => Ok((trained, tested)),
    }
}

fn numbers(repeats: u32) -> Vec<(u32, u32)> {
    (0..repeats).map(|repeat| (repeat, 0)).collect()
}

impl Splitter for StratifiedShuffle {
    fn numbers(&self) -> Vec<(u32, u32)> {
        numbers(self.repeats)
    }

    fn is_random(&self) -> bool {
        true
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let all: Vec<usize> = (0..rows.y.len()).collect();
        let sizes = sizes((all.len(), "rows"), self.test, self.train)?;
        let mut rng = Mt19937::new(self.seed);
        let split = |repeat| {
            let (mut train, mut test) = stratified(&all, &rows.y, sizes, "test", &mut rng)?;
            [&mut train, &mut test].into_iter().for_each(|part| part.sort_unstable());
            Ok(Split { repeat, fold: 0, train, validation: Vec::new(), test })
        };
        (0..self.repeats).map(split).collect()
    }
}

impl Splitter for GroupShuffle {
    fn numbers(&self) -> Vec<(u32, u32)> {
        numbers(self.repeats)
    }

    fn needs(&self) -> Vec<Role> {
        vec![Role::Group]
    }

    fn is_random(&self) -> bool {
        true
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let (groups, count) = numbered(rows)?;
        if count < 2 {
            return Err(Error::Data(ONE_GROUP.into()));
        }
        let (trained, tested) = sizes((count, "groups"), self.test, self.train)?;
        let mut rng = Mt19937::new(self.seed);
        let split = |repeat| {
            let order = rng.permutation(count);
            let mut part_of = vec![None; count];
            order[..tested].iter().for_each(|&group| part_of[group] = Some(true));
            order[tested..tested + trained].iter().for_each(|&group| part_of[group] = Some(false));
            let part = |tests: bool| (0..groups.len()).filter(|&row| part_of[groups[row]] == Some(tests)).collect();
            Split { repeat, fold: 0, train: part(false), validation: Vec::new(), test: part(true) }
        };
        Ok((0..self.repeats).map(split).collect())
    }

    fn inner(&self, folds: u32, seed: u32) -> (&'static str, Table) {
        inner_by_group(folds, seed)
    }

    fn remedy(&self, _lacks: &Lack<'_>) -> Cow<'static, str> {
        "use another `test` share, or `stratified-group-k-fold`".into()
    }
}
