//! What a component costs, before anything was measured.

/// Training rows and columns that a [`Cost`] is of: the credit-card data's.
const REFERENCE: (f64, f64) = (255_353.0, 30.0);

/// About how many seconds of one thread a fit and a prediction take.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    seconds: f64,
    fixed: f64,
    budget: [Option<(&'static str, f64)>; 2],
    work: Option<Work>,
}

/// How many times as much work so many columns and these parameters are as 30 columns and the default ones.
pub type Work = fn(f64, &serde_json::Value) -> f64;

impl Cost {
    /// Seconds on 255,353 training rows x 30 columns (standardised credit-card data), linear in rows and in columns. That is
    /// too much for trees on many columns and too little for `svc` on many rows: an order of magnitude, not a promise.
    pub const fn seconds(seconds: f64) -> Self {
        Cost { seconds, fixed: 0.0, budget: [None; 2], work: None }
    }

    /// So many of the seconds do not shrink with the rows.
    #[must_use]
    pub const fn fixed(self, seconds: f64) -> Self {
        Cost { fixed: seconds, ..self }
    }

    /// They grow with the parameter `name`, whose default is `default`; so with two parameters at most.
    #[must_use]
    pub const fn per(self, name: &'static str, default: f64) -> Self {
        let given = Some((name, default));
        let budget = if self.budget[0].is_none() { [given, None] } else { [self.budget[0], given] };
        Cost { budget, ..self }
    }

    /// They grow with columns and parameters as `work` says, instead of with the columns.
    #[must_use]
    pub const fn by(self, work: Work) -> Self {
        Cost { work: Some(work), ..self }
    }

    /// Seconds for so many training rows and columns, with these parameters.
    pub fn of(&self, rows: f64, columns: f64, params: &serde_json::Value) -> f64 {
        // Where 0 or less stands for no bound, the default says more.
        let given = |name: &str| params[name].as_f64().filter(|given| *given > 0.0);
        let share = |(name, default): &(&str, f64)| given(name).map_or(1.0, |given| given / default);
        let (all_rows, all_columns) = REFERENCE;
        let work = self.work.map_or(columns / all_columns, |work| work(columns, params));
        (self.fixed + (self.seconds - self.fixed) * rows / all_rows)
            * work
            * self.budget.iter().flatten().map(share).product::<f64>()
    }
}
