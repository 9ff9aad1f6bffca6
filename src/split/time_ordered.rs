//! `time-ordered`: the model learns from the past and is tested on the future.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::apart::{Groups, INSTEAD, WHY};
use super::order::{in_order, roles_in_time};
use super::time_series::inner_in_time;
use super::{Keeping, Lack, Roles, Split, SplitPart, Splitter, shares};
use crate::component::{Entry, build, later};
use crate::data::Role;
use crate::error::Result;

/// Rows in the order of a column, file order among equals: the last share tests, the share before it validates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct TimeOrdered {
    /// The column that orders the rows, ascending; without it, the one with the role `time`.
    column: Option<String>,
    /// The test part's share of all rows, rounded up to whole rows; between 0 and 1.
    test: f64,
    /// The validation part's share of the rows that do not test; between 0 and 1. Without it there is none.
    validation: Option<f64>,
    /// Whether a group may stand in several parts.
    groups: Groups,
}

impl Default for TimeOrdered {
    fn default() -> Self {
        Self { column: None, test: 0.25, validation: None, groups: Groups::Any }
    }
}

pub static ENTRY: Entry<dyn Splitter> =
    Entry::new("time-ordered", "the last rows in time test, those before them validate if wanted", |table| {
        let built = build("time-ordered", table, |params: TimeOrdered| params.checked())?;
        Ok(later::<TimeOrdered, _>(built, &["column", "validation", "groups"]))
    });

impl TimeOrdered {
    fn checked(self) -> Result<Box<dyn Splitter>> {
        shares::check(self.test, ("validation", self.validation))?;
        Ok(Box::new(self))
    }
}

impl Splitter for TimeOrdered {
    fn numbers(&self) -> Vec<(u32, u32)> {
        vec![(0, 0)]
    }

    fn needs(&self) -> Vec<Role> {
        roles_in_time(self.column(), self.groups)
    }

    fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    fn delay(&self) -> Option<f64> {
        // A named column need not be a time.
        self.column.is_none().then_some(0.0)
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let mut train = in_order(rows, self.column())?;
        let mut test = train.split_off(train.len() - shares::taken((train.len(), "rows"), self.test, "test")?);
        let mut validation = match self.validation {
            Some(share) => train.split_off(train.len() - shares::taken((train.len(), "rows"), share, "validation")?),
            None => Vec::new(),
        };
        [&mut train, &mut validation, &mut test].into_iter().for_each(|part| part.sort_unstable());
        let mut splits = vec![Split { repeat: 0, fold: 0, train, validation, test }];
        self.groups.set_apart(&mut splits, rows)?;
        Ok(splits)
    }

    fn keeping_known(&self) -> Option<Keeping> {
        let any = || Self { groups: Groups::Any, ..self.clone() };
        self.groups.are_apart().then(|| Keeping { splitter: Box::new(any()), why: WHY, instead: INSTEAD })
    }

    fn remedy(&self, lacks: &Lack<'_>) -> Cow<'static, str> {
        // No group is left out of training rows.
        let said = match self.groups.are_apart() && lacks.part != SplitPart::Training {
            true => "rows whose group trains are left out of it: use other shares or more data, or `groups = \"any\"`",
            false => "use other shares or more data",
        };
        said.into()
    }

    fn inner(&self, folds: u32, _seed: u32) -> (&'static str, Table) {
        ("time-series", inner_in_time(folds, self.column(), self.groups, 0.0))
    }
}
