//! A model as one ONNX file: rows as they are read go in, one input per column; scores and labels come out.
//!
//! | file | what it does |
//! |---|---|
//! | `proto` | ONNX's protocol buffers, written field by field |
//! | `steps` | imputer, encoder, scaler and selection as operators |
//! | `models` | the classifier as operators |
//! | `trees` | trees as one operator |
//! | `near` | support vectors, neighbours, Gaussians with covariances |
//! | `members` | ensembles, calibrated scores |
//! | `exact` | which scores are ours well enough for what jumps between scores |

mod exact;
mod members;
mod models;
mod near;
mod proto;
mod steps;
mod trees;

use self::proto::{Attribute, Graph, Message, Type};
use super::model::Model;
use crate::component::ComponentFacts;
use crate::data::Kind;
use crate::words::listed;

/// The file in a model's folder.
pub(super) const FILE: &str = "model.onnx";

/// The output with the scores.
const SCORE: &str = "score";
/// The output with the labels.
const LABEL: &str = "label";

/// The name of what an operator gives.
type Wire = String;

/// A graph under construction.
#[derive(Default)]
struct Builder {
    graph: Graph,
    made: usize,
    /// Steps whose values ONNX rounds otherwise than we do.
    rounded: Vec<Rounded>,
    /// Whether there are trees of 64 bits, whose thresholds may be values of rows.
    has_exact_trees: bool,
    /// Whether there are neighbours, of which equally far ones go by their order.
    has_neighbors: bool,
}

/// A step whose last digits are others in ONNX.
struct Rounded {
    /// The kind of step, as a study names it.
    step: &'static str,
    /// What of ONNX's rounds otherwise.
    by: &'static str,
}

impl Builder {
    fn name(&mut self) -> Wire {
        self.made += 1;
        // No column is called so: names of tables hold no such mark.
        format!("fraudbench\u{1f}{}", self.made)
    }

    fn constant(&mut self, make: impl FnOnce(&str) -> Message) -> Wire {
        let name = self.name();
        let tensor = make(&name);
        self.graph.constants.push(tensor);
        name
    }

    /// One number.
    fn number(&mut self, value: f64) -> Wire {
        self.constant(|name| proto::doubles(name, &[], &[value]))
    }

    /// A number per column.
    fn row(&mut self, values: &[f64]) -> Wire {
        self.constant(|name| proto::doubles(name, &[1, values.len()], values))
    }

    /// Rows of numbers.
    fn matrix(&mut self, rows: &[Vec<f64>], columns: usize) -> Wire {
        let values: Vec<f64> = rows.iter().flatten().copied().collect();
        self.constant(|name| proto::doubles(name, &[rows.len(), columns], &values))
    }

    /// Whole numbers.
    fn ints(&mut self, values: &[i64]) -> Wire {
        self.constant(|name| proto::ints(name, &[values.len()], values))
    }

    fn of(&mut self, op: &str, inputs: &[&str]) -> Wire {
        self.with(op, inputs, &[])
    }

    fn with(&mut self, op: &str, inputs: &[&str], attributes: &[(&str, Attribute)]) -> Wire {
        let name = self.name();
        self.graph.nodes.push(proto::node((op, ""), inputs, &[&name], attributes));
        name
    }

    /// An operator of the machine learning domain.
    fn learnt(&mut self, op: &str, input: &str, attributes: &[(&str, Attribute)]) -> Wire {
        let name = self.name();
        self.graph.nodes.push(proto::node((op, "ai.onnx.ml"), &[input], &[&name], attributes));
        name
    }

    fn cast(&mut self, wire: &str, to: Type) -> Wire {
        self.with("Cast", &[wire], &[("to", Attribute::Int(to as i64))])
    }

    /// Some columns of a matrix, in this order.
    fn columns(&mut self, wire: &str, columns: &[usize]) -> Wire {
        let places: Vec<i64> = columns.iter().map(|&at| at as i64).collect();
        let places = self.ints(&places);
        self.with("Gather", &[wire, &places], &[("axis", Attribute::Int(1))])
    }

    /// Columns side by side.
    fn beside(&mut self, wires: &[Wire]) -> Wire {
        if let [one] = wires {
            return one.clone();
        }
        let wires: Vec<&str> = wires.iter().map(String::as_str).collect();
        self.with("Concat", &wires, &[("axis", Attribute::Int(1))])
    }

    /// The sum over columns, one number per row, in a matrix of one column.
    fn sum(&mut self, wire: &str) -> Wire {
        let axis = self.ints(&[1]);
        self.with("ReduceSum", &[wire, &axis], &[("keepdims", Attribute::Int(1))])
    }

    /// A column as a vector.
    fn vector(&mut self, wire: &str) -> Wire {
        let axis = self.ints(&[1]);
        self.of("Squeeze", &[wire, &axis])
    }

    fn add(&mut self, wire: &str, value: f64) -> Wire {
        let value = self.number(value);
        self.of("Add", &[wire, &value])
    }

    fn times(&mut self, wire: &str, value: f64) -> Wire {
        let value = self.number(value);
        self.of("Mul", &[wire, &value])
    }

    /// The quotient, as we take it: times the inverse it would be rounded otherwise.
    fn over(&mut self, wire: &str, value: f64) -> Wire {
        let value = self.number(value);
        self.of("Div", &[wire, &value])
    }

    /// `1 / (1 + exp(-z))`. onnxruntime's `Sigmoid` takes a small one from 1, which leaves no digit of it.
    fn expit(&mut self, z: &str) -> Wire {
        let minus = self.of("Neg", &[z]);
        let power = self.of("Exp", &[&minus]);
        let all = self.add(&power, 1.0);
        let one = self.number(1.0);
        self.of("Div", &[&one, &all])
    }

    /// 1 where a number is above `value`, else 0; whole numbers.
    fn above(&mut self, wire: &str, value: f64) -> Wire {
        self.where_it_is("Greater", wire, value)
    }

    /// 1 where a number is `value` or above it, else 0; whole numbers.
    fn at_least(&mut self, wire: &str, value: f64) -> Wire {
        self.where_it_is("GreaterOrEqual", wire, value)
    }

    fn where_it_is(&mut self, what: &str, wire: &str, value: f64) -> Wire {
        let value = self.number(value);
        let is = self.of(what, &[wire, &value]);
        self.cast(&is, Type::Int64)
    }
}

/// The model as an ONNX file.
///
/// # Errors
/// In one sentence which step ONNX's operators cannot say.
pub(super) fn encode(model: &Model) -> Result<Vec<u8>, String> {
    let mut builder = Builder::default();
    for column in &model.columns {
        let kind = if matches!(column.kind, Kind::Category(_)) { Type::Text } else { Type::Double };
        builder.graph.inputs.push(proto::value(&column.name, kind, Some(1)));
    }
    let prepared = steps::prepared(&mut builder, &model.columns, &model.steps)?;
    let said = models::said(&mut builder, &prepared, &model.steps.model)?;
    if let Some(why) = missed(&builder, &model.facts) {
        return Err(why);
    }
    let ends = [(&said.score, SCORE, Type::Double), (&said.label, LABEL, Type::Int64)];
    for (wire, name, kind) in ends {
        if model.columns.iter().any(|column| column.name == name) {
            return Err(format!("a column is called `{name}`, as an output is"));
        }
        builder.graph.nodes.push(proto::node(("Identity", ""), &[wire], &[name], &[]));
        builder.graph.outputs.push(proto::value(name, kind, None));
    }
    let about = format!("{}, fitted on {} rows of {}", model.pipeline, model.data.rows, model.data.name);
    let facts =
        [("study", model.study.as_str()), ("pipeline", &model.pipeline), ("data", &model.data.digests.features)];
    Ok(proto::model(&builder.graph, "pipeline", &about, &facts))
}

/// Why last digits that are others in ONNX change more than last digits of the scores; none where they do not.
fn missed(builder: &Builder, facts: &[(String, ComponentFacts)]) -> Option<String> {
    let named = |rounded: &Rounded| {
        let facts = facts.iter().find(|(kind, _)| kind == rounded.step);
        format!("`{}`", facts.map_or(rounded.step, |(_, facts)| facts.id.as_str()))
    };
    let steps: Vec<String> = builder.rounded.iter().map(named).collect();
    let mut by: Vec<String> = builder.rounded.iter().map(|rounded| rounded.by.to_owned()).collect();
    by.dedup();
    let behind = format!("behind {}, ONNX's {}", listed(&steps), listed(&by));
    match (steps.is_empty(), builder.has_exact_trees, builder.has_neighbors) {
        (false, true, _) => {
            Some(format!("{behind} miss its trees' thresholds, which may be values of rows, by last digits"))
        }
        (false, false, true) => Some(format!("{behind} tell equally far neighbours apart, by last digits")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
