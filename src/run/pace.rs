//! How long the rest will take: the mean of what like cells took, scaled to the workers.

use std::collections::HashMap;

/// Running means of cell seconds, from the closest likeness to the widest.
#[derive(Debug, Default)]
pub struct Pace {
    exact: HashMap<(usize, usize), Mean>,
    classifier: HashMap<usize, Mean>,
    all: Mean,
}

#[derive(Debug, Default, Clone, Copy)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, seconds: f64) {
        self.sum += seconds;
        self.count += 1;
    }

    fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

impl Pace {
    /// Takes note that a cell of this (classifier, scaler) took so many seconds.
    pub fn add(&mut self, classifier: usize, scaler: usize, seconds: f64) {
        self.exact.entry((classifier, scaler)).or_default().add(seconds);
        self.classifier.entry(classifier).or_default().add(seconds);
        self.all.add(seconds);
    }

    /// What a cell of this (classifier, scaler) is expected to take, in seconds.
    pub fn expect(&self, classifier: usize, scaler: usize) -> Option<f64> {
        let mean = |found: Option<&Mean>| found.and_then(|m| m.value());
        mean(self.exact.get(&(classifier, scaler)))
            .or_else(|| mean(self.classifier.get(&classifier)))
            .or_else(|| self.all.value())
    }

    /// Wall seconds until `outstanding` cells, counted by (classifier, scaler), are done by so many workers.
    pub fn remaining(&self, outstanding: &HashMap<(usize, usize), usize>, workers: usize) -> Option<f64> {
        // Summed in a fixed order, so that the same state always says the same.
        let mut counts: Vec<_> = outstanding.iter().filter(|(_, count)| **count > 0).collect();
        counts.sort();
        let mut total = 0.0;
        for ((classifier, scaler), count) in counts {
            total += self.expect(*classifier, *scaler)? * *count as f64;
        }
        Some(total / workers.max(1) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expects_the_closest_likeness_that_was_measured() {
        let mut pace = Pace::default();
        assert_eq!(pace.expect(0, 0), None);
        pace.add(0, 0, 2.0);
        pace.add(0, 0, 4.0);
        pace.add(1, 0, 12.0);
        assert_eq!(pace.expect(0, 0), Some(3.0));
        assert_eq!(pace.expect(1, 5), Some(12.0));
        assert_eq!(pace.expect(7, 7), Some(6.0));
        let outstanding = HashMap::from([((0, 0), 3), ((1, 5), 1), ((1, 0), 0)]);
        assert_eq!(pace.remaining(&outstanding, 2), Some((3.0 * 3.0 + 12.0) / 2.0));
    }
}
