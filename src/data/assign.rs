//! Which column of a file is what: the study's names against the file's.

use std::collections::{HashMap, HashSet};

use super::column::Role;
use super::label::Unlabelled;
use super::read::ReadOptions;
use super::texts::shown;
use crate::error::{Error, LISTED, Result, unknown};
use crate::words::{self, count};

/// How a column's texts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As what they look like.
    Infer,
    /// As texts, whatever they look like.
    Texts,
    /// As numbers; everything else is a fault.
    Numbers,
}

/// What a column of the file is for, before its values are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub name: String,
    pub feature: bool,
    pub role: Option<Role>,
    pub way: Way,
    /// Whether the study names it in `categorical` or `numeric`.
    pub named: bool,
    /// Whether it is ignored, but read for what is made of it.
    pub kept: bool,
    /// Whether it is kept for telling rows apart, and for nothing that needs its numbers.
    pub key: bool,
}

impl Use {
    /// Whether anybody needs its values.
    pub fn is_read(&self) -> bool {
        self.role != Some(Role::Ignored) || self.kept
    }
}

/// The columns of a file with their uses, and what a reader should tell about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    pub uses: Vec<Use>,
    /// The label's place.
    pub label: usize,
    pub notes: Vec<String>,
}

/// What decides what each column of a file, by its names, is for.
pub(super) type Assigning<'a> = dyn Fn(&str, Vec<String>, &ReadOptions) -> Result<Assigned> + 'a;

/// How pandas calls a column of a CSV file that has no name, by its place.
pub(super) fn unnamed(place: usize) -> String {
    format!("Unnamed: {place}")
}

/// The names of a file's columns, each with its first place.
struct Names<'n> {
    all: &'n [String],
    places: HashMap<&'n str, usize>,
}

impl<'n> Names<'n> {
    fn new(all: &'n [String]) -> Self {
        let mut places = HashMap::with_capacity(all.len());
        for (place, name) in all.iter().enumerate() {
            places.entry(name.as_str()).or_insert(place);
        }
        Names { all, places }
    }

    /// The place of a column.
    fn place(&self, name: &str) -> Option<usize> {
        let first = || (0..self.all.len()).find(|&place| self.all[place] == unnamed(place));
        // A column without a name can be called by nothing, as it is in the file.
        self.places.get(name).copied().or_else(|| if name.is_empty() { first() } else { None })
    }
}

/// What each column of a file is for. Columns without a name are called as pandas calls them.
pub(super) fn assign(file: &str, names: Vec<String>, options: &ReadOptions) -> Result<Assigned> {
    let named = |(place, name): (usize, String)| if name.is_empty() { unnamed(place) } else { name };
    let blank: Vec<bool> = names.iter().map(String::is_empty).collect();
    let names: Vec<String> = names.into_iter().enumerate().map(named).collect();
    if let Some(said) = not_told_apart(&names, options) {
        return Err(Error::Data(format!("{file}: {said}")));
    }
    let mut said: Vec<String> = Vec::new();
    let mut seen = HashSet::with_capacity(names.len());
    let again: Vec<&str> = names.iter().map(String::as_str).filter(|name| !seen.insert(*name)).collect();
    if !again.is_empty() {
        said.push(named_again(&again));
    }
    let places = Names::new(&names);
    let mut uses = plain(&places, options, &mut said);
    let may_lack = options.unlabelled == Unlabelled::Column
        && options.label.as_ref().is_some_and(|name| places.place(name).is_none());
    let label = if may_lack { None } else { label(&places, &uses, options, &mut said) };
    if let Some(label) = label {
        uses[label] =
            Use { feature: false, role: Some(Role::Label), way: Way::Texts, named: false, ..uses[label].clone() };
    }
    said.extend(nameless(&names, &blank, &uses, options));
    if said.is_empty() && !uses.iter().any(|column| column.feature) {
        let separator = options.called.name("separator");
        said.push(format!("no column is left beside the label: name the {separator} if the fields are not told apart"));
    }
    // Without a column of labels no column has the role.
    let (Some(label), true) = (label.or(may_lack.then_some(0)), said.is_empty()) else {
        return Err(Error::Data(format!("{file}: {}", said.join("; "))));
    };
    let mut notes = Vec::new();
    if options.label.is_none() {
        let name = &names[label];
        let key = options.called.name("label");
        notes.push(format!("the label is the last column, `{name}`; name another one with {key}"));
    }
    Ok(Assigned { uses, label, notes })
}

/// That columns share a name, so that nobody knows which is meant; each column whose name an earlier one has is in `names`.
pub(super) fn named_again(names: &[&str]) -> String {
    let mut seen = HashSet::with_capacity(names.len());
    let once: Vec<&str> = names.iter().copied().filter(|name| seen.insert(*name)).collect();
    let often = if once.len() == names.len() { "twice" } else { "more than once" };
    format!("the header names {} {often}: give every column a name of its own", listed(&once))
}

/// That the separator is wrong, where the whole header is one column and the study names others: each of these would be told to lack.
fn not_told_apart(names: &[String], options: &ReadOptions) -> Option<String> {
    let [header] = names else { return None };
    let asked = options.label.as_deref().into_iter().chain(options.roles().map(|(_, name)| name));
    let listed = [&options.ignore, &options.categorical, &options.numeric, &options.keep];
    let lacks = asked.chain(listed.into_iter().flatten().map(String::as_str)).any(|name| name != header);
    let has_separator = header.contains([',', ';', '\t', '|']);
    let (shown, key) = (shown(header.as_bytes()), options.called.name("separator"));
    match options.separator.map(|byte| char::from(byte).escape_default()) {
        _ if !lacks => None,
        Some(mark) => Some(format!("with separator `{mark}` the file has one column, `{shown}`: name the right {key}")),
        None => has_separator.then(|| format!("the file has one column, `{shown}`: name its {key}")),
    }
}

/// Every column's use, the label left aside.
fn plain(names: &Names<'_>, options: &ReadOptions, said: &mut Vec<String>) -> Vec<Use> {
    let called = options.called;
    let key = |key: &str| called.name(key);
    let mut uses: Vec<Use> = names
        .all
        .iter()
        .map(|name| Use {
            name: name.clone(),
            feature: true,
            role: None,
            way: Way::Infer,
            named: false,
            kept: false,
            key: false,
        })
        .collect();
    for (role, name) in options.roles() {
        let Some(place) = find(names, &key(role.key()), name, said) else { continue };
        if let Some(other) = uses[place].role {
            said.push(format!("`{name}` cannot be both {} and {}", key(other.key()), key(role.key())));
        }
        let (feature, way) = match role {
            Role::Time => (true, Way::Infer),
            Role::Amount => (true, Way::Numbers),
            Role::Weight => (false, Way::Numbers),
            _ => (false, Way::Texts),
        };
        uses[place] = Use { feature, role: Some(role), way, ..uses[place].clone() };
    }
    let lists = [("categorical", &options.categorical, Way::Texts), ("numeric", &options.numeric, Way::Numbers)];
    for (list, listed, way) in lists {
        for name in listed {
            let Some(place) = find(names, &key(list), name, said) else { continue };
            let column = &mut uses[place];
            if column.named && column.way != way {
                said.push(format!("`{name}` cannot be both {} and {}", key("categorical"), key("numeric")));
            } else if way == Way::Texts && matches!(column.role, Some(Role::Time | Role::Amount | Role::Weight)) {
                said.push(format!(
                    "`{name}` is in {}, but the {} is no category",
                    key("categorical"),
                    column.role.map_or("", Role::key)
                ));
            }
            (column.feature, column.named) = (true, true);
            column.way = way;
        }
    }
    // Rows that are new may lack what is known afterwards only.
    let may_lack = |name: &String| options.unlabelled != Unlabelled::Never && names.place(name).is_none();
    for name in options.ignore.iter().filter(|name| !may_lack(name)) {
        let Some(place) = find(names, &key("ignore"), name, said) else { continue };
        let column = &mut uses[place];
        if column.named {
            said.push(format!("`{name}` {}", called.words("is in `ignore` and in `categorical` or `numeric`")));
        }
        column.feature = false;
        column.role = column.role.or(Some(Role::Ignored));
    }
    for name in &options.keep {
        let Some(place) = find(names, "`features`", name, said) else { continue };
        let column = &mut uses[place];
        column.kept = column.role == Some(Role::Ignored);
        column.key = column.kept && options.keys.contains(name);
    }
    uses
}

/// The place of the label: the one that is named, else the last column that is for nothing else.
fn label(names: &Names<'_>, uses: &[Use], options: &ReadOptions, said: &mut Vec<String>) -> Option<usize> {
    let key = |key: &str| options.called.name(key);
    let Some(name) = &options.label else {
        let last = uses.iter().rposition(|column| column.role.is_none() && !column.named);
        if last.is_none() {
            said.push(format!("no column is left for the label among {}: name it with {}", uses.len(), key("label")));
        }
        return last;
    };
    let place = find(names, &key("label"), name, said)?;
    let column = &uses[place];
    match column.role {
        Some(Role::Ignored) => said.push(format!("`{name}` is the label and cannot be in {}", key("ignore"))),
        Some(role) => said.push(format!("`{name}` is the label and cannot be {} too", key(role.key()))),
        None if column.named => {
            said.push(format!("`{name}` is the label and cannot be in {} or {}", key("categorical"), key("numeric")))
        }
        None => {}
    }
    Some(place)
}

/// What is to be said about columns without a name, and about an index that pandas wrote.
fn nameless(names: &[String], blank: &[bool], uses: &[Use], options: &ReadOptions) -> Vec<String> {
    let open = |place: &usize| {
        let column = &uses[*place];
        match column.role {
            None => !column.named,
            // Else the study names it.
            Some(Role::Label) => options.label.is_none(),
            Some(_) => false,
        }
    };
    let sentence = |place: usize| {
        let name = &names[place];
        let call = options.called.ignoring(name);
        match place {
            0 => format!(
                "column 1 {} and looks like the index of a pandas table: {call}, or save the file with index=False",
                if blank[0] { "has no name in the header" } else { "is called `Unnamed: 0`" }
            ),
            place if place + 1 == names.len() => format!(
                "column {} has no name in the header (a line that ends in a separator has an empty last column): {call}",
                place + 1
            ),
            place => format!("column {} has no name in the header: name it there, or {call}", place + 1),
        }
    };
    (0..names.len())
        .filter(|&place| blank[place] || place == 0 && names[0] == unnamed(0))
        .filter(open)
        .map(sentence)
        .collect()
}

/// The place of a column; where there is none, `key`, in backticks, is told with it.
fn find(names: &Names<'_>, key: &str, name: &str, said: &mut Vec<String>) -> Option<usize> {
    let place = names.place(name);
    if place.is_none() {
        let known: Vec<&str> = names.all.iter().map(String::as_str).collect();
        said.push(unknown(&format!("column in {key}"), name, &known));
    }
    place
}

/// `a`, `b` and `c`.
pub(super) fn listed(names: &[&str]) -> String {
    first_listed(names, LISTED)
}

/// The same of `most` names at most, with how many more there are.
pub(crate) fn first_listed(names: &[&str], most: usize) -> String {
    let quoted: Vec<String> = names.iter().take(most).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(most) {
        0 => words::listed(&quoted),
        more => format!("{} and {} more", quoted.join(", "), count(more as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_column_without_a_name_is_found_by_none_where_columns_may_lack() {
        let options = ReadOptions {
            label: Some("y".into()),
            ignore: names(&["", "gone"]),
            unlabelled: Unlabelled::Column,
            ..ReadOptions::default()
        };
        let assigned = assign("t.csv", names(&["", "a", "y"]), &options).unwrap();
        let roles: Vec<Option<Role>> = assigned.uses.iter().map(|column| column.role).collect();
        assert_eq!((roles, assigned.label), (vec![Some(Role::Ignored), None, Some(Role::Label)], 2));
        let options =
            ReadOptions { label: Some(String::new()), unlabelled: Unlabelled::Column, ..ReadOptions::default() };
        let assigned = assign("t.csv", names(&["a", "b", ""]), &options).unwrap();
        assert_eq!((assigned.label, assigned.uses[2].role), (2, Some(Role::Label)));
    }

    #[test]
    fn a_name_of_several_columns_is_told_once() {
        let said = |header: &[&str]| assign("t.csv", names(header), &ReadOptions::default()).unwrap_err().to_string();
        assert_eq!(
            said(&["a", "a", "a", "b", "b", "y"]),
            "t.csv: the header names `a` and `b` more than once: give every column a name of its own"
        );
        assert_eq!(said(&["a", "a", "y"]), "t.csv: the header names `a` twice: give every column a name of its own");
    }

    #[test]
    fn of_a_header_of_160_000_names_each_is_looked_up_once() {
        let header: Vec<String> = (0..160_000).map(|at| format!("c{at}")).collect();
        let ignore: Vec<String> = header[1..159_999].to_vec();
        let started = std::time::Instant::now();
        let assigned = assign("t.csv", header, &ReadOptions { ignore, ..ReadOptions::default() }).unwrap();
        assert_eq!(assigned.uses.iter().filter(|column| column.feature).count(), 1);
        // Pairs of names are 10^10 comparisons: a minute.
        assert!(started.elapsed().as_secs() < 10);
    }

    #[test]
    fn of_thousands_of_names_the_first_are_listed() {
        assert_eq!(first_listed(&["a", "b", "c"], 3), "`a`, `b` and `c`");
        assert_eq!(first_listed(&["a", "b", "c"], 2), "`a`, `b` and 1 more");
        let names: Vec<String> = (0..20_000).map(|at| format!("z{at}")).collect();
        let said = listed(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(said.starts_with("`z0`, `z1`, ") && said.ends_with(", `z98`, `z99` and 19,900 more"), "{said}");
    }
}
