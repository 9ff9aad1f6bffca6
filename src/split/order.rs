//! Rows in the order of time.

use std::cmp::Ordering;

use super::Roles;
use super::apart::Groups;
use crate::data::Role;
use crate::error::{Error, Result};

/// The roles of a split in time that is ordered by a named column or by the role `time`.
pub(super) fn roles_in_time(column: Option<&str>, groups: Groups) -> Vec<Role> {
    let time = column.is_none().then_some(Role::Time);
    time.into_iter().chain(groups.are_apart().then_some(Role::Group)).collect()
}

/// The rows, earliest first, file order among equals: by the named `column`, else by the role `time`.
pub(super) fn in_order(rows: &Roles, column: Option<&str>) -> Result<Vec<usize>> {
    let n = rows.y.len();
    let mut order: Vec<usize> = (0..n).collect();
    let name = column.unwrap_or("time");
    let lacking = || Error::Data(format!("an order in time needs a value of column `{name}` for each of {n} rows"));
    if column.is_none() {
        let time = rows.time.as_ref().filter(|time| time.len() == n).ok_or_else(lacking)?;
        order.sort_by_key(|&row| time[row]);
        return Ok(order);
    }
    let values = rows.order.as_ref().filter(|values| values.len() == n).ok_or_else(lacking)?;
    let missing = values.iter().filter(|value| value.is_nan()).count();
    if missing > 0 {
        return Err(Error::Data(format!("column `{name}` orders the rows, but {missing} of its values are missing")));
    }
    // Plain comparison, not total_cmp: -0.0 and 0.0 are the same time.
    order.sort_by(|&a, &b| values[a].partial_cmp(&values[b]).unwrap_or(Ordering::Equal));
    Ok(order)
}
