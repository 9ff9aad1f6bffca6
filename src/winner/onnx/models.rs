//! The classifier as operators.

use super::proto::{Attribute, Type};
use super::{Builder, Wire, exact, members, near, trees};
use crate::component::{Link, SavedLinear, SavedMap, SavedModel, SavedNetwork, SavedTrees, TreeSum};

/// What comes out, a number per row each.
pub(super) struct Said {
    pub score: Wire,
    pub label: Wire,
}

pub(super) fn said(b: &mut Builder, x: &str, model: &SavedModel) -> Result<Said, String> {
    Ok(match model {
        SavedModel::Constant { score, label } => {
            let first = b.columns(x, &[0]);
            let zero = b.above(&first, f64::INFINITY);
            let zero = b.vector(&zero);
            let number = b.cast(&zero, Type::Double);
            let label_of = b.ints(&[i64::from(*label)]);
            Said { score: b.add(&number, *score), label: b.of("Add", &[&zero, &label_of]) }
        }
        SavedModel::Linear(plane) => linear(b, x, plane),
        SavedModel::Trees(trees) => of_trees(b, x, trees),
        SavedModel::Library(library) => match &library.trees {
            Some(trees) if library.missing.is_none() => of_trees(b, x, trees),
            _ => return Err("the library's trees do more than ONNX's operator says".into()),
        },
        SavedModel::Gaussians { means, variances, log_priors, constants } => {
            let joint = [0, 1].map(|class| {
                let (mean, variance) = (b.row(&means[class]), b.row(&variances[class]));
                let less = b.of("Sub", &[x, &mean]);
                let square = b.of("Mul", &[&less, &less]);
                let square = b.of("Div", &[&square, &variance]);
                let sum = b.sum(&square);
                let half = b.times(&sum, -0.5);
                b.add(&half, log_priors[class] + constants[class])
            });
            let odds = b.of("Sub", &[&joint[1], &joint[0]]);
            logistic(b, &odds)
        }
        SavedModel::Quadric { varying, classes, .. } => near::quadric(b, x, varying, classes),
        SavedModel::Vectors(vectors) => near::vectors(b, x, vectors),
        SavedModel::Neighbors(neighbors) => near::neighbors(b, x, neighbors)?,
        SavedModel::Network(network) => layers(b, x, network)?,
        SavedModel::Members { says, members, .. } => members::members(b, x, *says, members)?,
        SavedModel::Stacked { members, last, passthrough } => members::stacked(b, x, (members, last), *passthrough)?,
        SavedModel::Mapped { model, map } => {
            if matches!(map, SavedMap::VennAbers(_)) && !exact::is_fine(model) {
                return Err(
                    "`calibrate = \"venn-abers\"` jumps where ONNX rounds the scores before it otherwise".into()
                );
            }
            let Said { score, .. } = said(b, x, model)?;
            members::mapped(b, &score, map)
        }
        SavedModel::Thresholded { model, threshold } => {
            let Said { score, .. } = said(b, x, model)?;
            let threshold = b.number(*threshold);
            let alarm = b.of("GreaterOrEqual", &[&score, &threshold]);
            Said { label: b.cast(&alarm, Type::Int64), score }
        }
        SavedModel::PriorCorrected { model, ratio } => {
            let Said { score, .. } = said(b, x, model)?;
            let odds = b.times(&score, *ratio);
            let other = b.times(&score, -1.0);
            let other = b.add(&other, 1.0);
            let all = b.of("Add", &[&odds, &other]);
            let score = b.of("Div", &[&odds, &all]);
            Said { label: b.above(&score, 0.5), score }
        }
    })
}

/// The score is the logistic of a decision, the label 1 above 0.
pub(super) fn logistic(b: &mut Builder, decision: &str) -> Said {
    let decision = b.vector(decision);
    Said { score: b.expit(&decision), label: b.above(&decision, 0.0) }
}

fn linear(b: &mut Builder, x: &str, SavedLinear { centre, coefficients, intercept, link }: &SavedLinear) -> Said {
    let mut x = x.to_owned();
    if let Some(centre) = centre {
        let centre = b.row(centre);
        x = b.of("Sub", &[&x, &centre]);
    }
    let weights: Vec<Vec<f64>> = coefficients.iter().map(|&weight| vec![weight]).collect();
    let weights = b.matrix(&weights, 1);
    let product = b.of("MatMul", &[&x, &weights]);
    let decision = b.add(&product, *intercept);
    match link {
        Link::Logistic => logistic(b, &decision),
        Link::Identity => {
            let decision = b.vector(&decision);
            Said { label: b.above(&decision, 0.0), score: decision }
        }
        Link::ModifiedHuber => {
            let decision = b.vector(&decision);
            let (low, high) = (b.number(-1.0), b.number(1.0));
            let kept = b.of("Clip", &[&decision, &low, &high]);
            let more = b.add(&kept, 1.0);
            Said { score: b.times(&more, 0.5), label: b.above(&decision, 0.0) }
        }
    }
}

fn of_trees(b: &mut Builder, x: &str, trees: &SavedTrees) -> Said {
    let mut x = x.to_owned();
    b.has_exact_trees |= !trees.narrow;
    if trees.narrow {
        let narrow = b.cast(&x, Type::Float);
        x = b.cast(&narrow, Type::Double);
    }
    let sum = trees::sum(b, &x, trees);
    let sum = b.cast(&sum, Type::Double);
    match trees.says {
        TreeSum::Mean => {
            let mean = b.over(&sum, trees.trees.len() as f64);
            let score = b.vector(&mean);
            Said { label: b.above(&score, 0.5), score }
        }
        TreeSum::Vote(total) => {
            let vote = b.over(&sum, total);
            let decision = b.times(&vote, 2.0);
            logistic(b, &decision)
        }
        TreeSum::LogOdds(baseline) => {
            let decision = b.add(&sum, baseline);
            logistic(b, &decision)
        }
    }
}

fn layers(b: &mut Builder, x: &str, network: &SavedNetwork) -> Result<Said, String> {
    let mut x = x.to_owned();
    for (nth, layer) in network.layers.iter().enumerate() {
        let (weights, biases) = (b.matrix(&layer.weights, layer.biases.len()), b.row(&layer.biases));
        let product = b.of("MatMul", &[&x, &weights]);
        x = b.of("Add", &[&product, &biases]);
        if nth + 1 < network.layers.len() {
            x = match network.activation.as_str() {
                "identity" => x,
                "logistic" => b.expit(&x),
                "tanh" => b.of("Tanh", &[&x]),
                "relu" => b.of("Relu", &[&x]),
                other => return Err(format!("the activation `{other}` is none that ONNX can say")),
            };
        }
    }
    let last = network.layers.last().map_or(1, |layer| layer.biases.len());
    let score = match network.output.as_str() {
        "logistic" => b.expit(&x),
        _ => b.with("Softmax", &[&x], &[("axis", Attribute::Int(1))]),
    };
    let score = b.columns(&score, &[last - 1]);
    let score = b.vector(&score);
    Ok(Said { label: b.above(&score, 0.5), score })
}
