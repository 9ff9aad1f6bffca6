//! What a study is told that is no fault of it.

use toml::{Table, Value};

use super::{Component, Study};
use crate::component::Classifier;

impl Study {
    /// Parameters of its classifiers that change nothing, a sentence for each reason.
    pub(crate) fn notes(&self) -> Vec<String> {
        let of_one = |one: &Component<dyn Classifier>| {
            let entry = self.registry.classifier(&one.facts.id, Some(&one.facts.backend)).ok()?;
            let inner = |keys: &[&str]| -> Table {
                let found = keys.iter().try_fold(&one.given, |table, key| table.get(*key));
                found.and_then(Value::as_table).cloned().unwrap_or_default()
            };
            let (params, space) = (inner(&["params"]), inner(&["search", "space"]));
            let searched: Vec<&str> = space.keys().map(String::as_str).collect();
            let said = entry.without_effect(&params, &searched, &self.registry).into_iter();
            Some(said.map(|said| format!("grid.classifiers: `{}`: {said}", one.name)).collect::<Vec<_>>())
        };
        self.classifiers.iter().filter_map(of_one).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::component::Registry;

    #[test]
    fn parameters_that_change_nothing_are_told_with_the_name_of_their_entry() {
        let notes = |classifiers: &str| {
            let text = format!(
                "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = [{classifiers}]\n"
            );
            Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap().notes()
        };
        assert_eq!(
            notes(
                "'svc', { family = 'lightgbm', name = 'half', params = { subsample = 0.5 } }, { family = 'svc', name = 'found', \
                 search = { kind = 'grid', space = { degree = [2, 3] } } }"
            ),
            [
                "grid.classifiers: `half`: `subsample` has no effect: it needs `subsample_freq` of 1 or more",
                "grid.classifiers: `found`: `degree` has no effect: it needs `kernel = \"poly\"`",
            ]
        );
        assert_eq!(notes("{ family = 'svc', params = { kernel = 'poly', degree = 2 } }"), Vec::<String>::new());
    }
}
