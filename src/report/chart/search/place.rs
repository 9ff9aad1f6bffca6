//! Where a parameter's values lie on an axis.

use serde_json::Value;

use crate::analyze::surfaces::{Domain, Parameter};
use crate::report::chart::axis::Scale;
use crate::report::chart::scene::Scene;
use crate::report::chart::style::{AXIS, GAP, GRID, LABEL, PALE_INK, TEXT};
use crate::report::chart::text::{Anchor, Text, fit, text_at, text_width};

/// Labels of values longer than this are abbreviated.
pub const LONGEST: f64 = 110.0;

/// An axis of a parameter: its first value lies at `px.0`, or, for a list, half a step inside.
pub struct Place<'a> {
    domain: &'a Domain,
    px: (f64, f64),
}

impl<'a> Place<'a> {
    pub fn new(parameter: &'a Parameter, px: (f64, f64)) -> Self {
        Place { domain: &parameter.domain, px }
    }

    fn scale(&self, low: f64, high: f64, log: bool) -> Scale {
        if log { Scale::log((low, high), self.px) } else { Scale::linear((low, high), self.px) }
    }

    /// The px of a value; none where the parameter does not have it.
    pub fn at(&self, value: &Value) -> Option<f64> {
        match self.domain {
            Domain::List(list) => {
                let share = (list.iter().position(|other| other == value)? as f64 + 0.5) / list.len() as f64;
                Some(self.px.0 + share * (self.px.1 - self.px.0))
            }
            Domain::Range { low, high, log, .. } => Some(self.scale(*low, *high, *log).at(value.as_f64()?)),
        }
    }

    /// Px and labels of at most about `wanted` values.
    pub fn ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        match self.domain {
            Domain::List(list) => {
                let step = list.len().div_ceil(wanted.max(1));
                let shown = list.iter().step_by(step);
                shown.filter_map(|value| Some((self.at(value)?, fit(&label(value), LABEL, false, LONGEST)))).collect()
            }
            Domain::Range { low, high, log, whole } => {
                let scale = self.scale(*low, *high, *log);
                let fits = |(value, _): &(f64, String)| !whole || value.fract() == 0.0;
                let mut ticks: Vec<_> = scale.ticks(wanted).into_iter().filter(fits).collect();
                if ticks.len() < 2 {
                    ticks = [*low, *high].map(|end| (end, end.to_string())).to_vec();
                }
                // Those of half steps between them had a digit more.
                let of = |label: String| match label.split_once('.') {
                    Some((number, rest)) if *whole && rest.chars().all(|c| c == '0') => number.to_owned(),
                    _ => label,
                };
                ticks.into_iter().map(|(value, label)| (scale.at(value), of(label))).collect()
            }
        }
    }

    /// The widest label on an upright axis.
    pub fn widest(&self, wanted: usize) -> f64 {
        self.ticks(wanted).iter().map(|(_, label)| text_width(label, LABEL, false)).fold(0.0, f64::max)
    }

    /// Draws it below a plot, with as many labels as fit; returns the y below its name.
    pub fn below(&self, scene: &mut Scene, (top, bottom): (f64, f64), name: &str) -> f64 {
        let apart = |ticks: &Vec<(f64, String)>| {
            let half = |(_, label): &(f64, String)| text_width(label, LABEL, false) / 2.0;
            ticks.windows(2).all(|pair| (pair[1].0 - pair[0].0).abs() >= half(&pair[0]) + half(&pair[1]) + 8.0)
        };
        let ticks = (1..=12).rev().map(|wanted| self.ticks(wanted)).find(apart).unwrap_or_default();
        for (x, label) in &ticks {
            scene.line((*x, top), (*x, bottom), 1.0, GRID);
            scene.line((*x, bottom), (*x, bottom + 4.0), 1.0, AXIS);
            scene.text(Text { em: LABEL, anchor: Anchor::Middle, ..text_at(*x, bottom + 4.0 + GAP, label) });
        }
        let y = bottom + 4.0 + GAP + LABEL + GAP;
        let middle = (self.px.0 + self.px.1) / 2.0;
        scene.text(Text { anchor: Anchor::Middle, colour: PALE_INK, ..text_at(middle, y, name) });
        y + TEXT / 2.0 + GAP
    }
}

/// A value as charts write it. What differs between lists and tables is told first: the family of a member goes without its key.
pub fn label(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Array(items) => joined(items.iter().map(label).collect()),
        Value::Object(table) => match table.get("family").or(table.get("id")).and_then(Value::as_str) {
            None => joined(table.iter().map(|(name, value)| format!("{name}: {}", label(value))).collect()),
            Some(id) => {
                let rest = table.iter().filter(|(name, _)| !matches!(name.as_str(), "family" | "id" | "params"));
                let params = table.get("params").and_then(Value::as_object).into_iter().flatten();
                let params: Vec<String> =
                    rest.chain(params).map(|(name, value)| format!("{name} {}", label(value))).collect();
                if params.is_empty() { id.to_owned() } else { format!("{id}, {}", joined(params)) }
            }
        },
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        // Draws have digits that say nothing; whole numbers and listed values have few.
        Value::Number(number) => {
            let full = number.to_string();
            let short = number.as_f64().map(|v| format!("{v:.3e}").parse::<f64>().unwrap_or(v).to_string());
            if number.is_f64() && full.len() > 7 { short.unwrap_or(full) } else { full }
        }
        Value::Bool(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parameter(domain: Domain) -> Parameter {
        Parameter { name: "p".into(), domain }
    }

    #[test]
    fn listed_values_lie_in_the_middle_of_equal_steps() {
        let list = parameter(Domain::List(vec![json!("a"), json!(null), json!("c"), json!("d")]));
        let place = Place::new(&list, (100.0, 20.0));
        assert_eq!(place.at(&json!("a")), Some(90.0));
        assert_eq!(place.at(&json!(null)), Some(70.0));
        assert_eq!(place.at(&json!("b")), None);
        let labels = |wanted| place.ticks(wanted).into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(labels(4), ["a", "none", "c", "d"]);
        assert_eq!(labels(2), ["a", "c"]);
    }

    #[test]
    fn ranges_are_scales_and_whole_numbers_have_whole_ticks() {
        let range = |low, high, log, whole| parameter(Domain::Range { low, high, log, whole });
        let log = range(0.01, 1.0, true, false);
        assert!((Place::new(&log, (0.0, 10.0)).at(&json!(0.1)).unwrap() - 5.0).abs() < 1e-9);
        let whole = range(1.0, 4.0, false, true);
        let labels = |p: &Parameter| Place::new(p, (0.0, 10.0)).ticks(8).into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(labels(&whole).iter().map(|l| l.parse::<f64>().unwrap()).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0]);
        // By halves there would be nine ticks, of which five are whole.
        assert_eq!(labels(&range(2.0, 6.0, false, true)), ["2", "3", "4", "5", "6"]);
        assert_eq!(labels(&range(0.0, 1.0, false, true)), ["0", "1"]);
        // No round number of the logarithmic ticks lies inside.
        assert_eq!(labels(&range(0.6, 0.9, true, false)), ["0.6", "0.9"]);
    }

    #[test]
    fn drawn_numbers_are_short_and_listed_ones_as_they_are() {
        assert_eq!(label(&json!(0.123456789)), "0.1235");
        assert_eq!(label(&json!(1234567)), "1234567");
        assert_eq!(label(&json!(0.05)), "0.05");
        assert_eq!(label(&json!("entropy")), "entropy");
        assert_eq!(label(&json!(true)), "true");
    }

    #[test]
    fn lists_and_tables_are_written_without_brackets() {
        assert_eq!(label(&json!(["V14", 10, null])), "V14, 10, none");
        assert_eq!(label(&json!({ "0": 1.0, "1": 5.0 })), "0: 1.0, 1: 5.0");
        let tree = json!({ "family": "decision-tree", "params": { "max_depth": 1, "max_features": null } });
        assert_eq!(label(&tree), "decision-tree, max_depth 1, max_features none");
        assert_eq!(label(&json!({ "id": "smote", "k_neighbors": 3 })), "smote, k_neighbors 3");
        assert_eq!(label(&json!({ "family": "lda" })), "lda");
    }
}
