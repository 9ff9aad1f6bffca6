//! `time-series`: folds that go on in time, each trained on the rows before it.

use serde::{Deserialize, Serialize};
use toml::Table;

use super::apart::Groups;
use super::order::{DAY, in_order, roles_in_time};
use super::{Roles, Split, Splitter};
use crate::component::{Entry, build, later};
use crate::data::Role;
use crate::error::{Error, Result};

/// scikit-learn's `TimeSeriesSplit` over the rows in the order of time, file order among equals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct TimeSeries {
    /// Folds, 2 or more; the first rows train only.
    folds: u32,
    /// The column that orders the rows, ascending; without it, the one with the role `time`.
    column: Option<String>,
    /// Rows between the training and the test part: scikit-learn's `gap`.
    gap: usize,
    /// Rows per test part: `test_size`; without it, all rows divided by one more than the folds, rounded down.
    test: Option<usize>,
    /// The most training rows, the latest ones (a sliding window): `max_train_size`; without it, all rows before the test part.
    train: Option<usize>,
    /// Days between a training row and the earliest test row, at least: labels that are not known yet do not train.
    delay: f64,
    /// Whether a group may stand in several parts.
    groups: Groups,
}

impl Default for TimeSeries {
    fn default() -> Self {
        Self { folds: 5, column: None, gap: 0, test: None, train: None, delay: 0.0, groups: Groups::Any }
    }
}

pub static ENTRY: Entry<dyn Splitter> = Entry::new(
    "time-series",
    "folds that go on in time, each trained on the rows before it, all or the latest",
    |table| {
        let built = build("time-series", table, |params: TimeSeries| params.checked())?;
        Ok(later::<TimeSeries, _>(built, &["column", "test", "train", "delay", "groups"]))
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.TimeSeriesSplit.html");

impl TimeSeries {
    fn checked(self) -> Result<Box<dyn Splitter>> {
        if self.folds < 2 {
            return Err(Error::Study(format!("`folds` is 2 or more, not {}", self.folds)));
        }
        for (name, rows) in [("test", self.test), ("train", self.train)] {
            if rows == Some(0) {
                return Err(Error::Study(format!("`{name}` is a number of rows, 1 or more, not 0")));
            }
        }
        if !(self.delay >= 0.0 && self.delay.is_finite()) {
            return Err(Error::Study(format!("`delay` is a number of days, 0 or more, not {}", self.delay)));
        }
        if self.delay > 0.0 && self.column.is_some() {
            return Err(Error::Study("`delay` is in days and needs the role `time`: leave `column` out".into()));
        }
        Ok(Box::new(self))
    }

    /// How many of the rows in `order` may train before the test part that begins at `begin`.
    fn trains_until(&self, order: &[usize], begin: usize, rows: &Roles) -> usize {
        let before = begin - self.gap;
        match rows.time.as_ref().filter(|_| self.delay > 0.0) {
            None => before,
            Some(time) => {
                let last = time[order[begin]] - (self.delay * DAY as f64).round() as i64;
                order[..before].partition_point(|&row| time[row] <= last)
            }
        }
    }
}

impl Splitter for TimeSeries {
    fn numbers(&self) -> Vec<(u32, u32)> {
        (0..self.folds).map(|fold| (0, fold)).collect()
    }

    fn needs(&self) -> Vec<Role> {
        roles_in_time(self.column(), self.groups)
    }

    fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    fn delay(&self) -> Option<f64> {
        // A named column need not be a time.
        self.column.is_none().then_some(self.delay)
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let order = in_order(rows, self.column())?;
        let (n, folds) = (order.len(), self.folds as usize);
        let size = self.test.unwrap_or(n / (folds + 1));
        let tested = size.checked_mul(folds).and_then(|tested| tested.checked_add(self.gap)).filter(|_| size > 0);
        let Some(first) = tested.and_then(|tested| n.checked_sub(tested)).filter(|left| *left > 0) else {
            return Err(Error::Data(format!(
                "{folds} folds of {size} test rows and a gap of {} rows leave nothing to train on: there are {n} rows",
                self.gap
            )));
        };
        let mut splits: Vec<Split> = (0..self.folds)
            .map(|fold| {
                let begin = first + self.gap + fold as usize * size;
                let until = self.trains_until(&order, begin, rows);
                let from = self.train.map_or(0, |most| until.saturating_sub(most));
                let part = |rows: &[usize]| {
                    let mut part = rows.to_vec();
                    part.sort_unstable();
                    part
                };
                let (train, test) = (part(&order[from..until]), part(&order[begin..begin + size]));
                Split { repeat: 0, fold, train, validation: Vec::new(), test }
            })
            .collect();
        self.groups.set_apart(&mut splits, rows)?;
        Ok(splits)
    }

    fn inner(&self, folds: u32, _seed: u32) -> (&'static str, Table) {
        ("time-series", inner_in_time(folds, self.column(), self.groups, self.delay))
    }

    fn remedy(&self) -> &'static str {
        match self.groups.are_apart() {
            true => {
                "rows whose group trains are left out of it: use fewer folds, or more rows per `test` part, or `groups = \"any\"`"
            }
            false => "use fewer folds, or more rows per `test` part",
        }
    }
}

/// Parameters of inner folds in time: [`Splitter::inner`].
pub(super) fn inner_in_time(folds: u32, column: Option<&str>, groups: Groups, delay: f64) -> Table {
    let mut params = Table::from_iter([("folds".to_owned(), i64::from(folds).into())]);
    params.extend(column.map(|name| ("column".to_owned(), name.into())));
    if groups.are_apart() {
        params.insert("groups".into(), "apart".into());
    }
    if delay > 0.0 {
        params.insert("delay".into(), delay.into());
    }
    params
}
