//! `stratified-group-k-fold`: no group stands on both sides, and every fold has about the data's share of positives.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::counts::Counts;
use super::groups::{enough, numbered};
use super::stratified_k_fold::{check_folds, numbers, of_folds};
use super::{Lack, Roles, Split, Splitter, whole};
use crate::component::{Entry, build};
use crate::data::Role;
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;

/// scikit-learn's `StratifiedGroupKFold`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct StratifiedGroupKFold {
    /// Folds per repeat; 2 or more.
    #[serde(deserialize_with = "whole::two_or_more")]
    folds: u32,
    /// Cross-validations in all, 1 or more; repeat `r`, counted from 0, has the seed `seed + r` (modulo 2^32).
    #[serde(deserialize_with = "whole::one_or_more")]
    repeats: u32,
    /// The shuffle's seed: scikit-learn's `random_state`.
    seed: u32,
    /// Groups with the same difference between their classes are dealt in random order.
    shuffle: bool,
}

impl Default for StratifiedGroupKFold {
    fn default() -> Self {
        Self { folds: 5, repeats: 1, seed: 0, shuffle: false }
    }
}

pub static ENTRY: Entry<dyn Splitter> = Entry::new(
    "stratified-group-k-fold",
    "as group-k-fold, and every fold has about the data's share of positives",
    |table| {
        build("stratified-group-k-fold", table, |params: StratifiedGroupKFold| {
            check_folds(params.folds, params.repeats, params.shuffle)?;
            Ok(Box::new(params) as Box<dyn Splitter>)
        })
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.StratifiedGroupKFold.html");

/// Negatives and positives of a group or a fold; whole numbers.
type Classes = [f64; 2];

impl StratifiedGroupKFold {
    fn folds_of_rows(&self, y: &[u8], mut groups: Vec<usize>, count: usize, repeat: u32) -> Vec<u32> {
        if self.shuffle {
            let mut order: Vec<usize> = (0..count).collect();
            Mt19937::new(self.seed.wrapping_add(repeat)).shuffle(&mut order);
            let mut place = vec![0; count];
            order.iter().enumerate().for_each(|(at, &group)| place[group] = at);
            groups.iter_mut().for_each(|group| *group = place[*group]);
        }
        let mut of_group: Vec<Classes> = vec![[0.0; 2]; count];
        y.iter().zip(&groups).for_each(|(&label, &group)| of_group[group][usize::from(label == 1)] += 1.0);
        let mut order: Vec<usize> = (0..count).collect();
        // The standard deviation of two numbers is half their difference, exactly so for whole ones.
        let spread = |group: usize| (of_group[group][0] - of_group[group][1]).abs();
        order.sort_by(|&a, &b| spread(b).total_cmp(&spread(a)));
        let counts = Counts::of(y);
        let whole = [counts.negatives as f64, counts.positives as f64];
        let mut of_fold: Vec<Classes> = vec![[0.0; 2]; self.folds as usize];
        let mut fold_of_group = vec![0; count];
        for group in order {
            let best = best_fold(&mut of_fold, whole, of_group[group]);
            (0..2).for_each(|class| of_fold[best][class] += of_group[group][class]);
            fold_of_group[group] = best as u32;
        }
        groups.iter().map(|&group| fold_of_group[group]).collect()
    }
}

/// The fold that a group leaves most alike: scikit-learn's `_find_best_fold`, sums in its order.
fn best_fold(of_fold: &mut [Classes], whole: Classes, group: Classes) -> usize {
    let (mut best, mut least, mut fewest) = (0, f64::INFINITY, f64::INFINITY);
    for fold in 0..of_fold.len() {
        (0..2).for_each(|class| of_fold[fold][class] += group[class]);
        let spread = [0, 1].map(|class| deviation(of_fold.iter().map(|classes| classes[class] / whole[class])));
        (0..2).for_each(|class| of_fold[fold][class] -= group[class]);
        let value = (spread[0] + spread[1]) / 2.0;
        let rows = of_fold[fold][0] + of_fold[fold][1];
        if value < least || (is_close(value, least) && rows < fewest) {
            (best, least, fewest) = (fold, value, rows);
        }
    }
    best
}

/// numpy's `std` along the first axis.
fn deviation(values: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let n = values.len() as f64;
    let mean = values.clone().sum::<f64>() / n;
    (values.map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt()
}

/// numpy's `isclose` with its defaults.
fn is_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-8 + 1e-5 * b.abs()
}

impl Splitter for StratifiedGroupKFold {
    fn numbers(&self) -> Vec<(u32, u32)> {
        numbers(self.repeats, self.folds)
    }

    fn needs(&self) -> Vec<Role> {
        vec![Role::Group]
    }

    fn is_random(&self) -> bool {
        self.shuffle
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let (groups, count) = numbered(rows)?;
        enough(self.folds, count)?;
        Counts::of(&rows.y).enough(self.folds)?;
        let of_repeat =
            |repeat| of_folds(repeat, self.folds, &self.folds_of_rows(&rows.y, groups.clone(), count, repeat));
        Ok((0..self.repeats).flat_map(of_repeat).collect())
    }

    fn inner(&self, folds: u32, seed: u32) -> (&'static str, Table) {
        inner_by_group(folds, seed)
    }

    fn remedy(&self, _lacks: &Lack<'_>) -> Cow<'static, str> {
        "use fewer folds: a class may stand in too few groups".into()
    }
}

/// Inner folds of protocols that keep groups together: [`Splitter::inner`].
pub(super) fn inner_by_group(folds: u32, seed: u32) -> (&'static str, Table) {
    let numbers = [("folds", folds), ("seed", seed)].map(|(key, value)| (key.to_owned(), i64::from(value).into()));
    let mut params = Table::from_iter(numbers);
    params.insert("shuffle".into(), true.into());
    ("stratified-group-k-fold", params)
}
