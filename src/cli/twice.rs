//! Lists on the command line: what stands twice in one is a slip.

use std::fmt::Display;

use crate::error::{Error, Result};

/// The values of `option` that stand more than once, a sentence each.
pub fn twice<T: Display + PartialEq>(option: &str, values: &[T]) -> Vec<String> {
    let mut said = Vec::new();
    for (place, value) in values.iter().enumerate() {
        let told = format!("{option}: `{value}` is listed twice");
        if values[..place].contains(value) && !said.contains(&told) {
            said.push(told);
        }
    }
    said
}

/// Refuses all of these at once.
///
/// # Errors
/// [`Error::Usage`] where there are any.
pub fn refuse(twice: &[String]) -> Result<()> {
    match twice {
        [] => Ok(()),
        said => Err(Error::Usage(format!("{}: write each at most once", said.join("; ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_that_is_there_more_than_once_is_told_once() {
        assert_eq!(
            twice("--rows", &[3, 5, 3, 4, 5, 3]),
            ["--rows: `3` is listed twice", "--rows: `5` is listed twice"]
        );
        assert_eq!(twice("--share", &[0.1, 0.2]), Vec::<String>::new());
        assert!(refuse(&[]).is_ok());
        let said = refuse(&[twice("--a", &["x", "x"]), twice("--b", &[1, 1])].concat()).unwrap_err().to_string();
        assert_eq!(said, "--a: `x` is listed twice; --b: `1` is listed twice: write each at most once");
    }
}
