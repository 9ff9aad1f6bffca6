//! Parameter domains: what a search may draw its candidates from.

use toml::{Table, Value};

use crate::component::infinite::INFINITE;
use crate::error::{Error, Result, unknown};
use crate::numeric::mt19937::Mt19937;

/// More candidates than this are a mistake in the study, not a grid that anyone waits for.
const MOST_OF_GRID: u64 = 100_000;

/// The values that one parameter may take.
#[derive(Debug, Clone, PartialEq)]
pub enum Domain {
    /// One of these, equally likely; not empty.
    List(Vec<Value>),
    /// A whole number from `low` to `high`, both included; with `log`, equally likely by its logarithm.
    Int {
        /// The smallest.
        low: i64,
        /// The largest.
        high: i64,
        /// Whether the logarithm counts.
        log: bool,
    },
    /// A number from `low` to `high`; with `log`, equally likely by its logarithm.
    Float {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
        /// Whether the logarithm counts.
        log: bool,
    },
}

/// A value of a list as records can hold it: they have no infinity.
fn kept(value: &Value) -> Value {
    match value.as_float() {
        Some(f64::INFINITY) => Value::String(INFINITE.to_owned()),
        _ => value.clone(),
    }
}

impl Domain {
    /// Reads `[3, 6, 9]` or `{ low = 0.01, high = 0.3, log = true }`; whole numbers on both ends make whole numbers.
    ///
    /// # Errors
    /// [`Error::Study`], or [`Error::Several`] with a sentence for each thing that is wrong; all name the parameter.
    pub fn read(name: &str, value: &Value) -> Result<Self> {
        let fault = |what: &str| format!("space, `{name}`: {what}");
        let refuse = |what: &str| Err(Error::Study(fault(what)));
        let table = match value {
            Value::Array(values) if values.is_empty() => return refuse("the list is empty"),
            Value::Array(values) => {
                let twice = values.iter().enumerate().find(|(i, value)| values[..*i].contains(value));
                return match twice {
                    Some((_, value)) => refuse(&format!("{value} is listed twice")),
                    None => Ok(Domain::List(values.iter().map(kept).collect())),
                };
            }
            Value::Table(table) => table,
            other => return refuse(&format!("{other} must be a list of values or {{ low, high }}")),
        };
        let strange = table.keys().filter(|key| !OF_RANGE.contains(&key.as_str()));
        let mut faults: Vec<String> = strange.map(|key| fault(&unknown("key of a range", key, &OF_RANGE))).collect();
        // An end that is missing may be one that is misspelt, which is told.
        let missing = ["low", "high"].iter().filter(|end| !table.contains_key(**end)).count();
        let is_told = missing > 0 && missing <= faults.len();
        let log = table.get("log");
        let odd = log.filter(|log| !log.is_bool());
        faults.extend(odd.map(|odd| fault(&format!("log: {odd} must be true or false"))));
        let domain = range(table, log.and_then(Value::as_bool).unwrap_or_default());
        faults.extend(domain.as_ref().err().filter(|_| !is_told).map(|said| fault(said)));
        match (domain, Error::of_all(faults)) {
            (Ok(domain), None) => Ok(domain),
            (_, Some(e)) => Err(e),
            (Err(said), None) => refuse(&said),
        }
    }

    /// The value at `place` in [0, 1]: equal shares of it for the values of a list, in proportion on a range.
    pub fn at(&self, place: f64) -> Value {
        match self {
            Domain::List(values) => values[((place * values.len() as f64) as usize).min(values.len() - 1)].clone(),
            Domain::Int { low, high, .. } => {
                let (from, to) = self.ends();
                let value = self.unbent(from + place * (to - from)).round() as i64;
                Value::Integer(value.clamp(*low, *high))
            }
            Domain::Float { low, high, .. } => {
                let (from, to) = self.ends();
                Value::Float(self.unbent(from + place * (to - from)).clamp(*low, *high))
            }
        }
    }

    /// The inverse of [`Domain::at`]: the middle of a value's share. 0.5 for what is not in the domain.
    pub fn place(&self, value: &Value) -> f64 {
        if let Domain::List(values) = self {
            let at = values.iter().position(|other| other == value);
            return at.map_or(0.5, |i| (i as f64 + 0.5) / values.len() as f64);
        }
        let (from, to) = self.ends();
        number(value).map_or(0.5, |v| ((self.bent(v) - from) / (to - from)).clamp(0.0, 1.0))
    }

    /// A draw.
    pub fn sample(&self, random: &mut Mt19937) -> Value {
        self.at(random.next_f64())
    }

    /// How many values it has; none where there is no end of them.
    fn size(&self) -> Option<u64> {
        match self {
            Domain::List(values) => Some(values.len() as u64),
            Domain::Int { low, high, .. } => Some(high.abs_diff(*low).saturating_add(1)),
            Domain::Float { .. } => None,
        }
    }

    /// All values; those of a range of numbers have no end, and none is given.
    fn values(&self) -> Vec<Value> {
        match self {
            Domain::List(values) => values.clone(),
            Domain::Int { low, high, .. } => (*low..=*high).map(Value::Integer).collect(),
            Domain::Float { .. } => Vec::new(),
        }
    }

    /// The values that a check must try: all of a list, the ends of a range.
    pub fn extremes(&self) -> Vec<Value> {
        match self {
            Domain::List(values) => values.clone(),
            _ => vec![self.at(0.0), self.at(1.0)],
        }
    }

    fn log(&self) -> bool {
        matches!(self, Domain::Int { log: true, .. } | Domain::Float { log: true, .. })
    }

    fn bent(&self, value: f64) -> f64 {
        if self.log() { value.ln() } else { value }
    }

    fn unbent(&self, value: f64) -> f64 {
        if self.log() { value.exp() } else { value }
    }

    /// The ends of a range on its own scale. Whole numbers reach half a step further, so that the first and last are as
    /// likely as the others.
    fn ends(&self) -> (f64, f64) {
        match self {
            Domain::List(_) => (0.0, 1.0),
            Domain::Int { low, high, .. } => (self.bent(*low as f64 - 0.5), self.bent(*high as f64 + 0.5)),
            Domain::Float { low, high, .. } => (self.bent(*low), self.bent(*high)),
        }
    }
}

/// The keys of a range.
const OF_RANGE: [&str; 3] = ["log", "low", "high"];

/// What a range holds, by its ends.
///
/// # Errors
/// In a sentence what is wrong with them.
fn range(table: &Table, log: bool) -> Result<Domain, String> {
    let (low, high, domain) = match (table.get("low"), table.get("high")) {
        (Some(Value::Integer(low)), Some(Value::Integer(high))) => {
            (*low as f64, *high as f64, Domain::Int { low: *low, high: *high, log })
        }
        (Some(low), Some(high)) => match (number(low), number(high)) {
            (Some(low), Some(high)) => (low, high, Domain::Float { low, high, log }),
            _ => return Err(format!("`low` and `high` must be numbers, not {low} and {high}")),
        },
        _ => return Err("a range needs `low` and `high`".into()),
    };
    match low < high && (high - low).is_finite() && (!log || low > 0.0) {
        true => Ok(domain),
        false if log && low <= 0.0 => Err(format!("with `log`, `low` must be above 0, not {low}")),
        false => Err(format!("`low` must be below `high`, and both finite, not {low} and {high}")),
    }
}

/// A number, whole or not.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

/// Parameters by name, each with its domain, in the order given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Space(pub Vec<(String, Domain)>);

impl Space {
    /// Reads a table of domains; see [`Domain::read`].
    ///
    /// # Errors
    /// [`Error::Study`], or [`Error::Several`] with a sentence per parameter that names it.
    pub fn read(table: &Table) -> Result<Self> {
        let (mut domains, mut faults) = (Vec::new(), Vec::new());
        for (name, value) in table {
            match Domain::read(name, value) {
                Ok(domain) => domains.push((name.clone(), domain)),
                Err(Error::Several(all)) => faults.extend(all),
                Err(e) => faults.push(e.to_string()),
            }
        }
        Error::of_all(faults).map_or(Ok(Space(domains)), Err)
    }

    /// A draw of every parameter.
    pub fn sample(&self, random: &mut Mt19937) -> Table {
        self.0.iter().map(|(name, domain)| (name.clone(), domain.sample(random))).collect()
    }

    /// Every combination, in the order of scikit-learn's `ParameterGrid`: names sorted, the last one's values change
    /// fastest.
    ///
    /// # Errors
    /// [`Error::Study`] for a range, which has no end of values, and for a grid that nobody could wait for.
    pub fn grid(&self) -> Result<Vec<Table>> {
        let mut sorted: Vec<&(String, Domain)> = self.0.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some((name, _)) = sorted.iter().find(|(_, domain)| !matches!(domain, Domain::List(_))) {
            return Err(Error::Study(format!("space, `{name}`: a grid needs a list of values, not a range")));
        }
        let all = self.every();
        all.ok_or_else(|| Error::Study(format!("space: the grid has more than {MOST_OF_GRID} candidates")))
    }

    /// How many candidates it has; none where there is no end of them.
    pub fn size(&self) -> Option<u64> {
        self.0.iter().try_fold(1, |size: u64, (_, domain)| Some(size.saturating_mul(domain.size()?)))
    }

    /// Every candidate, in the order of [`Space::grid`]; none where they are more than anybody could wait for.
    pub fn every(&self) -> Option<Vec<Table>> {
        self.size().filter(|size| *size <= MOST_OF_GRID)?;
        let mut sorted: Vec<&(String, Domain)> = self.0.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let mut grid = vec![Table::new()];
        for (name, domain) in sorted {
            let values = domain.values();
            let with = |one: &Table, value: &Value| {
                let mut one = one.clone();
                one.insert(name.clone(), value.clone());
                one
            };
            grid = grid.iter().flat_map(|one| values.iter().map(move |value| with(one, value))).collect();
        }
        Some(grid)
    }

    /// For a check of the space: every value of a list and both ends of a range, the other parameters at their first.
    pub fn probes(&self) -> Vec<Table> {
        let first: Table = self.0.iter().map(|(name, domain)| (name.clone(), domain.at(0.0))).collect();
        let probe = |name: &String, value: Value| {
            let mut probe = first.clone();
            probe.insert(name.clone(), value);
            probe
        };
        self.0.iter().flat_map(|(name, domain)| domain.extremes().into_iter().map(move |v| probe(name, v))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinity_in_a_list_is_kept_as_records_hold_it() {
        let listed = Value::Array(vec![Value::Float(1.0), Value::Float(f64::INFINITY)]);
        let kept = Domain::List(vec![Value::Float(1.0), Value::String("inf".into())]);
        assert_eq!(Domain::read("C", &listed).unwrap(), kept);
    }

    fn space(text: &str) -> Result<Space> {
        Space::read(&text.parse().unwrap())
    }

    #[test]
    fn the_grid_has_parameter_grids_order() {
        let grid = space("b = [1, 2]\na = ['x', 'y', 'z']").unwrap().grid().unwrap();
        let seen: Vec<String> = grid.iter().map(|one| format!("{}{}", one["a"].as_str().unwrap(), one["b"])).collect();
        assert_eq!(seen, ["x1", "x2", "y1", "y2", "z1", "z2"]);
        assert!(space("a = { low = 1, high = 3 }").unwrap().grid().unwrap_err().to_string().contains("list of values"));
    }

    #[test]
    fn candidates_are_counted_and_listed_where_they_have_an_end() {
        let of = |text: &str| space(text).unwrap();
        let few = of("b = { low = 3, high = 5, log = true }\na = ['x', 'y']");
        assert_eq!(few.size(), Some(6));
        let told = |one: &Table| format!("{}{}", one["a"].as_str().unwrap(), one["b"]);
        let every: Vec<String> = few.every().unwrap().iter().map(told).collect();
        assert_eq!(every, ["x3", "x4", "x5", "y3", "y4", "y5"]);
        let endless = of("a = [1, 2]\nb = { low = 0.0, high = 1.0 }");
        assert_eq!((endless.size(), endless.every()), (None, None));
        let many = of("a = { low = 0, high = 9223372036854775807 }\nb = [1, 2, 3]");
        assert_eq!((many.size(), many.every()), (Some(u64::MAX), None));
        assert!(of("a = { low = 1, high = 100000 }").every().is_some_and(|all| all.len() == 100_000));
        assert_eq!(of("a = { low = 0, high = 100000 }").every(), None);
    }

    #[test]
    fn every_value_of_a_range_of_whole_numbers_is_as_likely_and_comes_back_to_its_place() {
        let domain = Domain::read("n", &"x = { low = 3, high = 7 }".parse::<Table>().unwrap()["x"]).unwrap();
        let mut random = Mt19937::new(1);
        let mut seen = [0; 10];
        (0..5000).for_each(|_| seen[domain.sample(&mut random).as_integer().unwrap() as usize] += 1);
        assert_eq!((seen[..3].iter().sum::<i32>(), seen[8..].iter().sum::<i32>()), (0, 0));
        assert!(seen[3..8].iter().all(|n| (880..1120).contains(n)), "{seen:?}");
        for value in 3..=7 {
            assert_eq!(domain.at(domain.place(&Value::Integer(value))), Value::Integer(value));
        }
    }

    #[test]
    fn a_logarithmic_range_has_half_of_its_draws_below_its_geometric_mean() {
        let domain = Domain::read("r", &"x = { low = 0.01, high = 1, log = true }".parse::<Table>().unwrap()["x"]);
        let domain = domain.unwrap();
        let mut random = Mt19937::new(2);
        let draws: Vec<f64> = (0..4000).map(|_| domain.sample(&mut random).as_float().unwrap()).collect();
        assert!(draws.iter().all(|v| (0.01..=1.0).contains(v)));
        let below = draws.iter().filter(|v| **v < 0.1).count();
        assert!((1880..2120).contains(&below), "{below}");
        assert!((domain.place(&Value::Float(0.1)) - 0.5).abs() < 1e-12);
        assert_eq!(domain.at(1.0), Value::Float(1.0));
    }

    #[test]
    fn what_is_no_domain_is_named() {
        for (text, words) in [
            ("depth = []", "`depth`: the list is empty"),
            ("depth = [1, 2, 1]", "1 is listed twice"),
            ("depth = 3", "must be a list"),
            ("depth = { low = 1, hihg = 3 }", "did you mean `high`"),
            ("depth = { low = 1 }", "needs `low` and `high`"),
            ("depth = { low = 3, high = 3 }", "`low` must be below `high`, and both finite, not 3 and 3"),
            ("rate = { low = 0.0, high = inf }", "`low` must be below `high`, and both finite, not 0 and inf"),
            ("rate = { low = 0.0, high = 1.0, log = true }", "with `log`, `low` must be above 0, not 0"),
        ] {
            let said = space(text).unwrap_err().to_string();
            assert!(said.contains(words), "{text}: {said}");
        }
    }

    #[test]
    fn all_that_is_wrong_with_a_range_is_told_at_once() {
        let said = |text: &str| match space(text).unwrap_err() {
            Error::Several(all) => all,
            other => vec![other.to_string()],
        };
        let strange = |key: &str, meant: &str| {
            format!("space, `c`: unknown key of a range `{key}`; did you mean `{meant}`? Allowed: log, low, high")
        };
        let needs = "space, `c`: a range needs `low` and `high`".to_owned();
        // Both ends are there, misspelt.
        assert_eq!(said("c = { lo = 1, hig = 3 }"), [strange("lo", "low"), strange("hig", "high")]);
        assert_eq!(said("c = { lo = 1 }"), [strange("lo", "low"), needs.clone()]);
        assert_eq!(said("c = { low = 1, log = 3 }"), ["space, `c`: log: 3 must be true or false".to_owned(), needs]);
        assert_eq!(
            said("c = { low = 'a', high = 3, logg = true }"),
            [strange("logg", "log"), "space, `c`: `low` and `high` must be numbers, not \"a\" and 3".to_owned()]
        );
        assert_eq!(said("a = { lo = 1, high = 3 }\nb = []").len(), 2);
    }
}
