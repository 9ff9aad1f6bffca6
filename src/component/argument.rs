//! The number in brackets of a metric's name: `recall-at-fpr(0.05)`.

use std::sync::{Mutex, PoisonError};

use super::Metric;
use super::metric::Compute;
use crate::error::{Error, Result};

/// No count and no amount of money is larger: a number without another bound goes up to this one, which listings do not say.
const LARGEST: f64 = 1e12;

/// What a metric's number means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Argument {
    /// In a word or two, for listings.
    pub name: &'static str,
    /// The smallest and the largest number that makes sense; the smallest one itself does not where `open` is set.
    pub range: (f64, f64),
    /// Whether the smallest number is left out.
    pub open: bool,
    /// Whether it counts things.
    pub whole: bool,
    /// What the name alone stands for, if it stands for anything.
    pub default: Option<f64>,
}

impl Argument {
    /// How many: 1 or more.
    pub const fn count(name: &'static str) -> Self {
        Argument { name, range: (1.0, LARGEST), open: false, whole: true, default: None }
    }

    /// A share above 0, up to 1.
    pub const fn share(name: &'static str) -> Self {
        Argument { name, range: (0.0, 1.0), open: true, whole: false, default: None }
    }

    /// An amount above 0.
    pub const fn amount(name: &'static str, default: f64) -> Self {
        Argument { name, range: (0.0, LARGEST), open: true, whole: false, default: Some(default) }
    }

    fn takes(&self, value: f64) -> bool {
        let (low, high) = self.range;
        let above = if self.open { value > low } else { value >= low };
        above && value <= high && (!self.whole || value.fract() == 0.0)
    }

    /// What it must be instead of a number that it does not take: with the bound that goes without saying elsewhere, where the number
    /// is beyond it.
    fn wanted_instead(&self, given: Option<f64>) -> String {
        let (wanted, (_, high)) = (self.wanted(), self.range);
        match given {
            Some(value) if value > high && high >= LARGEST => format!("{wanted}, up to {high}"),
            _ => wanted,
        }
    }

    /// What it must be, in words.
    pub(crate) fn wanted(&self) -> String {
        let kind = if self.whole { "a whole number" } else { "a number" };
        let (low, high) = self.range;
        match (self.open, high >= LARGEST) {
            (true, true) => format!("{kind} above {low}"),
            (false, true) => format!("{kind} from {low}"),
            (true, false) => format!("{kind} above {low}, up to {high}"),
            (false, false) => format!("{kind} from {low} to {high}"),
        }
    }
}

/// The name without its number, and the number's text.
pub(crate) fn parts(name: &str) -> (&str, Option<&str>) {
    match name.strip_suffix(')').and_then(|name| name.split_once('(')) {
        Some((id, number)) => (id.trim_end(), Some(number.trim())),
        None => (name, None),
    }
}

impl Metric {
    /// The metric that `text`, the number in brackets, makes of an entry; a metric without number is what it is.
    ///
    /// # Errors
    /// [`Error::Study`] for a number that is missing, superfluous or out of range, in one sentence.
    pub(crate) fn with(&'static self, text: Option<&str>) -> Result<&'static Metric> {
        let id = self.id;
        let refused = |said: String| Err(Error::Study(said));
        match (&self.argument, text) {
            (None, None) => Ok(self),
            (None, Some(_)) => refused(format!("`{id}` takes no number in brackets")),
            (Some(Argument { default: Some(_), .. }), None) => Ok(self),
            (Some(argument), None) => refused(format!(
                "`{id}` needs a number in brackets, {} ({}): `{}`",
                argument.name,
                argument.wanted(),
                name(id, argument.example())
            )),
            (Some(argument), Some(text)) => match text.parse::<f64>().ok() {
                Some(value) if argument.takes(value) => Ok(self.at(value)),
                given => {
                    refused(format!("`{id}({text})`: {} must be {}", argument.name, argument.wanted_instead(given)))
                }
            },
        }
    }

    /// The entry with its number. Every name is made once and lives as long as the program, as the catalogue's own do.
    fn at(&'static self, value: f64) -> &'static Metric {
        static MADE: Mutex<Vec<&'static Metric>> = Mutex::new(Vec::new());
        let Compute::With(compute, _) = self.compute else { return self };
        let id = name(self.id, value);
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        // A user's own metric may have the same name in another registry.
        if let Some(known) = made.iter().copied().find(|metric| metric.id == id && std::ptr::eq(metric.entry(), self)) {
            return known;
        }
        let new: &'static Metric = Box::leak(Box::new(Metric {
            id: Box::leak(id.into_boxed_str()),
            compute: Compute::With(compute, value),
            of: Some(self),
            ..*self
        }));
        made.push(new);
        new
    }

    /// Its name for listings: `recall-at-fpr(x)`.
    pub fn shown(&self) -> String {
        match &self.argument {
            Some(Argument { whole: true, .. }) => format!("{}(n)", self.id),
            Some(_) => format!("{}(x)", self.id),
            None => self.id.to_owned(),
        }
    }

    /// Whether it is the same metric with the same number, which one of them may have by default.
    pub(crate) fn is_same(&'static self, other: &'static Metric) -> bool {
        let number = |metric: &Metric| match metric.compute {
            Compute::With(_, number) => Some(number),
            Compute::Plain(_) => None,
        };
        std::ptr::eq(self.entry(), other.entry()) && number(self) == number(other)
    }

    /// The catalogue's entry.
    fn entry(&'static self) -> &'static Metric {
        self.of.unwrap_or(self)
    }
}

impl Argument {
    fn example(&self) -> f64 {
        if self.whole { 200.0 } else { 0.05 }
    }
}

/// A metric's name with its number, always written alike.
fn name(id: &str, value: f64) -> String {
    format!("{id}({value})")
}

#[cfg(test)]
mod tests {
    use crate::component::Registry;

    #[test]
    fn a_number_that_is_the_default_makes_no_other_metric() {
        let same = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|id| Registry::built_in().metric(id).unwrap());
            a.is_same(b) && b.is_same(a)
        };
        for (a, b) in
            [("cost", "cost(10)"), ("savings(10.0)", "savings"), ("calibration-error", "calibration-error(10)")]
        {
            assert!(same(a, b), "{a} and {b}");
        }
        assert!(
            same("cost(2.50)", "cost(2.5)") && same("recall", "recall") && same("precision-at(5)", "precision-at(5)")
        );
        assert!(!same("cost", "cost(2.5)") && !same("cost", "savings") && !same("precision-at(5)", "recall-at(5)"));
    }

    #[test]
    fn a_number_that_is_too_large_is_told_with_the_bound() {
        let said = |id: &str| Registry::built_in().metric(id).err().unwrap().to_string();
        assert!(
            said("cost(1e13)").ends_with("must be a number above 0, up to 1000000000000"),
            "{}",
            said("cost(1e13)")
        );
        assert!(said("precision-at(1e13)").ends_with("must be a whole number from 1, up to 1000000000000"));
        // What is too small is told as it was, and the bound itself is taken.
        assert!(said("cost(0)").ends_with("must be a number above 0"));
        assert!(said("cost(many)").ends_with("must be a number above 0"));
        assert!(Registry::built_in().metric("cost(1e12)").is_ok());
    }
}
