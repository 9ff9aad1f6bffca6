//! `time-series`: folds that go on in time, each trained on the rows before it.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::apart::{Groups, INSTEAD, WHY};
use super::counts::Counts;
use super::order::{in_order, roles_in_time};
use super::{Keeping, Lack, Roles, Split, SplitPart, Splitter, whole};
use crate::component::{Entry, build, later};
use crate::data::{DAY, Role};
use crate::error::{Error, Result};
use crate::words::counted;

/// scikit-learn's `TimeSeriesSplit` over the rows in the order of time, file order among equals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct TimeSeries {
    /// Folds, 2 or more; the first rows train only.
    #[serde(deserialize_with = "whole::two_or_more")]
    folds: u32,
    /// The column that orders the rows, ascending; without it, the one with the role `time`.
    column: Option<String>,
    /// Rows between the training and the test part: scikit-learn's `gap`.
    gap: usize,
    /// Rows per test part: `test_size`; without it, all rows divided by one more than the folds, rounded down.
    #[serde(deserialize_with = "whole::rows")]
    test: Option<usize>,
    /// The most training rows, the latest ones (a sliding window): `max_train_size`; without it, all rows before the test part.
    #[serde(deserialize_with = "whole::rows")]
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

    /// Rows before the first test part and the gap, and rows per test part; none where that leaves nothing to train on.
    fn sizes(&self, n: usize) -> Option<(usize, usize)> {
        let folds = self.folds as usize;
        let size = self.size(n);
        let tested = size.checked_mul(folds)?.checked_add(self.gap)?;
        let first = n.checked_sub(tested)?;
        (size > 0 && first > 0).then_some((first, size))
    }

    fn size(&self, n: usize) -> usize {
        self.test.unwrap_or(n / (self.folds as usize + 1))
    }

    /// The rows, as places in `order`, that train before the test part that begins at `begin`.
    fn trained(&self, order: &[usize], begin: usize, known: Option<(&[i64], i64)>) -> Range<usize> {
        let before = begin - self.gap;
        let until = match known {
            None => before,
            Some((time, last)) => order[..before].partition_point(|&row| time[row] <= last),
        };
        self.train.map_or(0, |most| until.saturating_sub(most))..until
    }

    /// The times, and the latest one at which a label is known at `moment`; none without a delay.
    fn known<'r>(&self, rows: &'r Roles, moment: impl Fn(&[i64]) -> i64) -> Option<(&'r [i64], i64)> {
        let time = rows.time.as_deref().filter(|_| self.delay > 0.0)?;
        Some((time, moment(time).saturating_sub((self.delay * DAY as f64).round() as i64)))
    }

    /// What would help where training rows lack a class: that less is left out of them, or that test parts begin later.
    fn remedy_of_training(&self, lacks: &Lack<'_>, order: &[usize]) -> String {
        let (n, rows) = (order.len(), lacks.rows);
        let is_enough = |part: &[usize]| !Counts::at(part, &rows.y).lacks_a_class();
        let (first, size) = self.sizes(n).unwrap_or_default();
        let begin = first + self.gap + lacks.split.fold as usize * size;
        let latest = self.known(rows, |time| time[order[n - 1]]);
        let by_delay = latest.filter(|_| is_enough(&order[self.trained(order, begin, None)]));
        // A test part can begin with the last row at the latest.
        let helps_later =
            by_delay.is_none_or(|(time, last)| is_enough(&order[..order.partition_point(|&row| time[row] <= last)]));
        let ways = [
            (by_delay.is_some(), "a shorter `delay`"),
            (self.gap > 0, "a smaller `gap`"),
            (self.train.is_some(), "more `train` rows"),
            (helps_later && self.folds > 2, "fewer folds"),
            (helps_later && size > 1 && !lacks.is_inner, "fewer rows per `test` part"),
        ];
        let ways: Vec<&str> = ways.into_iter().filter(|(helps, _)| *helps).map(|(_, way)| way).collect();
        let why = match by_delay {
            Some(_) if self.delay == 1.0 => {
                "the `delay` of 1 day leaves out the rows before the test part: ".to_owned()
            }
            Some(_) => format!("the `delay` of {} days leaves out the rows before the test part: ", self.delay),
            None => String::new(),
        };
        match &ways[..] {
            [] => format!("{why}more data are needed"),
            [one] => format!("{why}use {one}"),
            [rest @ .., last] => format!("{why}use {}, or {last}", rest.join(", ")),
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
        let n = order.len();
        let Some((first, size)) = self.sizes(n) else {
            return Err(Error::Data(format!(
                "{} of {} and a gap of {} leave nothing to train on: there are {}; write fewer `folds`, or a smaller `test` or `gap`",
                counted(u64::from(self.folds), "fold"),
                counted(self.size(n) as u64, "test row"),
                counted(self.gap as u64, "row"),
                counted(n as u64, "row")
            )));
        };
        let mut splits: Vec<Split> = (0..self.folds)
            .map(|fold| {
                let begin = first + self.gap + fold as usize * size;
                let part = |rows: &[usize]| {
                    let mut part = rows.to_vec();
                    part.sort_unstable();
                    part
                };
                let trained = self.trained(&order, begin, self.known(rows, |time| time[order[begin]]));
                let (train, test) = (part(&order[trained]), part(&order[begin..begin + size]));
                Split { repeat: 0, fold, train, validation: Vec::new(), test }
            })
            .collect();
        self.groups.set_apart(&mut splits, rows)?;
        Ok(splits)
    }

    fn inner(&self, folds: u32, _seed: u32) -> (&'static str, Table) {
        ("time-series", inner_in_time(folds, self.column(), self.groups, self.delay))
    }

    fn keeping_known(&self) -> Option<Keeping> {
        let any = || Self { groups: Groups::Any, ..self.clone() };
        self.groups.are_apart().then(|| Keeping { splitter: Box::new(any()), why: WHY, instead: INSTEAD })
    }

    fn remedy(&self, lacks: &Lack<'_>) -> Cow<'static, str> {
        match (lacks.part, in_order(lacks.rows, self.column())) {
            (SplitPart::Training, Ok(order)) => self.remedy_of_training(lacks, &order).into(),
            _ if self.groups.are_apart() => {
                "rows whose group trains are left out of it: use fewer folds, or more rows per `test` part, or `groups = \"any\"`".into()
            }
            _ => "use fewer folds, or more rows per `test` part".into(),
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
