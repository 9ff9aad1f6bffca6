//! What a component costs, before anything was measured.

/// Training rows and columns that a [`Cost`] is of: the credit-card data's.
const REFERENCE: (f64, f64) = (255_353.0, 30.0);

/// About how many seconds of one thread a fit and a prediction take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    seconds: f64,
    fixed: f64,
    budget: Option<(&'static str, f64)>,
}

impl Cost {
    /// Seconds on 255,353 training rows x 30 columns (standardised credit-card data), linear in rows and in columns. That is
    /// too much for trees on many columns and too little for `svc` on many rows: an order of magnitude, not a promise.
    pub const fn seconds(seconds: f64) -> Self {
        Cost { seconds, fixed: 0.0, budget: None }
    }

    /// So many of the seconds do not shrink with the rows.
    #[must_use]
    pub const fn fixed(self, seconds: f64) -> Self {
        Cost { fixed: seconds, ..self }
    }

    /// They grow with the parameter `name`, whose default is `default`.
    #[must_use]
    pub const fn per(self, name: &'static str, default: f64) -> Self {
        Cost { budget: Some((name, default)), ..self }
    }

    /// Seconds for so many training rows and columns, with these parameters.
    pub fn of(&self, rows: f64, columns: f64, params: &serde_json::Value) -> f64 {
        let share = |(name, default): (&str, f64)| params[name].as_f64().map_or(1.0, |given| given / default);
        let (all_rows, all_columns) = REFERENCE;
        (self.fixed + (self.seconds - self.fixed) * rows / all_rows) * columns / all_columns
            * self.budget.map_or(1.0, share)
    }
}
