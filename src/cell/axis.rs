//! The axes of the grid: one table that cell names, filter keys, the columns of tables and the panels of charts derive from.

use std::borrow::Cow;
use std::fmt;

use super::CellId;
use crate::split::Leaks;

/// What an axis belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// Which data: scores of unlike data sets are not averaged.
    Data,
    /// Which form of the data, and what the protocol leaks.
    Variant,
    /// What is compared.
    Pipeline,
    /// Over which scores are averaged.
    Split,
}

impl Facet {
    /// Whether its axes tell pipelines apart.
    pub(crate) fn is_of_pipelines(self) -> bool {
        matches!(self, Facet::Variant | Facet::Pipeline)
    }
}

/// A cell's place on an axis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value<'a> {
    /// A name.
    Text(Cow<'a, str>),
    /// `on` or `off`.
    Flag(bool),
    /// A number from 0.
    Number(u32),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Flag(flag) => f.write_str(if *flag { "on" } else { "off" }),
            Value::Number(number) => write!(f, "{number}"),
        }
    }
}

/// One field of [`CellId`].
pub struct Axis {
    /// Kebab-case name: the filter's key, and what reports print.
    pub id: &'static str,
    /// Its name as a column of tables.
    pub column: &'static str,
    /// What it belongs to.
    pub facet: Facet,
    /// A cell's place.
    get: fn(&CellId) -> Value<'_>,
    /// Where a cell stands that does not use the axis; such places are not printed.
    pub default: Option<&'static str>,
}

impl Axis {
    /// The cell's place on the axis.
    pub fn value<'a>(&self, cell: &'a CellId) -> Value<'a> {
        (self.get)(cell)
    }

    /// Whether the cell does not use the axis.
    pub fn is_default(&self, cell: &CellId) -> bool {
        match (self.id, self.default) {
            // An honest protocol goes without saying, whatever its name.
            ("protocol", _) => Leaks::of_protocol(&cell.protocol).is_empty(),
            (_, Some(default)) => matches!(self.value(cell), Value::Text(text) if text == default),
            (_, None) => false,
        }
    }

    /// Whether some of `cells` use the axis: only then is it worth a column for people.
    pub fn is_used<'c>(&self, cells: impl IntoIterator<Item = &'c CellId>) -> bool {
        cells.into_iter().any(|cell| !self.is_default(cell))
    }
}

/// The axes that tell pipelines apart: all of them, in the plan's order.
pub(crate) fn of_pipelines() -> impl Iterator<Item = &'static Axis> {
    AXES.iter().filter(|axis| axis.facet.is_of_pipelines())
}

/// Every axis, the outermost of the plan first.
pub static AXES: &[Axis] = &[
    axis("data-set", "data_set", Facet::Data, None, |cell| text(&cell.data_set)),
    axis("protocol", "protocol", Facet::Variant, None, |cell| text(&cell.protocol)),
    axis("dedup", "dedup", Facet::Variant, None, |cell| Value::Flag(cell.dedup)),
    axis("imputer", "imputer", Facet::Pipeline, Some("none"), |cell| text(&cell.imputer)),
    axis("resampler", "resampler", Facet::Pipeline, None, |cell| text(&cell.resampler)),
    axis("encoder", "encoder", Facet::Pipeline, Some("native"), |cell| text(&cell.encoder)),
    axis("scaler", "scaler", Facet::Pipeline, None, |cell| text(&cell.scaler)),
    axis("select", "select", Facet::Pipeline, Some("none"), |cell| text(&cell.select)),
    axis("classifier", "classifier", Facet::Pipeline, None, |cell| text(&cell.classifier)),
    axis("repeat", "repeat", Facet::Split, None, |cell| Value::Number(cell.repeat)),
    axis("fold", "fold", Facet::Split, None, |cell| Value::Number(cell.fold)),
];

const fn axis(
    id: &'static str,
    column: &'static str,
    facet: Facet,
    default: Option<&'static str>,
    get: fn(&CellId) -> Value<'_>,
) -> Axis {
    Axis { id, column, facet, get, default }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}
