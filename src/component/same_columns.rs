//! What every fitted transformer refuses alike.

use crate::error::{Error, Result};
use crate::words::{agree, count, counted};

/// Refuses a matrix whose columns are not as many as those of the training matrix.
///
/// # Errors
/// One sentence with both numbers.
pub(crate) fn same_columns(id: &str, fitted: usize, given: usize) -> Result<()> {
    match fitted == given {
        true => Ok(()),
        false => Err(Error::Component(format!(
            "`{id}` was fitted on {}, but {} {} given",
            counted(fitted as u64, "column"),
            count(given as u64),
            agree(given, "is", "are"),
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_numbers_are_told() {
        let said = |fitted, given| same_columns("standard", fitted, given).map_err(|e| e.to_string());
        assert_eq!(said(3, 3), Ok(()));
        assert_eq!(said(1, 1_200), Err("`standard` was fitted on 1 column, but 1,200 are given".into()));
        assert_eq!(said(2, 1), Err("`standard` was fitted on 2 columns, but 1 is given".into()));
    }
}
