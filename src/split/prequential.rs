//! `prequential`: windows of days that go on in time, with a delay between training and test days in which labels are not known
//! yet.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::apart::Groups;
use super::order::DAY;
use super::time_series::inner_in_time;
use super::{Lack, Roles, Split, SplitPart, Splitter};
use crate::component::{Entry, build, later};
use crate::data::{Role, day_of, day_text};
use crate::error::{Error, Result};

/// The protocol of Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection - Practical Handbook"
/// (2022), chapter 5. A day is a calendar day, UTC. Fold `f`, counted from 0, begins `f` times `test` days after the first one:
/// `train` days of training rows, `delay` days of rows that do neither, `test` days of test rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Prequential {
    /// Folds; 1 or more.
    folds: u32,
    /// Days of training rows; 1 or more.
    train: u32,
    /// Days between training and test rows, as long as it takes until labels are known; may be 0.
    delay: u32,
    /// Days of test rows; 1 or more.
    test: u32,
    /// The first training day of the first fold; without it, the last fold's test part ends with the last day of the data.
    start: Option<Day>,
    /// Test rows of a group are left out where one of its positives is known: one from the first training day on that is more
    /// than `delay` days older than the test row's day. A card that is known as compromised is blocked, not scored.
    leave_known_cards_out: bool,
    /// Whether a group may stand in several parts.
    groups: Groups,
}

/// A day: `2018-07-25`, or its number counted from 1970-01-01 (for times that are seconds from some beginning, from that).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a day is a date (2018-07-25) or a whole number of days")]
enum Day {
    Number(i64),
    Date(String),
}

impl Day {
    fn number(&self) -> Result<i64> {
        match self {
            Day::Number(number) => Ok(*number),
            Day::Date(text) => day_of(text).ok_or_else(|| {
                Error::Study(format!("`start` is a day such as `2018-07-25`, or its number, not `{text}`"))
            }),
        }
    }
}

impl Default for Prequential {
    fn default() -> Self {
        let (folds, train, delay, test) = (4, 7, 7, 7);
        Self { folds, train, delay, test, start: None, leave_known_cards_out: true, groups: Groups::Any }
    }
}

pub static ENTRY: Entry<dyn Splitter> =
    Entry::new("prequential", "windows of days that go on in time: training, delay, test; known cards left out", |table| {
        let built = build("prequential", table, |params: Prequential| params.checked())?;
        Ok(later::<Prequential, _>(built, &["start", "groups"]))
    })
    .source("https://fraud-detection-handbook.github.io/fraud-detection-handbook/Chapter_5_ModelValidationAndSelection/ValidationStrategies.html")
    .notes(&["the role `group` is needed for `leave_known_cards_out` and `groups = \"apart\"` alone"]);

impl Prequential {
    fn checked(self) -> Result<Box<dyn Splitter>> {
        for (name, number) in [("folds", self.folds), ("train", self.train), ("test", self.test)] {
            if number < 1 {
                return Err(Error::Study(format!("`{name}` is 1 or more, not 0")));
            }
        }
        self.start.as_ref().map(Day::number).transpose()?;
        Ok(Box::new(self))
    }

    /// The first training day of the first fold.
    fn first(&self, days: &[i64]) -> Result<i64> {
        let (Some(&earliest), Some(&latest)) = (days.iter().min(), days.iter().max()) else { return Ok(0) };
        let [folds, train, delay, test] = [self.folds, self.train, self.delay, self.test].map(i64::from);
        if let Some(start) = &self.start {
            let first = start.number()?;
            // A number of a study may be as large as an i64 is.
            let (trained, tests) = (first.saturating_add(train), first.saturating_add(train + delay));
            return match trained > earliest && tests <= latest {
                true => Ok(first),
                false => Err(Error::Data(format!(
                    "`start` {} leaves the first fold without rows: it would train before {} and test from {} on, and the rows are of \
                     {} to {}: name a `start` among these days, or leave it out",
                    day_text(first),
                    day_text(trained),
                    day_text(tests),
                    day_text(earliest),
                    day_text(latest)
                ))),
            };
        }
        let needed = train + delay + folds * test;
        let first = latest + 1 - needed;
        if first < earliest {
            return Err(Error::Data(format!(
                "{folds} folds of {train} training days, a delay of {delay} and {test} test days need {needed} days, but the \
                 rows are of {} days, {} to {}: use fewer folds or shorter parts",
                latest + 1 - earliest,
                day_text(earliest),
                day_text(latest)
            )));
        }
        Ok(first)
    }

    fn split(&self, rows: &Roles, days: &[i64], fold: u32, first: i64) -> Result<Split> {
        let [train, delay, test] = [self.train, self.delay, self.test].map(i64::from);
        let begin = first + i64::from(fold) * test;
        let tests = begin + train + delay;
        let within = |from: i64, to: i64| (0..days.len()).filter(move |&row| (from..to).contains(&days[row]));
        let mut tested: Vec<usize> = within(tests, tests + test).collect();
        if self.leave_known_cards_out {
            let group = rows.group.as_ref().filter(|group| group.len() == rows.y.len()).ok_or_else(|| {
                Error::Data(
                    "cards that are known can be left out only where the role `group` says whose a row is".into(),
                )
            })?;
            let mut known_since: HashMap<u32, i64> = HashMap::new();
            for row in within(begin, tests + test).filter(|&row| rows.y[row] == 1) {
                let since = known_since.entry(group[row]).or_insert(i64::MAX);
                *since = days[row].min(*since);
            }
            tested.retain(|&row| known_since.get(&group[row]).is_none_or(|since| since + delay >= days[row]));
        }
        Ok(Split {
            repeat: 0,
            fold,
            train: within(begin, begin + train).collect(),
            validation: Vec::new(),
            test: tested,
        })
    }
}

impl Splitter for Prequential {
    fn numbers(&self) -> Vec<(u32, u32)> {
        (0..self.folds).map(|fold| (0, fold)).collect()
    }

    fn needs(&self) -> Vec<Role> {
        let group = self.leave_known_cards_out || self.groups.are_apart();
        std::iter::once(Role::Time).chain(group.then_some(Role::Group)).collect()
    }

    fn delay(&self) -> Option<f64> {
        Some(f64::from(self.delay))
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let time = rows.time.as_ref().filter(|time| time.len() == rows.y.len());
        let time = time.ok_or_else(|| Error::Data("a prequential split needs the role `time`".into()))?;
        let days: Vec<i64> = time.iter().map(|micros| micros.div_euclid(DAY)).collect();
        let first = self.first(&days)?;
        let mut splits: Vec<Split> =
            (0..self.folds).map(|fold| self.split(rows, &days, fold, first)).collect::<Result<_>>()?;
        self.groups.set_apart(&mut splits, rows)?;
        Ok(splits)
    }

    /// Folds in time of the training days. They keep the delay where the training days are long enough for it: where each of
    /// as many equal stretches as folds and one more is longer than the delay.
    fn inner(&self, folds: u32, _seed: u32) -> (&'static str, Table) {
        let fits = u64::from(self.delay) * (u64::from(folds) + 1) < u64::from(self.train);
        let delay = if fits { f64::from(self.delay) } else { 0.0 };
        ("time-series", inner_in_time(folds, None, self.groups, delay))
    }

    fn remedy(&self, lacks: &Lack<'_>) -> Cow<'static, str> {
        // No group is left out of training rows.
        let said = match (self.groups.are_apart() && lacks.part != SplitPart::Training, &self.start) {
            (true, _) => {
                "rows whose group trains are left out of it: use fewer folds, or more `train` or `test` days, or `groups = \"any\"`"
            }
            (false, Some(_)) => "use another `start`, fewer folds, or more `train` or `test` days",
            (false, None) => "use fewer folds, or more `train` or `test` days",
        };
        said.into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::component::Registry;
    use crate::split::Protocol;

    fn read(text: &str) -> Result<Protocol> {
        Protocol::read(&text.parse().unwrap(), &Registry::built_in())
    }

    /// The training and test rows of a fold that begins on day `begin`, as the Handbook words it: left out are rows of cards with
    /// a fraud in the training part, and, on test day `j`, of cards with a fraud on day `begin + train + k - 1` for any `k` up to `j`.
    fn handbook(rows: &Roles, begin: i64, (train, delay, test): (i64, i64, i64)) -> [Vec<usize>; 2] {
        let (group, time) = (rows.group.as_ref().unwrap(), rows.time.as_ref().unwrap());
        let on = |from: i64, to: i64| (0..time.len()).filter(move |&row| (from * DAY..to * DAY).contains(&time[row]));
        let frauds =
            |from, to| on(from, to).filter(|&row| rows.y[row] == 1).map(|row| group[row]).collect::<HashSet<u32>>();
        let mut known = frauds(begin, begin + train);
        let mut tested = Vec::new();
        for day in 0..test {
            known.extend(frauds(begin + train + day - 1, begin + train + day));
            let tests = begin + train + delay + day;
            tested.extend(on(tests, tests + 1).filter(|&row| !known.contains(&group[row])));
        }
        tested.sort_unstable();
        [on(begin, begin + train).collect(), tested]
    }

    proptest! {
        #[test]
        fn folds_are_the_handbooks(
            of_rows in prop::collection::vec((0u32..12, -3i64..20, 0i64..DAY, 0u8..4), 400..700),
            (train, delay, test) in (1i64..6, 0i64..5, 1i64..4),
            folds in 1u32..4,
        ) {
            let rows = Roles {
                group: Some(of_rows.iter().map(|row| row.0).collect()),
                time: Some(of_rows.iter().map(|row| row.1 * DAY + row.2).collect()),
                ..Roles::labels(&of_rows.iter().map(|row| u8::from(row.3 == 0)).collect::<Vec<u8>>())
            };
            let text = |more: &str| {
                format!("kind = 'prequential'\ntrain = {train}\ndelay = {delay}\ntest = {test}\nfolds = {folds}\n{more}")
            };
            let last = of_rows.iter().map(|row| row.1).max().unwrap();
            let first = last + 1 - i64::from(folds) * test - delay - train;
            for (more, first) in [(format!("start = {first}"), first), (String::new(), first), ("start = '1970-01-03'".into(), 2)] {
                let splits = read(&text(&more)).unwrap().splits(&rows);
                let splits = match splits {
                    Ok(splits) => splits,
                    Err(e) => {
                        prop_assert!(first < -3 && e.to_string().contains("use fewer folds or shorter parts"), "{}", e);
                        continue;
                    }
                };
                for (fold, split) in splits.into_iter().enumerate() {
                    let expected = handbook(&rows, first + fold as i64 * test, (train, delay, test));
                    // A part without a class is refused, which the parts show too.
                    match split {
                        Ok(split) => prop_assert_eq!([split.train, split.test], expected),
                        Err(said) => {
                            let lacks = |part: &Vec<usize>| part.iter().map(|&row| rows.y[row]).collect::<HashSet<u8>>().len() < 2;
                            prop_assert!(expected.iter().any(lacks), "{}", said);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let said = |text: &str| read(&format!("kind = 'prequential'\n{text}")).unwrap_err().to_string();
        assert_eq!(said("train = 0"), "`prequential`: `train` is 1 or more, not 0");
        let told = "`prequential`: `start` is a day such as `2018-07-25`, or its number, not `July`";
        assert_eq!(said("start = 'July'"), told);
        assert_eq!(said("start = '2018-07-25 12:00'"), told.replace("July", "2018-07-25 12:00"));
        let rows = Roles { time: Some(vec![0, DAY]), group: Some(vec![0, 1]), ..Roles::labels(&[0, 1]) };
        let few = read("kind = 'prequential'").unwrap().splits(&rows).unwrap_err().to_string();
        assert_eq!(
            few,
            "4 folds of 7 training days, a delay of 7 and 7 test days need 42 days, but the rows are of 2 days, 1970-01-01 to \
             1970-01-02: use fewer folds or shorter parts"
        );
    }

    #[test]
    fn a_start_from_which_no_fold_has_rows_is_told_with_the_days_of_the_rows() {
        // 28 days, 2024-01-01 to 2024-01-28, a row of each class on each.
        let rows = Roles {
            time: Some((0..56).map(|row| (19_723 + row / 2) * DAY).collect()),
            group: Some((0..56).collect()),
            ..Roles::labels(&(0..56).map(|row| row % 2).collect::<Vec<u8>>())
        };
        let splits = |start: &str| {
            let text = format!("kind = 'prequential'\ntrain = 5\ndelay = 2\ntest = 5\nfolds = 2\nstart = {start}");
            read(&text).unwrap().splits(&rows).map(|splits| splits.into_iter().filter(Result::is_ok).count())
        };
        let said = |start: &str| splits(start).unwrap_err().to_string();
        assert_eq!(
            said("'2020-01-01'"),
            "`start` 2020-01-01 leaves the first fold without rows: it would train before 2020-01-06 and test from 2020-01-08 on, and the \
             rows are of 2024-01-01 to 2024-01-28: name a `start` among these days, or leave it out"
        );
        // The last of its 5 training days is the day before the first row; the first test day is the one after the last row.
        assert!(said("'2023-12-27'").contains("leaves the first fold without rows"));
        assert!(said("'2024-01-22'").contains("leaves the first fold without rows"));
        assert!(said("9223372036854775807").contains("leaves the first fold without rows"));
        // One day more, on either side, and there is a fold: the second one of the last start has no test rows.
        assert_eq!(splits("'2023-12-28'").unwrap(), 2);
        assert_eq!(splits("'2024-01-21'").unwrap(), 1);
        let second =
            read("kind = 'prequential'\ntrain = 5\ndelay = 2\ntest = 5\nfolds = 2\nstart = '2024-01-21'").unwrap();
        let second = second.splits(&rows).unwrap().remove(1).unwrap_err();
        assert!(second.ends_with("use another `start`, fewer folds, or more `train` or `test` days"), "{second}");
    }

    #[test]
    fn inner_folds_keep_the_delay_where_the_training_days_allow_it() {
        let inner = |text: &str| read(&format!("kind = 'prequential'\n{text}")).unwrap().inner_kind(3, 1).1.to_string();
        assert_eq!(inner(""), "folds = 3\n");
        assert_eq!(inner("train = 28\ndelay = 6\ngroups = 'apart'"), "folds = 3\ngroups = \"apart\"\ndelay = 6.0\n");
    }
}
