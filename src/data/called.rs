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
    /// On the command line of `try` and `init`, which have some of these options only.
    ToTry,
}

/// Keys that are no options of `try` and `init`.
const NOT_TRIED: [&str; 4] = ["fold", "weight", "categorical", "numeric"];

/// The keys of a table's columns and of how its file is written, which are options of the command line by the same names. A
/// study's `[data]` has these and others.
pub(crate) const OPTION_KEYS: [&str; 14] = [
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
            Called::OnLine | Called::ToTry => format!("give `{}`", option("ignore", column)),
        }
    }

    /// What to write so that a column is a category.
    pub(super) fn as_category(self, column: &str) -> String {
        let key = format!("write categorical = [{}]", toml::Value::from(column));
        match self {
            Called::InStudy => key,
            Called::OnLine => format!("give `{}`", option("categorical", column)),
            // `init` and `try` have no `--categorical`.
            Called::ToTry => format!("{key} in the study"),
        }
    }

    /// What to write so that nothing but an empty field is missing.
    pub(super) fn no_text_missing(self) -> &'static str {
        match self {
            Called::InStudy => "write missing = [\"\"]",
            Called::OnLine | Called::ToTry => "give `--missing ''`",
        }
    }

    /// What to write so that exactly these texts are missing.
    pub(super) fn missing(self, texts: &[String]) -> String {
        match self {
            Called::InStudy => {
                let listed: Vec<String> =
                    texts.iter().map(|text| toml::Value::from(text.as_str()).to_string()).collect();
                format!("write missing = [{}]", listed.join(", "))
            }
            Called::OnLine | Called::ToTry => format!("give `{}`", missing_options(texts)),
        }
    }

    /// What to write so that a value of the label is positive.
    pub(super) fn positive(self, value: &str) -> String {
        match self {
            Called::InStudy => format!("positive = \"{value}\""),
            Called::OnLine | Called::ToTry => format!("`{}`", option("positive", value)),
        }
    }

    /// A sentence of ours, in which keys stand in backticks, alone or with a value: `decimal = ","`. It may hold no words of
    /// others.
    pub(super) fn words(self, sentence: &str) -> String {
        let sentence = match self {
            Called::InStudy => return sentence.to_owned(),
            Called::OnLine => sentence.to_owned(),
            Called::ToTry => of_those_to_try(sentence),
        };
        let option = |words: &str| match words.split_once(" = ").unwrap_or((words, "")) {
            (key, _) if !OPTION_KEYS.contains(&key) => words.to_owned(),
            (key, "") => format!("--{key}"),
            (key, value) => format!("--{key} {}", word(value.trim_matches('"'))),
        };
        let parts = sentence.split('`').enumerate();
        let said: Vec<String> =
            parts.map(|(nth, words)| if nth % 2 == 1 { option(words) } else { words.to_owned() }).collect();
        said.join("`")
    }
}

/// The options by which exactly these texts are missing.
pub(super) fn missing_options(texts: &[String]) -> String {
    let each: Vec<String> = texts.iter().map(|text| option("missing", text)).collect();
    each.join(" ")
}

/// An option with its value as words of a shell: what begins with a hyphen and goes on would be taken for another option.
fn option(name: &str, value: &str) -> String {
    let between = if value.len() > 1 && value.starts_with('-') { '=' } else { ' ' };
    format!("--{name}{between}{}", quoted(value))
}

/// A value as a word of a shell.
fn word(value: &str) -> String {
    if value == "'" { "\"'\"".to_owned() } else { quoted(value) }
}

/// A sentence in which lists such as "`numeric`, `amount` or `weight`" name none that `try` and `init` do not have.
fn of_those_to_try(sentence: &str) -> String {
    let is_between = |words: Option<&&str>| words.is_some_and(|words| [", ", " or "].contains(words));
    let mut parts: Vec<&str> = sentence.split('`').collect();
    let mut at = 1;
    while at < parts.len() {
        if !NOT_TRIED.contains(&parts[at]) {
            at += 2;
        } else if is_between(parts.get(at + 1)) {
            parts.drain(at..at + 2);
        } else if is_between(parts.get(at - 1)) {
            // The one before is the last now.
            if at > 3 && parts[at - 3] == ", " {
                parts[at - 3] = parts[at - 1];
            }
            parts.drain(at - 1..=at);
        } else {
            at += 2;
        }
    }
    parts.join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_called_as_they_are_written() {
        let sentence = "set `decimal = \",\"` without `thousands`, or `true` in `ignore`";
        assert_eq!(Called::InStudy.words(sentence), sentence);
        assert_eq!(Called::OnLine.words(sentence), "set `--decimal ,` without `--thousands`, or `true` in `--ignore`");
        assert_eq!(Called::ToTry.words("set `thousands = \"'\"`"), "set `--thousands \"'\"`");
        assert_eq!(Called::ToTry.words("set `thousands = \" \"`"), "set `--thousands ' '`");
        assert_eq!([Called::InStudy, Called::OnLine].map(|called| called.name("label")), ["`label`", "`--label`"]);
        assert_eq!(
            [Called::InStudy, Called::OnLine, Called::ToTry].map(|called| called.as_category("m c")),
            [
                "write categorical = [\"m c\"]",
                "give `--categorical 'm c'`",
                "write categorical = [\"m c\"] in the study"
            ]
        );
        assert_eq!(Called::OnLine.ignoring("Unnamed: 0"), "give `--ignore 'Unnamed: 0'`");
        let few = "add it to `categorical` or `ignore`, out of `numeric`, `amount` or `weight`, from `label`, `time`, `group` or `fold`";
        assert_eq!(
            Called::ToTry.words(few),
            "add it to `--ignore`, out of `--amount`, from `--label`, `--time` or `--group`"
        );
        assert_eq!(Called::ToTry.positive("yes"), "`--positive yes`");
        assert_eq!(Called::OnLine.positive("yes"), "`--positive yes`");
        assert_eq!(Called::InStudy.positive("yes"), "positive = \"yes\"");
    }

    #[test]
    fn a_value_that_begins_with_a_hyphen_is_no_option() {
        let texts = ["", "-", "--", "- x", "NA"].map(str::to_owned);
        assert_eq!(missing_options(&texts), "--missing '' --missing - --missing=-- --missing='- x' --missing NA");
        assert_eq!(Called::ToTry.positive("-yes"), "`--positive=-yes`");
        assert_eq!(Called::OnLine.ignoring("-a b"), "give `--ignore='-a b'`");
    }
}
