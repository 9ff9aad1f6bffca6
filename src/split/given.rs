//! `given`: the parts that whoever made the table has given its rows to.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Lack, Roles, Split, Splitter, whole};
use crate::component::{Entry, build};
use crate::data::{Folds, Role};
use crate::error::{Error, Result};
use crate::words::{agree, counted};

/// Parts by the role `fold`: a column, or the file that a row came from. With one fold its values are `train`, `validation`
/// and `test`. With several, each value is a fold that tests once, in the values' order, as scikit-learn's `PredefinedSplit` has
/// it: rows with a negative number train in every fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Given {
    /// Folds; 1 or more.
    #[serde(deserialize_with = "whole::one_or_more")]
    folds: u32,
}

impl Default for Given {
    fn default() -> Self {
        Self { folds: 1 }
    }
}

pub static ENTRY: Entry<dyn Splitter> =
    Entry::new("given", "the parts of the role `fold`: train, validation and test, or numbers of folds", |table| {
        build("given", table, |params: Given| match params.folds {
            0 => Err(Error::Study("`folds` is 1 or more, not 0".into())),
            _ => Ok(Box::new(params) as Box<dyn Splitter>),
        })
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.PredefinedSplit.html");

/// The names of the parts, in the order of a split's.
const PARTS: [&str; 3] = ["train", "validation", "test"];
/// How many names a message lists.
const SHOWN: usize = 6;

impl Given {
    /// One split by the names of its parts.
    fn parts(folds: &Folds) -> Result<Split> {
        let places: Option<Vec<usize>> = folds.names.iter().map(|name| part_of(name)).collect();
        let Some(places) = places else {
            if let Some(said) = beside_parts(folds) {
                return Err(Error::Data(said));
            }
            return Err(Error::Data(format!(
                "the role `fold` has {} values ({}), which are not the parts train, validation and test: write so, or \
                 folds = {} in [protocol] where each value tests once",
                folds.names.len(),
                shown(folds.names.iter()),
                tested(folds).len()
            )));
        };
        let mut parts = [const { Vec::new() }; 3];
        for (row, &code) in folds.codes.iter().enumerate() {
            parts[places[code as usize]].push(row);
        }
        let [train, validation, test] = parts;
        Ok(Split { repeat: 0, fold: 0, train, validation, test })
    }
}

/// The place of a part among those of a split; none where the name is no part's.
fn part_of(name: &str) -> Option<usize> {
    PARTS.iter().position(|part| name.eq_ignore_ascii_case(part))
}

/// The codes of the folds that test.
fn tested(folds: &Folds) -> Vec<u32> {
    let only_trains = |name: &str| name.parse::<f64>().is_ok_and(|number| number < 0.0);
    (0..).zip(folds.names.iter()).filter(|(_, name)| !only_trains(name)).map(|(code, _)| code).collect()
}

/// Refuses a column whose rows would all be tested at once, or never.
fn check_both(folds: &Folds) -> Result<()> {
    match folds.names.len() > 1 && !tested(folds).is_empty() {
        true => Ok(()),
        false => Err(Error::Data(format!(
            "the role `fold` has {} ({}), and a split needs rows that train and rows that test: write train and test into the \
             column, or name another one",
            counted(folds.names.len() as u64, "value"),
            shown(folds.names.iter())
        ))),
    }
}

/// The first few names.
fn shown<'n>(names: impl IntoIterator<Item = &'n String, IntoIter: ExactSizeIterator>) -> String {
    let names = names.into_iter();
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    names.take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ") + more
}

/// What is wrong with names that are no parts beside those that are: a misspelt part, and no fold. None where there are not both.
fn beside_parts(folds: &Folds) -> Option<String> {
    let (parts, others): (Vec<&String>, Vec<&String>) = folds.names.iter().partition(|name| part_of(name).is_some());
    (!parts.is_empty() && !others.is_empty()).then(|| {
        let (is, each) = (agree(others.len(), "is none", "are none"), agree(others.len(), "it", "each"));
        format!(
            "the role `fold` has the parts of one split ({}), and beside them {}, which {is} of the parts {}: call {each} by one of \
             them in the file",
            shown(parts),
            shown(others),
            PARTS.join(", ")
        )
    })
}

impl Splitter for Given {
    fn numbers(&self) -> Vec<(u32, u32)> {
        (0..self.folds).map(|fold| (0, fold)).collect()
    }

    // Whoever made the parts knows.
    fn keeps_days(&self) -> bool {
        true
    }

    fn needs(&self) -> Vec<Role> {
        vec![Role::Fold]
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let folds = rows.fold.as_ref().filter(|folds| folds.codes.len() == rows.y.len());
        let folds = folds.ok_or_else(|| Error::Data("given parts need the role `fold`".into()))?;
        let is_any_part = folds.names.iter().any(|name| part_of(name).is_some());
        if !is_any_part {
            check_both(folds)?;
        }
        let tested = tested(folds);
        // Rows that only train may stand beside one fold.
        if self.folds == 1 && (is_any_part || tested.len() > 1) {
            return Ok(vec![Self::parts(folds)?]);
        }
        // Else the training rows of whoever made the parts would test in a fold.
        if folds.names.iter().all(|name| part_of(name).is_some()) {
            return Err(Error::Data(format!(
                "the role `fold` has the parts of one split ({}), not {} folds: leave `folds` out of [protocol]",
                shown(folds.names.iter()),
                self.folds
            )));
        }
        if let Some(said) = beside_parts(folds) {
            return Err(Error::Data(format!("{said}, and leave `folds` out of [protocol]")));
        }
        if tested.len() != self.folds as usize {
            return Err(Error::Data(format!(
                "the role `fold` has {} that {} ({}), not {}: write folds = {} in [protocol]",
                counted(tested.len() as u64, "value"),
                agree(tested.len(), "tests", "test"),
                shown(tested.iter().map(|&code| &folds.names[code as usize])),
                self.folds,
                tested.len()
            )));
        }
        let split = |(fold, code): (u32, u32)| {
            let (test, train) = (0..rows.y.len()).partition(|&row| folds.codes[row] == code);
            Split { repeat: 0, fold, train, validation: Vec::new(), test }
        };
        Ok((0..).zip(tested).map(split).collect())
    }

    fn remedy(&self, _lacks: &Lack<'_>) -> Cow<'static, str> {
        "give each part rows of both classes".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;
    use crate::split::Protocol;

    fn split(folds: u32, codes: &[u32], names: &[&str]) -> Result<Vec<Split>, String> {
        let y: Vec<u8> = (0..codes.len()).map(|row| u8::from(row % 2 == 1)).collect();
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let rows = Roles { fold: Some(Folds { codes: codes.to_vec(), names }), ..Roles::labels(&y) };
        let protocol =
            Protocol::read(&format!("kind = 'given'\nfolds = {folds}").parse().unwrap(), &Registry::built_in());
        protocol.and_then(|protocol| protocol.splits(&rows)).map_err(|e| e.to_string())?.into_iter().collect()
    }

    #[test]
    fn parts_are_those_of_their_names() {
        let codes = [2, 2, 1, 1, 0, 0, 2, 2];
        let made = split(1, &codes, &["Test", "Validation", "train"]).unwrap();
        let parts =
            [(&made[0].train, vec![0, 1, 6, 7]), (&made[0].validation, vec![2, 3]), (&made[0].test, vec![4, 5])];
        parts.into_iter().for_each(|(part, expected)| assert_eq!(*part, expected));
        let unknown = split(1, &codes, &["-1", "0", "1"]).unwrap_err();
        assert_eq!(
            unknown,
            "the role `fold` has 3 values (-1, 0, 1), which are not the parts train, validation and test: write so, or folds = 2 \
             in [protocol] where each value tests once"
        );
    }

    #[test]
    fn a_part_by_another_name_makes_no_folds_of_the_other_parts() {
        let codes = [2, 2, 1, 1, 0, 0, 2, 2];
        let said = "the role `fold` has the parts of one split (test, train), and beside them valid, which is none of the parts train, \
                    validation, test: call it by one of them in the file";
        assert_eq!(split(1, &codes, &["test", "train", "valid"]).unwrap_err(), said);
        // Else the rows called test would train in two folds of three.
        let folds = split(3, &codes, &["test", "train", "valid"]).unwrap_err();
        assert_eq!(folds, format!("{said}, and leave `folds` out of [protocol]"));
        let two = split(3, &codes, &["dev", "holdout", "Train"]).unwrap_err();
        assert!(two.contains("(Train), and beside them dev, holdout, which are none of the parts"), "{two}");
    }

    #[test]
    fn one_fold_beside_rows_that_only_train_is_one_split() {
        let made = split(1, &[0, 1, 0, 0, 1], &["-1", "0"]).unwrap();
        assert_eq!((made.len(), &made[0].train, &made[0].test), (1, &vec![0, 2, 3], &vec![1, 4]));
        for (folds, names, of) in
            [(1, &["g"][..], "1 value (g)"), (2, &["g"], "1 value (g)"), (1, &["-1", "-2"], "2 values (-1, -2)")]
        {
            let said = format!(
                "the role `fold` has {of}, and a split needs rows that train and rows that test: write train and test into the column, \
                 or name another one"
            );
            let codes: Vec<u32> = (0..6).map(|row| row % names.len() as u32).collect();
            assert_eq!(split(folds, &codes, names).unwrap_err(), said);
        }
    }

    #[test]
    fn each_value_tests_once_and_negative_ones_only_train() {
        let codes = [1, 2, 0, 1, 2, 0, 0, 1, 2];
        let made = split(2, &codes, &["-1", "0", "1"]).unwrap();
        assert_eq!((&made[0].test, &made[1].test), (&vec![0, 3, 7], &vec![1, 4, 8]));
        assert_eq!(made[0].train, [1, 2, 4, 5, 6, 8]);
        let many = split(4, &codes, &["-1", "0", "1"]).unwrap_err();
        // -1 is none of those that test.
        assert!(many.contains("has 2 values that test (0, 1), not 4: write folds = 2 in [protocol]"), "{many}");
        let parts = split(2, &codes, &["test", "Train", "validation"]).unwrap_err();
        assert_eq!(
            parts,
            "the role `fold` has the parts of one split (test, Train, validation), not 2 folds: leave `folds` out of [protocol]"
        );
        let lacks = split(3, &[0, 0, 1, 1, 2], &["a", "b", "c"]).unwrap_err();
        assert!(lacks.starts_with("fold 2: the test part would hold 0 positives and 1 negative"), "{lacks}");
    }
}
