//! The contract of a kind of split: what it is given, and what it gives back.

use std::borrow::Cow;

use toml::Table;

use crate::data::{Folds, Role};
use crate::error::Result;

/// A kind of split with its parameters. It knows no features: it sees labels and the roles that it asks for.
pub trait Splitter: Send + Sync {
    /// (repeat, fold) of every split, in the order of [`Splitter::splits`]; known without the data.
    fn numbers(&self) -> Vec<(u32, u32)>;

    /// The roles that it looks at besides the labels; a named column that orders the rows is none of them.
    fn needs(&self) -> Vec<Role> {
        Vec::new()
    }

    /// The column that orders the rows, where the study names one instead of the role `time`.
    fn column(&self) -> Option<&str> {
        None
    }

    /// Where test rows are later than training rows by time: for how many days labels are not known yet, so that training
    /// rows end as long before the test rows. None for other splits.
    fn delay(&self) -> Option<f64> {
        None
    }

    /// Whether a seed, the parameter `seed`, decides which rows stand where.
    fn is_random(&self) -> bool {
        false
    }

    /// The splits of these rows, in the order of [`Splitter::numbers`]; the parts hold places in `rows`, ascending. A part may
    /// lack a class, or be empty: the caller looks at that, split by split.
    ///
    /// # Errors
    /// [`crate::error::Error::Data`] in one sentence when no split can be made.
    fn splits(&self, rows: &Roles) -> Result<Vec<Split>>;

    /// How training rows are divided again for a search or a threshold so that groups, order and delay are kept: the id of a
    /// kind of split, and its parameters.
    fn inner(&self, folds: u32, seed: u32) -> (&'static str, Table) {
        let params = [("folds", folds), ("seed", seed)].map(|(key, value)| (key.to_owned(), value.into()));
        ("stratified-k-fold", Table::from_iter(params))
    }

    /// Whether its parts follow the rows' order in time.
    fn is_in_time(&self) -> bool {
        self.column().is_some() || self.needs().contains(&Role::Time)
    }

    /// Whether a test part holds whole days.
    fn keeps_days(&self) -> bool {
        self.is_in_time()
    }

    /// Which folds are shorter than the parameters ask for as the rows, which have these times, end before them: one sentence. None
    /// where all are as long.
    fn cut_short(&self, _time: &[i64]) -> Option<String> {
        None
    }

    /// The same kind of split with the test rows that it leaves out as their groups are known; none where it leaves none out.
    fn keeping_known(&self) -> Option<Keeping> {
        None
    }

    /// A key with its value by which a role that [`Splitter::needs`] names is needed no more.
    fn instead_of(&self, _role: Role) -> Option<&'static str> {
        None
    }

    /// What would help where a part lacks a class.
    fn remedy(&self, _lacks: &Lack<'_>) -> Cow<'static, str> {
        "use other shares or more data".into()
    }
}

/// A kind of split as it would be without leaving test rows out.
pub struct Keeping {
    /// It leaves none out; all else is the same.
    pub splitter: Box<dyn Splitter>,
    /// Why rows are left out.
    pub why: &'static str,
    /// Keys with their values that make it so.
    pub instead: &'static str,
}

/// A part of a split that lacks a class.
#[derive(Debug, Clone, Copy)]
pub struct Lack<'a> {
    /// The part.
    pub part: SplitPart,
    /// The split.
    pub split: &'a Split,
    /// What was split.
    pub rows: &'a Roles,
    /// Whether these are inner folds, of which a study says the number alone.
    pub is_inner: bool,
}

/// A part of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitPart {
    /// Rows to fit on.
    Training,
    /// Rows that are neither.
    Validation,
    /// Rows to judge by.
    Test,
}

impl SplitPart {
    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            SplitPart::Training => "training",
            SplitPart::Validation => "validation",
            SplitPart::Test => "test",
        }
    }
}

/// What a split looks at: one value per row in each. Roles that the protocol does not need are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roles {
    /// Labels, 0 or 1.
    pub y: Vec<u8>,
    /// Whose row it is, as a code.
    pub group: Option<Vec<u32>>,
    /// When it was: microseconds since 1970-01-01T00:00:00 UTC.
    pub time: Option<Vec<i64>>,
    /// The values of the column that the study orders the rows by, where it names one.
    pub order: Option<Vec<f64>>,
    /// The fold that it was given to.
    pub fold: Option<Folds>,
}

impl Roles {
    /// Labels alone.
    pub fn labels(y: &[u8]) -> Self {
        Roles { y: y.to_vec(), ..Roles::default() }
    }

    /// These rows only, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Roles {
        fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|&row| values[row]).collect()
        }
        Roles {
            y: pick(&self.y, rows),
            group: self.group.as_ref().map(|values| pick(values, rows)),
            time: self.time.as_ref().map(|values| pick(values, rows)),
            order: self.order.as_ref().map(|values| pick(values, rows)),
            fold: self.fold.as_ref().map(|folds| folds.select(rows)),
        }
    }
}

/// One (train, test) pair of row indices, ascending. `validation` rows, where a protocol has them, are neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The repeat's number, from 0.
    pub repeat: u32,
    /// The fold's number in its repeat, from 0.
    pub fold: u32,
    /// Training rows.
    pub train: Vec<usize>,
    /// Validation rows; empty where the protocol has none.
    pub validation: Vec<usize>,
    /// Test rows.
    pub test: Vec<usize>,
}
