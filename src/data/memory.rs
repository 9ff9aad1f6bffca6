//! Whether a table fits into the memory of this machine, before anything is allocated for it.

use super::Called;
use crate::error::{Error, Result};
use crate::os::memory::{address_bytes, available_bytes};

/// Refuses a table of numbers that is larger than what is free.
pub(crate) fn check(file: &str, rows: usize, columns: usize) -> Result<()> {
    check_called(file, rows, columns, Called::InStudy)
}

/// The same, with how messages call keys.
pub(super) fn check_called(file: &str, rows: usize, columns: usize, called: Called) -> Result<()> {
    let needed = rows as u128 * columns as u128 * size_of::<f64>() as u128;
    match available_bytes() {
        Some(free) if needed > u128::from(free) => {
            // Then it is the addresses of this process that are short, and not the machine's memory.
            let is_limited = address_bytes().is_some_and(|left| left <= free);
            Err(Error::Data(format!(
                "{file}: {rows} rows x {columns} columns take {} MiB, and {} MiB of memory are free: {}",
                needed >> 20,
                free >> 20,
                remedies(called, is_limited)
            )))
        }
        _ => Ok(()),
    }
}

/// What to do; `is_limited` says whether the user's limit is what stops it.
fn remedies(called: Called, is_limited: bool) -> String {
    let limit = if is_limited { ", or raise the limit of memory (`ulimit -v`)" } else { "" };
    format!("{} columns, or take fewer rows{limit}", called.name("ignore"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_beyond_the_memory_is_refused_with_both_sizes() {
        check("t.csv", 1_000, 30).unwrap();
        let said = check("t.csv", usize::MAX, 30).unwrap_err().to_string();
        assert!(
            said.starts_with("t.csv: 18446744073709551615 rows x 30 columns take ") && said.contains(" MiB of memory")
        );
    }

    #[test]
    fn a_limit_that_can_be_raised_is_named() {
        assert_eq!(remedies(Called::InStudy, false), "`ignore` columns, or take fewer rows");
        assert_eq!(
            remedies(Called::OnLine, true),
            "`--ignore` columns, or take fewer rows, or raise the limit of memory (`ulimit -v`)"
        );
    }
}
