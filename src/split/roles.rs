//! What a split looks at in a data set.

use crate::component::{Roles, Splitter};
use crate::data::{Dataset, Role};
use crate::error::{Error, Result, unknown};

/// What the kind of split called `id` looks at in a data set. A role or a column that the data do not have is an error with
/// what to write.
pub(super) fn roles(data: &Dataset, id: &str, splitter: &dyn Splitter) -> Result<Roles> {
    let needs = splitter.needs();
    let has = |role: Role| match role {
        Role::Group => data.sides.group.is_some(),
        Role::Time => data.sides.time.is_some(),
        Role::Fold => data.sides.fold.is_some(),
        _ => true,
    };
    complete(&data.name, (id, &needs), has)?;
    Ok(Roles {
        y: data.y.clone(),
        group: data.sides.group.clone().filter(|_| needs.contains(&Role::Group)),
        time: data.sides.time.clone().filter(|_| needs.contains(&Role::Time)),
        order: splitter.column().map(|name| order(data, name)).transpose()?,
        fold: data.sides.fold.clone().filter(|_| needs.contains(&Role::Fold)),
    })
}

/// Refuses a table of this name that does not have what a kind of splits needs to know of its rows.
pub(super) fn complete(name: &str, (id, needs): (&str, &[Role]), has: impl Fn(Role) -> bool) -> Result<()> {
    let lacking: Vec<&str> = needs.iter().filter(|role| !has(**role)).map(|role| ask(*role)).collect();
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(Error::Study(format!(
            "protocol: `{id}` needs to know of each row of {name} {}",
            lacking.join("; and ")
        ))),
    }
}

/// What is to be known, and what to write for it.
fn ask(role: Role) -> &'static str {
    match role {
        Role::Group => "whose it is: give `group`, the column of cards or customers, in [data]",
        Role::Time => "when it was: give `time`, a column of dates, times or seconds, in [data]",
        Role::Fold => {
            "which part it belongs to: give `fold`, a column of folds, in [data], or files in `validation` and `test`"
        }
        _ => "more than its label",
    }
}

/// The values of the column that orders the rows: a feature, or the column with the role `time`.
fn order(data: &Dataset, name: &str) -> Result<Vec<f64>> {
    if data.columns.iter().any(|column| column.name == name) {
        return data.column(name);
    }
    match data.others.iter().find(|column| column.name == name) {
        Some(column) if column.role == Some(Role::Time) => {
            Ok(data.sides.time.iter().flatten().map(|&moment| moment as f64).collect())
        }
        Some(_) => Err(Error::Data(format!(
            "{}: column `{name}` is no feature, so its values are not there to order the rows by: write time = \
             \"{name}\" in [data], where it may be in `ignore`, and leave `column` out of [protocol]",
            data.name
        ))),
        None => {
            let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
            Err(Error::Data(format!("{}: {}", data.name, unknown("column for time order", name, &names))))
        }
    }
}
