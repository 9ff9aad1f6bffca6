//! How the keys of `[data]` are called in messages: as whoever reads them has written them.

use crate::words::quoted;

/// How keys are called in messages: as they were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Called {
    /// In a study: `label`.
    #[default]
    InStudy,
    /// On the command line: `--label`.
    OnLine,
}

/// The keys of a table's columns and of how its file is written, which are options of the command line by the same names.
const KEYS: [&str; 14] = [
    "label",
    "positive",
    "group",
    "time",
    "amount",
    "fold",
    "weight",
    "ignore",
    "categorical",
    "numeric",
    "separator",
    "decimal",
    "thousands",
    "missing",
];

impl Called {
    /// A key in backticks.
    pub(super) fn name(self, key: &str) -> String {
        self.words(&format!("`{key}`"))
    }

    /// What to write so that a column is no feature.
    pub(super) fn ignoring(self, column: &str) -> String {
        match self {
            Called::InStudy => format!("write ignore = [\"{column}\"]"),
            Called::OnLine => format!("give `--ignore {}`", quoted(column)),
        }
    }

    /// What to write so that nothing but an empty field is missing.
    pub(super) fn no_text_missing(self) -> &'static str {
        match self {
            Called::InStudy => "write missing = [\"\"]",
            Called::OnLine => "give `--missing ''`",
        }
    }

    /// What to write so that a value of the label is positive.
    pub(super) fn positive(self, value: &str) -> String {
        match self {
            Called::InStudy => format!("positive = \"{value}\""),
            Called::OnLine => format!("`--positive {}`", quoted(value)),
        }
    }

    /// A sentence of ours, in which keys stand in backticks, alone or with a value: `decimal = ","`. It may hold no words of others.
    pub(super) fn words(self, sentence: &str) -> String {
        if self == Called::InStudy {
            return sentence.to_owned();
        }
        let option = |words: &str| match words.split_once(" = ").unwrap_or((words, "")) {
            (key, _) if !KEYS.contains(&key) => words.to_owned(),
            (key, "") => format!("--{key}"),
            (key, value) => format!("--{key} {}", value.trim_matches('"')),
        };
        let parts = sentence.split('`').enumerate();
        let said: Vec<String> =
            parts.map(|(nth, words)| if nth % 2 == 1 { option(words) } else { words.to_owned() }).collect();
        said.join("`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_called_as_they_are_written() {
        let sentence = "set `decimal = \",\"` without `thousands`, or `true` in `ignore`";
        assert_eq!(Called::InStudy.words(sentence), sentence);
        assert_eq!(Called::OnLine.words(sentence), "set `--decimal ,` without `--thousands`, or `true` in `--ignore`");
        assert_eq!([Called::InStudy, Called::OnLine].map(|called| called.name("label")), ["`label`", "`--label`"]);
        assert_eq!(Called::OnLine.ignoring("Unnamed: 0"), "give `--ignore 'Unnamed: 0'`");
        assert_eq!(Called::OnLine.positive("yes"), "`--positive yes`");
        assert_eq!(Called::InStudy.positive("yes"), "positive = \"yes\"");
    }
}
