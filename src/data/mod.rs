//! Data: reading, catalogue and fetch, dedup, missing values.

use ndarray::Array2;

/// A table of numbers with a two-valued label.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Short name for records and reports: the catalogue's, or the file's stem.
    pub name: String,
    /// SHA-256 of the file's bytes (uncompressed), lower-case hex.
    pub sha256: String,
    /// Feature names, in file order.
    pub columns: Vec<String>,
    /// Rows x features, C order. A missing value is NaN until it is imputed or refused.
    pub x: Array2<f64>,
    /// 0 or 1; the positive class (1) is fixed when the file is read, never by label order.
    pub y: Vec<u8>,
    /// What the two labels are called in the file: (negative, positive).
    pub labels: (String, String),
}
