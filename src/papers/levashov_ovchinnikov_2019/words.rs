//! Numbers as the paper prints them.

/// A pair of errors: `(0.0773, 0.8371)`.
pub fn pair([first, second]: [f64; 2]) -> String {
    format!("({first:.4}, {second:.4})")
}

/// Three digits.
pub fn three(value: f64) -> String {
    format!("{value:.3}")
}

/// `27.4%`.
pub fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
