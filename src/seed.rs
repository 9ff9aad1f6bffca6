//! The only derivation of seeds: study seed + what it is for + the key. Nothing else in the crate makes randomness up.

use sha2::{Digest, Sha256};

/// What a derived seed is for; part of the derivation, so that two uses of one key never share a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A resampler's draws; keyed by data variant, split and resampler.
    Resample,
    /// A classifier's draws; keyed by the whole cell.
    Classify,
    /// Simulated data; their seed is their own, not the study's.
    Simulate,
    /// The rows of a bootstrap resample; keyed by what is resampled and the resample's number.
    Bootstrap,
    /// How a leak divides the rows of a split anew; keyed by the split.
    Redivide,
    /// When the nodes of a simulated cluster fail; keyed by the draw's number.
    Fail,
    /// What a search draws inside a classifier's fit; keyed by what the draws are for, from that classifier's seed.
    Search,
}

impl Purpose {
    fn tag(self) -> &'static str {
        match self {
            Purpose::Resample => "resample",
            Purpose::Classify => "classify",
            Purpose::Simulate => "simulate",
            Purpose::Bootstrap => "bootstrap",
            Purpose::Redivide => "redivide",
            Purpose::Fail => "fail",
            Purpose::Search => "search",
        }
    }
}

/// Derives a 64-bit seed: the first eight bytes, little endian, of SHA-256 over seed, purpose and key.
///
/// Splits that a study asks for do not come through here: their seed is the study's own number, so that they equal scikit-learn's
/// `random_state`.
pub fn derive(study_seed: u64, purpose: Purpose, key: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(study_seed.to_le_bytes());
    hash.update(purpose.tag().as_bytes());
    hash.update([0]);
    hash.update(key.as_bytes());
    let digest = hash.finalize();
    u64::from_le_bytes(std::array::from_fn(|i| digest[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purpose_key_and_seed_each_change_the_stream() {
        let base = derive(42, Purpose::Classify, "a");
        assert_eq!(base, derive(42, Purpose::Classify, "a"));
        assert_ne!(base, derive(43, Purpose::Classify, "a"));
        assert_ne!(base, derive(42, Purpose::Resample, "a"));
        assert_ne!(base, derive(42, Purpose::Classify, "b"));
    }
}
