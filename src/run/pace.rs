//! How long the rest will take: what like cells took, and for those that were not measured yet the estimate made before the
//! run, corrected by how far it was off so far.

use std::collections::HashMap;

/// Which cells are alike: (data set and classifier; encoder, scaler and select).
pub type Alike = (usize, usize);

/// What cells of each kind take.
#[derive(Debug, Default)]
pub struct Pace {
    estimates: HashMap<Alike, f64>,
    /// Which classifiers are one family, with other parameters.
    families: HashMap<usize, usize>,
    exact: HashMap<Alike, Mean>,
    classifier: HashMap<usize, Ratio>,
    family: HashMap<usize, Ratio>,
    all: Ratio,
}

#[derive(Debug, Default, Clone, Copy)]
struct Mean {
    sum: f64,
    count: u32,
}

/// Measured against estimated seconds of the cells so far.
#[derive(Debug, Default, Clone, Copy)]
struct Ratio {
    measured: f64,
    estimated: f64,
}

impl Ratio {
    fn add(&mut self, measured: f64, estimated: f64) {
        self.measured += measured;
        self.estimated += estimated;
    }

    fn value(self) -> Option<f64> {
        (self.estimated > 0.0).then(|| self.measured / self.estimated)
    }
}

impl Pace {
    /// Begins with an estimate, in seconds, for every kind of cell that there is, and a number for each classifier's family.
    pub fn new(estimates: HashMap<Alike, f64>, families: HashMap<usize, usize>) -> Self {
        Pace { estimates, families, ..Pace::default() }
    }

    /// Takes note that a cell of this kind took so many seconds.
    pub fn add(&mut self, kind: Alike, seconds: f64) {
        let estimated = self.estimate(kind);
        let mean = self.exact.entry(kind).or_default();
        mean.sum += seconds;
        mean.count += 1;
        self.classifier.entry(kind.0).or_default().add(seconds, estimated);
        if let Some(family) = self.families.get(&kind.0) {
            self.family.entry(*family).or_default().add(seconds, estimated);
        }
        self.all.add(seconds, estimated);
    }

    /// Takes note that a cell of this kind got another's result, and so took nothing.
    pub fn copied(&mut self, kind: Alike) {
        self.exact.entry(kind).or_default().count += 1;
    }

    /// The same expectations as mere estimates, to be corrected by what comes: the machine may have been busier when these
    /// cells were measured, or the program slower.
    pub fn into_estimates(self) -> Self {
        Pace::new(self.estimates.keys().map(|kind| (*kind, self.expect(*kind))).collect(), self.families)
    }

    /// What a cell of this kind is expected to take, in seconds.
    pub fn expect(&self, kind: Alike) -> f64 {
        if let Some(mean) = self.exact.get(&kind) {
            return mean.sum / f64::from(mean.count);
        }
        let own = self.classifier.get(&kind.0).and_then(|ratio| ratio.value());
        let family = || self.family.get(self.families.get(&kind.0)?)?.value();
        self.estimate(kind) * own.or_else(family).or_else(|| self.all.value()).unwrap_or(1.0)
    }

    /// Wall seconds until `outstanding` cells, counted by kind, are done by so many workers; none before any was measured
    /// in this run.
    pub fn remaining(&self, outstanding: &HashMap<Alike, usize>, workers: usize) -> Option<f64> {
        if self.exact.is_empty() {
            return None;
        }
        // Summed in a fixed order, so that the same state always says the same.
        let mut counts: Vec<_> = outstanding.iter().filter(|(_, count)| **count > 0).collect();
        counts.sort();
        let total: f64 = counts.into_iter().map(|(kind, count)| self.expect(*kind) * *count as f64).sum();
        Some(total / workers.max(1) as f64)
    }

    fn estimate(&self, kind: Alike) -> f64 {
        self.estimates.get(&kind).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_corrected_by_the_closest_likeness_that_was_measured() {
        let mut pace =
            Pace::new(HashMap::from([((0, 0), 1.0), ((0, 1), 10.0), ((1, 0), 2.0), ((1, 1), 20.0)]), HashMap::new());
        let outstanding = HashMap::from([((0, 0), 3), ((0, 1), 1), ((1, 1), 1), ((1, 0), 0)]);
        assert_eq!(pace.expect((0, 1)), 10.0);
        assert_eq!(pace.remaining(&outstanding, 2), None);
        pace.add((0, 0), 2.0);
        pace.add((0, 0), 4.0);
        assert_eq!(pace.expect((0, 0)), 3.0);
        assert_eq!(pace.expect((0, 1)), 30.0);
        assert_eq!(pace.expect((1, 1)), 60.0);
        assert_eq!(pace.remaining(&outstanding, 2), Some((3.0 * 3.0 + 30.0 + 60.0) / 2.0));
        pace.add((1, 0), 1.0);
        assert_eq!(pace.expect((1, 1)), 10.0);
        assert_eq!(pace.expect((0, 1)), 30.0);
    }

    #[test]
    fn a_classifier_that_was_not_measured_goes_by_its_family() {
        let estimates = HashMap::from([((0, 0), 1.0), ((1, 0), 2.0), ((2, 0), 2.0)]);
        let mut pace = Pace::new(estimates, HashMap::from([(0, 0), (1, 0), (2, 1)]));
        pace.add((0, 0), 3.0);
        assert_eq!(pace.expect((1, 0)), 6.0);
        pace.add((2, 0), 1.0);
        assert_eq!([pace.expect((1, 0)), pace.expect((2, 0))], [6.0, 1.0]);
        assert_eq!(pace.into_estimates().expect((1, 0)), 6.0);
    }

    #[test]
    fn cells_of_an_earlier_run_weigh_nothing_against_those_of_this_one() {
        let mut pace = Pace::new(HashMap::from([((0, 0), 1.0), ((0, 1), 10.0), ((1, 0), 5.0)]), HashMap::new());
        // A busy machine: everything took twenty times as long.
        (0..100).for_each(|_| pace.add((0, 0), 20.0));
        let mut pace = pace.into_estimates();
        assert_eq!([pace.expect((0, 0)), pace.expect((0, 1)), pace.expect((1, 0))], [20.0, 200.0, 100.0]);
        pace.add((0, 0), 2.0);
        assert_eq!([pace.expect((0, 0)), pace.expect((0, 1)), pace.expect((1, 0))], [2.0, 20.0, 10.0]);
    }
}
