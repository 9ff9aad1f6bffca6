//! Columns that hold the moments at which labels are known.

use super::FeatureSpec;
use super::columns::numbers;
use crate::data::{Dataset, Kind, Mistaken, micros_of, mistaken_for_seconds, time_text};
use crate::words::counted;

/// The moments of a column of times, or of numbers of seconds, in microseconds; a missing one never comes.
pub(super) fn moments(data: &Dataset, name: &str) -> Result<Vec<i64>, String> {
    // [`check`] has refused numbers that are no moments.
    let micros = |second: &f64| micros_of(*second).unwrap_or(i64::MAX);
    Ok(numbers(data, name)?.iter().map(micros).collect())
}

/// Refuses columns by which labels would be known before their own rows, or at no moment of the calendar, all at once: they hold
/// something else, and let labels in that nobody knew, or none. So does the column of the rows' times itself. What is given back says
/// of the others which numbers are hardly seconds. `time` is when each row was, by the column `of_time`. Columns without numbers are
/// told elsewhere.
pub(super) fn check(
    data: &Dataset,
    spec: &FeatureSpec,
    (of_time, time): (&str, &[i64]),
) -> Result<Vec<String>, Vec<String>> {
    let (mut notes, mut faults): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for name in spec.known() {
        if name == of_time {
            faults.push(format!(
                "`known`: `{name}` is the column of `time`, and labels would be known with their own rows: name the column of the \
                 moments at which labels are known, or write `delay` instead"
            ));
            continue;
        }
        let Ok(seconds) = numbers(data, name) else { continue };
        if let Some(said) = beyond(data, name, &seconds) {
            faults.push(said);
            continue;
        }
        let doubted = numbers_in_doubt(data, name, &seconds);
        let Ok(moments) = moments(data, name) else { continue };
        match early(data, (name, &moments), (of_time, time)) {
            None => notes.extend(doubted),
            Some(said) => {
                let seconds: Vec<f64> = time.iter().map(|&micros| micros as f64 / 1e6).collect();
                let why: Vec<String> = doubted.into_iter().chain(numbers_in_doubt(data, of_time, &seconds)).collect();
                faults.push(match why.is_empty() {
                    false => format!("{said}: {}", why.join("; ")),
                    true => format!(
                        "{said}: name a column of times, or of seconds as in `{of_time}`, none of which is before its own row (a \
                         date alone is its midnight)"
                    ),
                });
            }
        }
    }
    if faults.is_empty() { Ok(notes) } else { Err(faults) }
}

/// The first number that is no moment, and how many there are; none where all are moments or missing.
fn beyond(data: &Dataset, name: &str, seconds: &[f64]) -> Option<String> {
    let is_none = |second: &f64| !second.is_nan() && micros_of(*second).is_none();
    let (row, second) = seconds.iter().enumerate().find(|(_, second)| is_none(second))?;
    let rows = seconds.iter().filter(|second| is_none(second)).count() as u64;
    let advice = Mistaken::advice(seconds.iter().copied());
    let advice =
        advice.map_or_else(|| ": mend the file, or name another column".into(), |said| format!(", and {said}"));
    Some(format!(
        "`known`: numbers out of range, which are taken for seconds, stand in `{name}` ({}: `{second}`; {} in all){advice}",
        data.row_place(row),
        counted(rows, "row")
    ))
}

/// The first row whose label would be known before it, and how many there are; none where there is no such row.
fn early(data: &Dataset, (name, moments): (&str, &[i64]), (of_time, time): (&str, &[i64])) -> Option<String> {
    let mut rows = moments.iter().zip(time).enumerate().filter(|(_, (known, time))| known < time);
    let (row, (known, time)) = rows.next()?;
    let value = |column: &str, micros: i64| match is_time(data, column) {
        true => time_text(micros as f64 / 1e6),
        false => (micros as f64 / 1e6).to_string(),
    };
    Some(format!(
        "`known`: by `{name}` labels would be known before their own rows ({}: `{}`, while `{of_time}` is `{}`; {} in all)",
        data.row_place(row),
        value(name, *known),
        value(of_time, *time),
        counted(1 + rows.count() as u64, "row")
    ))
}

/// That the numbers of a column are hardly the seconds that they are taken for, if it is so.
fn numbers_in_doubt(data: &Dataset, name: &str, numbers: &[f64]) -> Option<String> {
    (!is_time(data, name)).then(|| mistaken_for_seconds(name, numbers.iter().copied(), |row| data.row_place(row)))?
}

fn is_time(data: &Dataset, name: &str) -> bool {
    data.columns.iter().chain(&data.others).any(|column| column.name == name && column.kind == Kind::Time)
}

#[cfg(test)]
mod tests {
    use super::super::{Function, Made, Span, Windows, add};
    use super::*;
    use crate::data::{self, ReadOptions};
    use crate::error::{Error, Result};

    /// Three rows of a card, read from a file, with a window that looks at labels once they are known by the column `seen`.
    fn known_by(when: [&str; 3], known: [&str; 3]) -> Result<Dataset> {
        with_known("seen", when, known)
    }

    /// The same by the column `name`.
    fn with_known(name: &str, when: [&str; 3], known: [&str; 3]) -> Result<Dataset> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let row = |at: usize| format!("c,{},{},{at},{}\n", when[at], known[at], at % 2);
        std::fs::write(&path, format!("card,when,seen,v,fraud\n{}{}{}", row(0), row(1), row(2))).unwrap();
        let windows = Made::Windows(Windows {
            by: vec!["card".into()],
            windows: vec![Span::parse("60d").unwrap()],
            of: None,
            distinct: None,
            make: vec![Function::Count],
            delay: None,
            known: Some(name.into()),
            leak: None,
            as_handbook: false,
        });
        let spec = FeatureSpec { made: vec![windows], only: Some(Vec::new()) };
        let options = ReadOptions {
            label: Some("fraud".into()),
            time: Some("when".into()),
            ignore: ["card", "when", "seen"].map(str::to_owned).to_vec(),
            keep: spec.reads(),
            ..ReadOptions::default()
        };
        let made = add(data::read(&path, &options).unwrap(), &spec);
        made.map_err(|e| Error::Data(e.to_string().replace(&path.display().to_string(), "t.csv")))
    }

    #[test]
    fn labels_that_are_known_before_their_own_rows_are_refused_with_what_to_write() {
        let iso = ["2024-01-01 10:00:00", "2024-02-01", "2024-03-01"];
        let said = |when, known| known_by(when, known).unwrap_err().to_string();
        assert_eq!(
            said(iso, ["20240215", "20240315", "20240415"]),
            "t.csv: features: `known`: by `seen` labels would be known before their own rows (line 2: `20240215`, while `when` is \
             `2024-01-01 10:00:00`; 3 rows in all): the numbers in `seen` are taken for seconds (line 2: `20240215` for \
             1970-08-23 06:16:55), and look like dates (YYYYMMDD): if they are, write ISO dates (2024-02-15) in the file"
        );
        let other = "name a column of times, or of seconds as in `when`, none of which is before its own row (a date alone is its \
                     midnight)";
        assert_eq!(
            said(iso, ["2024-01-01", "2024-02-01", "2024-04-01"]),
            format!(
                "t.csv: features: `known`: by `seen` labels would be known before their own rows (line 2: `2024-01-01`, while `when` is \
                 `2024-01-01 10:00:00`; 1 row in all): {other}"
            )
        );
        assert_eq!(
            said(["100", "200", "300"], ["150", "199.5", "299"]),
            format!(
                "t.csv: features: `known`: by `seen` labels would be known before their own rows (line 3: `199.5`, while `when` is `200`; 2 \
                 rows in all): {other}"
            )
        );
        // The times are the ones that are no seconds.
        let said =
            said(["1704103200000", "1706745600000", "1709251200000"], ["1704103200", "1706745600", "1709251200"]);
        assert!(
            said.contains(
                "; 3 rows in all): the numbers in `when` are taken for seconds (line 2: `1704103200000` for "
            ),
            "{said}"
        );
        assert!(
            said.ends_with("write seconds (1704103200) or ISO dates and times (2024-01-01 10:00:00) in the file"),
            "{said}"
        );
        // Known with the row itself, later, or never.
        let made = known_by(iso, ["2024-01-01 10:00:00", "", "2024-05-01"]).unwrap();
        assert_eq!((made.x, made.notes.len()), (ndarray::array![[0.0], [1.0], [1.0]], 0));
    }

    #[test]
    fn the_column_of_the_times_is_no_column_of_the_moments_at_which_labels_are_known() {
        let when = ["2024-01-01", "2024-02-01", "2024-03-01"];
        assert_eq!(
            with_known("when", when, when).unwrap_err().to_string(),
            "t.csv: features: `known`: `when` is the column of `time`, and labels would be known with their own rows: name the column of \
             the moments at which labels are known, or write `delay` instead"
        );
        // Another column with the same values may be right.
        assert!(with_known("seen", when, when).is_ok());
    }

    #[test]
    fn numbers_that_are_no_moments_are_refused_and_never_taken_for_labels_that_nobody_knows() {
        let iso = ["2024-01-01", "2024-02-01", "2024-03-01"];
        let said = |known| known_by(iso, known).unwrap_err().to_string();
        let start =
            "t.csv: features: `known`: numbers out of range, which are taken for seconds, stand in `seen` (line ";
        assert_eq!(
            said(["1704922574000000", "", "1710460800000000"]),
            format!(
                "{start}2: `1704922574000000`; 2 rows in all), and look like microseconds: if they are, write seconds (1704922574) or \
                 ISO dates and times (2024-01-10 21:36:14) in the file"
            )
        );
        assert_eq!(
            said(["", "1707955200000000000", "1710460800000000000"]),
            format!(
                "{start}3: `1707955200000000000`; 2 rows in all), and look like nanoseconds: if they are, write seconds (1707955200) \
                 or ISO dates and times (2024-02-15) in the file"
            )
        );
        assert_eq!(
            said(["20240110213614", "20240215000000", "20240315000000"]),
            format!(
                "{start}2: `20240110213614`; 3 rows in all), and look like dates and times (YYYYMMDDhhmmss): if they are, write ISO \
                 dates and times (2024-01-10 21:36:14) in the file"
            )
        );
        assert_eq!(
            said(["1704922574", "1707955200", "1e30"]),
            format!(
                "{start}4: `1000000000000000000000000000000`; 1 row in all): mend the file, or name another column"
            )
        );
    }

    #[test]
    fn moments_of_labels_that_look_like_no_seconds_are_told() {
        let iso = ["2024-01-01", "2024-02-01", "2024-03-01"];
        let made = known_by(iso, ["1705276800000", "1707955200000", "1710460800000"]).unwrap();
        assert_eq!(made.notes.len(), 1);
        let wanted = "the numbers in `seen` are taken for seconds (line 2: `1705276800000` for 56008-";
        assert!(made.notes[0].starts_with(wanted), "{:?}", made.notes);
        assert!(made.notes[0].ends_with("or ISO dates and times (2024-01-15) in the file"), "{:?}", made.notes);
        let made = known_by(iso, ["1705276800", "1707955200", "1710460800"]).unwrap();
        // The first row is 60 days before the last one, and out of its window.
        assert_eq!((made.x, made.notes.len()), (ndarray::array![[0.0], [1.0], [1.0]], 0));
    }
}
