//! Leaky protocols: what published studies do to their test rows, each under its name. They exist so that an audit can say
//! what each of them is worth; no record of theirs can be taken for an honest one, as the protocol's name carries them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Protocol;
use crate::data::Role;
use crate::error::{Error, Result, unknown};

/// The name of no leak in a study's `protocol.leaks`.
const HONEST: &str = "honest";

/// How much another split's seed is above the split's own. Repeats count seeds up by one, so that audits of many repeats
/// fit on other rows than those of each other's splits.
pub const ELSEWHERE: u32 = 1_000;

/// One way in which test rows reach what was to learn from training rows alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leak {
    /// The scaler is fitted on all rows: training, validation and test rows, before any resampling of the training rows.
    ScalerOnAllRows,
    /// The resampler chooses among all rows, and what it drops is missing among the test rows too.
    ResampleBeforeSplit,
    /// The rows that dedup drops are put back after the split, each into the part where the split of the whole data with
    /// the same seed has it: equal rows stand on both sides.
    DuplicatesAcrossSplit,
    /// The model is fitted on the training part of a split of the whole data, duplicates and all, by another seed.
    TrainedOnAnotherSplit,
    /// What selects columns is fitted on all rows and their labels, as the scaler is under [`Leak::ScalerOnAllRows`].
    SelectOnAllRows,
    /// The model is judged on the rows that it has learned from; there is no test part.
    JudgedOnTrainingRows,
    /// The encoder is fitted on all rows and their labels, and training rows are encoded as any others.
    EncoderOnAllRows,
    /// Features that are made of labels know those of all earlier rows at once, without the study's delay.
    NoLabelDelay,
    /// Windows that end with a row reach as far ahead of it.
    FeaturesFromTheFuture,
    /// The parts' rows are divided at random, under a protocol that keeps groups apart.
    GroupsAcrossSplit,
    /// The parts' rows are divided at random, under a protocol in time.
    RandomInsteadOfTime,
    /// What a search, a threshold or a calibration judges by are the test rows.
    ChosenOnTestRows,
}

impl Leak {
    /// Every leak, in the order of a ladder's steps and of a protocol's name.
    pub const ALL: [Leak; 12] = [
        Leak::ScalerOnAllRows,
        Leak::ResampleBeforeSplit,
        Leak::DuplicatesAcrossSplit,
        Leak::TrainedOnAnotherSplit,
        Leak::SelectOnAllRows,
        Leak::JudgedOnTrainingRows,
        Leak::EncoderOnAllRows,
        Leak::NoLabelDelay,
        Leak::FeaturesFromTheFuture,
        Leak::GroupsAcrossSplit,
        Leak::RandomInsteadOfTime,
        Leak::ChosenOnTestRows,
    ];

    /// The leaks that any table and any grid can have: those of rows, and of the steps that nearly every pipeline has.
    pub const COMMON: [Leak; 4] =
        [Leak::ScalerOnAllRows, Leak::ResampleBeforeSplit, Leak::DuplicatesAcrossSplit, Leak::TrainedOnAnotherSplit];

    /// The name in studies, records, tables and charts.
    pub fn name(self) -> &'static str {
        match self {
            Leak::ScalerOnAllRows => "scaler-on-all-rows",
            Leak::ResampleBeforeSplit => "resample-before-split",
            Leak::DuplicatesAcrossSplit => "duplicates-across-split",
            Leak::TrainedOnAnotherSplit => "trained-on-another-split",
            Leak::SelectOnAllRows => "select-on-all-rows",
            Leak::JudgedOnTrainingRows => "judged-on-training-rows",
            Leak::EncoderOnAllRows => "encoder-on-all-rows",
            Leak::NoLabelDelay => "no-label-delay",
            Leak::FeaturesFromTheFuture => "features-from-the-future",
            Leak::GroupsAcrossSplit => "groups-across-split",
            Leak::RandomInsteadOfTime => "random-instead-of-time",
            Leak::ChosenOnTestRows => "chosen-on-test-rows",
        }
    }

    /// What it does, one sentence.
    pub fn about(self) -> &'static str {
        match self {
            Leak::ScalerOnAllRows => "the scaler is fitted on all rows, test rows among them",
            Leak::ResampleBeforeSplit => {
                "the resampler chooses among all rows before the split, so that it looks at test rows and drops some of them"
            }
            Leak::DuplicatesAcrossSplit => {
                "the duplicates that dedup drops are put back, each where the split of the whole data has it: equal rows \
                 train and test"
            }
            Leak::TrainedOnAnotherSplit => {
                "the model is fitted on the training part of another seed's split of the data with duplicates, which holds \
                 most of the test rows"
            }
            Leak::SelectOnAllRows => "columns are selected on all rows, test rows and their labels among them",
            Leak::JudgedOnTrainingRows => "the model is judged on the rows that it has learned from",
            Leak::EncoderOnAllRows => {
                "the encoder is fitted on all rows, test rows and their labels among them, and encodes all rows alike"
            }
            Leak::NoLabelDelay => {
                "features made of labels know the labels of all earlier rows at once, also those that nobody knew by then"
            }
            Leak::FeaturesFromTheFuture => "windows that end with a row reach as far ahead of it as they reach back",
            Leak::GroupsAcrossSplit => {
                "the rows of the parts are divided at random, so that a group's rows train and test, where the protocol keeps \
                 groups apart"
            }
            Leak::RandomInsteadOfTime => {
                "the rows of the parts are divided at random, so that the model learns from rows that are later than those it is \
                 tested on"
            }
            Leak::ChosenOnTestRows => {
                "what a search, a tuned threshold or a calibration is judged by are the test rows, not folds of the training rows"
            }
        }
    }

    /// Whether it is made of columns: the table's features are others then, and its rows are the same.
    pub fn is_of_columns(self) -> bool {
        matches!(self, Leak::NoLabelDelay | Leak::FeaturesFromTheFuture)
    }

    /// Whether no other leak goes with it.
    fn goes_alone(self) -> bool {
        matches!(self, Leak::JudgedOnTrainingRows | Leak::ChosenOnTestRows)
    }
}

/// A set of leaks; the empty one is the honest protocol.
///
/// ```
/// use fraudbench::split::{Leak, Leaks};
/// let leaks = Leaks::parse("duplicates-across-split+scaler-on-all-rows").unwrap();
/// assert!(leaks.has(Leak::ScalerOnAllRows) && !leaks.has(Leak::ResampleBeforeSplit));
/// assert_eq!(leaks.protocol("hold-out"), "hold-out+scaler-on-all-rows+duplicates-across-split");
/// assert_eq!(Leaks::of_protocol("hold-out"), Leaks::NONE);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Leaks(u16);

impl Leaks {
    /// The honest protocol.
    pub const NONE: Leaks = Leaks(0);

    /// These leaks together.
    pub fn of(leaks: &[Leak]) -> Self {
        Leaks(leaks.iter().fold(0, |set, leak| set | 1 << *leak as u8))
    }

    /// Honest first, then each of `leaks` alone, then together all those that go together: the steps of a ladder.
    pub fn ladder(leaks: &[Leak]) -> Vec<Leaks> {
        let alone = leaks.iter().map(|leak| Leaks::of(&[*leak]));
        let joint: Vec<Leak> = leaks.iter().copied().filter(|leak| !leak.goes_alone()).collect();
        let together = (joint.len() > 1).then(|| Leaks::of(&joint));
        std::iter::once(Leaks::NONE).chain(alone).chain(together).collect()
    }

    /// Reads `honest`, or names of leaks joined by `+`.
    ///
    /// # Errors
    /// [`Error::Study`] for a name that is no leak, with the nearest one, or a name given twice.
    pub fn parse(text: &str) -> Result<Self> {
        if text == HONEST {
            return Ok(Leaks::NONE);
        }
        let mut leaks = Leaks::NONE;
        for name in text.split('+') {
            let leak = Leak::ALL.into_iter().find(|leak| leak.name() == name).ok_or_else(|| {
                let known: Vec<&str> = std::iter::once(HONEST).chain(Leak::ALL.map(Leak::name)).collect();
                Error::Study(unknown("leak", name, &known))
            })?;
            if leaks.has(leak) {
                return Err(Error::Study(format!("`{text}` names {name} twice")));
            }
            leaks = Leaks(leaks.0 | Leaks::of(&[leak]).0);
        }
        Ok(leaks)
    }

    /// The leaks that a record's protocol name carries. A name that this version does not know is no leak of ours.
    pub fn of_protocol(name: &str) -> Self {
        let leaks: Vec<Leak> =
            Leak::ALL.into_iter().filter(|leak| name.split('+').skip(1).any(|part| part == leak.name())).collect();
        Leaks::of(&leaks)
    }

    /// The name of a protocol with these leaks: its own name, then `+` and each leak.
    pub fn protocol(self, name: &str) -> String {
        self.list().iter().fold(name.to_owned(), |text, leak| text + "+" + leak.name())
    }

    /// The leaks, in [`Leak::ALL`]'s order.
    pub fn list(self) -> Vec<Leak> {
        Leak::ALL.into_iter().filter(|leak| self.has(*leak)).collect()
    }

    /// Whether `leak` is among them.
    pub fn has(self, leak: Leak) -> bool {
        self.0 & 1 << leak as u8 != 0
    }

    /// Those among them that are made of columns.
    #[must_use]
    pub fn of_columns(self) -> Self {
        Leaks::of(&self.list().into_iter().filter(|leak| leak.is_of_columns()).collect::<Vec<_>>())
    }

    /// Whether rows are divided at random where the protocol would not.
    pub fn divide_at_random(self) -> bool {
        self.has(Leak::GroupsAcrossSplit) || self.has(Leak::RandomInsteadOfTime)
    }

    /// Why one of them means nothing under this protocol, one sentence; none where all do.
    pub fn refused_by(self, protocol: &Protocol) -> Option<String> {
        if self.has(Leak::TrainedOnAnotherSplit) && protocol.reseeded(1).is_none() {
            return Some(format!("`{}` needs a split that a seed decides about", Leak::TrainedOnAnotherSplit.name()));
        }
        if self.has(Leak::DuplicatesAcrossSplit) && protocol.needs().contains(&Role::Group) {
            return Some(format!(
                "`{}` puts rows back one by one, and `{}` looks at groups, which would stand on both sides for that: leave it out",
                Leak::DuplicatesAcrossSplit.name(),
                protocol.name()
            ));
        }
        if let Some(alone) = self.list().into_iter().find(|leak| leak.goes_alone() && self.list().len() > 1) {
            return Some(match alone {
                Leak::JudgedOnTrainingRows => {
                    format!("`{}` has no test rows that another leak could reach: it goes alone", alone.name())
                }
                _ => format!("`{}` is told apart from other leaks only where it goes alone", alone.name()),
            });
        }
        let in_time = protocol.keeps_days();
        if self.has(Leak::GroupsAcrossSplit) && (in_time || !protocol.needs().contains(&Role::Group)) {
            return Some(format!(
                "`{}` needs a protocol that keeps groups apart, such as `group-k-fold`, which `{}` is not",
                Leak::GroupsAcrossSplit.name(),
                protocol.name()
            ));
        }
        if self.has(Leak::RandomInsteadOfTime) && !in_time {
            return Some(format!(
                "`{}` needs a protocol in time, such as `time-series` or `prequential`, which `{}` is not",
                Leak::RandomInsteadOfTime.name(),
                protocol.name()
            ));
        }
        None
    }

    /// Whether this is the honest protocol.
    pub fn is_empty(self) -> bool {
        self == Leaks::NONE
    }
}

impl fmt::Display for Leaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list().as_slice() {
            [] => f.write_str(HONEST),
            leaks => f.write_str(&leaks.iter().map(|leak| leak.name()).collect::<Vec<_>>().join("+")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_stand_in_the_protocol() {
        for leaks in Leaks::ladder(&Leak::ALL) {
            assert_eq!(Leaks::parse(&leaks.to_string()).unwrap(), leaks);
            assert_eq!(Leaks::of_protocol(&leaks.protocol("stratified-k-fold")), leaks);
        }
        assert_eq!(Leaks::NONE.protocol("hold-out"), "hold-out");
        let common = Leaks::ladder(&Leak::COMMON);
        assert_eq!((common.len(), common[5]), (6, Leaks::of(&Leak::COMMON)));
        // A single leak is not said twice, and those that go alone are no part of all together.
        assert_eq!(Leaks::ladder(&[Leak::NoLabelDelay]).len(), 2);
        let all = Leaks::ladder(&Leak::ALL);
        assert_eq!(all.last().map(|leaks| leaks.list().len()), Some(Leak::ALL.len() - 2));
    }

    #[test]
    fn what_is_no_leak_is_told_with_the_nearest_one() {
        let said = Leaks::parse("scaler-on-all-row").unwrap_err().to_string();
        assert!(said.contains("unknown leak `scaler-on-all-row`; did you mean `scaler-on-all-rows`?"), "{said}");
        let said = Leaks::parse("honest+scaler-on-all-rows").unwrap_err().to_string();
        assert!(said.contains("unknown leak `honest`") || said.contains("did you mean"), "{said}");
        let twice = "resample-before-split+resample-before-split";
        assert!(Leaks::parse(twice).unwrap_err().to_string().contains("twice"));
    }
}
