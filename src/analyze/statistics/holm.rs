//! Holm's step-down correction for several tests (Holm 1979).

/// Adjusted p-values in the order of `p`; reject those that are at most alpha. statsmodels' `multipletests(method="holm")`.
///
/// ```
/// let adjusted = fraudbench::analyze::statistics::holm::adjust(&[0.01, 0.04, 0.03]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// ```
pub fn adjust(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut least: f64 = 0.0;
    for (place, &i) in order.iter().enumerate() {
        least = least.max(((p.len() - place) as f64 * p[i]).min(1.0));
        adjusted[i] = least;
    }
    adjusted
}
