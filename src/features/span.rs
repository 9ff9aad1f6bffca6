//! Lengths of time as studies write them.

use std::fmt;

const SECOND: i64 = 1_000_000;
const UNITS: [(char, i64); 4] = [('s', SECOND), ('m', 60 * SECOND), ('h', 3_600 * SECOND), ('d', 86_400 * SECOND)];
/// A thousand years: sums of moments and lengths stay far from the ends of 64 bits.
const MOST: i64 = 365_250 * 86_400 * SECOND;

/// A length of time: whole seconds, minutes, hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    count: i64,
    unit: char,
    micros: i64,
}

impl Span {
    /// Reads `30s`, `15m`, `12h` or `7d`; none for anything else, 0 among it.
    pub fn parse(text: &str) -> Option<Self> {
        let unit = text.chars().next_back()?;
        let (_, per) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        let digits = &text[..text.len() - unit.len_utf8()];
        let count: i64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
        let micros = count.checked_mul(per).filter(|micros| (1..=MOST).contains(micros))?;
        Some(Span { count, unit, micros })
    }

    /// Its microseconds.
    pub fn micros(&self) -> i64 {
        self.micros
    }

    /// Its number of its unit.
    pub(super) fn count(&self) -> i64 {
        self.count
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit)
    }
}
