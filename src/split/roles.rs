//! What a split looks at in a data set.

use crate::component::{Roles, Splitter};
use crate::data::{Dataset, Kind, Role, shown};
use crate::error::{Error, Result, unknown};

/// What the kind of split called `id` looks at in a data set. A role or a column that the data do not have is an error with
/// what to write.
pub(super) fn roles(data: &Dataset, id: &str, splitter: &dyn Splitter) -> Result<Roles> {
    check(data, id, splitter)?;
    let needs = splitter.needs();
    Ok(Roles {
        y: data.y.clone(),
        group: data.sides.group.clone().filter(|_| needs.contains(&Role::Group)),
        time: data.sides.time.clone().filter(|_| needs.contains(&Role::Time)),
        order: splitter.column().map(|name| order(data, name)).transpose()?,
        fold: data.sides.fold.clone().filter(|_| needs.contains(&Role::Fold)),
    })
}

/// Refuses a data set without a role or a column that the kind of split called `id` looks at.
pub(super) fn check(data: &Dataset, id: &str, splitter: &dyn Splitter) -> Result<()> {
    let has = |role: Role| match role {
        Role::Group => data.sides.group.is_some(),
        Role::Time => data.sides.time.is_some(),
        Role::Fold => data.sides.fold.is_some(),
        _ => true,
    };
    complete_for(&data.name, (id, splitter), has)?;
    splitter.column().map_or(Ok(()), |name| check_order(data, name))
}

/// Refuses a table of this name that does not have what the kind of split called `id` needs to know of its rows.
pub(super) fn complete_for(
    name: &str,
    (id, splitter): (&str, &dyn Splitter),
    has: impl Fn(Role) -> bool,
) -> Result<()> {
    let instead = |role| splitter.instead_of(role).map(|key| format!(", or write {key} in [protocol]"));
    refuse(name, (&format!("protocol: `{id}`"), &splitter.needs()), has, |role| instead(role).unwrap_or_default())
}

/// Refuses a table of this name that does not have what `who`, with its key in the study, needs to know of its rows.
pub(crate) fn complete(name: &str, of: (&str, &[Role]), has: impl Fn(Role) -> bool) -> Result<()> {
    refuse(name, of, has, |_| String::new())
}

/// The same; `instead` is what may be written instead of a role.
fn refuse(
    name: &str,
    (who, needs): (&str, &[Role]),
    has: impl Fn(Role) -> bool,
    instead: impl Fn(Role) -> String,
) -> Result<()> {
    let asked = |role: &Role| format!("{}{}", ask(*role), instead(*role));
    let lacking: Vec<String> = needs.iter().filter(|role| !has(**role)).map(asked).collect();
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(Error::Study(format!("{who} needs to know of each row of {name} {}", lacking.join("; and ")))),
    }
}

/// What is to be known, and what to write for it.
fn ask(role: Role) -> &'static str {
    match role {
        Role::Group => "whose it is: give `group`, the column of cards or customers, in [data]",
        Role::Time => "when it was: give `time`, a column of dates, times or seconds, in [data]",
        Role::Amount => "what is at stake: give `amount`, the column of money, in [data]",
        Role::Fold => {
            "which part it belongs to: give `fold`, a column of folds, in [data], or files in `validation` and `test`"
        }
        _ => "more than its label",
    }
}

/// The values of the column that orders the rows: a feature, or the column with the role `time`.
fn order(data: &Dataset, name: &str) -> Result<Vec<f64>> {
    check_order(data, name)?;
    if data.columns.iter().any(|column| column.name == name) {
        return data.column(name);
    }
    Ok(data.sides.time.iter().flatten().map(|&moment| moment as f64).collect())
}

/// Refuses a column that cannot order the rows.
fn check_order(data: &Dataset, name: &str) -> Result<()> {
    let refused = |said: String| Err(Error::Study(format!("{}: {said}", data.name)));
    match data.columns.iter().find(|column| column.name == name).map(|column| &column.kind) {
        // The codes of a category are in the order of its texts: 01.02. comes before 31.01.
        Some(Kind::Category(levels)) => {
            let texts =
                levels.first().map_or_else(String::new, |text| format!(" such as `{}`", shown(text.as_bytes())));
            return refused(format!(
                "protocol: `column` names `{name}`, which holds texts{texts} and orders no rows: name a column of times or \
                 numbers, or write its times as 2024-02-10"
            ));
        }
        Some(_) => return Ok(()),
        None => {}
    }
    match data.others.iter().find(|column| column.name == name).map(|column| column.role) {
        Some(Some(Role::Time)) => Ok(()),
        // Whatever it is already it cannot be the time, too.
        Some(Some(role)) if role != Role::Ignored => refused(format!(
            "protocol: `column` names `{name}`, which is the {} and orders no rows: name a column of times or numbers, or \
             leave `column` out and write time = \"COLUMN\" in [data]",
            role.key()
        )),
        Some(_) => refused(format!(
            "column `{name}` is no feature, so its values are not there to order the rows by: write time = \
             \"{name}\" in [data], where it may be in `ignore`, and leave `column` out of [protocol]"
        )),
        None => {
            let features = data.columns.iter().map(|column| column.name.as_str());
            let time = data.others.iter().filter(|column| column.role == Some(Role::Time));
            let names: Vec<&str> = features.chain(time.map(|column| column.name.as_str())).collect();
            refused(unknown("column for time order", name, &names))
        }
    }
}
