//! How much of something was scored.

/// Cells with scores, and all cells of the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells {
    /// Cells with scores.
    pub scored: usize,
    /// Cells with a record but no scores.
    pub failed: usize,
    /// Cells of the plan.
    pub planned: usize,
}

impl Cells {
    /// Whether all that was planned has scores, and anything was.
    pub fn is_whole(self) -> bool {
        self.planned > 0 && self.scored == self.planned
    }

    /// Both together.
    pub fn and(self, other: Cells) -> Cells {
        Cells {
            scored: self.scored + other.scored,
            failed: self.failed + other.failed,
            planned: self.planned + other.planned,
        }
    }

    /// In words where there is no value: `not run`, `failed`, `3/10 scored`.
    pub fn state(self) -> String {
        match self {
            Cells { planned: 0, .. } => "not run".to_owned(),
            Cells { scored: 0, failed: 0, .. } => "not run yet".to_owned(),
            Cells { scored: 0, failed, planned } if failed == planned => "failed".to_owned(),
            Cells { scored, planned, .. } => format!("{scored}/{planned} scored"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_value_says_why() {
        let cells = |scored, failed, planned| Cells { scored, failed, planned }.state();
        assert_eq!(cells(0, 0, 0), "not run");
        assert_eq!(cells(0, 0, 4), "not run yet");
        assert_eq!(cells(0, 4, 4), "failed");
        assert_eq!(cells(0, 1, 4), "0/4 scored");
        assert_eq!(cells(3, 1, 4), "3/4 scored");
    }
}
