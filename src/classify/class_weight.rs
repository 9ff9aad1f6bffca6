//! `class_weight` of the families: how much a row of either class weighs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// scikit-learn's `class_weight`, where `None` weighs every row alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum ClassWeight {
    /// Rows / (2 x rows of the class), so that both classes weigh the same in all.
    Balanced,
    /// The same, among the rows that a tree of a forest has drawn.
    BalancedSubsample,
    /// The weight of a negative and of a positive row. A study's single number is that of a positive row, with 1 for a negative
    /// one.
    Each([f64; 2]),
}

/// What a study may write.
const FORMS: &str = "write \"balanced\", { 0 = 1.0, 1 = 10.0 }, or the weight of a positive row, all above 0";

impl TryFrom<Value> for ClassWeight {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let number = |value: &Value| value.as_f64().filter(|weight| *weight > 0.0 && weight.is_finite());
        let refused = || format!("{value} is no class weight: {FORMS}");
        match &value {
            Value::String(name) if name == "balanced" => Ok(ClassWeight::Balanced),
            Value::String(name) if name == "balanced_subsample" => Ok(ClassWeight::BalancedSubsample),
            Value::Number(_) => Ok(ClassWeight::Each([1.0, number(&value).ok_or_else(refused)?])),
            Value::Object(table) if table.keys().all(|class| class == "0" || class == "1") => {
                let of = |class| table.get(class).map_or(Some(1.0), number).ok_or_else(refused);
                Ok(ClassWeight::Each([of("0")?, of("1")?]))
            }
            _ => Err(refused()),
        }
    }
}

impl From<ClassWeight> for Value {
    fn from(weight: ClassWeight) -> Value {
        match weight {
            ClassWeight::Balanced => "balanced".into(),
            ClassWeight::BalancedSubsample => "balanced_subsample".into(),
            ClassWeight::Each([negative, positive]) => json!({ "0": negative, "1": positive }),
        }
    }
}

impl ClassWeight {
    /// The weight of a negative and of a positive row, where there are so many of each; with one class only both weigh 1.
    pub(super) fn of(class_weight: Option<Self>, counts: [usize; 2]) -> [f64; 2] {
        Self::of_sums(class_weight, counts.map(|count| count as f64))
    }

    /// The same where the rows of each class weigh so much in all: what `"balanced"` means to the linear families whose rows have
    /// weights.
    pub(super) fn of_sums(class_weight: Option<Self>, sums: [f64; 2]) -> [f64; 2] {
        let all = sums[0] + sums[1];
        match class_weight {
            Some(ClassWeight::Each(weights)) => weights,
            Some(_) if !sums.contains(&0.0) => sums.map(|sum| all / (2.0 * sum)),
            _ => [1.0; 2],
        }
    }

    /// For the families that draw no rows.
    ///
    /// # Errors
    /// `balanced_subsample`, in one sentence.
    pub(super) fn refuse_subsample(class_weight: Option<Self>) -> Result<()> {
        match class_weight {
            Some(ClassWeight::BalancedSubsample) => Err(Error::Component(
                "`class_weight = \"balanced_subsample\"` is for forests, whose trees draw rows: write \"balanced\""
                    .into(),
            )),
            _ => Ok(()),
        }
    }
}

/// What a row weighs: its class's weight times its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowWeight<'w> {
    /// Of a negative and of a positive row.
    pub(super) classes: [f64; 2],
    /// Each row's own; none: 1.
    pub(super) own: Option<&'w [f64]>,
}

impl RowWeight<'_> {
    /// The weight of a row of this label.
    pub(super) fn of(&self, row: usize, label: u8) -> f64 {
        let class = self.classes[usize::from(label)];
        self.own.map_or(class, |own| own[row] * class)
    }
}

/// The rows that weigh more than 0, where some weigh 0.
pub(super) fn weighing(weight: Option<&[f64]>) -> Option<Vec<usize>> {
    let weight = weight?;
    let rows: Vec<usize> = (0..weight.len()).filter(|&row| weight[row] > 0.0).collect();
    (rows.len() < weight.len()).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_tables_are_weights_of_the_classes() {
        let read = |value: Value| serde_json::from_value::<ClassWeight>(value);
        assert_eq!(read(json!(7)).unwrap(), ClassWeight::Each([1.0, 7.0]));
        assert_eq!(read(json!({ "1": 3.5 })).unwrap(), ClassWeight::Each([1.0, 3.5]));
        assert_eq!(read(json!({ "0": 0.5, "1": 2 })).unwrap(), ClassWeight::Each([0.5, 2.0]));
        for value in [json!(0), json!({ "2": 1.0 }), json!({ "1": -1.0 }), json!("half")] {
            assert!(read(value).unwrap_err().to_string().contains("{ 0 = 1.0, 1 = 10.0 }"));
        }
        assert_eq!(serde_json::to_value(ClassWeight::Balanced).unwrap(), json!("balanced"));
        assert_eq!(serde_json::to_value(ClassWeight::Each([1.0, 7.0])).unwrap(), json!({ "0": 1.0, "1": 7.0 }));
    }

    #[test]
    fn balanced_weights_give_both_classes_half_of_the_rows() {
        assert_eq!(ClassWeight::of(Some(ClassWeight::Balanced), [6, 2]), [8.0 / 12.0, 2.0]);
        assert_eq!(ClassWeight::of(None, [6, 2]), [1.0, 1.0]);
        assert_eq!(ClassWeight::of(Some(ClassWeight::Balanced), [6, 0]), [1.0, 1.0]);
    }
}
