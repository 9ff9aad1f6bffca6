//! `sampling_strategy`, as imbalanced-learn reads it for two classes.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::words::{counted, short};

/// What is said beside what a parameter takes where it is a table or a list.
const NO_LIST: &str = "; numbers of rows per class and lists of classes are not taken";

/// What a resampler is to do to which class. What it means depends on the kind of resampler.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Strategy {
    /// Minority rows per majority row afterwards.
    Ratio(f64),
    Named(Name),
}

/// Classes; the texts with a blank are imbalanced-learn's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Name {
    #[default]
    Auto,
    Minority,
    Majority,
    #[serde(alias = "not minority")]
    NotMinority,
    #[serde(alias = "not majority")]
    NotMajority,
    All,
}

impl Default for Strategy {
    fn default() -> Self {
        Strategy::Named(Name::Auto)
    }
}

impl Strategy {
    /// Both classes, whatever their sizes.
    pub fn all() -> Self {
        Strategy::Named(Name::All)
    }

    /// Reads the parameter; `takes` says what a kind of resampler takes.
    fn read<'de, D: Deserializer<'de>>(given: D, takes: &str) -> Result<Self, D::Error> {
        let given = Value::deserialize(given)?;
        let is_list = given.is_array() || given.is_object();
        serde_json::from_value(given).map_err(|_| {
            let write = match (is_list, takes.contains("number")) {
                (false, _) => String::new(),
                (true, false) => format!("{NO_LIST}: write the name"),
                (true, true) => {
                    format!("{NO_LIST}: write the ratio of the smaller class's rows to the larger one's, or the name")
                }
            };
            D::Error::custom(format!("it is {takes}{write}"))
        })
    }

    /// Reads that of a resampler that adds rows.
    ///
    /// # Errors
    /// What is neither a ratio nor a name, with those that [`Strategy::adding`] takes; so of the others.
    pub fn read_adding<'de, D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        Self::read(given, "`auto`, `minority`, `not-majority`, `all` or a number above 0 and at most 1")
    }

    /// Reads that of a resampler that leaves a number of rows.
    ///
    /// # Errors
    /// What is neither a ratio nor a name.
    pub fn read_leaving<'de, D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        Self::read(given, "`auto`, `majority`, `not-minority`, `all` or a number above 0 and at most 1")
    }

    /// Reads that of a family whose `sampler` may be any resampler.
    ///
    /// # Errors
    /// What is neither a ratio nor a name.
    pub fn read_any<'de, D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        Self::read(
            given,
            "`auto`, `minority`, `majority`, `not-minority`, `not-majority`, `all` or a number above 0 and at most 1",
        )
    }

    /// Reads that of a resampler that cleans.
    ///
    /// # Errors
    /// What is neither a ratio nor a name.
    pub fn read_cleaning<'de, D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        Self::read(given, "`auto`, `majority`, `not-minority`, `not-majority` or `all`")
    }

    /// Reads that of a resampler that chooses rows of the larger class.
    ///
    /// # Errors
    /// What is neither a ratio nor a name.
    pub fn read_majority_only<'de, D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        Self::read(given, "`auto`, `majority` or `not-minority`")
    }

    /// For resamplers that add rows: only the smaller class lacks any.
    ///
    /// # Errors
    /// Ratios that are none, and names of the class that lacks no row.
    pub fn adding(self) -> Result<Self> {
        match self {
            Strategy::Named(Name::Majority | Name::NotMinority) => Err(Error::Study(
                "`sampling_strategy` must be `auto`, `minority`, `not-majority`, `all` or a number: the larger class lacks no \
                 rows"
                    .into(),
            )),
            _ => self.ratio_fits(),
        }
    }

    /// For resamplers that leave a number of rows: only the larger class has too many.
    ///
    /// # Errors
    /// Ratios that are none, and names of the class that has not too many rows.
    pub fn leaving(self) -> Result<Self> {
        match self {
            Strategy::Named(Name::Minority | Name::NotMajority) => Err(Error::Study(
                "`sampling_strategy` must be `auto`, `majority`, `not-minority`, `all` or a number: the smaller class has no \
                 rows too many"
                    .into(),
            )),
            _ => self.ratio_fits(),
        }
    }

    /// For resamplers that drop rows by what lies around them, however many these are.
    ///
    /// # Errors
    /// A ratio, and the name of the smaller class alone, which imbalanced-learn does not take here either.
    pub fn cleaning(self) -> Result<Self> {
        match self {
            Strategy::Ratio(_) => Err(Error::Study(
                "`sampling_strategy` cannot be a number here: how many rows go is decided by their neighbours".into(),
            )),
            Strategy::Named(Name::Minority) => Err(Error::Study(
                "`sampling_strategy` must be `auto`, `majority`, `not-minority`, `not-majority` or `all`: `not-majority` \
                 cleans the smaller class alone"
                    .into(),
            )),
            _ => Ok(self),
        }
    }

    /// For resamplers that choose rows of the larger class to represent it.
    ///
    /// # Errors
    /// Everything that names the smaller class, and ratios.
    pub fn majority_only(self) -> Result<Self> {
        match self {
            Strategy::Named(Name::Auto | Name::Majority | Name::NotMinority) => Ok(self),
            Strategy::Named(Name::All | Name::NotMajority) => Err(Error::Study(
                "`sampling_strategy` must be `auto`, `majority` or `not-minority`: the smaller class is kept whole, of which \
                 `all` and `not-majority` leave imbalanced-learn no more than the `n_seeds_S` rows that are drawn first"
                    .into(),
            )),
            _ => Err(Error::Study(
                "`sampling_strategy` must be `auto`, `majority` or `not-minority`: the smaller class is kept whole"
                    .into(),
            )),
        }
    }

    fn ratio_fits(self) -> Result<Self> {
        match self {
            Strategy::Ratio(ratio) if !(ratio > 0.0 && ratio <= 1.0) => Err(Error::Study(format!(
                "`sampling_strategy` must be a name or above 0 and at most 1, but is {}",
                short(ratio)
            ))),
            _ => Ok(self),
        }
    }

    /// How many rows the smaller class lacks.
    ///
    /// # Errors
    /// A ratio that there is already, or less than that.
    pub fn lacking(self, id: &str, classes: &Classes) -> Result<usize> {
        let (few, many) = (classes.few(), classes.many());
        let Strategy::Ratio(ratio) = self else { return Ok(many - few) };
        let target = (many as f64 * ratio) as usize;
        // Nothing to add is an error in imbalanced-learn too: the rows would be the unresampled ones under another name.
        match target.checked_sub(few).filter(|lacking| *lacking > 0) {
            Some(lacking) => Ok(lacking),
            None if few == many => Err(Error::Component(format!(
                "{id} to {ratio} adds no row, as both classes have {}: leave the resampler out",
                counted(few as u64, "row")
            ))),
            None => Err(Error::Component(format!(
                "{id} to {ratio} would leave {}, and there are {few} already: a larger `sampling_strategy` adds rows",
                counted(target as u64, "minority row")
            ))),
        }
    }

    /// How many rows of each class are to be left; none for a class that is not touched.
    ///
    /// # Errors
    /// A ratio for which there are too few majority rows.
    pub fn left(self, id: &str, classes: &Classes) -> Result<[Option<usize>; 2]> {
        let (few, many) = (classes.few(), classes.many());
        let mut left = [None; 2];
        let wanted = match self {
            // A tiny ratio overflows to the largest usize, which is refused like any other that is too large.
            Strategy::Ratio(ratio) => (few as f64 / ratio) as usize,
            Strategy::Named(_) => few,
        };
        if let Strategy::Ratio(ratio) = self
            && wanted > many
        {
            return Err(Error::Component(format!(
                "{id} to {ratio} needs {} for {}, but there are {many}: a `sampling_strategy` of {} or more fits",
                counted(wanted as u64, "majority row"),
                counted(few as u64, "minority row"),
                // In few digits, and not below what fits.
                (1e4 * few as f64 / many as f64).ceil() / 1e4
            )));
        }
        let larger = self.larger(classes);
        left[usize::from(larger)] = Some(wanted);
        if self == Strategy::Named(Name::All) {
            left[usize::from(1 - larger)] = Some(few);
        }
        Ok(left)
    }

    /// The label of the larger class, where that is the one which loses rows. Of two classes of one size it is 1, and 0 where the
    /// larger one is named, as in imbalanced-learn.
    pub fn larger(self, classes: &Classes) -> u8 {
        match self {
            Strategy::Named(Name::Majority) => u8::from(classes.counts[1] > classes.counts[0]),
            _ => 1 - classes.minority,
        }
    }

    /// Which classes are cleaned. Of two classes of one size 0 counts as the smaller and as the larger one, as it does in
    /// imbalanced-learn.
    pub fn cleaned(self, classes: &Classes) -> [bool; 2] {
        let larger = u8::from(classes.counts[1] > classes.counts[0]);
        [0, 1].map(|label| match self {
            Strategy::Named(Name::All) => true,
            Strategy::Named(Name::Majority) => label == larger,
            Strategy::Named(Name::NotMajority) => label != larger,
            _ => label != classes.minority,
        })
    }
}

/// How many rows each class has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Classes {
    /// Rows with label 0, and with label 1.
    pub counts: [usize; 2],
    /// The label of the smaller class; 0 if both have one size.
    pub minority: u8,
}

impl Classes {
    pub fn of(y: &[u8]) -> Self {
        let positives = y.iter().filter(|&&label| label == 1).count();
        let counts = [y.len() - positives, positives];
        Classes { counts, minority: u8::from(counts[1] < counts[0]) }
    }

    /// The same where neither class may be empty.
    ///
    /// # Errors
    /// One class only.
    pub fn both(id: &str, y: &[u8]) -> Result<Self> {
        let classes = Self::of(y);
        match classes.few() {
            0 => Err(Error::Component(format!("{id} needs rows of both classes"))),
            _ => Ok(classes),
        }
    }

    /// The label of the class that some of imbalanced-learn's undersamplers take for the smaller one, whatever `sampling_strategy` names:
    /// of two classes of one size it is the one whose label they see `first`.
    pub fn counted_minority(&self, first: Option<u8>) -> u8 {
        match first {
            Some(first) if self.counts[0] == self.counts[1] => first,
            _ => self.minority,
        }
    }

    pub fn few(&self) -> usize {
        self.counts[usize::from(self.minority)]
    }

    pub fn many(&self) -> usize {
        self.counts[usize::from(1 - self.minority)]
    }

    /// The places of the rows of the smaller class.
    pub fn minority_rows(&self, y: &[u8]) -> Vec<usize> {
        rows_of(y, self.minority)
    }
}

/// The places of the rows with this label.
pub(crate) fn rows_of(y: &[u8], label: u8) -> Vec<usize> {
    (0..y.len()).filter(|&row| y[row] == label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Strategy, String> {
        Strategy::read_adding(&mut serde_json::Deserializer::from_str(text)).map_err(|e| e.to_string())
    }

    #[test]
    fn names_and_ratios_are_read_and_the_rest_is_told_what_fits() {
        assert_eq!(read("\"not minority\""), Ok(Strategy::Named(Name::NotMinority)));
        assert_eq!(read("0.25"), Ok(Strategy::Ratio(0.25)));
        assert!(read("\"both\"").unwrap_err().contains("it is `auto`, `minority`, `not-majority`, `all` or a number"));
        for counts_or_classes in ["{ \"1\": 200 }", "[1]"] {
            let said = read(counts_or_classes).unwrap_err();
            assert!(
                said.contains("numbers of rows per class and lists of classes are not taken: write the ratio"),
                "{said}"
            );
        }
        for (strategy, fits) in [
            (Strategy::Ratio(0.5), [true, true, false, false]),
            (Strategy::Ratio(0.0), [false, false, false, false]),
            (Strategy::Named(Name::Auto), [true, true, true, true]),
            (Strategy::Named(Name::Minority), [true, false, false, false]),
            (Strategy::Named(Name::Majority), [false, true, true, true]),
            (Strategy::Named(Name::NotMinority), [false, true, true, true]),
            (Strategy::Named(Name::NotMajority), [true, false, true, false]),
            (Strategy::Named(Name::All), [true, true, true, false]),
        ] {
            let kinds = [strategy.adding(), strategy.leaving(), strategy.cleaning(), strategy.majority_only()];
            assert_eq!(kinds.map(|kind| kind.is_ok()), fits, "{strategy:?}");
        }
    }

    #[test]
    fn the_smaller_class_is_kept_whole_and_why_is_said() {
        for name in [Name::All, Name::NotMajority] {
            let said = Strategy::Named(name).majority_only().unwrap_err().to_string();
            assert!(said.contains("leave imbalanced-learn no more than the `n_seeds_S` rows"), "{said}");
        }
    }

    #[test]
    fn numbers_of_rows_are_those_of_imbalanced_learn() {
        let classes = Classes::of(&[0, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
        assert_eq!((classes.few(), classes.many(), classes.minority), (2, 8, 1));
        assert_eq!(Strategy::default().lacking("x", &classes).unwrap(), 6);
        assert_eq!(Strategy::Ratio(0.7).lacking("x", &classes).unwrap(), 3);
        assert!(Strategy::Ratio(0.1).lacking("x", &classes).unwrap_err().to_string().contains("2 already"));
        // Of 8 rows a quarter are the 2 that there are, and 3 are more than that.
        for ratio in [0.25, 0.3] {
            assert_eq!(
                Strategy::Ratio(ratio).lacking("x", &classes).unwrap_err().to_string(),
                format!(
                    "x to {ratio} would leave 2 minority rows, and there are 2 already: a larger `sampling_strategy` adds rows"
                )
            );
        }
        assert_eq!(Strategy::Ratio(0.375).lacking("x", &classes).unwrap(), 1);
        assert_eq!(Strategy::Ratio(0.3).left("x", &classes).unwrap(), [Some(6), None]);
        assert_eq!(Strategy::Named(Name::All).left("x", &classes).unwrap(), [Some(2), Some(2)]);
        assert!(Strategy::Ratio(0.1).left("x", &classes).unwrap_err().to_string().contains("needs 20 majority rows"));
        // 4 of 36 are 0.1111...
        let rare = Classes { counts: [36, 4], minority: 1 };
        assert_eq!(
            Strategy::Ratio(0.05).left("x", &rare).unwrap_err().to_string(),
            "x to 0.05 needs 80 majority rows for 4 minority rows, but there are 36: a `sampling_strategy` of 0.1112 or more fits"
        );
        assert_eq!(Strategy::Ratio(0.1112).left("x", &rare).unwrap(), [Some(35), None]);
        assert_eq!(Strategy::Named(Name::NotMajority).cleaned(&classes), [false, true]);
        let equal = Classes::of(&[0, 1]);
        assert_eq!(Strategy::default().lacking("x", &equal).unwrap(), 0);
        assert_eq!(
            Strategy::Ratio(1.0).lacking("x", &equal).unwrap_err().to_string(),
            "x to 1 adds no row, as both classes have 1 row: leave the resampler out"
        );
        assert_eq!(Strategy::default().cleaned(&equal), [false, true]);
        assert_eq!(Strategy::Named(Name::Majority).cleaned(&equal), [true, false]);
        assert_eq!([Name::Auto, Name::Majority].map(|name| Strategy::Named(name).larger(&equal)), [1, 0]);
        assert_eq!([Some(1), Some(0), None].map(|first| equal.counted_minority(first)), [1, 0, 0]);
        assert_eq!(rare.counted_minority(Some(0)), 1);
    }
}
