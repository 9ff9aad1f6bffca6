//! `group-k-fold`: every row tests once per repeat, and no group stands on both sides.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::groups::{enough, numbered};
use super::stratified_group_k_fold::inner_by_group;
use super::stratified_k_fold::{check_folds, numbers, of_folds};
use super::{Lack, Roles, Split, Splitter, whole};
use crate::component::{Entry, build};
use crate::data::Role;
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;

/// scikit-learn's `GroupKFold`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct GroupKFold {
    /// Folds per repeat; 2 or more.
    #[serde(deserialize_with = "whole::two_or_more")]
    folds: u32,
    /// Cross-validations in all, 1 or more; repeat `r`, counted from 0, has the seed `seed + r` (modulo 2^32).
    #[serde(deserialize_with = "whole::one_or_more")]
    repeats: u32,
    /// The shuffle's seed: scikit-learn's `random_state`.
    seed: u32,
    /// Each fold gets as many groups as the others, drawn at random. Without it, each gets about as many rows: the largest
    /// group left goes to the fold with the fewest rows.
    shuffle: bool,
}

impl Default for GroupKFold {
    fn default() -> Self {
        Self { folds: 5, repeats: 1, seed: 0, shuffle: false }
    }
}

pub static ENTRY: Entry<dyn Splitter> =
    Entry::new("group-k-fold", "every row tests once per repeat, and no group trains and tests", |table| {
        build("group-k-fold", table, |params: GroupKFold| {
            check_folds(params.folds, params.repeats, params.shuffle)?;
            Ok(Box::new(params) as Box<dyn Splitter>)
        })
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.GroupKFold.html");

impl GroupKFold {
    /// The fold of each group, given the group of each row.
    fn folds_of_groups(&self, groups: &[usize], count: usize, repeat: u32) -> Vec<u32> {
        let folds = self.folds as usize;
        let mut fold_of_group = vec![0; count];
        if self.shuffle {
            let order = Mt19937::new(self.seed.wrapping_add(repeat)).permutation(count);
            // numpy's `array_split`: the first parts are one longer where the groups do not divide evenly.
            let (size, longer) = (count / folds, count % folds);
            let mut rest = &order[..];
            for fold in 0..self.folds {
                let (part, after) = rest.split_at(size + usize::from((fold as usize) < longer));
                part.iter().for_each(|&group| fold_of_group[group] = fold);
                rest = after;
            }
            return fold_of_group;
        }
        let mut sizes = vec![0usize; count];
        groups.iter().for_each(|&group| sizes[group] += 1);
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|&group| sizes[group]);
        let mut rows_of_fold = vec![0; folds];
        // Of equally large groups the last one comes first, of equally full folds the first one.
        for group in order.into_iter().rev() {
            let lightest = (0..folds).min_by_key(|&fold| rows_of_fold[fold]).unwrap_or(0);
            rows_of_fold[lightest] += sizes[group];
            fold_of_group[group] = lightest as u32;
        }
        fold_of_group
    }
}

impl Splitter for GroupKFold {
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
        let of_repeat = |repeat| {
            let fold_of_group = self.folds_of_groups(&groups, count, repeat);
            let fold_of_row: Vec<u32> = groups.iter().map(|&group| fold_of_group[group]).collect();
            of_folds(repeat, self.folds, &fold_of_row)
        };
        Ok((0..self.repeats).flat_map(of_repeat).collect())
    }

    fn inner(&self, folds: u32, seed: u32) -> (&'static str, Table) {
        inner_by_group(folds, seed)
    }

    fn remedy(&self, _lacks: &Lack<'_>) -> Cow<'static, str> {
        "use fewer folds, or `stratified-group-k-fold`".into()
    }
}
