//! What pandas has written beside a table: which columns are its index, and types that Parquet does not have.

use parquet::file::metadata::ParquetMetaData;
use serde_json::Value;

use super::form::{Form, Sort};
use crate::data::assign::{Use, Way};
use crate::data::read::ReadOptions;

/// What pandas says of a table; null where another program wrote it.
pub(super) fn of(metadata: &ParquetMetaData) -> Value {
    let stored = metadata.file_metadata().key_value_metadata().into_iter().flatten();
    let text = stored.filter(|pair| pair.key == "pandas").find_map(|pair| pair.value.as_deref());
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Which columns are the stored index of a pandas table.
pub(super) fn index(pandas: &Value, names: &[String]) -> Vec<String> {
    let listed = pandas["index_columns"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_index = |name: &&String| is_numbered(name) || listed.iter().any(|index| index.as_str() == Some(name));
    names.iter().filter(is_index).cloned().collect()
}

/// Whether a column is an index that had no name in pandas.
pub(in crate::data) fn is_numbered(name: &str) -> bool {
    name.strip_prefix("__index_level_").is_some_and(|rest| rest.ends_with("__"))
}

/// The options, with the stored index among the ignored columns, unless the study names it.
pub(super) fn without_index(pandas: &Value, names: &[String], options: &ReadOptions) -> (ReadOptions, Vec<String>) {
    let mut options = options.clone();
    let mut notes = Vec::new();
    for name in index(pandas, names) {
        if !options.names(&name) {
            options.ignore.push(name.clone());
            notes.push(format!("`{name}` is the index of a pandas table and is ignored"));
        }
    }
    (options, notes)
}

/// A sentence for each feature that is more than a number in pandas and is read as one, as nobody says what it is.
pub(super) fn read_as_numbers(pandas: &Value, columns: &[Form], uses: &[Use], options: &ReadOptions) -> Vec<String> {
    let known = pandas["columns"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_number = |form: &Form| matches!(form.sort, Sort::Signed | Sort::Unsigned | Sort::Float | Sort::Half);
    let inferred = |of: &Use| of.is_read() && of.feature && of.role.is_none() && !of.named && of.way == Way::Infer;
    let read = columns.iter().zip(uses).filter(|(form, of)| is_number(form) && inferred(of));
    let said = |(form, _): (&Form, &Use)| {
        let name = form.name.as_str();
        let told = known.iter().find(|told| told["field_name"] == name || told["name"] == name)?;
        if told["pandas_type"] == "categorical" {
            let categorical = options.called.name("categorical");
            return Some(format!(
                "`{name}` is a category of numbers in pandas and is read as numbers: add it to {categorical} if they are codes"
            ));
        }
        let unit = told["numpy_type"].as_str()?.strip_prefix("timedelta64[")?.strip_suffix(']')?;
        let unit = match unit {
            "s" => "seconds",
            "ms" => "milliseconds",
            "us" => "microseconds",
            "ns" => "nanoseconds",
            _ => return None,
        };
        Some(format!("`{name}` is a duration in pandas and is read as a number of {unit}"))
    };
    read.filter_map(said).collect()
}
