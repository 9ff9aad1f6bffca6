//! What a study starts beside this program: a study is code where it names commands or classes of Python.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Study;

impl Study {
    /// The programs that its cells start, once each, as a person reads them: a command with its arguments, or a class of Python.
    pub fn programs(&self) -> Vec<String> {
        let mut found = BTreeSet::new();
        let all = [
            self.imputers.iter().map(|c| &c.facts).collect::<Vec<_>>(),
            self.resamplers.iter().map(|c| &c.facts).collect(),
            self.encoders.iter().map(|c| &c.facts).collect(),
            self.scalers.iter().map(|c| &c.facts).collect(),
            self.selects.iter().map(|c| &c.facts).collect(),
            self.classifiers.iter().map(|c| &c.facts).collect(),
        ];
        for facts in all.iter().flatten() {
            note(&facts.id, &mut found);
            look(&facts.params, &mut found);
        }
        found.into_iter().collect()
    }
}

/// A family that is a class of Python by its name.
fn note(family: &str, found: &mut BTreeSet<String>) {
    if family == "catboost" {
        found.insert("catboost:CatBoostClassifier in Python".to_owned());
    }
}

/// Looks through parameters: components stand in those of others (searches, ensembles, chains).
fn look(params: &Value, found: &mut BTreeSet<String>) {
    match params {
        Value::Object(table) => {
            if let Some(command) = table.get("command").and_then(Value::as_array) {
                let words: Vec<&str> = command.iter().filter_map(Value::as_str).collect();
                if !words.is_empty() && words.len() == command.len() {
                    found.insert(format!("`{}`", words.join(" ")));
                }
            }
            for key in ["estimator", "python"] {
                if let Some(class) = table.get(key).and_then(Value::as_str).filter(|class| class.contains(':')) {
                    found.insert(format!("{class} in Python"));
                }
            }
            for key in ["family", "id"] {
                if let Some(family) = table.get(key).and_then(Value::as_str) {
                    note(family, found);
                }
            }
            table.values().for_each(|value| look(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| match item {
            Value::String(name) => note(name, found),
            other => look(other, found),
        }),
        Value::String(name) => note(name, found),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::component::Registry;
    use crate::study::Study;

    fn programs(grid: &str) -> Vec<String> {
        let text = format!("name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n[grid]\n{grid}\n");
        Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap().programs()
    }

    #[test]
    fn programs_are_found_wherever_they_stand() {
        assert_eq!(programs("classifiers = ['prior', 'random-forest']"), [""; 0]);
        let external = "{ family = 'external', command = ['./p', '-x'] }";
        assert_eq!(programs(&format!("classifiers = ['prior', {external}]")), ["`./p -x`"]);
        let voting = "classifiers = [{ family = 'voting', params = { estimators = ['catboost', 'prior'] } }]\nscalers = ['none', { python \
                      = 'own:Squares', name = 's' }]";
        assert_eq!(programs(voting), ["catboost:CatBoostClassifier in Python", "own:Squares in Python"]);
        let inside = "classifiers = [{ python = 'a.b:C', name = 'c', threshold = 0.3 }]";
        assert_eq!(programs(inside), ["a.b:C in Python"]);
    }
}
