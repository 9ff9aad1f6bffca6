//! Fit and transform of every scaler: `cargo bench --bench scalers`.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use fraudbench::component::Registry;
use fraudbench::scale::CATALOGUE;
use ndarray::Array2;

const ROWS: usize = 50_000;
const COLUMNS: usize = 30;

/// Skewed values of both signs, without a source of randomness: the fractional parts of multiples of irrational numbers.
fn data() -> Array2<f64> {
    Array2::from_shape_fn((ROWS, COLUMNS), |(i, j)| {
        let share = ((i + 1) as f64 * ((j + 2) as f64).sqrt()).fract();
        (share / (1.0 - share).max(1e-6)).ln() * (j + 1) as f64 + share.powi(3)
    })
}

fn scalers(criterion: &mut Criterion) {
    let x = data();
    let mut group = criterion.benchmark_group("scalers");
    group.throughput(Throughput::Elements(x.len() as u64)).sample_size(10);
    for entry in CATALOGUE {
        let Ok(scaler) = entry.build(&toml::Table::new(), &Registry::built_in()) else { continue };
        let fit_transform = |copy: Array2<f64>| scaler.component.fit(x.view()).and_then(|f| f.transform(copy));
        group.bench_function(entry.id, |b| {
            b.iter_batched(|| x.clone(), |copy| black_box(fit_transform(copy)), BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, scalers);
criterion_main!(benches);
