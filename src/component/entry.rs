//! What a catalogue lists. The study reader, `fraudbench list`, the records and the conformance tests all derive from entries.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::also::{Also, translated, without};
use super::given::read_params;
use super::infinite;
use super::{Cost, Idle, InPython, Registry, Remedies, Remedy, every_fault, out_of_range};
use crate::error::{Error, Result, unknown};

/// One component that a study can name.
pub struct Entry<T: ?Sized + 'static> {
    /// Kebab-case name, identical in TOML, records, file names and reports.
    pub id: &'static str,
    /// What implements it: `native`, or a library's name.
    pub backend: &'static str,
    /// One line for listings.
    pub about: &'static str,
    /// Bumped whenever the component's results change; part of a record's key.
    pub version: u32,
    /// Where what it computes is described: the documentation of the library whose results it has; empty for what is ours. Where the
    /// address ends in a class of Python, the class takes the parameters by the same names.
    pub source: &'static str,
    /// What a study cannot leave out, by an example in TOML; empty where every parameter has a default.
    pub least: &'static str,
    /// About what a fit costs; none where nobody has measured it.
    pub cost: Option<Cost>,
    /// Which parameters a search over whole pipelines varies, as a study's `space` is written, in TOML; none for a component
    /// that such a search does not use.
    pub space: Option<&'static str>,
    /// What it makes of parameters of the library's estimator that are not its own.
    pub also: &'static [Also],
    /// Parameters with a text that is the library's way of leaving them out, such as `"deprecated"`.
    pub unset: &'static [(&'static str, &'static str)],
    /// What of its parameters is otherwise than the library's, or than the rest of a listing says; a sentence each, without its full stop.
    pub notes: &'static [&'static str],
    /// Which of its parameters change nothing beside others, and are taken all the same.
    pub idle: &'static [Idle],
    /// Which of its parameters make no other model, as they change what a report says alone: to search them is in vain.
    pub of_report: &'static [&'static str],
    /// What is likely to help where it learns nothing from rare positives, for a report to say; empty where nobody knows better than
    /// what helps any family.
    pub remedy: Remedies,
    /// How the class that `source` names differs from it.
    pub in_python: InPython,
    /// The number of its colour, its dashes and its mark in every chart of every report, which no other family has; none for one
    /// that gets them by its name.
    pub look: Option<u8>,
    /// How a family searches for its pipeline, in words for charts; empty where it searches none.
    pub searches: &'static str,
    /// Whether it draws by its library's own fixed seed where a study gives no `random_state`, and not by the cell's.
    pub has_fixed_seed: bool,
    /// Whether listings and messages leave it out: a component for tests.
    pub is_hidden: bool,
    make: Make<T>,
}

/// Validates the parameters (missing ones take their defaults) and makes the component.
enum Make<T: ?Sized> {
    Alone(fn(&toml::Table) -> Result<Built<T>>),
    /// Of other components, which it finds in the registry.
    OfOthers(fn(&toml::Table, &Registry) -> Result<Built<T>>),
}

impl<T: ?Sized> Entry<T> {
    /// A native component of version 1. What differs is said by the methods below, so that a new field touches no entry.
    pub const fn new(id: &'static str, about: &'static str, make: fn(&toml::Table) -> Result<Built<T>>) -> Self {
        Self::made(id, about, Make::Alone(make))
    }

    /// The same for a component that is made of others, such as a chain of resamplers.
    pub const fn of_others(
        id: &'static str,
        about: &'static str,
        make: fn(&toml::Table, &Registry) -> Result<Built<T>>,
    ) -> Self {
        Self::made(id, about, Make::OfOthers(make))
    }

    const fn made(id: &'static str, about: &'static str, make: Make<T>) -> Self {
        Entry {
            id,
            backend: "native",
            about,
            version: 1,
            source: "",
            least: "",
            cost: None,
            space: None,
            also: &[],
            unset: &[],
            notes: &[],
            idle: &[],
            of_report: &[],
            remedy: Remedies::NONE,
            in_python: InPython::new(),
            look: None,
            searches: "",
            has_fixed_seed: false,
            is_hidden: false,
            make,
        }
    }

    /// Makes the component of a study's parameters; those that are missing take their defaults.
    ///
    /// # Errors
    /// [`Error::Study`] for a parameter that is not known, or whose value does not fit.
    pub fn build(&self, params: &toml::Table, registry: &Registry) -> Result<Built<T>> {
        let params = &without(params, self.unset);
        let (params, mut refused) = translated(self.id, self.also, params);
        let built = match self.make {
            Make::Alone(make) => make(&params),
            Make::OfOthers(make) => make(&infinite::marked(&params), registry),
        };
        if refused.is_empty() {
            return built;
        }
        // All that is wrong with one component is told at once.
        refused.extend(built.err().map(|e| e.to_string()));
        Err(Error::Study(refused.join("; ")))
    }

    /// All parameters at their defaults; null where what a study cannot leave out is not known by an example.
    pub fn defaults(&self, registry: &Registry) -> Value {
        // An example that is no TOML is as good as none.
        let least = self.least.parse().unwrap_or_default();
        self.build(&least, registry).map_or(Value::Null, |built| built.all)
    }

    /// The same, implemented by a library or a program.
    pub const fn backend(self, backend: &'static str) -> Self {
        Entry { backend, ..self }
    }

    /// The same with an address where what it computes is described.
    pub const fn source(self, source: &'static str) -> Self {
        Entry { source, ..self }
    }

    /// The same with another version.
    pub const fn version(self, version: u32) -> Self {
        Entry { version, ..self }
    }

    /// The same with an example of the parameters that have no default, such as `command = ["./program"]`.
    pub const fn least(self, least: &'static str) -> Self {
        Entry { least, ..self }
    }

    /// The same with what a fit costs.
    pub const fn cost(self, cost: Cost) -> Self {
        Entry { cost: Some(cost), ..self }
    }

    /// The same with the parameters that a search over whole pipelines varies, such as `C = { low = 0.01, high = 10.0 }`.
    pub const fn space(self, space: &'static str) -> Self {
        Entry { space: Some(space), ..self }
    }

    /// The same with what becomes of parameters of the library's estimator that are not its own.
    pub const fn also(self, also: &'static [Also]) -> Self {
        Entry { also, ..self }
    }

    /// The same with texts that are the library's way of leaving a parameter out; `"none"` may be written as in Python, too.
    pub const fn unset(self, unset: &'static [(&'static str, &'static str)]) -> Self {
        Entry { unset, ..self }
    }

    /// The same with what of its parameters is otherwise than the library's, or than the rest of a listing says.
    pub const fn notes(self, notes: &'static [&'static str]) -> Self {
        Entry { notes, ..self }
    }

    /// The same with parameters that change nothing beside others.
    pub const fn idle(self, idle: &'static [Idle]) -> Self {
        Entry { idle, ..self }
    }

    /// The same with parameters that make no other model.
    pub const fn of_report(self, of_report: &'static [&'static str]) -> Self {
        Entry { of_report, ..self }
    }

    /// The same with what is likely to help where it learns nothing, and why.
    pub const fn remedy(self, any: &'static [Remedy], why: &'static str) -> Self {
        Entry { remedy: Remedies { any, why }, ..self }
    }

    /// The same with how the class that `source` names differs from it.
    pub const fn in_python(self, in_python: InPython) -> Self {
        Entry { in_python, ..self }
    }

    /// The same with a look of its own in charts.
    pub const fn look(self, look: u8) -> Self {
        Entry { look: Some(look), ..self }
    }

    /// The same with how it searches, such as `Genetic programming over pipelines`.
    pub const fn searches(self, searches: &'static str) -> Self {
        Entry { searches, ..self }
    }

    /// The same, drawing by its library's own fixed seed where a study gives no `random_state`.
    pub const fn fixed_seed(self) -> Self {
        Entry { has_fixed_seed: true, ..self }
    }

    /// The same, out of listings and messages.
    pub const fn hidden(self) -> Self {
        Entry { is_hidden: true, ..self }
    }
}

/// A component ready for use, and its parameters with every default filled in.
pub struct Built<T: ?Sized> {
    /// The parameters of the record and the key: all of them, but for those that came after the first records and are at
    /// their defaults ([`later`]).
    pub params: Value,
    /// All parameters, for listings.
    pub all: Value,
    /// The component itself.
    pub component: Box<T>,
}

impl<T: ?Sized> Built<T> {
    /// A component whose record and key hold all its parameters.
    pub fn new(params: Value, component: Box<T>) -> Self {
        Built { all: params.clone(), params, component }
    }
}

/// A component as it was used: id, backend, version and all parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentFacts {
    /// The catalogue's id.
    pub id: String,
    /// What implements it.
    pub backend: String,
    /// The component's version.
    pub version: u32,
    /// All parameters, defaults filled in.
    pub params: Value,
}

impl ComponentFacts {
    /// Those of `none`, which changes nothing: what a record means that says nothing of an axis.
    pub(crate) fn none() -> Self {
        ComponentFacts {
            id: "none".to_owned(),
            backend: "native".to_owned(),
            version: 1,
            params: Value::Object(serde_json::Map::new()),
        }
    }

    /// Whether the component changes nothing.
    pub(crate) fn is_none(&self) -> bool {
        self.id == "none"
    }
}

/// The entry named `id`; with `backend`, that backend's; without, the first listed (the default).
///
/// # Errors
/// An unknown id or backend, naming the nearest valid one.
pub fn find<T: ?Sized>(
    kind: &str,
    catalogue: &[&'static Entry<T>],
    id: &str,
    backend: Option<&str>,
) -> Result<&'static Entry<T>> {
    let same: Vec<_> = catalogue.iter().filter(|e| e.id == id).collect();
    if same.is_empty() {
        let mut ids: Vec<&str> = catalogue.iter().filter(|e| !e.is_hidden).map(|e| e.id).collect();
        ids.dedup();
        return Err(Error::Study(unknown(kind, id, &ids)));
    }
    let Some(backend) = backend else { return Ok(same[0]) };
    same.iter().find(|e| e.backend == backend).map(|e| **e).ok_or_else(|| {
        let backends: Vec<&str> = same.iter().map(|e| e.backend).collect();
        Error::Study(unknown(&format!("backend of {kind} `{id}`"), backend, &backends))
    })
}

/// Reads parameters `P` from a study's table and makes a component of them. For use in an `ENTRY`'s `build`.
///
/// # Errors
/// An unknown parameter (named, with the nearest valid one) or a value that does not fit; whatever `make` refuses.
pub fn build<P, T>(id: &str, table: &toml::Table, mut make: impl FnMut(P) -> Result<Box<T>>) -> Result<Built<T>>
where
    P: Default + Serialize + DeserializeOwned,
    T: ?Sized,
{
    let of = |e: &dyn Display| format!("`{id}`: {e}");
    let read = read_params::<P>(id, table).map_err(|e| {
        out_of_range::with_least(e, table, &mut |tried| read_params::<P>(id, tried).and_then(&mut make)).to_string()
    });
    let made = read.and_then(|params| {
        let value = serde_json::to_value(&params).map_err(|e| of(&e))?;
        make(params).map(|component| Built::new(value, component)).map_err(|e| of(&e))
    });
    made.map_err(|first| {
        let mut refused = |tried: &toml::Table| match read_params::<P>(id, tried) {
            Ok(params) => make(params).err().map(|e| of(&e)),
            Err(e) => Some(e.to_string()),
        };
        Error::Study(every_fault::told(first, table, &mut refused))
    })
}

/// Leaves the parameters `names`, which a component got after records of it had been written, out of the key while they are at
/// their defaults in `P`.
pub fn later<P: Default + Serialize, T: ?Sized>(mut built: Built<T>, names: &[&str]) -> Built<T> {
    // Parameters that cannot be written have been refused when the component was built.
    let defaults = serde_json::to_value(P::default()).unwrap_or_default();
    if let Value::Object(params) = &mut built.params {
        params.retain(|name, value| !names.contains(&name.as_str()) || *value != defaults[name]);
    }
    built
}
