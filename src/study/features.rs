//! `features` of a study's `[data]`: what is made of the columns that are read.

use toml::{Table, Value};

use super::keys::check_keys;
use super::read::{string, strings};
use crate::data::offset_of;
use crate::error::{Error, Result, unknown};
use crate::features::{Calendar, FeatureSpec, Flag, Function, Inputs, Made, Span, Windows};
use crate::split::Protocol;

const KEYS: &[&str] = &[
    "by", "windows", "of", "distinct", "make", "delay", "known", "calendar", "offset", "inputs", "volumes", "unusual",
];
const SUBEH_YAROVENKO: &str = "subeh-yarovenko";
const HANDBOOK: &str = "handbook";
const DAY: f64 = 86_400e6;

/// Reads `features = "handbook"`, or `[[data.features]]`.
pub(super) fn read(data: &Table) -> Result<FeatureSpec> {
    let fault = || {
        Error::Study(format!(
            "data.features: must be \"{HANDBOOK}\", or tables [[data.features]] with `by`, `windows` and `make`, or with `calendar`"
        ))
    };
    match data.get("features") {
        None => Ok(FeatureSpec::default()),
        Some(Value::String(name)) if name == HANDBOOK => Ok(FeatureSpec::handbook()),
        Some(Value::Array(tables)) if !tables.is_empty() => {
            let made = |table: &Value| one(table.as_table().ok_or_else(fault)?);
            let made: Vec<Made> = tables.iter().map(made).collect::<Result<_>>()?;
            // A published network's inputs are all that it gets.
            let alone = made.iter().any(|made| matches!(made, Made::Inputs(_)));
            Ok(FeatureSpec { made, only: alone.then(Vec::new) })
        }
        Some(_) => Err(fault()),
    }
}

/// The features of what a study could have as `data.features`.
///
/// # Errors
/// [`Error::Study`].
pub(crate) fn of_value(value: Value) -> Result<FeatureSpec> {
    read(&Table::from_iter([("features".to_owned(), value)]))
}

fn wrong<T>(said: String) -> Result<T> {
    Err(Error::Study(format!("data.features: {said}")))
}

fn one(table: &Table) -> Result<Made> {
    check_keys(table, "key in [[data.features]]", KEYS)?;
    if table.contains_key("calendar") {
        return calendar(table).map(Made::Calendar);
    }
    if table.contains_key("inputs") {
        return inputs(table).map(Made::Inputs);
    }
    if let Some(key) = ["volumes", "unusual"].into_iter().find(|key| table.contains_key(*key)) {
        return wrong(format!("`{key}` goes with `inputs`"));
    }
    if table.contains_key("offset") {
        return wrong("`offset` goes with `calendar`".into());
    }
    let by = match table.get("by") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(value) => strings(value).unwrap_or_default(),
        None => Vec::new(),
    };
    if !(1..=2).contains(&by.len()) {
        return wrong("`by` is a column, or a list of two columns".into());
    }
    let windows = Windows {
        by,
        windows: match table.get("windows") {
            None => Vec::new(),
            Some(value) => list(value, "windows")?.iter().map(|text| span("windows", text)).collect::<Result<_>>()?,
        },
        of: string(table, "of")?,
        distinct: string(table, "distinct")?,
        make: {
            let names = table.get("make").map(|value| list(value, "make")).transpose()?.unwrap_or_default();
            let all = Function::ALL.map(|function| (function.name(), function));
            names.iter().map(|name| named("make", name, &all)).collect::<Result<_>>()?
        },
        delay: string(table, "delay")?.map(|text| span("delay", &text)).transpose()?,
        known: string(table, "known")?,
        leak: None,
        as_handbook: false,
    };
    checked(windows).map(Made::Windows)
}

fn checked(of: Windows) -> Result<Windows> {
    let whose = of.by.join("` and `");
    if of.make.is_empty() {
        return wrong(format!("`make` says what is made by `{whose}`, such as [\"count\", \"mean\"]"));
    }
    if of.windows.is_empty() && of.make.iter().any(|function| *function != Function::SinceLast) {
        return wrong(format!("`windows` by `{whose}` are lengths such as [\"1d\", \"7d\"]"));
    }
    if let Some(function) = of.make.iter().find(|function| function.needs_number() && of.of.is_none()) {
        return wrong(format!("`{}` by `{whose}` needs `of`, a column of numbers", function.name()));
    }
    if of.make.contains(&Function::Distinct) && of.distinct.is_none() {
        return wrong(format!("`distinct` by `{whose}` needs a column whose values count: distinct = \"COLUMN\""));
    }
    if of.known.is_some() && of.delay.is_some() {
        return wrong(format!(
            "by `{whose}`: labels are known after a `delay` or at the moments of a column, `known`, not both"
        ));
    }
    if of.known.is_some()
        && let Some(function) =
            of.make.iter().find(|function| !matches!(function, Function::Count | Function::FraudShare))
    {
        return wrong(format!(
            "`{}` by `{whose}` is no matter of labels: `known` goes with count and fraud-share",
            function.name()
        ));
    }
    if of.delay.is_none()
        && of.known.is_none()
        && let Some(function) = of.make.iter().find(|function| function.needs_labels())
    {
        return wrong(format!(
            "`{}` by `{whose}` is made of labels, which are known only later: say how much with `delay`, such as \"7d\", or when with a column, `known`",
            function.name()
        ));
    }
    Ok(of)
}

fn calendar(table: &Table) -> Result<Calendar> {
    if let Some(key) = table.keys().find(|key| !matches!(key.as_str(), "calendar" | "offset")) {
        return wrong(format!("`{key}` does not go with `calendar`: write another [[data.features]]"));
    }
    let names = table.get("calendar").map(|value| list(value, "calendar")).transpose()?.unwrap_or_default();
    let all = Flag::ALL.map(|flag| (flag.name(), flag));
    let make: Vec<Flag> = names.iter().map(|name| named("calendar", name, &all)).collect::<Result<_>>()?;
    let minutes = match string(table, "offset")? {
        None => 0,
        Some(text) => match offset_of(&text) {
            Some(minutes) => minutes,
            None => {
                return wrong(format!(
                    "offset: `{text}` must be hours and minutes east of Greenwich, such as `+02:00`"
                ));
            }
        },
    };
    Ok(Calendar { make, offset: minutes * 60_000_000, as_handbook: false })
}

fn inputs(table: &Table) -> Result<Inputs> {
    let known = ["inputs", "by", "of", "volumes", "unusual"];
    if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
        return wrong(format!("`{key}` does not go with `inputs`: write another [[data.features]]"));
    }
    let name = string(table, "inputs")?.unwrap_or_default();
    named("inputs", &name, &[(SUBEH_YAROVENKO, ())])?;
    let column = |key: &str, what: &str| match string(table, key)? {
        Some(column) => Ok(column),
        None => wrong(format!("`inputs` needs `{key}`, the column of {what}")),
    };
    Ok(Inputs {
        by: column("by", "cards")?,
        of: column("of", "amounts")?,
        volumes: bounds(table, "volumes", &Inputs::VOLUMES)?,
        unusual: bounds(table, "unusual", &Inputs::UNUSUAL)?,
    })
}

/// Rising numbers.
fn bounds(table: &Table, key: &str, default: &[f64]) -> Result<Vec<f64>> {
    let Some(value) = table.get(key) else { return Ok(default.to_vec()) };
    let number = |value: &Value| value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
    let numbers: Option<Vec<f64>> = value.as_array().and_then(|all| all.iter().map(number).collect());
    match numbers {
        Some(bounds) if !bounds.is_empty() && bounds.is_sorted_by(|a, b| a < b) => Ok(bounds),
        _ => wrong(format!("{key}: {value} must be a list of rising numbers")),
    }
}

fn list(value: &Value, key: &str) -> Result<Vec<String>> {
    match strings(value) {
        Some(texts) if !texts.is_empty() => Ok(texts),
        _ => wrong(format!("{key}: {value} must be a list of texts")),
    }
}

fn span(key: &str, text: &str) -> Result<Span> {
    match Span::parse(text) {
        Some(span) => Ok(span),
        None => wrong(format!("{key}: `{text}` must be a length such as `30s`, `15m`, `12h` or `7d`")),
    }
}

fn named<T: Copy>(key: &str, name: &str, all: &[(&str, T)]) -> Result<T> {
    match all.iter().find(|(known, _)| *known == name) {
        Some((_, found)) => Ok(*found),
        None => {
            let known: Vec<&str> = all.iter().map(|(known, _)| *known).collect();
            Err(Error::Study(unknown(&format!("value of data.features.{key}"), name, &known)))
        }
    }
}

/// Refuses features that are made of labels under a protocol that does not know of their delay: rows of its test part, or
/// labels that were not known when a model was trained, would reach the training rows.
pub(super) fn check(features: &FeatureSpec, protocol: &Protocol) -> Result<()> {
    let of_time = || match protocol.column() {
        Some(column) => format!("`{}` orders the rows by `{column}`, which need not be their time", protocol.name()),
        None => format!("`{}` is not in time", protocol.name()),
    };
    // What is in time without a column of its own has the role `time`, which windows have anyhow.
    let instead = match protocol.column() {
        Some(_) => {
            "leave `column` out of [protocol], so that the role `time` orders them, and use `prequential` or `time-series`"
        }
        None => "use `prequential` or `time-series`",
    };
    if features.labels_at_moments() && protocol.delay().is_none() {
        return wrong(format!(
            "features are made of labels that are known later, but {}: {instead}, or `time-ordered`",
            of_time()
        ));
    }
    let Some(delay) = features.label_delay() else { return Ok(()) };
    let days = delay.micros() as f64 / DAY;
    let said = match protocol.delay() {
        Some(known) if known >= days => return Ok(()),
        Some(0.0) => format!("`{}` has no delay", protocol.name()),
        Some(known) => format!("`{}` has a delay of {known} days", protocol.name()),
        None => of_time(),
    };
    wrong(format!(
        "features are made of labels that are known after {delay}, but {said}: {instead} with a delay of at least {days} days"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    fn parsed(text: &str) -> Result<FeatureSpec, String> {
        read(&text.parse().unwrap()).map_err(|e| e.to_string())
    }

    #[test]
    fn tables_become_windows_and_flags() {
        let found = parsed(
            "[[features]]\nby = ['a', 'b']\nwindows = ['1d', '90s']\nof = 'c'\nmake = ['count', 'mean']\ndelay = '12h'\n\
             [[features]]\nby = 'a'\nmake = ['since-last']\n[[features]]\ncalendar = ['hour']\noffset = '+02:00'",
        )
        .unwrap();
        let windows = Windows {
            by: vec!["a".into(), "b".into()],
            windows: ["1d", "90s"].iter().filter_map(|text| Span::parse(text)).collect(),
            of: Some("c".into()),
            distinct: None,
            make: vec![Function::Count, Function::Mean],
            delay: Span::parse("12h"),
            known: None,
            leak: None,
            as_handbook: false,
        };
        let last = Windows {
            by: vec!["a".into()],
            windows: Vec::new(),
            of: None,
            make: vec![Function::SinceLast],
            delay: None,
            ..windows.clone()
        };
        let hour = Calendar { make: vec![Flag::Hour], offset: 7_200_000_000, as_handbook: false };
        assert_eq!(found.made, [Made::Windows(windows), Made::Windows(last), Made::Calendar(hour)]);
        assert_eq!(found.reads(), ["a", "b", "c"]);
        assert_eq!(parsed("features = 'handbook'"), Ok(FeatureSpec::handbook()));
    }

    #[test]
    fn mistakes_are_told_by_their_key() {
        for (text, said) in [
            ("features = 'handbok'", "must be \"handbook\", or tables"),
            ("features = []", "must be \"handbook\", or tables"),
            ("[[features]]\nby = 'a'\nwindow = ['1d']", "did you mean `windows`"),
            ("[[features]]\nmake = ['count']", "`by` is a column"),
            ("[[features]]\nby = 'a'\nwindows = ['1d']", "`make` says what is made by `a`"),
            ("[[features]]\nby = 'a'\nmake = ['count']", "`windows` by `a` are lengths"),
            ("[[features]]\nby = 'a'\nwindows = ['1w']\nmake = ['count']", "windows: `1w` must be a length"),
            ("[[features]]\nby = 'a'\nwindows = ['0d']\nmake = ['count']", "windows: `0d` must be a length"),
            ("[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['cuont']", "did you mean `count`"),
            ("[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['mean']", "`mean` by `a` needs `of`"),
            ("[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['distinct']", "needs a column whose values count"),
            (
                "[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['fraud-share']",
                "known only later: say how much with `delay`",
            ),
            (
                "[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['fraud-share']\ndelay = '1d'\nknown = 'b'",
                "labels are known after a `delay` or at the moments of a column",
            ),
            (
                "[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['max']\nof = 'c'\nknown = 'b'",
                "`max` by `a` is no matter of labels",
            ),
            ("[[features]]\ncalendar = ['hour']\nby = 'a'", "`by` does not go with `calendar`"),
            ("[[features]]\ncalendar = ['hours']", "did you mean `hour`"),
            ("[[features]]\ninputs = 'subeh'\nby = 'a'\nof = 'b'", "unknown value of data.features.inputs `subeh`"),
            ("[[features]]\ninputs = 'subeh-yarovenko'\nof = 'b'", "`inputs` needs `by`, the column of cards"),
            ("[[features]]\ninputs = 'subeh-yarovenko'\nwindows = ['1d']", "`windows` does not go with `inputs`"),
            (
                "[[features]]\ninputs = 'subeh-yarovenko'\nby = 'a'\nof = 'b'\nvolumes = [2, 1]",
                "must be a list of rising",
            ),
            ("[[features]]\nvolumes = [2]\nby = 'a'", "`volumes` goes with `inputs`"),
            ("[[features]]\ncalendar = ['hour']\noffset = 'CET'", "offset: `CET` must be hours"),
        ] {
            let found = parsed(text).unwrap_err();
            assert!(found.contains(said), "{text}: {found}");
        }
    }

    #[test]
    fn features_of_labels_need_a_split_in_time_with_their_delay() {
        let protocol = |text: &str| Protocol::read(&text.parse().unwrap(), &Registry::built_in()).unwrap();
        let said = |text: &str| check(&FeatureSpec::handbook(), &protocol(text)).map_err(|e| e.to_string());
        assert_eq!(said("kind = 'prequential'"), Ok(()));
        assert_eq!(said("kind = 'time-series'\ndelay = 7.0"), Ok(()));
        assert!(said("kind = 'prequential'\ndelay = 6").unwrap_err().contains("`prequential` has a delay of 6 days"));
        assert!(said("kind = 'stratified-k-fold'").unwrap_err().contains("`stratified-k-fold` is not in time"));
        assert!(
            said("kind = 'time-ordered'").unwrap_err().contains("`time-ordered` has no delay: use `prequential` or")
        );
        assert!(check(&FeatureSpec::default(), &protocol("kind = 'stratified-k-fold'")).is_ok());
    }

    #[test]
    fn labels_with_moments_of_their_own_need_a_split_by_the_role_time() {
        let known = "[[features]]\nby = 'card'\nwindows = ['1d']\nmake = ['count']\nknown = 'settled'";
        let features = read(&known.parse().unwrap()).unwrap();
        let protocol = |text: &str| Protocol::read(&text.parse().unwrap(), &Registry::built_in()).unwrap();
        let said = |text: &str| check(&features, &protocol(text)).map_err(|e| e.to_string());
        for in_time in ["time-ordered", "time-series", "prequential"] {
            assert_eq!(said(&format!("kind = '{in_time}'")), Ok(()));
        }
        assert!(said("kind = 'hold-out'").unwrap_err().contains("`hold-out` is not in time: use `prequential`"));
        for by_column in ["time-ordered", "time-series"] {
            let said = said(&format!("kind = '{by_column}'\ncolumn = 'day'")).unwrap_err();
            assert!(
                said.contains("orders the rows by `day`, which need not be their time: leave `column` out"),
                "{said}"
            );
        }
    }
}
