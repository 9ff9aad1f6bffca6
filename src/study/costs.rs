//! Costs by which every threshold is as good as any other.

use serde_json::Value;

use super::Study;
use super::read::Faults;
use crate::error::Result;

/// What a missed positive costs.
const MISSED: &str = "false_negative";

impl Study {
    /// Refuses costs by which a missed positive costs nothing: then nothing is to be found. Not as the text is checked: runs were made by
    /// such studies, and stay readable.
    ///
    /// # Errors
    /// [`crate::error::Error::Study`] with what to write, of all classifiers.
    pub(super) fn check_costs(&self) -> Result<()> {
        let free = self.classifiers.iter().filter(|classifier| misses_for_nothing(&classifier.facts.params));
        let said = |name: &str| {
            format!(
                "grid.classifiers: `{name}`: `{MISSED}` is 0, and a positive that is missed must cost something: write a number above 0"
            )
        };
        Faults(free.map(|classifier| said(&classifier.name)).collect()).or(())
    }
}

/// Whether a cost of 0 stands anywhere in the parameters: members of an ensemble have costs of their own.
fn misses_for_nothing(params: &Value) -> bool {
    match params {
        Value::Object(all) => {
            let is_by_cost = |key: &str| all.get(key).is_some_and(|rule| rule == "cost");
            let is_free = |costs: Option<&Value>| costs.and_then(Value::as_f64) == Some(0.0);
            // Of a threshold, and of `rectangles`.
            let is_here = is_by_cost("rule") && is_free(all.get("cost").and_then(|cost| cost.get(MISSED)))
                || is_by_cost("choose") && is_free(all.get(MISSED));
            is_here || all.values().any(misses_for_nothing)
        }
        Value::Array(all) => all.iter().any(misses_for_nothing),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::component::Registry;

    #[test]
    fn a_missed_positive_that_costs_nothing_is_refused_before_a_run_and_not_of_one_that_was_made() {
        let free = "cost = { false_negative = 0, false_positive";
        let rectangles = "{ family = 'rectangles', params = { columns = ['a', 'b'], choose = 'cost', false_negative =";
        let text = format!(
            "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = [\n\
             {{ name = 'none', family = 'svc', threshold = 'cost', {free} = 0 }} }},\n\
             {{ name = 'one', family = 'lda', threshold = 'cost', {free} = 1 }} }},\n\
             {{ name = 'fine', family = 'lda', threshold = 'cost', cost = {{ false_negative = 1, false_positive = 0 }} }},\n\
             {rectangles} -0.0 }} }},\n]\n"
        );
        let registry = Registry::built_in();
        Study::parse(&text, "x.toml", Path::new("."), &registry).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.toml");
        std::fs::write(&file, text).unwrap();
        let said = Study::read(&file, &registry).err().unwrap().to_string();
        let lines: Vec<&str> = said.lines().collect();
        let told = |name: &str| {
            format!(
                "  grid.classifiers: `{name}`: `false_negative` is 0, and a positive that is missed must cost something: write a number \
                 above 0"
            )
        };
        assert_eq!(lines[0], format!("{}: 3 problems:", file.display()));
        assert_eq!(lines[1..], ["none", "one", "rectangles"].map(told));
    }
}
