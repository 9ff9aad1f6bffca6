//! Fit and predict of the tree families on simulated data of the shape of a card-fraud training fold, and on balanced data.

use criterion::{Criterion as Bench, criterion_group, criterion_main};
use fraudbench::classify::tree::{
    Criterion, Cuts, LeastRows, MaxFeatures, NamedShare, Sampling, Settings, boost, fit_forest, fit_tree,
};
use fraudbench::component::Model;
use fraudbench::numeric::mt19937::Mt19937;
use ndarray::Array2;

const ROWS: usize = 250_000;
const COLUMNS: usize = 30;

/// Roughly normal columns; positives (one in `one_in`) are spread wider and shifted, more in some columns than in others.
fn data(rows: usize, one_in: u64) -> (Array2<f64>, Vec<u8>) {
    let mut stream = Mt19937::new(1);
    let y: Vec<u8> = (0..rows).map(|_| u8::from(stream.interval(one_in - 1) == 0)).collect();
    let x = Array2::from_shape_fn((rows, COLUMNS), |(row, column)| {
        let noise: f64 = (0..4).map(|_| stream.next_f64() - 0.5).sum();
        if y[row] == 1 { noise * 2.5 + 0.06 * column as f64 } else { noise }
    });
    (x, y)
}

fn trees(bench: &mut Bench) {
    let (x, y) = data(ROWS, 600);
    let tree = Settings::default();
    let forest = Settings { max_features: Some(MaxFeatures::Named(NamedShare::Sqrt)), ..tree.clone() };
    let mut group = bench.benchmark_group("trees");
    group.sample_size(10);
    group.bench_function("decision-tree fit", |b| b.iter(|| fit_tree(x.view(), &y, &tree, Cuts::Best, 1)));
    group.bench_function("adaboost 50 fit", |b| b.iter(|| boost(x.view(), &y, 50, 1.0, Criterion::Gini, 1)));
    let grow = || fit_forest(x.view(), (&y, None), &forest, 100, Sampling::Bootstrap(None), 1);
    group.bench_function("random-forest 100 fit", |b| b.iter(grow));
    if let Ok(fitted) = grow() {
        let asked = x.slice(ndarray::s![..28_000, ..]);
        group.bench_function("random-forest 100 predict 28,000", |b| b.iter(|| fitted.predict(asked)));
    }
    let leaves = Settings { min_samples_leaf: LeastRows::Count(5), ..tree.clone() };
    group.bench_function("decision-tree, leaves of 5, fit", |b| {
        b.iter(|| fit_tree(x.view(), &y, &leaves, Cuts::Best, 1))
    });
    let (x, y) = data(20_000, 2);
    group.bench_function("decision-tree fit, balanced 20,000", |b| {
        b.iter(|| fit_tree(x.view(), &y, &tree, Cuts::Best, 1))
    });
    group.finish();
}

criterion_group!(benches, trees);
criterion_main!(benches);
