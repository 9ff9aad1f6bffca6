//! Rows that have no label yet: new payments behind the history that their windows look at.

use super::add::order;
use super::known;
use super::{FeatureSpec, Made, Windows};
use crate::data::{Dataset, LABEL_LACKS};
use crate::words::{agree, counted};

/// What is wrong where windows look at labels that rows do not have: the first of these rows, and how many there are.
pub(super) fn fault(data: &Dataset, spec: &FeatureSpec, time: &[i64]) -> Option<String> {
    if !data.y.contains(&LABEL_LACKS) {
        return None;
    }
    let (mut rows, mut keys): (Vec<u32>, Vec<String>) = (Vec::new(), Vec::new());
    for made in &spec.made {
        let Made::Windows(windows) = made else { continue };
        // What cannot be looked at is told where features are made of it.
        let looked_at = looked_at(data, windows, time).unwrap_or_default();
        let key = format!("`{}`", windows.by.join("`, `"));
        if !looked_at.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
        rows.extend(looked_at);
    }
    rows.sort_unstable();
    rows.dedup();
    let first = *rows.first()? as usize;
    let more = match rows.len() - 1 {
        0 => String::new(),
        more => format!(" and {}", counted(more as u64, "more row")),
    };
    Some(format!(
        "the label `{}` is missing in {}{more}, and windows by {} of later rows look at {}: write the {} into the file, or leave later rows \
         out until {} known",
        data.label(),
        data.row_place(first),
        keys.join(" and by "),
        agree(rows.len(), "it", "them"),
        agree(rows.len(), "label", "labels"),
        agree(rows.len(), "it is", "they are")
    ))
}

/// The rows without a label at whose label a window of another row looks.
fn looked_at(data: &Dataset, of: &Windows, time: &[i64]) -> Result<Vec<u32>, String> {
    let longest = of.windows.iter().map(|window| window.micros()).max();
    let Some(longest) = longest.filter(|_| of.looks_at_labels()) else { return Ok(Vec::new()) };
    let known = of.known.as_deref().map(|name| known::moments(data, name)).transpose()?;
    let delay = of.delay.map_or(0, |delay| delay.micros());
    let order = order(data, of, time)?;
    let mut found = Vec::new();
    for bounds in order.starts.windows(2) {
        let rows = &order.rows[bounds[0]..bounds[1]];
        let is_blank = |at: &usize| data.y[rows[*at] as usize] == LABEL_LACKS;
        for at in (0..rows.len()).filter(is_blank) {
            let own = time[rows[at] as usize];
            let (from, until) = match &known {
                Some(known) => (known[rows[at] as usize], own.saturating_add(longest)),
                None => (own.saturating_add(delay), own.saturating_add(delay).saturating_add(longest)),
            };
            // Of the later rows of the key the first one that may know the label; if it is not in that one's window, it is in none.
            let later = &rows[at + 1..];
            let first = later.partition_point(|&row| time[row as usize] < from);
            if later.get(first).is_some_and(|&row| time[row as usize] < until) {
                found.push(rows[at]);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::{Function, Span, add};
    use super::*;
    use crate::data::Kept;

    const DAY: i64 = 86_400_000_000;

    /// Rows of keys at days, with labels.
    fn data(rows: &[(f64, i64, u8)]) -> Dataset {
        let x = Array2::from_shape_fn((rows.len(), 1), |(row, _)| rows[row].0);
        let mut data = Dataset::of_numbers("t", &["shop"], x, rows.iter().map(|row| row.2).collect()).unwrap();
        data.sides.time = Some(rows.iter().map(|row| row.1 * DAY).collect());
        data
    }

    fn windows(delay: Option<&str>, known: Option<&str>, make: Function) -> FeatureSpec {
        let of = Windows {
            by: vec!["shop".into()],
            windows: ["1d", "3d"].iter().filter_map(|text| Span::parse(text)).collect(),
            of: None,
            distinct: None,
            make: vec![make],
            delay: delay.and_then(Span::parse),
            known: known.map(str::to_owned),
            leak: None,
            as_handbook: false,
        };
        FeatureSpec { made: vec![Made::Windows(of)], only: None }
    }

    /// The rows of which it is said that their labels are missing: the first, and how many more.
    fn said(data: Dataset, spec: &FeatureSpec) -> Option<String> {
        let said = add(data, spec).err()?.to_string();
        let start = "t: features: the label `` is missing in ";
        Some(said.strip_prefix(start).unwrap().split(", and windows by `shop` of later").next().unwrap().to_owned())
    }

    #[test]
    fn a_label_is_needed_from_the_delay_on_until_it_leaves_the_longest_window() {
        // Windows of three days that end two days before a row: at day 10 they hold the days 6, 7 and 8.
        let at_ten = |day| data(&[(1.0, 1, 1), (1.0, day, LABEL_LACKS), (2.0, 5, 0), (1.0, 10, LABEL_LACKS)]);
        let spec = windows(Some("2d"), None, Function::FraudShare);
        for day in [2, 3, 4, 5, 9, 10] {
            assert_eq!(said(at_ten(day), &spec), None, "{day}");
        }
        for day in [6, 7, 8] {
            assert_eq!(said(at_ten(day), &spec).as_deref(), Some("row 2"), "{day}");
        }
        // Rows of another key look at none of it, and the order in the file does not matter.
        assert_eq!(said(data(&[(1.0, 8, LABEL_LACKS), (2.0, 10, 0), (2.0, 9, 1)]), &spec), None);
        let two = data(&[(1.0, 10, LABEL_LACKS), (1.0, 8, LABEL_LACKS), (1.0, 7, LABEL_LACKS)]);
        assert_eq!(said(two, &spec).as_deref(), Some("row 2 and 1 more row"));
    }

    #[test]
    fn labels_that_are_never_looked_at_change_no_value() {
        let rows = |label| data(&[(1.0, 1, 1), (1.0, 2, 0), (1.0, 4, label), (1.0, 5, label)]);
        let spec = windows(Some("2d"), None, Function::FraudShare);
        let made = |label| add(rows(label), &spec).unwrap().x.mapv(f64::to_bits);
        assert_eq!(made(LABEL_LACKS), made(0));
        assert_eq!(made(LABEL_LACKS), made(1));
        // A day and three days until two days before: of day 5 those are the days 3, and 1 to 3.
        assert_eq!(add(rows(LABEL_LACKS), &spec).unwrap().x.row(3).to_vec(), [1.0, 0.0, 0.5]);
        // Without labels in it a window needs none.
        let counts = windows(Some("1d"), None, Function::Count);
        assert_eq!(said(data(&[(1.0, 1, LABEL_LACKS), (1.0, 2, LABEL_LACKS)]), &counts), None);
    }

    #[test]
    fn a_label_is_needed_from_the_moment_at_which_it_is_known() {
        let spec = windows(None, Some("seen"), Function::FraudShare);
        let known = |seen: f64| {
            let mut data = data(&[(1.0, 1, LABEL_LACKS), (1.0, 2, 0), (1.0, 3, 0), (1.0, 4, 0)]);
            let day = |day: f64| day * DAY as f64 / 1e6;
            let values = [seen, f64::NAN, f64::NAN, f64::NAN].map(day).to_vec();
            data.others.push(crate::data::Column { feature: false, ..crate::data::Column::number("seen") });
            data.kept.push(Kept { name: "seen".into(), values, is_text: false });
            said(data, &spec)
        };
        // At day 3 it is known and in the window of three days; at day 4 it is no more in it.
        assert_eq!(known(3.0).as_deref(), Some("row 1"));
        assert_eq!(known(3.5), None);
        // Nobody ever knows it.
        assert_eq!(known(f64::NAN), None);
    }
}
