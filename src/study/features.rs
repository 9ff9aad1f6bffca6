//! `features` of a study's `[data]`: what is made of the columns that are read.

use toml::{Table, Value};

use super::keys::check_keys;
use super::numbers::all_told;
use super::read::{Faults, string_of, strings};
use crate::data::{DAY, offset_of};
use crate::error::{Error, Result, unknown};
use crate::features::{Calendar, FeatureSpec, Flag, Function, Inputs, Made, Span, Windows, made_of_moments};
use crate::simulate::Handbook;
use crate::split::Protocol;
use crate::words::{agree, listed};

const KEYS: &[&str] = &[
    "by", "windows", "of", "distinct", "make", "delay", "known", "calendar", "offset", "inputs", "volumes", "unusual",
];
const SUBEH_YAROVENKO: &str = "subeh-yarovenko";
const HANDBOOK: &str = "handbook";

/// What a message about features begins with.
const PLACE: &str = "data.features";

/// Reads `features = "handbook"`, or `[[data.features]]`.
pub(super) fn read(data: &Table) -> Result<FeatureSpec> {
    data.get("features").map_or_else(|| Ok(FeatureSpec::default()), |value| of(value, PLACE))
}

/// The features of what a study could have as `data.features`; messages name no key of a study.
///
/// # Errors
/// [`Error::Study`].
pub(crate) fn of_value(value: &Value) -> Result<FeatureSpec> {
    of(value, "")
}

/// Messages begin with `place`, where it is not empty.
fn of(value: &Value, place: &str) -> Result<FeatureSpec> {
    let mut faults = Faults::default();
    let must_be = || {
        let tables = if place.is_empty() { "tables" } else { "tables [[data.features]]" };
        let forms = "with `by`, `windows` and `make`, or with `calendar`";
        wrong(format!("must be \"{HANDBOOK}\", or {tables} {forms}"))
    };
    let tables: Option<Vec<&Table>> = match value {
        Value::String(name) if name == HANDBOOK => return Ok(FeatureSpec::handbook()),
        Value::Array(tables) if !tables.is_empty() => tables.iter().map(Value::as_table).collect(),
        _ => None,
    };
    let Some(tables) = faults.without(place, tables.map_or_else(must_be, Ok)) else {
        return faults.or(FeatureSpec::default());
    };
    let mut made = Vec::new();
    for (nth, table) in (1..).zip(&tables) {
        // Which one, counted from 1, is not said by the key.
        let which = match (place, tables.len()) {
            (_, 1) => place.to_owned(),
            ("", _) => format!("table {nth}"),
            _ => format!("{place}, table {nth}"),
        };
        made.extend(faults.without(&which, one(table)));
    }
    // A published network's inputs are all that it gets.
    let alone = made.iter().any(|made| matches!(made, Made::Inputs(_)));
    faults.or(FeatureSpec { made, only: alone.then(Vec::new) })
}

/// A fault, without the place of its table.
fn wrong<T>(said: String) -> Result<T> {
    Err(Error::Study(said))
}

fn one(table: &Table) -> Result<Made> {
    check_keys(table, "key", KEYS)?;
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
    let mut faults = Faults::default();
    let (lengths, functions) = (texts(table, "windows", &mut faults), texts(table, "make", &mut faults));
    let mut windows = Vec::new();
    for text in &lengths {
        windows.extend(faults.without("", span("windows", text)));
    }
    let (mut make, all) = (Vec::new(), Function::ALL.map(|function| (function.name(), function)));
    for name in &functions {
        make.extend(faults.without("", named("make", name, &all)));
    }
    let [of, distinct, delay, known] =
        ["of", "distinct", "delay", "known"].map(|key| faults.without("", text(table, key)).flatten());
    let delay = delay.and_then(|text| faults.without("", span("delay", &text)));
    all_told(&faults.0)?;
    checked(Windows { by, windows, of, distinct, make, delay, known, leak: None, as_handbook: false })
        .map(Made::Windows)
}

/// A text of a table of features.
fn text(table: &Table, key: &str) -> Result<Option<String>> {
    string_of(table, key, key)
}

/// The texts of a list, as far as it is one; none where it is not there.
fn texts(table: &Table, key: &str, faults: &mut Faults) -> Vec<String> {
    let found = table.get(key).and_then(|value| faults.without("", list(value, key)));
    found.unwrap_or_default()
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
    if let Some(said) = without_effect(&of) {
        return wrong(said);
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

/// What of a table of windows would change nothing: it is no slip of whoever wrote it only by chance.
fn without_effect(of: &Windows) -> Option<String> {
    let whose = of.by.join("` and `");
    if let [first, second] = &of.by[..]
        && first == second
    {
        return Some(format!("`by` names `{first}` twice: name it once, or another column beside it"));
    }
    let same = |at: usize| of.windows[..at].iter().find(|other| other.micros() == of.windows[at].micros());
    if let Some((at, other)) = (0..of.windows.len()).find_map(|at| Some((at, same(at)?))) {
        let window = of.windows[at];
        return Some(format!(
            "windows: `{other}` and `{window}` by `{whose}` are the same length: leave one of them out"
        ));
    }
    let twice = of.make.iter().enumerate().find(|(at, function)| of.make[..*at].contains(function));
    if let Some((_, function)) = twice {
        return Some(format!("make: `{}` by `{whose}` is listed twice: leave it out once", function.name()));
    }
    if !of.windows.is_empty() && of.make.iter().all(|function| *function == Function::SinceLast) {
        return Some(format!("`since-last` by `{whose}` has no windows: leave `windows` out"));
    }
    if let Some(column) = of.of.as_ref().filter(|_| !of.make.iter().any(|function| function.needs_number())) {
        let numbers: Vec<&str> =
            Function::ALL.iter().filter(|function| function.needs_number()).map(|function| function.name()).collect();
        return Some(format!(
            "`of` = `{column}` by `{whose}` goes with {}, and `make` has none of them: leave it out",
            numbers.join(", ")
        ));
    }
    let distinct = of.distinct.as_ref().filter(|_| !of.make.contains(&Function::Distinct));
    distinct.map(|column| {
        format!("`distinct` = `{column}` by `{whose}` goes with `distinct` in `make`, which is not there: leave it out")
    })
}

fn calendar(table: &Table) -> Result<Calendar> {
    if let Some(key) = table.keys().find(|key| !matches!(key.as_str(), "calendar" | "offset")) {
        return wrong(format!("`{key}` does not go with `calendar`: write another [[data.features]]"));
    }
    let names = table.get("calendar").map(|value| list(value, "calendar")).transpose()?.unwrap_or_default();
    let all = Flag::ALL.map(|flag| (flag.name(), flag));
    let make: Vec<Flag> = names.iter().map(|name| named("calendar", name, &all)).collect::<Result<_>>()?;
    let minutes = match text(table, "offset")? {
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
    let name = text(table, "inputs")?.unwrap_or_default();
    named("inputs", &name, &[(SUBEH_YAROVENKO, ())])?;
    let column = |key: &str, what: &str| match text(table, key)? {
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
        Some(_) => wrong(format!("{key}: the list is empty: name at least one, or leave it out")),
        None => wrong(format!("{key}: {value} must be a list of texts")),
    }
}

fn span(key: &str, text: &str) -> Result<Span> {
    Span::read(text).map_or_else(|said| wrong(format!("{key}: {said}")), Ok)
}

fn named<T: Copy>(key: &str, name: &str, all: &[(&str, T)]) -> Result<T> {
    match all.iter().find(|(known, _)| *known == name) {
        Some((_, found)) => Ok(*found),
        None => {
            let known: Vec<&str> = all.iter().map(|(known, _)| *known).collect();
            Err(Error::Study(unknown(&format!("value of {key}"), name, &known)))
        }
    }
}

/// Refuses features of simulated transactions that are made of what tells their labels, which rows do not know.
pub(super) fn check_simulated(features: &FeatureSpec, of: &Handbook) -> Result<()> {
    let mut truths = of.truths();
    let known = features.known();
    let made_of = features.made_of(&truths);
    truths.retain(|name| made_of.contains(name) || known.contains(name));
    let names = listed(&truths.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>());
    let (tells, it) = (agree(truths.len(), "tells", "tell"), agree(truths.len(), "it", "them"));
    let truth = (!truths.is_empty())
        .then(|| format!("{names} {tells} which rows are frauds, which rows do not know: make no feature of {it}"));
    let moments = features.made_of(of.moments().as_slice());
    let moments = (!moments.is_empty()).then(|| made_of_moments(&moments));
    let faults: Vec<String> = truth.into_iter().chain(moments).map(|said| format!("{PLACE}: {said}")).collect();
    Error::of_all(faults).map_or(Ok(()), Err)
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
            "{PLACE}: features are made of labels that are known later, but {}: {instead}, or `time-ordered`",
            of_time()
        ));
    }
    let Some(delay) = features.label_delay() else { return Ok(()) };
    let days = delay.micros() as f64 / DAY as f64;
    let said = match protocol.delay() {
        Some(known) if known >= days => return Ok(()),
        Some(0.0) => format!("`{}` has no delay", protocol.name()),
        Some(known) => format!("`{}` has a delay of {known} days", protocol.name()),
        None => of_time(),
    };
    wrong(format!(
        "{PLACE}: features are made of labels that are known after {delay}, but {said}: {instead} with a delay of at least {days} days"
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
            (
                "[[features]]\nby = 'a'\nwindows = ['366000d']\nmake = ['count']",
                "windows: `366000d` is longer than a thousand years: write `365250d` or less",
            ),
            (
                "[[features]]\nby = 'a'\nwindows = ['7d']\nmake = ['fraud-share']\ndelay = '8766001h'",
                "delay: `8766001h` is longer than a thousand years: write `8766000h` or less",
            ),
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
            ("[[features]]\nby = ['a', 'a']\nwindows = ['1d']\nmake = ['count']", "`by` names `a` twice"),
            (
                "[[features]]\nby = 'a'\nwindows = ['1d', '7d', '24h']\nmake = ['count']",
                "windows: `1d` and `24h` by `a` are the same length: leave one of them out",
            ),
            (
                "[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['count', 'count']",
                "make: `count` by `a` is listed twice",
            ),
            (
                "[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['count']\nof = 'c'",
                "`of` = `c` by `a` goes with sum, mean, std, min, max, ratio, and `make` has none of them: leave it out",
            ),
            (
                "[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['count']\ndistinct = 'c'",
                "`distinct` = `c` by `a` goes with `distinct` in `make`, which is not there: leave it out",
            ),
            (
                "[[features]]\nby = 'a'\nwindows = ['1d']\nmake = ['since-last']",
                "`since-last` by `a` has no windows: leave `windows` out",
            ),
            ("[[features]]\ncalendar = ['hour']\nby = 'a'", "`by` does not go with `calendar`"),
            ("[[features]]\ncalendar = ['hours']", "did you mean `hour`"),
            ("[[features]]\ninputs = 'subeh'\nby = 'a'\nof = 'b'", "data.features: unknown value of inputs `subeh`"),
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
    fn all_mistakes_of_all_tables_are_told_at_once() {
        let text = "[[features]]\nby = 'a'\nwindows = ['0d', '1d', '1w']\nmake = []\nof = 3\n[[features]]\ncalendar = ['hours']";
        let said = parsed(text).unwrap_err();
        let wanted = "data.features, table 1: make: the list is empty: name at least one, or leave it out; data.features, table 1: windows: \
                      `0d` must be a length such as `30s`, `15m`, `12h` or `7d`; data.features, table 1: windows: `1w` must be a length \
                      such as `30s`, `15m`, `12h` or `7d`; data.features, table 1: of: 3 must be a text in quotes; data.features, table 2: \
                      unknown value of calendar `hours`; did you mean `hour`?";
        assert!(said.starts_with(wanted), "{said}");
        let said = parsed("[[features]]\nby = 'a'\nwindows = '1d'\nmake = ['maen', 'count']").unwrap_err();
        let wanted = "data.features: windows: \"1d\" must be a list of texts; data.features: unknown value of make `maen`; did you mean \
                      `mean`?";
        assert!(said.starts_with(wanted), "{said}");
        // The command line has no such key.
        let tables = "features = [{ calendar = ['hours'] }, { by = 'a', windowz = ['1d'] }]".parse::<Table>().unwrap();
        let said = of_value(&tables["features"]).unwrap_err().to_string();
        assert!(said.starts_with("table 1: unknown value of calendar `hours`; did you mean `hour`?"), "{said}");
        assert!(said.contains("; table 2: unknown key `windowz`; did you mean `windows`?"), "{said}");
        assert_eq!(
            of_value(&Value::Integer(3)).unwrap_err().to_string(),
            "must be \"handbook\", or tables with `by`, `windows` and `make`, or with `calendar`"
        );
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
