//! Kinds of leakage by the field's names: Kapoor and Narayanan, "Leakage and the reproducibility crisis in
//! machine-learning-based science", Patterns 4 (2023).

use super::Leak;

/// One of the eight kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leakage {
    /// What chose or learnt has seen the rows that judge.
    NoTestSet,
    /// Steps before the model have seen training and test rows.
    PreProcessing,
    /// Features were selected on training and test rows.
    FeatureSelection,
    /// The same row stands on both sides.
    Duplicates,
    /// A feature says what nobody knows when the model is used.
    IllegitimateFeatures,
    /// The model learns from rows that are later than those it is tested on.
    Temporal,
    /// Training and test rows come from the same people, cards or places.
    NonIndependence,
    /// The test rows are not those that the model is for.
    SamplingBias,
}

impl Leakage {
    /// Every kind, in the paper's order.
    pub const ALL: [Leakage; 8] = [
        Leakage::NoTestSet,
        Leakage::PreProcessing,
        Leakage::FeatureSelection,
        Leakage::Duplicates,
        Leakage::IllegitimateFeatures,
        Leakage::Temporal,
        Leakage::NonIndependence,
        Leakage::SamplingBias,
    ];

    /// The kinds of a leak: the one table of which leak is what.
    pub fn of(leak: Leak) -> &'static [Leakage] {
        match leak {
            Leak::JudgedOnTrainingRows | Leak::ChosenOnTestRows => &[Leakage::NoTestSet],
            Leak::ScalerOnAllRows | Leak::EncoderOnAllRows => &[Leakage::PreProcessing],
            // What the resampler drops and makes up is missing and added among the test rows too.
            Leak::ResampleBeforeSplit => &[Leakage::PreProcessing, Leakage::SamplingBias],
            Leak::SelectOnAllRows => &[Leakage::FeatureSelection],
            Leak::DuplicatesAcrossSplit | Leak::TrainedOnAnotherSplit => &[Leakage::Duplicates],
            Leak::NoLabelDelay | Leak::FeaturesFromTheFuture => &[Leakage::IllegitimateFeatures],
            Leak::RandomInsteadOfTime => &[Leakage::Temporal],
            Leak::GroupsAcrossSplit => &[Leakage::NonIndependence],
        }
    }

    /// Its number in the paper.
    pub fn number(self) -> &'static str {
        match self {
            Leakage::NoTestSet => "L1.1",
            Leakage::PreProcessing => "L1.2",
            Leakage::FeatureSelection => "L1.3",
            Leakage::Duplicates => "L1.4",
            Leakage::IllegitimateFeatures => "L2",
            Leakage::Temporal => "L3.1",
            Leakage::NonIndependence => "L3.2",
            Leakage::SamplingBias => "L3.3",
        }
    }

    /// Its name in the paper.
    pub fn name(self) -> &'static str {
        match self {
            Leakage::NoTestSet => "no test set",
            Leakage::PreProcessing => "pre-processing on training and test set",
            Leakage::FeatureSelection => "feature selection on training and test set",
            Leakage::Duplicates => "duplicates in datasets",
            Leakage::IllegitimateFeatures => "model uses features that are not legitimate",
            Leakage::Temporal => "temporal leakage",
            Leakage::NonIndependence => "non-independence between training and test samples",
            Leakage::SamplingBias => "sampling bias in test distribution",
        }
    }

    /// What cannot be seen from data and splits, as a question to whoever made them.
    pub fn ask(self) -> &'static str {
        match self {
            Leakage::NoTestSet => {
                "how often were scores on the test rows looked at before families, parameters and threshold were settled?"
            }
            Leakage::PreProcessing => {
                "was anything fitted or filled in over all rows before the file was written, such as a PCA, a mean or a scale?"
            }
            Leakage::FeatureSelection => {
                "were columns chosen or left out after looking at all rows with their labels, before the file was written?"
            }
            Leakage::Duplicates => {
                "was a record entered twice with small differences, or copied to balance the classes?"
            }
            Leakage::IllegitimateFeatures => {
                "is the value of every column known at the moment of the decision, and is none written after the fraud was known?"
            }
            Leakage::Temporal => "when was each label known, and were features made with rows of later days?",
            Leakage::NonIndependence => "which rows belong to the same card, customer, merchant or fraud ring?",
            Leakage::SamplingBias => {
                "which transactions are not in the data (blocked, unlabelled, left out), and is the share of positives that of use?"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leak_has_a_kind_and_every_kind_a_leak() {
        for kind in Leakage::ALL {
            assert!(Leak::ALL.into_iter().any(|leak| Leakage::of(leak).contains(&kind)), "{kind:?}");
            assert!(kind.ask().ends_with('?') && kind.number().starts_with('L'));
        }
        assert!(Leak::ALL.into_iter().all(|leak| !Leakage::of(leak).is_empty()));
    }
}
