//! From raw transactions to features: what a card or a terminal did in the time before each row, and what the calendar says.
//!
//! A row sees rows that were there before it, and labels that were known by then, nothing else. All rows of the table count,
//! those that dedup drops too. METHODOLOGY.md has the definitions.

mod add;
mod calendar;
mod columns;
mod exact;
mod handbook;
mod inputs;
mod known;
mod order;
mod span;
mod stream;
mod unlabelled;
mod window;

pub use add::add;
pub(crate) use add::made_names;
pub use calendar::Flag;
pub(crate) use columns::beside;
pub use inputs::Inputs;
pub use span::Span;
pub use stream::{Rows, Stream};
pub use window::Function;

use crate::words::agree;

/// The features that a study asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeatureSpec {
    /// Windows and calendar flags, in order.
    pub made: Vec<Made>,
    /// The columns as read that stay features; all where this is none.
    pub only: Option<Vec<String>>,
}

/// Features that are made together.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// Of the rows of a key in a window of time.
    Windows(Windows),
    /// Of a row's moment.
    Calendar(Calendar),
    /// The nine inputs of a published network.
    Inputs(Inputs),
}

impl Made {
    /// The columns whose values go into them, those of `by`, `distinct` and `of`, and whether they must hold numbers.
    fn looked_at(&self) -> Vec<(&str, bool)> {
        match self {
            Made::Windows(windows) => {
                let any = windows.by.iter().chain(&windows.distinct).map(|name| (name.as_str(), false));
                any.chain(windows.of.as_deref().map(|name| (name, true))).collect()
            }
            Made::Inputs(inputs) => vec![(inputs.by.as_str(), false), (inputs.of.as_str(), true)],
            Made::Calendar(_) => Vec::new(),
        }
    }
}

/// What is wrong with features that are made of columns of the moments at which labels are known.
pub(crate) fn made_of_moments(names: &[&str]) -> String {
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (says, it) = (agree(names.len(), "says", "say"), agree(names.len(), "it", "them"));
    format!(
        "{listed} {says} when labels are known, which nobody knows with the row: name {it} in `known` alone, not in `by`, `of` or `distinct`"
    )
}

/// Features per key and window.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows {
    /// The column or the pair of columns that say whose rows count.
    pub by: Vec<String>,
    /// How long the windows are.
    pub windows: Vec<Span>,
    /// Which number of the rows; needed by some functions.
    pub of: Option<String>,
    /// Whose distinct values count.
    pub distinct: Option<String>,
    /// What is made, for each window in turn.
    pub make: Vec<Function>,
    /// How long before the row the windows end; `None` lets them end with the row itself.
    pub delay: Option<Span>,
    /// The column with the moment at which a row's label is known: rows count from then on only.
    pub known: Option<String>,
    /// Where the windows end under a leak.
    pub(crate) leak: Option<Reach>,
    /// Whether features are called as the Handbook calls them.
    pub(crate) as_handbook: bool,
}

/// Where windows end that see what nobody knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// With the last row before the row itself, whatever the delay: labels are known at once.
    BeforeRow,
    /// As far behind the row as they begin before it.
    Ahead,
}

/// Features of a row's moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// What is made.
    pub make: Vec<Flag>,
    /// Microseconds east of Greenwich.
    pub offset: i64,
    pub(crate) as_handbook: bool,
}

impl FeatureSpec {
    /// The fifteen features of the Fraud Detection Handbook, under its names.
    pub fn handbook() -> Self {
        handbook::spec()
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.made.is_empty() && self.only.is_none()
    }

    /// How many features a table with so many has then, at most: columns of the moments at which labels are known do not stay.
    pub fn width(&self, read: usize) -> usize {
        let made = |made: &Made| match made {
            Made::Windows(windows) => windows.features().len(),
            Made::Calendar(calendar) => calendar.make.len(),
            Made::Inputs(_) => inputs::COUNT,
        };
        self.only.as_ref().map_or(read, Vec::len) + self.made.iter().map(made).sum::<usize>()
    }

    /// The columns of the moments at which labels are known, each once.
    pub(crate) fn known(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for made in &self.made {
            if let Made::Windows(windows) = made
                && let Some(name) = windows.known.as_deref().filter(|name| !names.contains(name))
            {
                names.push(name);
            }
        }
        names
    }

    /// The columns that must be read for it, features or not.
    pub fn reads(&self) -> Vec<String> {
        let mut names: Vec<String> = self.only.clone().unwrap_or_default();
        names.extend(columns::looked_at(self).into_iter().map(|(name, _)| name.to_owned()));
        let mut known = std::collections::HashSet::new();
        names.retain(|name| known.insert(name.clone()));
        names
    }

    /// Those of these columns by which rows are told apart, and of which nothing is made that needs their numbers.
    pub(crate) fn keys(&self) -> Vec<String> {
        let all = columns::looked_at(self);
        let is_number = |name: &str| all.contains(&(name, true));
        let keys = all.iter().filter(|(name, needs_numbers)| !needs_numbers && !is_number(name));
        keys.map(|(name, _)| (*name).to_owned()).collect()
    }

    /// Those of these columns whose values go into features, each once: they stand in `by`, `of` or `distinct`.
    pub(crate) fn made_of<'a>(&self, columns: &[&'a str]) -> Vec<&'a str> {
        let is_in =
            |column: &&&str| self.made.iter().any(|made| made.looked_at().iter().any(|(name, _)| name == *column));
        columns.iter().filter(is_in).copied().collect()
    }

    /// The same with every label known as soon as its row is there: windows that look at labels end before the row itself.
    pub(crate) fn labels_at_once(&self) -> Self {
        self.with_reach(Reach::BeforeRow, |windows| windows.looks_at_labels())
    }

    /// The same with windows that end with a row, and do not look at labels, reaching as far ahead of it as they reach back.
    pub(crate) fn looking_ahead(&self) -> Self {
        self.with_reach(Reach::Ahead, |windows| {
            !windows.looks_at_labels() && windows.delay.is_none() && windows.known.is_none()
        })
    }

    fn with_reach(&self, reach: Reach, of: impl Fn(&Windows) -> bool) -> Self {
        let mut spec = self.clone();
        for made in &mut spec.made {
            if let Made::Windows(windows) = made
                && of(windows)
            {
                windows.leak = Some(reach);
            }
        }
        spec
    }

    /// Whether a feature is made of labels that are known at moments of their own.
    pub fn labels_at_moments(&self) -> bool {
        self.made.iter().any(|made| matches!(made, Made::Windows(windows) if windows.known.is_some()))
    }

    /// Whether a feature is made of labels.
    pub(crate) fn looks_at_labels(&self) -> bool {
        self.made.iter().any(|made| matches!(made, Made::Windows(windows) if windows.looks_at_labels()))
    }

    /// The longest delay of a feature that is made of labels; none where no feature is.
    pub fn label_delay(&self) -> Option<&Span> {
        let windows = self.made.iter().filter_map(|made| match made {
            Made::Windows(windows) if windows.looks_at_labels() => Some(windows),
            _ => None,
        });
        windows.filter_map(|windows| windows.delay.as_ref()).max_by_key(|delay| delay.micros())
    }
}

#[cfg(test)]
mod tests;
