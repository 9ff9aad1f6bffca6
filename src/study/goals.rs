//! Searches that could judge no candidate, and families of a search that are named twice.

use serde_json::Value;
use toml::Table;

use super::read::Faults;
use super::{Component, Study};
use crate::classify::GIVEN;
use crate::component::{Classifier, Registry};
use crate::error::Result;
use crate::search::space::Space;
use crate::search::unjudged;

/// The parameter of a family that searches which names the families that its pipelines may end in.
const FAMILIES: &str = "families";

impl Study {
    /// Refuses goals that candidates cannot be judged by, and families that are named twice. Not as the text is checked: runs were
    /// made by such studies, and stay readable.
    ///
    /// # Errors
    /// [`crate::error::Error::Study`] or [`crate::error::Error::Several`] with what to write, of all classifiers.
    pub(super) fn check_searches(&self) -> Result<()> {
        let mut faults = Faults::default();
        // What a program or a class of Python calls its parameters says nothing to us.
        for one in self.classifiers.iter().filter(|one| !is_given(&one.facts.id)) {
            let own = of_search(one, &self.registry).map(|said| format!("search: {said}"));
            let of_menu = of_families(one, &self.registry);
            let twice = twice(&one.facts.params).map(|said| format!("`{FAMILIES}`: {said}"));
            let all = own.into_iter().chain(of_menu).chain(twice);
            all.for_each(|said| faults.once(format!("grid.classifiers: `{}`: {said}", one.name)));
        }
        faults.or(())
    }
}

/// Whether a component of this id is whatever program or class a study gives.
pub(super) fn is_given(id: &str) -> bool {
    GIVEN.iter().any(|entry| entry.id == id)
}

/// Why the candidates of a study's `search` cannot be judged.
fn of_search(one: &Component<dyn Classifier>, registry: &Registry) -> Option<String> {
    let entry = registry.classifier(&one.facts.id, Some(&one.facts.backend)).ok()?;
    let goal = registry.metric(one.facts.params["search"]["goal"].as_str()?).ok()?;
    let space = Space::read(one.given.get("search")?.get("space")?.as_table()?).ok()?;
    let fixed = one.given.get("params").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    unjudged((entry, registry), &fixed, &space, goal)
}

/// Why the pipelines of a family that searches cannot be judged, of each family that is named and never says probabilities.
fn of_families(one: &Component<dyn Classifier>, registry: &Registry) -> Vec<String> {
    let params = one.facts.params.get("params").filter(|params| params.is_object()).unwrap_or(&one.facts.params);
    let goal = params.get("goal").and_then(Value::as_str).and_then(|goal| registry.metric(goal).ok());
    let named = params.get(FAMILIES).and_then(Value::as_array).zip(goal);
    let said = |(families, goal): (&Vec<Value>, _)| -> Vec<String> {
        let one = |family: &Value| {
            let entry = registry.classifier(family.as_str()?, None).ok()?;
            // Of a menu's family all candidates must lack them: what it varies may give some.
            let space = Space::read(&entry.space?.parse().ok()?).ok()?;
            let always = space
                .probes()
                .iter()
                .all(|params| entry.build(params, registry).is_ok_and(|built| built.component.decides_only()));
            unjudged((entry, registry), &Table::new(), &space, goal).filter(|_| always)
        };
        families.iter().filter_map(one).map(|said| format!("`{FAMILIES}`: {said}")).collect()
    };
    named.map(said).unwrap_or_default()
}

/// The first family that is named twice, anywhere in the parameters of families of ours: members of an ensemble have lists of
/// their own.
fn twice(params: &Value) -> Option<String> {
    match params {
        Value::Object(all) => {
            let is_id = |key: &&str| all.get(*key).and_then(Value::as_str).is_some_and(is_given);
            if ["family", "id"].iter().any(is_id) {
                return None;
            }
            let listed = all.get(FAMILIES).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let repeated = listed.iter().enumerate().find(|(nth, family)| listed[..*nth].contains(family));
            let here = repeated.map(|(_, family)| format!("{family} is listed twice: leave one of them out"));
            here.or_else(|| all.values().find_map(twice))
        }
        Value::Array(all) => all.iter().find_map(twice),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What is said of a study with these classifiers, a line each; empty where nothing is.
    fn said(classifiers: &str) -> Vec<String> {
        let text = format!(
            "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = [{classifiers}]\n"
        );
        let registry = Registry::built_in();
        // Runs that were made by it stay readable.
        Study::parse(&text, "x.toml", Path::new("."), &registry).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.toml");
        std::fs::write(&file, text).unwrap();
        let said = Study::read(&file, &registry).err().map(|e| e.to_string()).unwrap_or_default();
        said.split("grid.classifiers: ").skip(1).map(|one| one.trim().to_owned()).collect()
    }

    const WHY: &str = "candidates are judged before `calibrate`, so take a goal that ranks, such as `pr-auc`";

    #[test]
    fn a_goal_that_candidates_cannot_have_is_refused_before_a_run() {
        let searched = |family: &str, goal: &str, space: &str, more: &str| {
            format!(
                "{{ family = '{family}', {more} search = {{ kind = 'grid', goal = '{goal}', space = {{ {space} }} }} }}"
            )
        };
        let none = |goal: &str, family: &str, with: &str| {
            format!("`{family}`: search: the goal `{goal}` needs probabilities, and `{family}` says none{with}: {WHY}")
        };
        let calibrated = searched("svc", "brier", "C = [1, 2]", "threshold = 'max-f1', calibrate = 'sigmoid',");
        assert_eq!(said(&calibrated), [none("brier", "svc", "")]);
        let members = "params = { estimators = ['svc', 'gaussian-nb'] },";
        let voting = searched("voting", "log-loss", "weights = [[1, 2], [2, 1]]", members);
        assert_eq!(said(&voting), [none("log-loss", "voting", "")]);
        // Of the losses one says probabilities.
        let sgd = searched("sgd", "brier", "loss = ['log_loss', 'hinge']", "");
        assert_eq!(said(&sgd), [none("brier", "sgd", " with `loss = \"hinge\"`")]);
        for fine in [
            searched("svc", "pr-auc", "C = [1, 2]", "calibrate = 'sigmoid',"),
            searched("sgd", "brier", "loss = ['log_loss', 'modified_huber']", ""),
            searched("decision-tree", "brier", "max_depth = [1, 2]", ""),
        ] {
            assert_eq!(said(&fine), Vec::<String>::new(), "{fine}");
        }
    }

    #[test]
    fn families_of_a_search_that_cannot_be_judged_or_are_named_twice_are_refused_before_a_run() {
        let tpot = |params: &str| format!("{{ family = 'tpot', params = {{ {params} }} }}");
        let twice = "`families`: \"decision-tree\" is listed twice: leave one of them out";
        for family in ["tpot", "autosklearn"] {
            let named =
                format!("{{ family = '{family}', params = {{ families = ['decision-tree', 'decision-tree'] }} }}");
            assert_eq!(said(&named), [format!("`{family}`: {twice}")]);
        }
        let wrapped =
            "{ family = 'tpot', threshold = 'max-f1', params = { families = ['decision-tree', 'decision-tree'] } }";
        assert_eq!(said(wrapped), [format!("`tpot`: {twice}")]);
        let linear = said(&tpot("goal = 'brier', families = ['linear-svc', 'decision-tree']"));
        let told =
            format!("`tpot`: `families`: the goal `brier` needs probabilities, and `linear-svc` says none: {WHY}");
        assert_eq!(linear, std::slice::from_ref(&told));
        let both = said(&tpot("goal = 'brier', families = ['linear-svc', 'linear-svc']"));
        let twice = "`tpot`: `families`: \"linear-svc\" is listed twice: leave one of them out";
        assert!(both.len() == 2 && both[0].starts_with(&told) && both[1] == twice, "{both:?}");
        assert_eq!(said(&tpot("goal = 'brier', families = ['decision-tree']")), Vec::<String>::new());
        assert_eq!(said(&tpot("families = ['linear-svc', 'decision-tree']")), Vec::<String>::new());
    }

    #[test]
    fn parameters_of_what_is_not_ours_are_not_looked_at() {
        let params = "params = { goal = 'brier', families = ['linear-svc', 'linear-svc'] }";
        for more in ["", ", threshold = 'max-f1'"] {
            for given in ["python = 'mine:Model'", "family = 'external', command = ['mine']"] {
                assert_eq!(said(&format!("{{ {given}, {params}{more} }}")), Vec::<String>::new(), "{given}{more}");
            }
        }
        let of = |family: &str| {
            let params = serde_json::json!({ "families": ["a", "a"] });
            twice(&serde_json::json!({ "estimators": [{ "family": family, "params": params }] }))
        };
        assert_eq!((of("python"), of("external")), (None, None));
        assert!(of("tpot").is_some());
    }
}
