//! What the keys `search`, `threshold`, `cost`, `calibrate`, `folds` and `correct_prior` of a classifier ask for, with all that is
//! wrong with them at once.

use toml::{Table, Value};

use super::calibrate::Calibration;
use super::constraint::Constraint;
use super::refused::refused;
use super::score::Goal;
use super::searched::{Family, KINDS, Method, Spec};
use super::space::{Space, number};
use super::threshold::Rule;
use super::{FOLD_SEED, FOLDS_BY_THEMSELVES};
use crate::component::{Built, Classifier, Registry};
use crate::error::{Error, Result, meant, unknown, unknown_but};

const COSTS: &[&str] = &["false_negative", "false_positive"];

/// What scikit-learn and others call the keys of these tables, ours behind it.
const ELSEWHERE: [(&str, &str); 13] = [
    ("random_state", "seed"),
    ("n_iter", "candidates"),
    ("n_candidates", "candidates"),
    ("n_trials", "candidates"),
    ("cv", "folds"),
    ("n_splits", "folds"),
    ("scoring", "goal"),
    ("metric", "goal"),
    ("param_grid", "space"),
    ("param_distributions", "space"),
    ("params", "space"),
    ("fn", "false_negative"),
    ("fp", "false_positive"),
];

/// What the keys ask for.
pub(super) struct Asked<'t> {
    /// A search, and its space as it is written.
    pub search: Option<(Spec, &'t Value)>,
    pub rule: Option<Rule>,
    pub calibrate: Option<Calibration>,
    pub correct_prior: bool,
    /// Inner folds of a rule or a calibration without a search.
    pub folds: u32,
}

impl<'t> Asked<'t> {
    /// Reads them beside the parameters `fixed`. What is wrong is told to `faults` and left out.
    pub fn read(table: &'t Table, (registry, fixed): (&Registry, &Table), faults: &mut Vec<String>) -> Self {
        let has = |key: &str| table.contains_key(key);
        let search = kept(faults, inner_table(table, "search")).flatten();
        let rule = kept(faults, read_rule(table));
        let calibrate = kept(faults, read_method(table)).flatten();
        let correct_prior = kept(faults, read_correct_prior(table)).unwrap_or_default();
        // A rule that cannot be read may be a tuned one.
        let is_tuned = rule.is_none_or(|rule| rule.is_some_and(is_tuned));
        let folds = kept(faults, read_folds(table, has("search"), has("calibrate") || is_tuned));
        let search = search.and_then(|search| kept(faults, in_search(read_spec(search, fixed, registry))));
        Asked { search, rule: rule.flatten(), calibrate, correct_prior, folds: folds.unwrap_or(FOLDS_BY_THEMSELVES) }
    }

    /// Why the family does not take what is asked for, a sentence each.
    pub fn refused_by(&self, family: Family<'_>, fixed: &Table, built: &Built<dyn Classifier>) -> Vec<String> {
        let mut faults = Vec::new();
        if self.correct_prior && !built.component.says_probabilities() {
            faults.push(format!(
                "correct_prior: what `{}` says is no probability under the rows that it was fitted on; use `calibrate`",
                family.0.id
            ));
        }
        if let Some((spec, _)) = &self.search {
            kept(&mut faults, in_search(or(refused(family, fixed, spec), ())));
        }
        faults
    }
}

/// The value, or none and its faults more.
fn kept<T>(faults: &mut Vec<String>, result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => return Some(value),
        Err(Error::Several(all)) => faults.extend(all),
        Err(e) => faults.push(e.to_string()),
    }
    None
}

/// The value where nothing is wrong.
fn or<T>(faults: Vec<String>, value: T) -> Result<T> {
    Error::of_all(faults).map_or(Ok(value), Err)
}

/// With the key `search` in front of what is wrong.
fn in_search<T>(result: Result<T>) -> Result<T> {
    let named = |said: String| format!("search: {said}");
    result.map_err(|e| match e {
        Error::Study(said) | Error::Component(said) => Error::Study(named(said)),
        Error::Several(all) => Error::Several(all.into_iter().map(named).collect()),
        other => other,
    })
}

fn read_method(table: &Table) -> Result<Option<Calibration>> {
    let names = Calibration::ALL.map(Calibration::name);
    match table.get("calibrate") {
        None => Ok(None),
        Some(Value::String(name)) => match Calibration::ALL.into_iter().find(|method| method.name() == name) {
            Some(method) => Ok(Some(method)),
            None => Err(Error::Study(unknown("calibrate", name, &names))),
        },
        Some(value) => Err(Error::Study(format!("calibrate: {value} must be one of: {}", names.join(", ")))),
    }
}

fn read_correct_prior(table: &Table) -> Result<bool> {
    match table.get("correct_prior") {
        None | Some(Value::Boolean(false)) => Ok(false),
        Some(Value::Boolean(true)) if table.contains_key("calibrate") => Err(Error::Study(
            "correct_prior: leave it out beside `calibrate`, which learns from rows that were not resampled".into(),
        )),
        Some(Value::Boolean(true)) => Ok(true),
        Some(value) => Err(Error::Study(format!("correct_prior: {value} must be true or false"))),
    }
}

/// Whether a rule finds its threshold on inner folds.
fn is_tuned(rule: Rule) -> bool {
    !matches!(rule, Rule::Fixed(_))
}

/// The inner folds of a threshold or a calibration, which a search shares with them.
fn read_folds(table: &Table, is_searched: bool, has_inner: bool) -> Result<u32> {
    match table.get("folds") {
        None => Ok(FOLDS_BY_THEMSELVES),
        Some(_) if is_searched => Err(Error::Study(
            "folds: a search shares its inner folds with `threshold` and `calibrate`: write `folds` in `search`".into(),
        )),
        Some(_) if !has_inner => Err(Error::Study(
            "folds: goes with `calibrate` or a tuned `threshold` only; a family's own parameters stand in `params`"
                .into(),
        )),
        Some(_) => whole(table, "folds", u64::from(FOLDS_BY_THEMSELVES), 2),
    }
}

/// A whole number that has four bytes, or its default.
fn whole(table: &Table, key: &str, default: u64, least: u64) -> Result<u32> {
    let number = match table.get(key) {
        None => Some(default),
        Some(value) => value.as_integer().and_then(|n| u64::try_from(n).ok()).filter(|n| *n >= least),
    };
    number.and_then(|n| u32::try_from(n).ok()).ok_or_else(|| {
        let given = table.get(key).map(Value::to_string).unwrap_or_default();
        Error::Study(format!("{key}: {given} must be a whole number from {least} to {}", u32::MAX))
    })
}

fn read_rule(table: &Table) -> Result<Option<Rule>> {
    let mut faults = Vec::new();
    let cost = kept(&mut faults, inner_table(table, "cost")).flatten();
    let cost = cost.and_then(|cost| kept(&mut faults, read_cost(cost)));
    let rule = kept(&mut faults, read_threshold(table, cost));
    if table.contains_key("cost") && rule.is_some_and(|rule| !matches!(rule, Some(Rule::Cost { .. }))) {
        faults.push("cost: goes with `threshold = \"cost\"` only".into());
    }
    or(faults, rule.flatten())
}

fn read_threshold(table: &Table, cost: Option<Rule>) -> Result<Option<Rule>> {
    match table.get("threshold") {
        None => Ok(None),
        Some(Value::String(name)) => match &name[..] {
            "max-f1" => Ok(Some(Rule::MaxF1)),
            "max-mcc" => Ok(Some(Rule::MaxMcc)),
            // A cost that cannot be read is told already, and no rule is made of it.
            "cost" if table.contains_key("cost") => {
                Ok(cost.or(Some(Rule::Cost { false_negative: 0.0, false_positive: 0.0 })))
            }
            "cost" => Err(Error::Study(
                "threshold: `cost` needs `cost = { false_negative = ..., false_positive = ... }`".into(),
            )),
            other => {
                let (unknown, keys) = (unknown("rule", other, Rule::NAMES), Constraint::KEYS.join(", "));
                Err(Error::Study(format!("threshold: {unknown}; or a number, or a table with one of {keys}")))
            }
        },
        Some(Value::Table(table)) => Constraint::read(table).map(|constraint| Some(Rule::Within(constraint))),
        Some(value) => match number(value).filter(|value| value.is_finite()) {
            Some(value) => Ok(Some(Rule::Fixed(value))),
            None => {
                let (names, keys) = (Rule::NAMES.join(", "), Constraint::KEYS.join(", "));
                Err(Error::Study(format!(
                    "threshold: {value} must be a number, one of {names}, or a table with one of {keys}"
                )))
            }
        },
    }
}

fn read_cost(cost: &Table) -> Result<Rule> {
    let mut faults = Vec::new();
    kept(&mut faults, check_keys(cost, "key of cost", COSTS));
    let strange: Vec<Option<String>> =
        cost.keys().filter(|key| !COSTS.contains(&key.as_str())).map(|key| meant_key(key, COSTS)).collect();
    let bounds = ["above 0", "of at least 0"];
    let [false_negative, false_positive] = [0, 1].map(|nth| {
        let (key, bound) = (COSTS[nth], bounds[nth]);
        let value = cost.get(key).and_then(number).filter(|value| *value >= 0.0 && value.is_finite());
        // A key that is misspelt is told already.
        let is_told = !cost.contains_key(key) && strange.contains(&Some(format!("`{key}`")));
        let missing = if cost.contains_key(key) { "" } else { ", and is missing" };
        let wrong = || Error::Study(format!("cost: `{key}` must be a number {bound}{missing}"));
        if value.is_none() && !is_told {
            kept(&mut faults, Err::<(), _>(wrong()));
        }
        value.unwrap_or_default()
    });
    or(faults, Rule::Cost { false_negative, false_positive })
}

/// The search, and its space as it is written.
fn read_spec<'t>(table: &'t Table, fixed: &Table, registry: &Registry) -> Result<(Spec, &'t Value)> {
    let mut faults = Vec::new();
    let kind = kept(&mut faults, read_kind(table));
    let more: &[&str] = match kind {
        Some("grid") => &[],
        Some("halving") => &["candidates", "factor"],
        _ => &["candidates"],
    };
    let allowed = [&["kind", "space", "folds", "goal", "seed"], more].concat();
    // Which keys there are is said by the kind.
    let known = kind.map_or(Ok(()), |kind| check_keys(table, &format!("key of a `{kind}` search"), &allowed));
    let is_known = kept(&mut faults, known).is_some();
    let [candidates, factor, folds, seed] =
        [("candidates", 60, 1), ("factor", 3, 2), ("folds", 3, 2), ("seed", u64::from(FOLD_SEED), 0)].map(
            |(key, default, least)| match allowed.contains(&key) {
                true => kept(&mut faults, whole(table, key, default, least)).unwrap_or_default(),
                // It is a fault where it is given.
                false => default as u32,
            },
        );
    let is_grid = kind == Some("grid");
    let kind = match kind {
        Some("random") => Method::Random { candidates: candidates as usize },
        Some("halving") => Method::Halving { candidates: candidates as usize, factor: factor as usize },
        Some("tpe") => Method::Tpe { candidates: candidates as usize },
        _ => Method::Grid,
    };
    let goal = kept(&mut faults, read_goal(table, registry));
    // A key that is misspelt is told already, and may be this one.
    let is_missed = is_known || table.contains_key("space");
    let space = match kept(&mut faults, inner_table(table, "space")).flatten().filter(|space| !space.is_empty()) {
        Some(space) => kept(&mut faults, read_space(space, is_grid, fixed)),
        None => None,
    };
    let is_named = table.get("space").is_some_and(|space| space.as_table().is_none_or(|space| !space.is_empty()));
    if is_missed && !is_named {
        faults.push("`space` must name at least one parameter".into());
    }
    match (table.get("space"), space, goal, faults.is_empty()) {
        (Some(given), Some(space), Some(goal), true) => Ok((Spec { kind, space, folds: (folds, seed), goal }, given)),
        _ => Err(Error::Several(faults)),
    }
}

fn read_kind(table: &Table) -> Result<&'static str> {
    let kinds = KINDS.map(|(name, _)| name);
    match table.get("kind") {
        Some(Value::String(given)) => {
            let kind = kinds.into_iter().find(|kind| kind == given);
            kind.ok_or_else(|| Error::Study(unknown("kind", given, &kinds)))
        }
        _ => Err(Error::Study(format!("`kind` must be one of: {}", kinds.join(", ")))),
    }
}

fn read_goal(table: &Table, registry: &Registry) -> Result<Goal> {
    match table.get("goal") {
        None => Goal::find("pr-auc", registry),
        Some(Value::String(id)) => Goal::find(id, registry),
        Some(other) => Err(Error::Study(format!("goal: {other} must be a metric's name"))),
    }
}

/// The domains of parameters that are not `fixed`; of a grid all candidates can be listed.
fn read_space(given: &Table, is_grid: bool, fixed: &Table) -> Result<Space> {
    let twice = given.keys().filter(|name| fixed.contains_key(*name));
    let mut faults: Vec<String> =
        twice.map(|name| format!("`{name}` is in `params` and in `space`: a parameter is fixed or searched")).collect();
    let space = kept(&mut faults, Space::read(given));
    if let Some(space) = space.as_ref().filter(|_| is_grid) {
        kept(&mut faults, space.grid());
    }
    or(faults, space.unwrap_or_default())
}

fn check_keys(table: &Table, what: &str, allowed: &[&str]) -> Result<()> {
    let strange = table.keys().filter(|key| !allowed.contains(&key.as_str()));
    or(strange.map(|key| unknown_but(what, key, allowed, meant_key(key, allowed))).collect(), ())
}

/// The key that a strange one is meant for, in backticks.
fn meant_key(key: &str, allowed: &[&str]) -> Option<String> {
    match ELSEWHERE.iter().find(|(theirs, _)| *theirs == key) {
        Some((_, ours)) => allowed.contains(ours).then(|| format!("`{ours}`")),
        None => meant(key, allowed),
    }
}

fn inner_table<'a>(table: &'a Table, key: &str) -> Result<Option<&'a Table>> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::Table(inner)) => Ok(Some(inner)),
        Some(_) => Err(Error::Study(format!("{key}: must be a table"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::wrapped;
    use super::*;

    #[test]
    fn keys_of_probabilities_that_do_not_go_together_are_refused() {
        let said = |family: &str, keys: &str| wrapped(family, keys).err().unwrap().to_string();
        assert!(said("svc", "correct_prior = true").contains("what `svc` says is no probability"));
        assert!(said("tpot", "correct_prior = true").contains("use `calibrate`"));
        assert!(said("decision-tree", "correct_prior = true\ncalibrate = 'sigmoid'").contains("leave it out"));
        assert!(said("svc", "calibrate = 'isotnic'").contains("did you mean `isotonic`"));
        assert!(said("svc", "calibrate = true").contains("one of: isotonic, sigmoid, venn-abers"));
        assert!(said("decision-tree", "correct_prior = 1").contains("true or false"));
        let plain = wrapped("decision-tree", "correct_prior = false").unwrap().params;
        assert_eq!(plain, wrapped("decision-tree", "").unwrap().params, "the default is no part of a key");
    }

    #[test]
    fn all_unknown_keys_of_a_search_are_told() {
        let keys = "search = { kind = 'random', spaces = { max_depth = [3] }, candidate = 3, n_iter = 5 }";
        let said = wrapped("decision-tree", keys).err().unwrap().to_string();
        for key in ["`spaces`; did you mean `space`?", "`candidate`; did you mean `candidates`?", "`n_iter`"] {
            assert!(said.contains(&format!("unknown key of a `random` search {key}")), "{said}");
        }
    }

    #[test]
    fn keys_by_scikit_learns_names_lead_to_ours() {
        let keys = "search = { kind = 'random', random_state = 3, n_iter = 5, cv = 3, scoring = 'f1', space = { max_depth = [3] } }";
        let said = wrapped("decision-tree", keys).err().unwrap().to_string();
        for (theirs, ours) in [("random_state", "seed"), ("n_iter", "candidates"), ("cv", "folds"), ("scoring", "goal")]
        {
            let told = format!("unknown key of a `random` search `{theirs}`; did you mean `{ours}`?");
            assert!(said.contains(&told), "{told}: {said}");
        }
        // A grid has no number of candidates.
        let grid = "search = { kind = 'grid', n_iter = 5, space = { max_depth = [3] } }";
        let said = wrapped("decision-tree", grid).err().unwrap().to_string();
        assert!(said.contains("unknown key of a `grid` search `n_iter`. Allowed: "), "{said}");
    }

    #[test]
    fn costs_that_are_misspelt_or_missing_are_told_once_and_have_one_bound() {
        let said = |cost: &str| {
            let keys = format!("threshold = 'cost'\ncost = {{ {cost} }}");
            wrapped("decision-tree", &keys).err().map(|e| match e {
                Error::Several(all) => all,
                other => vec![other.to_string()],
            })
        };
        let strange = |theirs: &str, ours: &str| {
            format!("unknown key of cost `{theirs}`; did you mean `{ours}`? Allowed: false_negative, false_positive")
        };
        let both = vec![strange("fn", "false_negative"), strange("fp", "false_positive")];
        assert_eq!(said("fn = 10.0, fp = 1.0"), Some(both));
        let bound = |key: &str, bound: &str, more: &str| vec![format!("cost: `{key}` must be a number {bound}{more}")];
        assert_eq!(said("false_negative = -1, false_positive = 0"), Some(bound("false_negative", "above 0", "")));
        assert_eq!(said("false_negative = 1"), Some(bound("false_positive", "of at least 0", ", and is missing")));
        assert_eq!(said("false_negative = 1, false_positive = 0"), None);
    }

    #[test]
    fn all_that_is_wrong_with_the_keys_is_told_at_once() {
        let keys = "threshold = 'max-f2'\ncost = { false_negative = -1, falls = 3 }\ncalibrate = 'isotnic'\ncorrect_prior = 1\nfolds = 1\n\
                    [search]\nkind = 'halving'\ncandidates = 0\nfactor = 1\nseed = -1\ngoal = 'pr-auk'\n\
                    space = { max_depth = [], criterion = 3 }";
        let Some(Error::Several(said)) = wrapped("decision-tree", keys).err() else {
            panic!("more than one thing is wrong")
        };
        for wanted in [
            "unknown key of cost `falls`",
            "cost: `false_negative` must be a number above 0",
            "cost: `false_positive` must be a number of at least 0",
            "threshold: unknown rule `max-f2`",
            "unknown calibrate `isotnic`; did you mean `isotonic`?",
            "correct_prior: 1 must be true or false",
            "folds: a search shares its inner folds",
            "search: candidates: 0 must be a whole number from 1 to 4294967295",
            "search: factor: 1 must be a whole number from 2 to 4294967295",
            "search: seed: -1 must be a whole number from 0 to 4294967295",
            "search: goal: unknown metric `pr-auk`; did you mean `pr-auc`?",
            "search: space, `max_depth`: the list is empty",
            "search: space, `criterion`: 3 must be a list of values",
        ] {
            assert_eq!(said.iter().filter(|said| said.starts_with(wanted)).count(), 1, "{wanted}: {said:?}");
        }
        assert_eq!(said.len(), 13, "{said:?}");
    }

    #[test]
    fn what_is_wrong_only_because_of_another_fault_is_not_told() {
        let said = |keys: &str| wrapped("decision-tree", keys).err().unwrap().to_string();
        // The rule may be a tuned one, and the cost its own.
        let rule = said("threshold = 'costs'\nfolds = 2\ncost = { false_negative = 1, false_positive = 2 }");
        assert!(
            rule.starts_with("threshold: unknown rule `costs`; did you mean `cost`?") && !rule.contains("; cost:"),
            "{rule}"
        );
        assert!(!rule.contains("folds:"), "{rule}");
        // There is a space, misspelt.
        let space = said("search = { kind = 'grid', spaces = { max_depth = [3] } }");
        assert!(
            space.contains("`spaces`; did you mean `space`?") && !space.contains("must name at least one"),
            "{space}"
        );
        let none = "search: `space` must name at least one parameter";
        assert_eq!([said("search = { kind = 'grid' }"), said("search = { kind = 'grid', space = {} }")], [none, none]);
        // A kind that is unknown says nothing about the keys.
        let kind = said(
            "search = { kind = 'rand', candidates = 3, factor = 2, space = { max_depth = { low = 1, high = 3 } } }",
        );
        assert!(kind.starts_with("search: unknown kind `rand`") && !kind.contains("; search:"), "{kind}");
    }
}
