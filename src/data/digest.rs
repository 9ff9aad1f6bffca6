//! What tells two tables apart: SHA-256 over what the reader produced, not over the file's bytes.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Column, Kind, Role, Sides};

/// Bytes that are hashed at a time; part of the digests' definition.
const BLOCK: usize = 1 << 20;

/// Digests of a table's contents, lower-case hex. Equal digests mean equal contents, however the file was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// Names, kinds and values of the features.
    pub features: String,
    /// The two labels' names and each row's label.
    pub labels: String,
    /// The group of each row.
    pub group: Option<String>,
    /// The time of each row.
    pub time: Option<String>,
    /// The amount of each row.
    pub amount: Option<String>,
    /// The weight of each row.
    pub weight: Option<String>,
    /// The fold of each row.
    pub fold: Option<String>,
    /// Which rows dedup keeps, where what features are made of tells rows apart that were equal as they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// Whether a feature is a category: encoders then learn from rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub categories: bool,
}

impl Digests {
    /// Of a table's contents: `values` are its rows one after another.
    pub fn of(columns: &[Column], values: &[f64], y: &[u8], labels: &(String, String), sides: &Sides) -> Self {
        let mut kinds = Text::new("features");
        for column in columns {
            kinds.text(&column.name);
            match &column.kind {
                Kind::Category(levels) => {
                    kinds.text("category").text(&levels.len().to_string());
                    levels.iter().for_each(|level| {
                        kinds.text(level);
                    });
                }
                kind => {
                    kinds.text(&kind.to_string());
                }
            }
        }
        let mut names = Text::new("labels");
        names.text(&labels.0).text(&labels.1);
        let numbers = |name: &str, side: &Option<Vec<f64>>| side.as_ref().map(|v| Text::new(name).of_numbers(v));
        let codes = |name: &str, side: &Option<Vec<u32>>| {
            side.as_ref().map(|v| Text::new(name).of_bytes(bytemuck::cast_slice(v)))
        };
        Digests {
            features: kinds.of_numbers(values),
            labels: names.of_bytes(y),
            group: codes("group", &sides.group),
            time: sides.time.as_ref().map(|v| Text::new("time").of_bytes(bytemuck::cast_slice(v))),
            amount: numbers("amount", &sides.amount),
            weight: numbers("weight", &sides.weight),
            categories: columns.iter().any(|column| matches!(column.kind, Kind::Category(_))),
            kept: None,
            fold: sides.fold.as_ref().map(|folds| {
                let mut text = Text::new("fold");
                folds.names.iter().for_each(|name| {
                    text.text(name);
                });
                text.of_bytes(bytemuck::cast_slice(&folds.codes))
            }),
        }
    }

    /// Of the numbers of rows.
    pub(crate) fn of_rows(rows: &[usize]) -> String {
        let rows: Vec<u64> = rows.iter().map(|&row| row as u64).collect();
        Text::new("rows").of_bytes(bytemuck::cast_slice(&rows))
    }

    /// Of the column with a role that splits look at; none where the table has none.
    pub(crate) fn of_role(&self, role: Role) -> Option<&str> {
        match role {
            Role::Group => self.group.as_deref(),
            Role::Time => self.time.as_deref(),
            Role::Amount => self.amount.as_deref(),
            Role::Weight => self.weight.as_deref(),
            Role::Fold => self.fold.as_deref(),
            Role::Label | Role::Ignored => None,
        }
    }

    /// Whether the column with a role is another one; it counts where both readings have one.
    pub(crate) fn has_other(&self, role: Role, other: &Self) -> bool {
        self.of_role(role).zip(other.of_role(role)).is_some_and(|(one, two)| one != two)
    }

    /// What of a table differs from another reading of it, in words; a side column counts where both readings have one.
    pub(crate) fn other_than(&self, other: &Self) -> Option<&'static str> {
        let sides = [
            (Role::Group, "groups"),
            (Role::Time, "times"),
            (Role::Amount, "amounts"),
            (Role::Weight, "weights"),
            (Role::Fold, "folds"),
        ];
        match () {
            () if self.features != other.features => Some("the features"),
            () if self.labels != other.labels => Some("the labels"),
            () if self.kept != other.kept => Some("the rows that dedup keeps"),
            () => sides.iter().find(|(role, _)| self.has_other(*role, other)).map(|(_, name)| *name),
        }
    }

    /// Of a table that is a function of `parameters`, whose SHA-256 this is: its values need not be looked at.
    pub(crate) fn made_from(parameters: &str) -> Self {
        let of = |name: &str| Text::new(name).text("made from").of_bytes(parameters.as_bytes());
        Digests {
            features: of("features"),
            labels: of("labels"),
            time: Some(of("time")),
            amount: Some(of("amount")),
            ..Digests::default()
        }
    }
}

/// What is hashed before the values: texts with their lengths, so that no two lists of texts look alike.
struct Text(Sha256);

impl Text {
    fn new(name: &str) -> Self {
        let mut text = Text(Sha256::new());
        text.text(name);
        text
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    /// Blocks are hashed side by side, and then their hashes in order.
    fn of_blocks(&mut self, blocks: Vec<[u8; 32]>) -> String {
        blocks.iter().for_each(|block| self.0.update(block));
        hex(&self.0.clone().finalize())
    }

    fn of_bytes(&mut self, bytes: &[u8]) -> String {
        self.of_blocks(bytes.par_chunks(BLOCK).map(|block| Sha256::digest(block).into()).collect())
    }

    /// All missing values are one value.
    fn of_numbers(&mut self, values: &[f64]) -> String {
        let block = |values: &[f64]| -> [u8; 32] {
            if !values.iter().any(|value| value.is_nan()) {
                return Sha256::digest(bytemuck::cast_slice::<f64, u8>(values)).into();
            }
            let one = |value: &f64| if value.is_nan() { f64::NAN } else { *value };
            let values: Vec<f64> = values.iter().map(one).collect();
            Sha256::digest(bytemuck::cast_slice::<f64, u8>(&values)).into()
        };
        self.of_blocks(values.par_chunks(BLOCK / size_of::<f64>()).map(block).collect())
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::Dataset;
    use super::*;

    fn of(data: &Dataset) -> Digests {
        Digests::of(&data.columns, data.x.as_slice().unwrap(), &data.y, &data.labels, &data.sides)
    }

    #[test]
    fn a_digest_says_what_differs() {
        let x = array![[1.0, 2.0], [f64::NAN, 0.0]];
        let whole = Dataset::of_numbers("a", &["b", "cd"], x, vec![0, 1]).unwrap();
        let digests = of(&whole);
        assert_eq!((digests.features.len(), digests.group.is_none()), (64, true));
        let changed = |change: fn(&mut Dataset)| {
            let mut data = whole.clone();
            change(&mut data);
            of(&data)
        };
        // Another name, another missing value's bits, and the file's hash are no difference.
        assert_eq!(digests, changed(|d| (d.name, d.sha256, d.x[[1, 0]]) = ("e".into(), "f".into(), -f64::NAN)));
        for change in [
            |d: &mut Dataset| d.x[[1, 1]] = -0.0,
            |d: &mut Dataset| (d.columns[0].name, d.columns[1].name) = ("bc".into(), "d".into()),
            |d: &mut Dataset| d.columns[0].kind = Kind::Time,
            |d: &mut Dataset| d.columns[0].kind = Kind::Category(["x".to_owned()].into()),
        ] {
            let other = changed(change);
            assert_ne!(digests.features, other.features);
            assert_eq!(digests.labels, other.labels);
        }
        let other = changed(|d| d.labels.0 = "no".into());
        assert_eq!((&digests.features, digests.labels == other.labels), (&other.features, false));
        // A role makes no other input of a fit; a side has its own digest.
        let other = changed(|d| {
            d.columns[0].role = Some(super::super::Role::Amount);
            d.sides.amount = Some(vec![1.0, 2.0]);
        });
        assert_eq!((&digests.features, &digests.labels), (&other.features, &other.labels));
        assert!(other.amount.is_some() && other.weight.is_none());
        // A side that only one of two readings has tells no other table; one that changed does.
        assert_eq!((digests.other_than(&other), other.other_than(&digests)), (None, None));
        let kept = Digests { kept: Some(Digests::of_rows(&[0])), ..digests.clone() };
        assert_eq!(digests.other_than(&kept), Some("the rows that dedup keeps"));
        assert_ne!(kept.kept, Some(Digests::of_rows(&[1])));
        let more = changed(|d| d.sides.amount = Some(vec![1.0, 3.0]));
        assert_eq!(other.other_than(&more), Some("amounts"));
    }

    #[test]
    fn values_beyond_a_block_count() {
        let rows = 2 * BLOCK / size_of::<f64>() + 3;
        let data = |last: f64| {
            let x = ndarray::Array2::from_shape_fn((rows, 1), |(row, _)| if row + 1 == rows { last } else { 1.0 });
            Dataset::of_numbers("a", &["b"], x, vec![0; rows]).unwrap().digests.features
        };
        assert_ne!(data(1.0), data(2.0));
        assert_eq!(data(2.0), data(2.0));
    }
}
