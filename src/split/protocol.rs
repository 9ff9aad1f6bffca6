//! A study's protocol: a kind of split with its parameters.

use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::counts::{Counts, lacks_a_class};
use super::left_out::left_out;
use super::{Lack, Roles, Split, Splitter, roles};
use crate::component::{Built, Entry, Registry};
use crate::data::{Dataset, Role};
use crate::error::{Error, Result};

/// How rows are divided into training and test parts: a kind of the catalogue with its parameters. In TOML, `kind` names
/// the kind; what is serialised are the same keys, with every default filled in.
///
/// ```
/// use fraudbench::component::Registry;
/// use fraudbench::split::{Protocol, Roles};
/// let text = "kind = 'stratified-k-fold'\nfolds = 2\nseed = 7";
/// let protocol = Protocol::read(&text.parse().unwrap(), &Registry::built_in()).unwrap();
/// let splits = protocol.splits(&Roles::labels(&[0, 1, 0, 1, 0, 0])).unwrap();
/// assert_eq!((splits.len(), splits[0].as_ref().unwrap().test.len()), (2, 3));
/// ```
#[derive(Clone)]
pub struct Protocol {
    entry: &'static Entry<dyn Splitter>,
    params: serde_json::Value,
    splitter: Arc<dyn Splitter>,
    /// Where the kind of its inner folds comes from.
    registry: Registry,
}

impl Protocol {
    /// The kind of an entry with these parameters; those that are not given take their defaults.
    ///
    /// # Errors
    /// [`Error::Study`] for a parameter that the kind does not have or that is out of range.
    pub fn new(entry: &'static Entry<dyn Splitter>, params: &toml::Table, registry: &Registry) -> Result<Self> {
        let Built { params, component, .. } = entry.build(params, registry)?;
        Ok(Protocol { entry, params, splitter: Arc::from(component), registry: registry.clone() })
    }

    /// Reads a table whose `kind` names one of the registry's kinds.
    ///
    /// # Errors
    /// As [`Protocol::new`]; for a kind that there is not, with the nearest one.
    pub fn read(table: &toml::Table, registry: &Registry) -> Result<Self> {
        let kind = table.get("kind").and_then(toml::Value::as_str);
        let kind = kind.ok_or_else(|| Error::Study("`protocol.kind` is missing".into()))?;
        let mut params = table.clone();
        params.remove("kind");
        Self::new(registry.split(kind)?, &params, registry)
    }

    /// The kind's name, as in TOML.
    pub fn name(&self) -> &'static str {
        self.entry.id
    }

    /// All parameters; those that a kind got later are left out at their default.
    pub fn params(&self) -> &serde_json::Value {
        &self.params
    }

    /// The kind and all its parameters in one line: `hold-out (repeats 1, seed 42, stratify true, test 0.2)`.
    pub fn words(&self) -> String {
        let said = |(name, value): (&String, &serde_json::Value)| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(format!("{name} {text}")),
            other => Some(format!("{name} {other}")),
        };
        let params: Vec<String> = self.params.as_object().into_iter().flatten().filter_map(said).collect();
        match params.is_empty() {
            true => self.name().to_owned(),
            false => format!("{} ({})", self.name(), params.join(", ")),
        }
    }

    /// How many splits there are, at most; none is made to find out.
    pub fn at_most(&self) -> u64 {
        let of = |name: &str| self.params[name].as_u64().unwrap_or(1);
        of("folds").saturating_mul(of("repeats"))
    }

    /// (repeat, fold) of every split, in order; known without the data.
    pub fn numbers(&self) -> Vec<(u32, u32)> {
        self.splitter.numbers()
    }

    /// The roles that it looks at.
    pub fn needs(&self) -> Vec<Role> {
        self.splitter.needs()
    }

    /// For how many days labels are not known yet, where the split is in time.
    pub fn delay(&self) -> Option<f64> {
        self.splitter.delay()
    }

    /// Whether its test parts hold whole days.
    pub fn keeps_days(&self) -> bool {
        self.splitter.keeps_days()
    }

    /// Whether its test parts are later than its training parts.
    pub fn is_in_time(&self) -> bool {
        self.splitter.is_in_time()
    }

    /// Which folds are shorter than it asks for, as the rows with these times end before them; none where all are as long.
    pub(crate) fn cut_short(&self, time: &[i64]) -> Option<String> {
        self.splitter.cut_short(time)
    }

    /// Which of its splits that were `made` leave most of their test rows out, as their groups are known; none where none does.
    pub(crate) fn left_out(&self, made: &[Result<Split, String>], rows: impl FnOnce() -> Roles) -> Option<String> {
        left_out(self.splitter.as_ref(), made, rows)
    }

    /// The column that orders the rows, where the study names one instead of the role `time`.
    pub fn column(&self) -> Option<&str> {
        self.splitter.column()
    }

    /// What it looks at in a data set.
    ///
    /// # Errors
    /// [`Error::Study`] or [`Error::Data`] for a role or a column that the data do not have, with what to write.
    pub fn roles(&self, data: &Dataset) -> Result<Roles> {
        roles::roles(data, self.name(), self.splitter.as_ref())
    }

    /// Refuses a data set without what it looks at, as [`Protocol::roles`] does, without a copy of its values.
    ///
    /// # Errors
    /// As [`Protocol::roles`].
    pub(crate) fn check(&self, data: &Dataset) -> Result<()> {
        roles::check(data, self.name(), self.splitter.as_ref())
    }

    /// Refuses a table of this name whose columns have these roles alone, before it is read.
    ///
    /// # Errors
    /// [`Error::Study`] for a role that is needed, with what to write.
    pub(crate) fn check_roles(&self, name: &str, given: &[Role]) -> Result<()> {
        roles::complete_for(name, (self.name(), self.splitter.as_ref()), |role| given.contains(&role))
    }

    /// The same protocol with a seed that is higher by `by`, modulo 2^32; none where no seed decides about rows.
    pub fn reseeded(&self, by: u32) -> Option<Self> {
        let seed = self.params["seed"].as_u64().filter(|_| self.splitter.is_random())?;
        let mut params = self.table();
        params.insert("seed".into(), i64::from((seed as u32).wrapping_add(by)).into());
        // Only the seed is another one, and any seed is valid.
        Self::new(self.entry, &params, &self.registry).ok()
    }

    /// Where it finds kinds of splits.
    pub(super) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The kind of inner folds of its training rows, with its parameters.
    pub(super) fn inner_kind(&self, folds: u32, seed: u32) -> (&'static str, toml::Table) {
        self.splitter.inner(folds, seed)
    }

    /// Every split of these rows, or of a single one why it cannot be made.
    ///
    /// # Errors
    /// [`Error::Data`] where no split can be made, one sentence.
    pub fn splits(&self, rows: &Roles) -> Result<Vec<Result<Split, String>>> {
        self.divided(rows, false)
    }

    /// The same as inner folds of other rows, of which a study says the number alone.
    pub(super) fn inner_splits(&self, rows: &Roles) -> Result<Vec<Result<Split, String>>> {
        self.divided(rows, true)
    }

    fn divided(&self, rows: &Roles, is_inner: bool) -> Result<Vec<Result<Split, String>>> {
        let counts = Counts::of(&rows.y);
        if counts.lacks_a_class() {
            return Err(Error::Data(format!("{} rows of one class only cannot be split: {counts}", rows.y.len())));
        }
        let splits = self.splitter.splits(rows)?;
        let numbered = splits.len() > 1;
        let checked = |split: Split| match lacks_a_class(&split, &rows.y, numbered) {
            Some((part, said)) => {
                let lacks = Lack { part, split: &split, rows, is_inner };
                Err(format!("{said}: {}", self.splitter.remedy(&lacks)))
            }
            None => Ok(split),
        };
        Ok(splits.into_iter().map(checked).collect())
    }

    /// The parameters as a study would write them.
    fn table(&self) -> toml::Table {
        let given = self.params.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        // What came from TOML goes back.
        given.filter_map(|(key, value)| Some((key.clone(), toml::Value::try_from(value).ok()?))).collect()
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.entry.id)?;
        if self.entry.version != 1 {
            map.serialize_entry("version", &self.entry.version)?;
        }
        for (key, value) in self.params.as_object().into_iter().flatten() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl PartialEq for Protocol {
    fn eq(&self, other: &Self) -> bool {
        (self.entry.id, self.entry.version, &self.params) == (other.entry.id, other.entry.version, &other.params)
    }
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The kind, then its parameters: `hold-out, test 0.3, seed 100, stratify true`.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry.id)?;
        for (key, value) in self.params.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            match value.as_str() {
                Some(text) => write!(f, ", {key} {text}")?,
                None => write!(f, ", {key} {value}")?,
            }
        }
        Ok(())
    }
}
