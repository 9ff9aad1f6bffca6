//! What the label column says of a row, and when it is known.

use super::rows::Row;
use super::{Labels, SECONDS};
use crate::seed::{Purpose, derive};

/// After how many days a label is known at the latest: draws are below 1 by 2^-53 at least, and -ln(2^-53) is 36.74.
pub(super) fn longest(of: &Labels) -> i64 {
    (37.0 * of.delay).ceil() as i64
}

/// Who reports what. A row's draws are a function of its customer and its place, so blocks and threads change nothing.
pub(super) struct Reports {
    of: Labels,
    stream: u64,
}

impl Reports {
    pub fn new(of: &Labels) -> Self {
        Reports { of: *of, stream: derive(u64::from(of.seed), Purpose::Simulate, "handbook labels") }
    }

    /// Whether the row's label is 1.
    pub fn is_fraud(&self, row: &Row) -> bool {
        let truth = row.scenario() > 0;
        if !self.of.are_noisy() || self.of.until.is_some_and(|day| row.day() >= day) {
            return truth;
        }
        let wrong = if truth { self.of.unreported } else { self.of.misreported };
        truth != (self.draw(row, 0) < wrong)
    }

    /// The second since the start at which the row's label is known.
    pub fn known(&self, row: &Row) -> i64 {
        let days = -(1.0 - self.draw(row, 1)).ln() * self.of.delay;
        i64::from(row.second) + (days * f64::from(SECONDS)).ceil() as i64
    }

    /// In [0, 1): the finaliser of splitmix64, twice.
    fn draw(&self, row: &Row, nth: u64) -> f64 {
        let key = u64::from(row.customer) << 32 | u64::from(row.place());
        let bits = mix(mix(self.stream ^ key).wrapping_add(nth.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
