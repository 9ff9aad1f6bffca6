//! `prequential`: windows of days that go on in time, with a delay between training and test days in which labels are not known
//! yet.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::apart::{Groups, INSTEAD, WHY};
use super::counts::Counts;
use super::time_series::inner_in_time;
use super::{Keeping, Lack, Roles, Split, SplitPart, Splitter, whole};
use crate::component::{Entry, build, later};
use crate::data::{DAY, Role, day_of, day_text};
use crate::error::{Error, Result};
use crate::words::{count, counted};

/// The protocol of Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection - Practical Handbook"
/// (2022), chapter 5. A day is a calendar day, UTC. Fold `f`, counted from 0, begins `f` times `test` days after the first one:
/// `train` days of training rows, `delay` days of rows that do neither, `test` days of test rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Prequential {
    /// Folds; 1 or more.
    #[serde(deserialize_with = "whole::one_or_more")]
    folds: u32,
    /// Days of training rows; 1 or more.
    #[serde(deserialize_with = "whole::days")]
    train: u32,
    /// Days between training and test rows, as long as it takes until labels are known; may be 0.
    delay: u32,
    /// Days of test rows; 1 or more.
    #[serde(deserialize_with = "whole::days")]
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
            let days = |number: i64, what: &str| counted(number as u64, what);
            return Err(Error::Data(format!(
                "{} of {}, a delay of {delay} and {} need {}, but the rows are of {}, {} to {}: use fewer folds or shorter parts",
                days(folds, "fold"),
                days(train, "training day"),
                days(test, "test day"),
                days(needed, "day"),
                days(latest + 1 - earliest, "day"),
                day_text(earliest),
                day_text(latest)
            )));
        }
        Ok(first)
    }

    /// The days of a fold's training part and of its test part; the day behind the last one is in neither.
    fn windows(&self, first: i64, fold: u32) -> [Range<i64>; 2] {
        let [train, delay, test] = [self.train, self.delay, self.test].map(i64::from);
        let begin = first + i64::from(fold) * test;
        let tests = begin + train + delay;
        [begin..begin + train, tests..tests + test]
    }

    /// The windows of a split of these rows; none where no split can be made.
    fn windows_of(&self, rows: &Roles, fold: u32) -> Option<(Vec<i64>, [Range<i64>; 2])> {
        let days = days(rows.time.as_ref()?);
        let first = self.first(&days).ok()?;
        Some((days, self.windows(first, fold)))
    }

    /// What would help where a test part lacks a class only because cards that are known are left out.
    fn remedy_of_known_cards(&self, lacks: &Lack<'_>) -> Option<String> {
        if !self.leave_known_cards_out || lacks.part != SplitPart::Test {
            return None;
        }
        let (days, [_, tests]) = self.windows_of(lacks.rows, lacks.split.fold)?;
        let all: Vec<usize> = (0..days.len()).filter(|&row| tests.contains(&days[row])).collect();
        if Counts::at(&all, &lacks.rows.y).lacks_a_class() {
            return None;
        }
        let (apart, any) = match self.groups.are_apart() {
            true => ("rows whose group trains and ", "`groups = \"any\"` and "),
            false => ("", ""),
        };
        Some(format!(
            "{apart}rows of cards whose fraud is known by then are left out of it, {} of {}: use {any}`leave_known_cards_out = false`",
            count((all.len() - lacks.split.test.len()) as u64),
            counted(all.len() as u64, "row"),
        ))
    }

    /// What would help where no row is of the days of a part.
    fn remedy_of_no_row(&self, lacks: &Lack<'_>) -> Option<String> {
        let (days, [trains, tests]) = self.windows_of(lacks.rows, lacks.split.fold)?;
        let window = match lacks.part {
            SplitPart::Training => trains,
            SplitPart::Validation | SplitPart::Test => tests,
        };
        // With a `start` whoever wrote it knows the days.
        if self.start.is_some() || days.iter().any(|day| window.contains(day)) {
            return None;
        }
        Some(format!(
            "no row is of its days, {} to {}, which are counted back from the latest row's, {}: give `start`, the first training day, or use \
             fewer folds, or more `train` or `test` days",
            day_text(window.start),
            day_text(window.end - 1),
            day_text(days.iter().copied().max()?)
        ))
    }

    fn split(&self, rows: &Roles, days: &[i64], fold: u32, first: i64) -> Result<Split> {
        let [trains, tests] = self.windows(first, fold);
        let within = |window: Range<i64>| (0..days.len()).filter(move |&row| window.contains(&days[row]));
        let mut tested: Vec<usize> = within(tests.clone()).collect();
        if self.leave_known_cards_out {
            let group = rows.group.as_ref().filter(|group| group.len() == rows.y.len()).ok_or_else(|| {
                Error::Data(
                    "cards that are known can be left out only where the role `group` says whose a row is".into(),
                )
            })?;
            let mut known_since: HashMap<u32, i64> = HashMap::new();
            for row in within(trains.start..tests.end).filter(|&row| rows.y[row] == 1) {
                let since = known_since.entry(group[row]).or_insert(i64::MAX);
                *since = days[row].min(*since);
            }
            let delay = i64::from(self.delay);
            tested.retain(|&row| known_since.get(&group[row]).is_none_or(|since| since + delay >= days[row]));
        }
        Ok(Split { repeat: 0, fold, train: within(trains).collect(), validation: Vec::new(), test: tested })
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
        let days = days(time);
        let first = self.first(&days)?;
        let mut splits: Vec<Split> =
            (0..self.folds).map(|fold| self.split(rows, &days, fold, first)).collect::<Result<_>>()?;
        self.groups.set_apart(&mut splits, rows)?;
        Ok(splits)
    }

    fn cut_short(&self, time: &[i64]) -> Option<String> {
        let days = days(time);
        let (earliest, latest) = (*days.iter().min()?, *days.iter().max()?);
        let first = self.first(&days).ok()?;
        let there = |window: &Range<i64>| window.end.min(latest + 1) - window.start.max(earliest);
        let short = |(window, what): (Range<i64>, &str)| {
            // A part without any day has no rows, which is told where its split is made.
            let (asked, found) = (window.end - window.start, there(&window));
            (0 < found && found < asked).then(|| format!("{} of {}", count(found as u64), counted(asked as u64, what)))
        };
        let fold = |fold: u32| {
            let parts: Vec<String> =
                self.windows(first, fold).into_iter().zip(["training day", "test day"]).filter_map(short).collect();
            (!parts.is_empty()).then(|| format!("fold {fold} has {}", parts.join(" and ")))
        };
        let folds: Vec<String> = (0..self.folds).filter_map(fold).collect();
        (!folds.is_empty()).then(|| {
            format!(
                "the rows are of {} to {}, so that with this `start` {}: use another `start`, fewer folds or shorter parts, as means over \
                 such folds are of unlike ones",
                day_text(earliest),
                day_text(latest),
                folds.join(", ")
            )
        })
    }

    fn keeping_known(&self) -> Option<Keeping> {
        let (why, instead) = match (self.leave_known_cards_out, self.groups.are_apart()) {
            (false, false) => return None,
            (true, false) => ("cards whose fraud is known by then are not tested", "`leave_known_cards_out = false`"),
            (false, true) => (WHY, INSTEAD),
            (true, true) => (
                "rows whose group trains, and cards whose fraud is known by then, are not tested",
                "`groups = \"any\"` and `leave_known_cards_out = false`",
            ),
        };
        let splitter = Self { leave_known_cards_out: false, groups: Groups::Any, ..self.clone() };
        Some(Keeping { splitter: Box::new(splitter), why, instead })
    }

    fn instead_of(&self, role: Role) -> Option<&'static str> {
        let is_for_cards = role == Role::Group && self.leave_known_cards_out && !self.groups.are_apart();
        is_for_cards.then_some("leave_known_cards_out = false")
    }

    /// Folds in time of the training days. They keep the delay where the training days are long enough for it: where each of
    /// as many equal stretches as folds and one more is longer than the delay.
    fn inner(&self, folds: u32, _seed: u32) -> (&'static str, Table) {
        let fits = u64::from(self.delay) * (u64::from(folds) + 1) < u64::from(self.train);
        let delay = if fits { f64::from(self.delay) } else { 0.0 };
        ("time-series", inner_in_time(folds, None, self.groups, delay))
    }

    fn remedy(&self, lacks: &Lack<'_>) -> Cow<'static, str> {
        if let Some(said) = self.remedy_of_known_cards(lacks).or_else(|| self.remedy_of_no_row(lacks)) {
            return said.into();
        }
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

/// The day of each row, counted from 1970-01-01.
fn days(time: &[i64]) -> Vec<i64> {
    time.iter().map(|micros| micros.div_euclid(DAY)).collect()
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
        let one = Roles { time: Some(vec![0, 0]), ..rows };
        let one = read("kind = 'prequential'\nfolds = 1\ntrain = 1").unwrap().splits(&one).unwrap_err().to_string();
        assert!(
            one.starts_with(
                "1 fold of 1 training day, a delay of 7 and 7 test days need 15 days, but the rows are of 1 day, "
            ),
            "{one}"
        );
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

    /// 40 days from 1970-01-01 on, a row of each class on each.
    fn forty_days() -> Roles {
        Roles {
            time: Some((0..80).map(|row| row / 2 * DAY).collect()),
            group: Some((0..80).collect()),
            ..Roles::labels(&(0..80).map(|row| (row % 2) as u8).collect::<Vec<u8>>())
        }
    }

    #[test]
    fn folds_that_a_start_cuts_short_are_told_with_their_days() {
        let rows = forty_days();
        let said = |start: &str| {
            let text = format!("kind = 'prequential'\ntrain = 5\ndelay = 2\ntest = 5\nfolds = 3\n{start}");
            read(&text).unwrap().cut_short(rows.time.as_ref().unwrap())
        };
        let told = |folds: &str| {
            format!(
                "the rows are of 1970-01-01 to 1970-02-09, so that with this `start` {folds}: use another `start`, fewer folds or shorter \
                 parts, as means over such folds are of unlike ones"
            )
        };
        // The first fold trains on the days -4 to 0, the last one tests the days 37 to 41, and the last day is 39.
        assert_eq!(said("start = -4"), Some(told("fold 0 has 1 of 5 training days")));
        assert_eq!(said("start = 20"), Some(told("fold 2 has 3 of 5 test days")));
        assert_eq!(said("start = 0"), None);
        // Its last test day is the last one: 18 + 2 * 5 + 5 + 2 + 5 is 40.
        assert_eq!((said("start = 18"), said("")), (None, None));
        assert_eq!(said("start = 19"), Some(told("fold 2 has 4 of 5 test days")));
        // The last fold trains on the days 36 to 40 and would test from day 43 on: that it cannot is told where it is made.
        assert_eq!(said("start = 26"), Some(told("fold 1 has 2 of 5 test days, fold 2 has 4 of 5 training days")));
    }

    #[test]
    fn known_cards_that_empty_a_test_part_are_told_with_what_helps() {
        // All rows are of one card, whose fraud of the first day is known on each test day.
        let rows = Roles { group: Some(vec![7; 80]), ..forty_days() };
        let said = |more: &str| {
            let text = format!("kind = 'prequential'\ntrain = 7\ndelay = 3\ntest = 7\nfolds = 1\n{more}");
            read(&text).unwrap().splits(&rows).unwrap().remove(0).map(|split| split.test.len())
        };
        let left_out = said("").unwrap_err();
        assert!(left_out.starts_with("the test part would hold 0 positives and 0 negatives"), "{left_out}");
        assert!(
            left_out.ends_with(
                ": rows of cards whose fraud is known by then are left out of it, 14 of 14 rows: use `leave_known_cards_out = \
                 false`"
            ),
            "{left_out}"
        );
        assert_eq!(said("leave_known_cards_out = false"), Ok(14));
    }

    #[test]
    fn days_without_a_row_are_told_where_one_row_is_far_ahead() {
        let mut rows = forty_days();
        let latest = 2_932_896;
        assert_eq!(day_text(latest), "9999-12-31");
        rows.time.as_mut().unwrap()[79] = latest * DAY;
        let said =
            read("kind = 'prequential'\ntrain = 5\ndelay = 2\ntest = 5\nfolds = 1").unwrap().splits(&rows).unwrap();
        let said = said[0].as_ref().unwrap_err();
        // The days 9999-12-27 to 9999-12-31 test.
        assert!(
            said.ends_with(
                ": no row is of its days, 9999-12-20 to 9999-12-24, which are counted back from the latest row's, 9999-12-31: give \
                 `start`, the first training day, or use fewer folds, or more `train` or `test` days"
            ),
            "{said}"
        );
    }

    #[test]
    fn inner_folds_keep_the_delay_where_the_training_days_allow_it() {
        let inner = |text: &str| read(&format!("kind = 'prequential'\n{text}")).unwrap().inner_kind(3, 1).1.to_string();
        assert_eq!(inner(""), "folds = 3\n");
        assert_eq!(inner("train = 28\ndelay = 6\ngroups = 'apart'"), "folds = 3\ngroups = \"apart\"\ndelay = 6.0\n");
    }
}
