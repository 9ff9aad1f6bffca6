//! Fits and predictions of `logistic-regression` and `svc` on made-up rows of which one in 300 is positive.

use criterion::{Criterion, criterion_group, criterion_main};
use fraudbench::classify::CATALOGUE;
use fraudbench::component::{Context, Registry, Train, find};
use ndarray::Array2;

/// Twenty thousand rows of thirty bell-shaped columns; the positives lie a little apart.
fn rows() -> (Array2<f64>, Vec<u8>) {
    let y: Vec<u8> = (0..20_000).map(|i| u8::from(i % 300 == 7)).collect();
    let mut state = 1_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24)
    };
    let x = Array2::from_shape_fn((y.len(), 30), |(i, j)| {
        let bell: f64 = (0..4).map(|_| uniform()).sum::<f64>() - 2.0;
        bell + if j < 6 { 1.2 * f64::from(y[i]) } else { 0.0 }
    });
    (x, y)
}

fn fits(criterion: &mut Criterion) {
    let (x, y) = rows();
    let mut group = criterion.benchmark_group("linear_svc");
    group.sample_size(10);
    for family in ["logistic-regression", "svc"] {
        let entry = find("family", CATALOGUE, family, None).unwrap();
        let built = entry.build(&toml::Table::new(), &Registry::built_in()).unwrap();
        let context = Context { seed: 0 };
        group.bench_function(format!("{family} fit"), |b| {
            b.iter(|| built.component.fit(&Train::numbers(x.view(), &y), &context).unwrap());
        });
        let model = built.component.fit(&Train::numbers(x.view(), &y), &context).unwrap();
        group.bench_function(format!("{family} predict"), |b| b.iter(|| model.predict(x.view()).unwrap()));
    }
    group.finish();
}

criterion_group!(benches, fits);
criterion_main!(benches);
