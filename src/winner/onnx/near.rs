//! Classifiers that keep rows, or compare them with classes' means: support vectors, neighbours, Gaussians with covariances.

use super::models::{Said, logistic};
use super::proto::{Attribute, Type, doubles, node};
use super::{Builder, Wire};
use crate::classify::{is_multiplied, summing_order};
use crate::component::{SavedDistance, SavedGaussian, SavedKernel, SavedNeighbors, SavedVectors};

/// Bytes of training rows at most: an ONNX file holds 2 GiB.
const LARGEST: usize = 3 << 29;

/// Kernel values of all rows and vectors by one matrix product.
pub(super) fn vectors(b: &mut Builder, x: &str, saved: &SavedVectors) -> Said {
    let SavedVectors { kernel, centre, vectors, coefficients, intercept } = saved;
    let across: Vec<Vec<f64>> =
        (0..centre.len()).map(|column| vectors.iter().map(|row| row[column]).collect()).collect();
    let centre = b.row(centre);
    let x = b.of("Sub", &[x, &centre]);
    let turned = b.matrix(&across, vectors.len());
    let product = b.of("MatMul", &[&x, &turned]);
    let kernels = match *kernel {
        SavedKernel::Linear => product,
        SavedKernel::Rbf { gamma } => {
            let norms: Vec<f64> = vectors.iter().map(|row| row.iter().map(|v| v * v).sum()).collect();
            let norms = b.row(&norms);
            let square = b.of("Mul", &[&x, &x]);
            let own = b.sum(&square);
            let both = b.of("Add", &[&own, &norms]);
            let twice = b.times(&product, 2.0);
            let distance = b.of("Sub", &[&both, &twice]);
            let exponent = b.times(&distance, -gamma);
            // Rounding may leave a squared distance a little below 0.
            let zero = b.number(0.0);
            let exponent = b.of("Min", &[&exponent, &zero]);
            b.of("Exp", &[&exponent])
        }
        SavedKernel::Poly { gamma, coef0, degree } => {
            let (scaled, degree) = (b.times(&product, gamma), b.number(f64::from(degree)));
            let sum = b.add(&scaled, coef0);
            b.of("Pow", &[&sum, &degree])
        }
        SavedKernel::Sigmoid { gamma, coef0 } => {
            let scaled = b.times(&product, gamma);
            let sum = b.add(&scaled, coef0);
            b.of("Tanh", &[&sum])
        }
    };
    let weights: Vec<Vec<f64>> = coefficients.iter().map(|&weight| vec![weight]).collect();
    let weights = b.matrix(&weights, 1);
    let sum = b.of("MatMul", &[&kernels, &weights]);
    let decision = b.add(&sum, *intercept);
    let decision = b.vector(&decision);
    Said { label: b.at_least(&decision, 0.0), score: decision }
}

/// A quadric is the difference of two Gaussians' logarithms.
pub(super) fn quadric(b: &mut Builder, x: &str, varying: &[usize], classes: &[SavedGaussian; 2]) -> Said {
    let x = b.columns(x, varying);
    let [negative, positive] = [0, 1].map(|class: usize| {
        let SavedGaussian { mean, whitener, offset } = &classes[class];
        let (mean, whitener) = (b.row(mean), b.matrix(whitener, mean.len()));
        let deviation = b.of("Sub", &[&x, &mean]);
        let white = b.of("MatMul", &[&deviation, &whitener]);
        let square = b.of("Mul", &[&white, &white]);
        let sum = b.sum(&square);
        let half = b.times(&sum, -0.5);
        b.add(&half, *offset)
    });
    let odds = b.of("Sub", &[&positive, &negative]);
    // Rows so far away that both likelihoods overflow are as likely in either class.
    let (nothing, zero) = (b.of("IsNaN", &[&odds]), b.number(0.0));
    let odds = b.of("Where", &[&nothing, &zero, &odds]);
    logistic(b, &odds)
}

/// The sums of all rows and training rows column by column, in our order, so that equally far rows have equal sums where ours have;
/// of equal ones `TopK` takes the first.
///
/// # Errors
/// More rows than a file can hold.
pub(super) fn neighbors(b: &mut Builder, x: &str, saved: &SavedNeighbors) -> Result<Said, String> {
    if saved.bytes.len() > LARGEST {
        return Err("its training rows are larger than an ONNX file may be".into());
    }
    b.has_neighbors = true;
    let x = if saved.distance == SavedDistance::Cosine { directions(b, x, saved.columns) } else { x.to_owned() };
    let (values, width, rows) = (saved.values(), saved.width(), saved.labels.len());
    let mut sum: Option<Wire> = None;
    for column in summing_order(saved, &values) {
        let own: Vec<f64> = values.iter().skip(column).step_by(width).copied().collect();
        let (asked, own) = (b.columns(&x, &[column]), b.row(&own));
        let difference = b.of("Sub", &[&asked, &own]);
        let (part, add) = match saved.distance {
            SavedDistance::Cosine | SavedDistance::Minkowski(2.0) => (b.of("Mul", &[&difference, &difference]), "Add"),
            SavedDistance::Chebyshev => (b.of("Abs", &[&difference]), "Max"),
            SavedDistance::Minkowski(1.0) => (b.of("Abs", &[&difference]), "Add"),
            SavedDistance::Minkowski(p) => {
                let size = b.of("Abs", &[&difference]);
                (power(b, &size, p), "Add")
            }
        };
        sum = Some(match sum {
            None => part,
            Some(so_far) => b.of(add, &[&so_far, &part]),
        });
    }
    let sum = sum.unwrap_or_else(|| x.clone());
    let (near, places) = nearest(b, &sum, saved.k);
    let labels: Vec<f64> = saved.labels.iter().map(|&label| f64::from(label)).collect();
    let labels = b.constant(|name| doubles(name, &[rows], &labels));
    let ones = b.with("Gather", &[&labels, &places], &[("axis", Attribute::Int(0))]);
    let weight = if saved.by_distance { inverse(b, &near, saved.distance) } else { evenly(b, &near) };
    let positive = b.of("Mul", &[&weight, &ones]);
    let (positive, all) = (b.sum(&positive), b.sum(&weight));
    let negative = b.of("Sub", &[&all, &positive]);
    // Where no vote counts, as all are infinitely far away, the score is 0.
    let (zero, one) = (b.number(0.0), b.number(1.0));
    let nobody = b.of("Equal", &[&all, &zero]);
    let all = b.of("Where", &[&nobody, &one, &all]);
    let share = b.of("Div", &[&positive, &all]);
    let label = b.of("Greater", &[&positive, &negative]);
    let label = b.cast(&label, Type::Int64);
    Ok(Said { score: b.vector(&share), label: b.vector(&label) })
}

/// A power, by the products that ours is of.
fn power(b: &mut Builder, size: &str, p: f64) -> Wire {
    if !is_multiplied(p) {
        let p = b.number(p);
        return b.of("Pow", &[size, &p]);
    }
    let (mut rest, mut square, mut product) = (p as u32, size.to_owned(), None);
    while rest > 0 {
        if rest % 2 == 1 {
            product = Some(product.map_or_else(|| square.clone(), |so_far: Wire| b.of("Mul", &[&so_far, &square])));
        }
        rest /= 2;
        if rest > 0 {
            square = b.of("Mul", &[&square, &square]);
        }
    }
    product.unwrap_or(square)
}

/// The least values of each row and their places, ascending.
fn nearest(b: &mut Builder, sum: &str, k: usize) -> (Wire, Wire) {
    let (k, values, places) = (b.ints(&[k as i64]), b.name(), b.name());
    let attributes = [("axis", Attribute::Int(1)), ("largest", Attribute::Int(0)), ("sorted", Attribute::Int(1))];
    b.graph.nodes.push(node(("TopK", ""), &[sum, &k], &[&values, &places], &attributes));
    (values, places)
}

/// One vote per neighbour.
fn evenly(b: &mut Builder, near: &str) -> Wire {
    let zero = b.times(near, 0.0);
    b.add(&zero, 1.0)
}

/// The inverse of each distance; where some are 0, only those vote.
fn inverse(b: &mut Builder, near: &str, distance: SavedDistance) -> Wire {
    let distance = match distance {
        SavedDistance::Chebyshev | SavedDistance::Minkowski(1.0) => near.to_owned(),
        SavedDistance::Cosine => b.times(near, 0.5),
        SavedDistance::Minkowski(2.0) => b.of("Sqrt", &[near]),
        SavedDistance::Minkowski(p) => {
            let root = b.number(1.0 / p);
            b.of("Pow", &[near, &root])
        }
    };
    let zero = b.number(0.0);
    let is_there = b.of("Equal", &[&distance, &zero]);
    let there = b.cast(&is_there, Type::Double);
    let count = b.sum(&there);
    let some = b.of("Greater", &[&count, &zero]);
    let one = b.number(1.0);
    let divided = b.of("Div", &[&one, &distance]);
    b.of("Where", &[&some, &there, &divided])
}

/// Rows made to length 1; behind their columns stand one of zeros, and one that is 1 in rows of zeros.
fn directions(b: &mut Builder, x: &str, columns: usize) -> Wire {
    let square = b.of("Mul", &[x, x]);
    // Column by column, as we add: rows of one direction are equally far only if all their digits are ours.
    let first = b.columns(&square, &[0]);
    let sum = (1..columns).fold(first, |sum, column| {
        let more = b.columns(&square, &[column]);
        b.of("Add", &[&sum, &more])
    });
    let length = b.of("Sqrt", &[&sum]);
    let (zero, one) = (b.number(0.0), b.number(1.0));
    let is_zero = b.of("Equal", &[&length, &zero]);
    let divisor = b.of("Where", &[&is_zero, &one, &length]);
    let all: Vec<usize> = (0..columns).collect();
    let divided = b.of("Div", &[x, &divisor]);
    let divided = b.columns(&divided, &all);
    let mark = b.cast(&is_zero, Type::Double);
    let nothing = b.times(&mark, 0.0);
    b.beside(&[divided, nothing, mark])
}
