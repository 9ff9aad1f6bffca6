//! Numbers that may not be finite: JSON has none such, so they stand there as `null` (no number) and as texts.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Finite(f64),
    Word(String),
    Blank(()),
}

impl From<f64> for Written {
    fn from(value: f64) -> Self {
        match value {
            value if value.is_finite() => Written::Finite(value),
            value if value.is_nan() => Written::Blank(()),
            value => Written::Word(value.to_string()),
        }
    }
}

impl From<Written> for f64 {
    fn from(written: Written) -> Self {
        match written {
            Written::Finite(value) => value,
            Written::Word(text) => text.parse().unwrap_or(f64::NAN),
            Written::Blank(()) => f64::NAN,
        }
    }
}

pub mod list {
    use super::Written;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        values.iter().map(|&value| Written::from(value)).collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        Ok(Vec::<Written>::deserialize(deserializer)?.into_iter().map(f64::from).collect())
    }
}

pub mod pair {
    use super::Written;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(values: &[f64; 2], serializer: S) -> Result<S::Ok, S::Error> {
        values.map(Written::from).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 2], D::Error> {
        Ok(<[Written; 2]>::deserialize(deserializer)?.map(f64::from))
    }
}

pub mod table {
    use super::Written;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(rows: &[Vec<f64>], serializer: S) -> Result<S::Ok, S::Error> {
        let written = |row: &Vec<f64>| row.iter().map(|&value| Written::from(value)).collect::<Vec<_>>();
        rows.iter().map(written).collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<f64>>, D::Error> {
        let read = |row: Vec<Written>| row.into_iter().map(f64::from).collect();
        Ok(Vec::<Vec<Written>>::deserialize(deserializer)?.into_iter().map(read).collect())
    }
}
