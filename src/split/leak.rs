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
    /// The resampler chooses among all rows: what it drops is missing among the test rows too, and what it adds is tested on.
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

    /// The leaks of rows, and of the steps that nearly every pipeline has.
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

    /// What it does, one sentence; of a resampler that adds rows a report says more.
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
    /// [`Error::Study`] for a name that is no leak, with the nearest one, or a name given twice; [`Error::Several`] for more of them.
    pub fn parse(text: &str) -> Result<Self> {
        if text == HONEST {
            return Ok(Leaks::NONE);
        }
        let known: Vec<&str> = std::iter::once(HONEST).chain(Leak::ALL.map(Leak::name)).collect();
        let (mut leaks, mut faults) = (Leaks::NONE, Vec::new());
        for name in text.split('+') {
            let said = match Leak::ALL.into_iter().find(|leak| leak.name() == name) {
                None => unknown("leak", name, &known),
                Some(leak) if leaks.has(leak) => format!("`{text}` names {name} twice"),
                Some(leak) => {
                    leaks = Leaks(leaks.0 | Leaks::of(&[leak]).0);
                    continue;
                }
            };
            if !faults.contains(&said) {
                faults.push(said);
            }
        }
        Error::of_all(faults).map_or(Ok(leaks), Err)
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
        self.all_refused_by(protocol).into_iter().next()
    }

    /// Why those of them mean nothing that do under this protocol, a sentence each.
    pub(crate) fn all_refused_by(self, protocol: &Protocol) -> Vec<String> {
        let leaks = self.list();
        let mut refused = Vec::new();
        if self.has(Leak::TrainedOnAnotherSplit) && protocol.reseeded(1).is_none() {
            refused.push(format!("`{}` needs a split that a seed decides about", Leak::TrainedOnAnotherSplit.name()));
        }
        if self.has(Leak::DuplicatesAcrossSplit) && protocol.needs().contains(&Role::Group) {
            refused.push(format!(
                "`{}` needs a protocol that looks at no groups, which `{}` does: rows that are put back one by one would bring their \
                 groups to both sides",
                Leak::DuplicatesAcrossSplit.name(),
                protocol.name()
            ));
        }
        refused.extend(leaks.iter().filter(|leak| leak.goes_alone() && leaks.len() > 1).map(|alone| match alone {
            Leak::JudgedOnTrainingRows => {
                format!("`{}` has no test rows that another leak could reach: it goes alone", alone.name())
            }
            _ => format!("`{}` is told apart from other leaks only where it goes alone", alone.name()),
        }));
        refused.extend(self.no_groups(protocol));
        if self.has(Leak::RandomInsteadOfTime) && !protocol.is_in_time() {
            refused.push(format!(
                "`{}` needs a protocol in time, such as `time-series` or `prequential`, which `{}` is not",
                Leak::RandomInsteadOfTime.name(),
                protocol.name()
            ));
        }
        refused
    }

    /// Why groups are not divided by a leak of its own under this protocol.
    fn no_groups(self, protocol: &Protocol) -> Option<String> {
        let (leak, name) = (Leak::GroupsAcrossSplit, protocol.name());
        match (protocol.needs().contains(&Role::Group), protocol.is_in_time()) {
            _ if !self.has(leak) => None,
            (true, false) => None,
            (false, _) => Some(format!(
                "`{}` needs a protocol that keeps groups apart, such as `group-k-fold`, which `{name}` is not",
                leak.name()
            )),
            (true, true) => Some(format!(
                "`{}` divides rows at random, which under `{name}` mixes the days too: `{}` is the same there",
                leak.name(),
                Leak::RandomInsteadOfTime.name()
            )),
        }
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
    use crate::component::Registry;

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
    fn random_division_is_a_leak_of_what_the_protocol_keeps() {
        let said = |leak: Leak, text: &str| {
            let protocol = Protocol::read(&text.parse().unwrap(), &Registry::built_in()).unwrap();
            Leaks::of(&[leak]).refused_by(&protocol)
        };
        let (groups, time) = (Leak::GroupsAcrossSplit, Leak::RandomInsteadOfTime);
        for in_time in ["kind = 'time-series'", "kind = 'prequential'", "kind = 'time-ordered'\ncolumn = 'day'"] {
            assert_eq!(said(time, in_time), None);
        }
        assert_eq!(said(groups, "kind = 'group-k-fold'"), None);
        // Whoever gave the parts may have dealt them in any order.
        let not_in_time = |kind: &str| {
            format!(
                "`random-instead-of-time` needs a protocol in time, such as `time-series` or `prequential`, which `{kind}` is not"
            )
        };
        for kind in ["given", "stratified-k-fold", "group-k-fold"] {
            assert_eq!(said(time, &format!("kind = '{kind}'")), Some(not_in_time(kind)));
        }
        let no_groups =
            "`groups-across-split` needs a protocol that keeps groups apart, such as `group-k-fold`, which `";
        for kind in ["given", "stratified-k-fold", "time-series"] {
            assert_eq!(said(groups, &format!("kind = '{kind}'")), Some(format!("{no_groups}{kind}` is not")));
        }
        assert_eq!(
            said(groups, "kind = 'time-series'\ngroups = 'apart'").unwrap(),
            "`groups-across-split` divides rows at random, which under `time-series` mixes the days too: `random-instead-of-time` is \
             the same there"
        );
    }

    #[test]
    fn a_leak_that_a_study_need_not_have_written_is_refused_without_advice_to_leave_it_out() {
        let protocol = Protocol::read(&"kind = 'group-k-fold'".parse().unwrap(), &Registry::built_in()).unwrap();
        assert_eq!(
            Leaks::of(&[Leak::DuplicatesAcrossSplit]).refused_by(&protocol).unwrap(),
            "`duplicates-across-split` needs a protocol that looks at no groups, which `group-k-fold` does: rows that are put back one \
             by one would bring their groups to both sides"
        );
    }

    #[test]
    fn what_is_no_leak_is_told_with_the_nearest_one() {
        let said = Leaks::parse("scaler-on-all-row").unwrap_err().to_string();
        assert!(said.contains("unknown leak `scaler-on-all-row`; did you mean `scaler-on-all-rows`?"), "{said}");
        let said = Leaks::parse("honest+scaler-on-all-rows").unwrap_err().to_string();
        assert!(said.contains("unknown leak `honest`") || said.contains("did you mean"), "{said}");
        let twice = "resample-before-split+resample-before-split";
        assert!(Leaks::parse(twice).unwrap_err().to_string().contains("twice"));
        // All of it, and each once.
        let said = Leaks::parse("scaler-on-allrows+x+x+resample-before-split+resample-before-split").unwrap_err();
        let Error::Several(said) = said else { panic!("{said} is one fault") };
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].contains("unknown leak `scaler-on-allrows`; did you mean `scaler-on-all-rows`?"), "{said:?}");
        assert!(
            said[1].contains("unknown leak `x`") && said[2].ends_with("names resample-before-split twice"),
            "{said:?}"
        );
    }
}
