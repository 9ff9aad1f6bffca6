//! Columns that hold the moments at which labels are known.

use super::add::numbers;
use super::{FeatureSpec, Made};
use crate::data::{Dataset, Kind, mistaken_for_seconds, time_text};
use crate::words::counted;

/// The moments of a column of times, or of numbers of seconds, in microseconds; a missing one never comes.
pub(super) fn moments(data: &Dataset, name: &str) -> Result<Vec<i64>, String> {
    let micros = |second: &f64| if second.is_nan() { i64::MAX } else { (second * 1e6).round() as i64 };
    Ok(numbers(data, name)?.iter().map(micros).collect())
}

/// Refuses columns by which labels would be known before their own rows, all at once: they hold something else, and let labels in
/// that nobody knew. What is given back says of the others which numbers are hardly seconds. `time` is when each row was, by the
/// column `of_time`.
pub(super) fn check(
    data: &Dataset,
    spec: &FeatureSpec,
    (of_time, time): (&str, &[i64]),
) -> Result<Vec<String>, String> {
    let (mut notes, mut faults): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for name in names(spec) {
        let doubted = numbers_in_doubt(data, name, &numbers(data, name)?);
        match early(data, (name, &moments(data, name)?), (of_time, time)) {
            // Of the column of `time` it is told where it is read.
            None => notes.extend(doubted.filter(|_| name != of_time)),
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
    if faults.is_empty() { Ok(notes) } else { Err(faults.join("; ")) }
}

/// The columns that `known` names, each once.
fn names(spec: &FeatureSpec) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for made in &spec.made {
        if let Made::Windows(windows) = made
            && let Some(name) = windows.known.as_deref().filter(|name| !names.contains(name))
        {
            names.push(name);
        }
    }
    names
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
        "`known`: by `{name}` labels would be known before their own rows (row {}: `{}`, while `{of_time}` is `{}`; {} in all)",
        row + 1,
        value(name, *known),
        value(of_time, *time),
        counted(1 + rows.count() as u64, "row")
    ))
}

/// That the numbers of a column are hardly the seconds that they are taken for, if it is so.
fn numbers_in_doubt(data: &Dataset, name: &str, numbers: &[f64]) -> Option<String> {
    let row = |row: usize| format!("row {}", row + 1);
    (!is_time(data, name)).then(|| mistaken_for_seconds(name, numbers.iter().copied(), row))?
}

fn is_time(data: &Dataset, name: &str) -> bool {
    data.columns.iter().chain(&data.others).any(|column| column.name == name && column.kind == Kind::Time)
}

#[cfg(test)]
mod tests {
    use super::super::{Function, Span, Windows, add};
    use super::*;
    use crate::data::{self, ReadOptions};
    use crate::error::Result;

    /// Three rows of a card, read from a file, with a window that looks at labels once they are known by the column `seen`.
    fn known_by(when: [&str; 3], known: [&str; 3]) -> Result<Dataset> {
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
            known: Some("seen".into()),
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
        add(data::read(&path, &options).unwrap(), &spec)
    }

    #[test]
    fn labels_that_are_known_before_their_own_rows_are_refused_with_what_to_write() {
        let iso = ["2024-01-01 10:00:00", "2024-02-01", "2024-03-01"];
        let said = |when, known| known_by(when, known).unwrap_err().to_string();
        assert_eq!(
            said(iso, ["20240215", "20240315", "20240415"]),
            "t: features: `known`: by `seen` labels would be known before their own rows (row 1: `20240215`, while `when` is \
             `2024-01-01 10:00:00`; 3 rows in all): the numbers in `seen` are taken for seconds (row 1: `20240215` for \
             1970-08-23 06:16:55), and look like dates (YYYYMMDD): if they are, write ISO dates (2024-02-15) in the file"
        );
        let other = "name a column of times, or of seconds as in `when`, none of which is before its own row (a date alone is its \
                     midnight)";
        assert_eq!(
            said(iso, ["2024-01-01", "2024-02-01", "2024-04-01"]),
            format!(
                "t: features: `known`: by `seen` labels would be known before their own rows (row 1: `2024-01-01`, while `when` is \
                 `2024-01-01 10:00:00`; 1 row in all): {other}"
            )
        );
        assert_eq!(
            said(["100", "200", "300"], ["150", "199.5", "299"]),
            format!(
                "t: features: `known`: by `seen` labels would be known before their own rows (row 2: `199.5`, while `when` is `200`; 2 \
                 rows in all): {other}"
            )
        );
        // The times are the ones that are no seconds.
        let said =
            said(["1704103200000", "1706745600000", "1709251200000"], ["1704103200", "1706745600", "1709251200"]);
        assert!(
            said.contains("; 3 rows in all): the numbers in `when` are taken for seconds (row 1: `1704103200000` for "),
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
    fn moments_of_labels_that_look_like_no_seconds_are_told() {
        let iso = ["2024-01-01", "2024-02-01", "2024-03-01"];
        let made = known_by(iso, ["1705276800000", "1707955200000", "1710460800000"]).unwrap();
        assert_eq!(made.notes.len(), 1);
        let wanted = "the numbers in `seen` are taken for seconds (row 1: `1705276800000` for 56008-";
        assert!(made.notes[0].starts_with(wanted), "{:?}", made.notes);
        assert!(made.notes[0].ends_with("or ISO dates and times (2024-01-15) in the file"), "{:?}", made.notes);
        let made = known_by(iso, ["1705276800", "1707955200", "1710460800"]).unwrap();
        // The first row is 60 days before the last one, and out of its window.
        assert_eq!((made.x, made.notes.len()), (ndarray::array![[0.0], [1.0], [1.0]], 0));
    }
}
