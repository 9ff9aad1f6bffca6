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
    /// Reads `30s`, `15m`, `12h` or `7d`; none for anything else, 0 and more than a thousand years among it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    /// The same.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow the key.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let no_length = || format!("`{text}` must be a length such as `30s`, `15m`, `12h` or `7d`");
        let (digits, unit, per) = parts(text).ok_or_else(no_length)?;
        let most = MOST / per;
        // Digits that 64 bits do not hold are more than that, too.
        match digits.parse().unwrap_or(i64::MAX) {
            0 => Err(no_length()),
            count if count > most => {
                Err(format!("`{text}` is longer than a thousand years: write `{most}{unit}` or less"))
            }
            count => Ok(Span { count, unit, micros: count * per }),
        }
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

/// The digits of a length, its unit, and the unit's microseconds; none of what is no length.
fn parts(text: &str) -> Option<(&str, char, i64)> {
    let (unit, per) = UNITS.into_iter().find(|(name, _)| text.ends_with(*name))?;
    let digits = text.strip_suffix(unit).filter(|digits| !digits.is_empty())?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some((digits, unit, per))
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit)
    }
}
