//! Coefficients as a vector times a number, so that shrinking all of them is one product (Bottou 2012, "Stochastic gradient
//! descent tricks"). Sums run column by column, as scikit-learn's do: the last bits decide about margins.

/// Below it the number is multiplied into the vector.
const LEAST_SCALE: f64 = 1e-9;

/// The coefficients of a linear model under way.
pub(super) struct Vector {
    /// Without the factor.
    pub w: Vec<f64>,
    scale: f64,
    /// Squared Euclidean length and sum of absolute values, as of the last change that scikit-learn takes notice of.
    square: f64,
    absolute: f64,
    average: Option<Mean>,
}

/// The mean of the coefficients over the steps: (sum + a * w) / b.
struct Mean {
    sum: Vec<f64>,
    a: f64,
    b: f64,
}

impl Vector {
    pub fn new(columns: usize, averaged: bool) -> Self {
        let average = averaged.then(|| Mean { sum: vec![0.0; columns], a: 0.0, b: 1.0 });
        Vector { w: vec![0.0; columns], scale: 1.0, square: 0.0, absolute: 0.0, average }
    }

    pub fn dot(&self, row: &[f64]) -> f64 {
        self.w.iter().zip(row).fold(0.0, |sum, (w, x)| sum + w * x) * self.scale
    }

    pub fn length(&self) -> f64 {
        self.square.sqrt()
    }

    pub fn absolute(&self) -> f64 {
        self.absolute
    }

    /// Adds a row times a number.
    pub fn add(&mut self, row: &[f64], times: f64) {
        let (mut square, mut absolute) = (0.0, 0.0);
        let times = times / self.scale;
        for (w, x) in self.w.iter_mut().zip(row) {
            *w += x * times;
            square += *w * *w;
            absolute += w.abs();
        }
        self.square = square * (self.scale * self.scale);
        self.absolute = absolute * self.scale;
    }

    /// Takes the step that added `times` times the row into the mean; `count` is the number of averaged steps.
    pub fn add_average(&mut self, row: &[f64], times: f64, count: f64) {
        let Some(mean) = &mut self.average else { return };
        for (sum, x) in mean.sum.iter_mut().zip(row) {
            *sum += mean.a * x * (-times / self.scale);
        }
        let share = 1.0 / count;
        if count > 1.0 {
            mean.b /= 1.0 - share;
        }
        mean.a += share * mean.b * self.scale;
    }

    pub fn shrink(&mut self, by: f64) {
        self.scale *= by;
        self.square *= by * by;
        self.absolute *= by.abs();
        if self.scale < LEAST_SCALE {
            self.multiply();
        }
    }

    /// Multiplies the factor into the vector.
    fn multiply(&mut self) {
        if let Some(mean) = &mut self.average {
            let inverse = 1.0 / mean.b;
            for (sum, w) in mean.sum.iter_mut().zip(&self.w) {
                *sum = (*sum + mean.a * w) * inverse;
            }
            (mean.a, mean.b) = (0.0, 1.0);
        }
        self.w.iter_mut().for_each(|w| *w *= self.scale);
        self.scale = 1.0;
    }

    /// Cuts each coefficient towards 0 by what of the L1 penalty `so_far` it has not had yet; `had` is what it had (Tsuruoka
    /// et al. 2009, <https://aclanthology.org/P09-1054>).
    pub fn cut(&mut self, had: &mut [f64], so_far: f64) {
        for (w, had) in self.w.iter_mut().zip(had) {
            let before = *w;
            if self.scale * before > 0.0 {
                *w = (before - (so_far + *had) / self.scale).max(0.0);
            } else if self.scale * before < 0.0 {
                *w = (before + (so_far - *had) / self.scale).min(0.0);
            }
            *had += self.scale * (*w - before);
        }
    }

    /// The coefficients, and their mean over the steps if there is one.
    pub fn into_parts(mut self) -> (Vec<f64>, Option<Vec<f64>>) {
        self.multiply();
        (self.w, self.average.map(|mean| mean.sum))
    }
}
