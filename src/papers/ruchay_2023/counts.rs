//! What is counted in the data themselves: duplicates, and the rows that Tomek links remove after each scaler.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::DATA;
use crate::component::{Context, Registry, Train};
use crate::data::{Dataset, Deduplicated};
use crate::error::{Error, Result};
use crate::papers::Probe;
use crate::store::check_format;

/// Duplicates, and the rows that Tomek links remove after each of the paper's scalers.
pub const COUNTS: Probe = Probe {
    file: "counts.json",
    about: "counting Tomek links after 10 scalers",
    part: "hold-out",
    measure: |data, dedup| measure(data, dedup, &SCALERS.map(|(scaler, _)| scaler))?.bytes(),
    check: |text, file| Counts::parse(text, file).map(drop),
};

/// The version of the file's format.
const FORMAT: u32 = 1;

/// The paper's ten scalers by our names, each with the paper's name, in the paper's order.
pub const SCALERS: [(&str, &str); 10] = [
    ("none", "none"),
    ("min-max", "MinMaxScaler"),
    ("max-abs", "MaxAbsScaler"),
    ("standard", "StandardScaler"),
    ("power", "PowerTransformer"),
    ("quantile", "QuantileTransformer"),
    ("normalizer", "Normalizer"),
    ("function", "FunctionTransformer"),
    ("polynomial", "PolynomialFeatures"),
    ("robust", "RobustScaler"),
];

/// Counts of the whole data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Format version.
    pub format: u32,
    /// The program's version.
    pub fraudbench: String,
    /// The data's SHA-256.
    pub sha256: String,
    /// Rows.
    pub rows: u64,
    /// Positives among them.
    pub positives: u64,
    /// Rows that dedup removes.
    pub duplicate_rows: u64,
    /// Positives among these.
    pub duplicate_positives: u64,
    /// What Tomek links remove.
    pub tomek: Vec<Links>,
}

/// What Tomek links remove from the whole data after one scaler that was fitted on all of these rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Whether exact duplicates were dropped first.
    pub dedup: bool,
    /// The scaler.
    pub scaler: String,
    /// Rows removed.
    pub removed: u64,
}

impl Counts {
    /// Reads a file that [`Counts::bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Store`] when it is none, of a newer format, or of other data than the paper's.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let counts: Counts =
            serde_json::from_str(text).map_err(|e| Error::Store(format!("{file} holds no counts: {e}")))?;
        check_format(file, counts.format.into(), FORMAT)?;
        if counts.sha256 != crate::data::catalogue::find(DATA)?.sha256 {
            return Err(Error::Store(format!(
                "{file} is about data with sha256 {}, not about `{DATA}`",
                counts.sha256
            )));
        }
        Ok(counts)
    }

    /// The file.
    ///
    /// # Errors
    /// [`Error::Component`] when it cannot be encoded.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::Component(format!("cannot encode {}: {e}", COUNTS.file)))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The rows that Tomek links remove after `scaler`.
    pub fn removed(&self, dedup: bool, scaler: &str) -> Option<u64> {
        self.tomek.iter().find(|links| links.dedup == dedup && links.scaler == scaler).map(|links| links.removed)
    }
}

/// Counts duplicates, and searches Tomek links after each of `scalers`, with and without duplicates.
///
/// # Errors
/// [`Error::Component`] when a scaler or the search refuses the data.
fn measure(data: &Dataset, dedup: &Deduplicated, scalers: &[&str]) -> Result<Counts> {
    let whole: Vec<usize> = (0..data.y.len()).collect();
    let kept = data.select(&dedup.keep);
    let mut tomek = Vec::with_capacity(2 * scalers.len());
    for (is_dedup, rows) in [(true, &dedup.keep), (false, &whole)] {
        let y: Vec<u8> = rows.iter().map(|&row| data.y[row]).collect();
        for scaler in scalers {
            let x = if is_dedup { kept.x.clone() } else { data.x.clone() };
            tomek.push(Links { dedup: is_dedup, scaler: (*scaler).to_owned(), removed: removed(x, &y, scaler)? });
        }
    }
    Ok(Counts {
        format: FORMAT,
        fraudbench: crate::VERSION.to_owned(),
        sha256: data.sha256.clone(),
        rows: data.y.len() as u64,
        positives: data.positives() as u64,
        duplicate_rows: dedup.removed as u64,
        duplicate_positives: (data.positives() - kept.positives()) as u64,
        tomek,
    })
}

fn removed(x: Array2<f64>, y: &[u8], scaler: &str) -> Result<u64> {
    let (defaults, registry) = (toml::Table::new(), Registry::built_in());
    let scaler = registry.scaler(scaler)?.build(&defaults, &registry)?.component;
    let tomek = registry.resampler("tomek-links")?.build(&defaults, &registry)?.component;
    let fitted = scaler.fit(x.view())?;
    let scaled = fitted.transform(x)?;
    // Tomek links draw nothing, so the seed is of no account.
    let kept = tomek.resample(&Train::numbers(scaled.view(), y), &Context { seed: 0 })?;
    Ok((y.len() - kept.count()) as u64)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::data::dedup;

    #[test]
    fn links_are_counted_after_each_scaler_and_with_duplicates() {
        // Raw, rows 0 (positive) and 1 are each other's nearest. Min-max makes the second column count: 1 is nearer to 2 then.
        // Row 4 repeats row 1, which is nearer to it than to 0.
        let x = array![[0.0, 0.0], [3.0, 1.0], [20.0, 1.0], [100.0, 2.0], [3.0, 1.0]];
        let data = Dataset::of_numbers("x", &["a", "b"], x, vec![1, 0, 0, 0, 0]).unwrap();
        let counts = measure(&data, &dedup(&data), &["none", "min-max"]).unwrap();
        assert_eq!((counts.rows, counts.positives, counts.duplicate_rows, counts.duplicate_positives), (5, 1, 1, 0));
        assert_eq!(counts.removed(true, "none"), Some(1));
        assert_eq!(counts.removed(true, "min-max"), Some(0));
        assert_eq!(counts.removed(false, "none"), Some(0));
        assert_eq!(counts.removed(true, "power"), None);
        let said = Counts::parse(&String::from_utf8(counts.bytes().unwrap()).unwrap(), "counts.json").unwrap_err();
        assert!(said.to_string().contains("not about `creditcard`"), "{said}");
    }
}
