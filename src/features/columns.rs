//! The columns of a table that features are made of.

use std::borrow::Cow;

use super::{FeatureSpec, Made, made_of_moments};
use crate::data::{Column, Dataset, Kind, Role};
use crate::error::unknown;
use crate::words::agree;

/// What is wrong with windows without a key.
pub(super) const NO_KEY: &str = "`by` names no column";

/// Why no feature can be made of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    /// It holds texts or codes where numbers are needed.
    NoNumbers,
    /// It is the label.
    Label,
    /// It holds the moments at which labels are known.
    Moments,
    /// Its values were passed over.
    Unread,
    /// There is none of that name.
    Unknown,
}

impl Unfit {
    /// What is wrong with the columns `names`, and what to write.
    fn said(self, names: &[&str], data: &Dataset) -> String {
        let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match self {
            Unfit::NoNumbers => {
                let hold = agree(names.len(), "holds", "hold");
                format!("{listed} {hold} no numbers: `of` and `known` need a column of numbers")
            }
            Unfit::Label => format!(
                "{listed} is the label, which rows do not know: `fraud-share` with a `delay` or with `known` looks at labels"
            ),
            Unfit::Moments => made_of_moments(names),
            Unfit::Unread => {
                let (were, it) = match names.len() {
                    1 => ("it is no feature", "it"),
                    _ => ("they are no features", "them"),
                };
                format!("the values of {listed} were not read, because {were}: take {it} out of `ignore` in [data]")
            }
            Unfit::Unknown => {
                let all: Vec<&str> = data.columns.iter().chain(&data.others).map(|column| &column.name[..]).collect();
                names.iter().map(|name| unknown("column", name, &all)).collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// Where the values of a column are.
enum Place<'a> {
    Kept(&'a [f64]),
    Feature(usize),
    Codes(&'a [u32]),
    Numbers(&'a [f64]),
    Moments(&'a [i64]),
}

fn place<'a>(data: &'a Dataset, name: &str) -> Result<Place<'a>, Unfit> {
    if let Some(kept) = data.kept.iter().find(|kept| kept.name == name) {
        return Ok(Place::Kept(&kept.values));
    }
    if let Some(place) = data.columns.iter().position(|column| column.name == name) {
        return Ok(Place::Feature(place));
    }
    let Some(other) = data.others.iter().find(|column| column.name == name) else { return Err(Unfit::Unknown) };
    let sides = &data.sides;
    let found = match other.role {
        Some(Role::Group) => sides.group.as_deref().map(Place::Codes),
        Some(Role::Fold) => sides.fold.as_ref().map(|folds| Place::Codes(&folds.codes)),
        Some(Role::Amount) => sides.amount.as_deref().map(Place::Numbers),
        Some(Role::Weight) => sides.weight.as_deref().map(Place::Numbers),
        Some(Role::Time) => sides.time.as_deref().map(Place::Moments),
        Some(Role::Label) => return Err(Unfit::Label),
        Some(Role::Ignored) | None => None,
    };
    found.ok_or(Unfit::Unread)
}

/// The values of a column that was read, as numbers or codes; the error is a sentence.
pub(super) fn values<'a>(data: &'a Dataset, name: &str) -> Result<Cow<'a, [f64]>, String> {
    Ok(match place(data, name).map_err(|why| why.said(&[name], data))? {
        Place::Kept(values) | Place::Numbers(values) => Cow::Borrowed(values),
        Place::Feature(place) => Cow::Owned(data.x.column(place).to_vec()),
        Place::Codes(codes) => Cow::Owned(codes.iter().map(|&code| f64::from(code)).collect()),
        Place::Moments(moments) => Cow::Owned(moments.iter().map(|&moment| moment as f64 / 1e6).collect()),
    })
}

/// The values of a column of numbers; the error is a sentence.
pub(super) fn numbers<'a>(data: &'a Dataset, name: &str) -> Result<Cow<'a, [f64]>, String> {
    are_numbers(data, name).map_err(|why| why.said(&[name], data))?;
    values(data, name)
}

/// Whether the values of a column are numbers.
fn are_numbers(data: &Dataset, name: &str) -> Result<(), Unfit> {
    let is_text = data.kept.iter().any(|kept| kept.name == name && kept.is_text);
    let column = data.columns.iter().find(|column| column.name == name);
    let is_category = column.is_some_and(|column| matches!(column.kind, Kind::Category(_)));
    // What they are called by is a code, whatever it looks like.
    let is_coded = |column: &Column| column.name == name && matches!(column.role, Some(Role::Group | Role::Fold));
    match is_text || is_category || data.others.iter().any(is_coded) {
        true => Err(Unfit::NoNumbers),
        false => place(data, name).map(drop),
    }
}

/// The columns that made features look at, also for the moments at which labels are known, each once for each need, and whether they
/// must hold numbers.
pub(super) fn looked_at(spec: &FeatureSpec) -> Vec<(&str, bool)> {
    let mut all: Vec<(&str, bool)> = Vec::new();
    for made in &spec.made {
        all.extend(made.looked_at());
        if let Made::Windows(windows) = made {
            all.extend(windows.known.as_deref().map(|name| (name, true)));
        }
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|one| seen.insert(*one));
    all
}

/// What is wrong with the columns that features are to be made of, a sentence for each kind of fault.
pub(super) fn faults(data: &Dataset, spec: &FeatureSpec) -> Vec<String> {
    let mut unfit: Vec<(Unfit, Vec<&str>)> = Vec::new();
    let mut moments = spec.made_of(&spec.known());
    // What is not there, or is the label, is told below.
    moments.retain(|name| place(data, name).is_ok());
    if !moments.is_empty() {
        unfit.push((Unfit::Moments, moments));
    }
    for (name, needs_numbers) in looked_at(spec) {
        let found = if needs_numbers { are_numbers(data, name) } else { place(data, name).map(drop) };
        let Err(why) = found else { continue };
        match unfit.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => unfit.push((why, vec![name])),
        }
    }
    let no_key = |made: &Made| matches!(made, Made::Windows(windows) if windows.by.is_empty());
    let no_key = spec.made.iter().any(no_key).then(|| NO_KEY.to_owned());
    unfit.iter().map(|(why, names)| why.said(names, data)).chain(no_key).collect()
}

/// What tells rows apart that made features look at: the values of their columns, and the moments. None where no feature is made, nor
/// of columns that are not there, which [`super::add`] refuses.
pub(crate) fn beside(data: &Dataset, spec: &FeatureSpec) -> Vec<Vec<f64>> {
    if spec.made.is_empty() {
        return Vec::new();
    }
    let mut names: Vec<&str> = looked_at(spec).into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let read = names.into_iter().filter_map(|name| values(data, name).ok()).map(Cow::into_owned);
    // Microseconds of the years in which people live are whole numbers of 53 bits.
    let time = data.sides.time.iter().map(|time| time.iter().map(|&moment| moment as f64).collect());
    read.chain(time).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::{Function, Inputs, Span, Windows, add};
    use super::*;

    #[test]
    fn all_that_cannot_be_made_is_told_at_once_by_kind() {
        let mut data =
            Dataset::of_numbers("t", &["key", "other", "amount"], Array2::zeros((2, 3)), vec![0, 1]).unwrap();
        data.sides.time = Some(vec![0, 1]);
        for (name, role) in [("label", Role::Label), ("left", Role::Ignored), ("out", Role::Ignored)] {
            data.others.push(Column { feature: false, role: Some(role), ..Column::number(name) });
        }
        data.columns[1].kind = Kind::Category(["a".to_owned()].into());
        data.columns[2].kind = Kind::Category(["a".to_owned()].into());
        let windows = |by: &str, of: &str, distinct: &str| {
            Made::Windows(Windows {
                by: vec![by.into()],
                windows: vec![Span::parse("3s").unwrap()],
                of: Some(of.into()),
                distinct: Some(distinct.into()),
                make: vec![Function::Count, Function::Mean, Function::Distinct],
                delay: None,
                known: None,
                leak: None,
                as_handbook: false,
            })
        };
        let made = vec![
            windows("key", "amount", "left"),
            windows("key", "other", "out"),
            windows("label", "other", "kye"),
            windows("key", "amount", "left"),
        ];
        let said = add(data, &FeatureSpec { made, only: None }).unwrap_err().to_string();
        assert_eq!(
            said,
            "t: features: the values of `left`, `out` were not read, because they are no features: take them out of `ignore` in [data]; \
             `amount`, `other` hold no numbers: `of` and `known` need a column of numbers; `label` is the label, which rows do not know: \
             `fraud-share` with a `delay` or with `known` looks at labels; unknown column `kye`; did you mean `key`? Allowed: key, other, \
             amount, label, left, out; two features are called `key_count_3s`, and two `key_mean_amount_3s`, and two \
             `key_distinct_left_3s`: make each once, or give the column that is called so another name in the file"
        );
    }

    #[test]
    fn columns_are_read_once_and_asked_for_numbers_where_they_must_be() {
        let windows = |of: &str, known: Option<&str>| {
            Made::Windows(Windows {
                by: vec!["card".into()],
                windows: vec![Span::parse("3s").unwrap()],
                of: Some(of.into()),
                distinct: Some("shop".into()),
                make: vec![Function::Count],
                delay: None,
                known: known.map(str::to_owned),
                leak: None,
                as_handbook: false,
            })
        };
        let inputs = Inputs { by: "card".into(), of: "amount".into(), volumes: Vec::new(), unusual: Vec::new() };
        let made = vec![windows("amount", Some("told")), windows("shop", None), Made::Inputs(inputs)];
        let spec = FeatureSpec { made, only: Some(vec!["only".into()]) };
        // `shop` is looked at as it is, and as a number.
        let wanted = [("card", false), ("shop", false), ("amount", true), ("told", true), ("shop", true)];
        assert_eq!(looked_at(&spec), wanted);
        assert_eq!(spec.reads(), ["only", "card", "shop", "amount", "told"]);
        assert_eq!(spec.keys(), ["card"]);
        // A label's moment goes into no feature.
        assert_eq!(spec.made_of(&["told", "amount", "only", "shop"]), ["amount", "shop"]);
    }

    #[test]
    fn the_moment_at_which_a_label_is_known_is_no_feature() {
        let with = |known: Option<&str>| {
            // Of one card, a row a second. The moment is blank but for the fraud: it would tell the labels apart.
            let x = Array2::from_shape_fn((6, 3), |(row, column)| match (row, column) {
                (2, 1) => 4.0,
                (_, 1) => f64::NAN,
                _ => 3.0,
            });
            let mut data = Dataset::of_numbers("t", &["key", "other", "amount"], x, vec![0, 0, 1, 0, 0, 0]).unwrap();
            data.sides.time = Some((0..6).map(|second| second * 1_000_000).collect());
            let windows = Windows {
                by: vec!["key".into()],
                windows: vec![Span::parse("1m").unwrap()],
                of: None,
                distinct: None,
                make: vec![Function::Count],
                delay: None,
                known: known.map(str::to_owned),
                leak: None,
                as_handbook: false,
            };
            add(data, &FeatureSpec { made: vec![Made::Windows(windows)], only: None }).unwrap()
        };
        let names = |data: &Dataset| data.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        let known = with(Some("other"));
        assert_eq!(names(&known), ["key", "amount", "key_count_1m_known_other"]);
        assert_eq!(known.x.column(2).to_vec(), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
        let left = known.others.iter().find(|column| column.name == "other").unwrap();
        assert_eq!((left.feature, left.role), (false, Some(Role::Ignored)));
        // Nor is anything made of its values, in whatever table: the row's own moment would go into them.
        for (by, distinct, function) in
            [(["key", "other"], None, Function::Count), (["key", "amount"], Some("other"), Function::Distinct)]
        {
            let windows = |by: &[&str], known: Option<&str>| Windows {
                by: by.iter().map(|&name| name.to_owned()).collect(),
                windows: vec![Span::parse("1s").unwrap()],
                of: None,
                distinct: distinct.filter(|_| known.is_none()).map(str::to_owned),
                make: vec![if known.is_some() { Function::Count } else { function }],
                delay: None,
                known: known.map(str::to_owned),
                leak: None,
                as_handbook: false,
            };
            let made = vec![Made::Windows(windows(&["key"], Some("other"))), Made::Windows(windows(&by, None))];
            let x = Array2::from_shape_fn((2, 3), |(row, column)| if column == 1 { 9.0 } else { row as f64 });
            let mut data = Dataset::of_numbers("t", &["key", "other", "amount"], x, vec![0, 1]).unwrap();
            data.sides.time = Some(vec![0, 1_000_000]);
            let said = add(data, &FeatureSpec { made, only: None }).unwrap_err().to_string();
            assert_eq!(
                said,
                "t: features: `other` says when labels are known, which nobody knows with the row: name it in `known` alone, not in `by`, \
                 `of` or `distinct`"
            );
        }
        // Without `known` it is a column as any other.
        let other = with(None);
        assert_eq!(names(&other), ["key", "other", "amount", "key_count_1m"]);
        assert_ne!(known.digests.features, other.digests.features);
    }
}
