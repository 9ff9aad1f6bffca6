//! What a Parquet file says of its columns' types.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::ColumnDescriptor;

use super::super::faults::Why;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Boolean,
    Signed,
    Unsigned,
    Float,
    Half,
    /// Whole numbers, to be divided by this power of ten.
    Decimal(u32),
    /// Whole numbers of so many per second since 1970.
    Times(i64),
    /// Days since 1970.
    Days,
    /// Nanoseconds in the old form of 96 bits.
    Old,
    Texts,
    /// Nothing but nulls, of whatever type.
    Null,
    /// Nothing of these.
    Other,
    /// A list, map or structure.
    Nested,
}

/// A column of the file: a field of the schema's root.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub name: String,
    /// Its (first) leaf.
    pub leaf: usize,
    pub sort: Sort,
    /// What a message says of its type.
    pub said: String,
    /// The definition level of values that are there.
    pub present: i16,
}

impl Form {
    pub fn is_flat(&self) -> bool {
        self.unfit().is_none()
    }

    pub fn is_time(&self) -> bool {
        matches!(self.sort, Sort::Times(_) | Sort::Days | Sort::Old)
    }

    /// Whether it is of the same type in another file. Where a file has nulls alone, it fits every type.
    pub fn fits(&self, other: &Form) -> bool {
        let of = |form: &Form| (form.sort, form.present);
        [self.sort, other.sort].contains(&Sort::Null) || (of(self), &self.said) == (of(other), &other.said)
    }

    /// Its type in words, and whether values may be missing.
    pub fn type_words(&self) -> String {
        let sort = match self.sort {
            Sort::Boolean => "boolean",
            Sort::Signed => "integer",
            Sort::Unsigned => "unsigned integer",
            Sort::Float | Sort::Half => "float",
            Sort::Decimal(_) => "decimal",
            Sort::Times(_) | Sort::Old => "timestamp",
            Sort::Days => "date",
            Sort::Texts => "text",
            Sort::Null => "null",
            Sort::Other | Sort::Nested => &self.said,
        };
        format!("{} {sort}", if self.present == 0 { "required" } else { "optional" })
    }

    /// Why the column cannot be read.
    pub fn unfit(&self) -> Option<Why> {
        match self.sort {
            Sort::Nested => Some(Why::Nested),
            Sort::Other => Some(Why::Unreadable),
            _ => None,
        }
    }
}

/// The columns of a file, in its order.
pub(super) fn forms(metadata: &ParquetMetaData) -> Vec<Form> {
    let schema = metadata.file_metadata().schema_descr();
    let mut forms: Vec<Form> = Vec::new();
    let mut roots = Vec::new();
    for leaf in 0..schema.num_columns() {
        let root = schema.get_column_root_idx(leaf);
        if roots.last() == Some(&root) {
            continue;
        }
        roots.push(root);
        let (column, field) = (schema.column(leaf), schema.get_column_root(leaf));
        let (sort, said) = match field.is_primitive() && column.max_rep_level() == 0 {
            true => sort(&column),
            false if column.max_rep_level() > 0 => (Sort::Nested, "a list".to_owned()),
            false => (Sort::Nested, "a structure".to_owned()),
        };
        forms.push(Form { name: field.name().to_owned(), leaf, sort, said, present: column.max_def_level() });
    }
    forms
}

fn sort(column: &ColumnDescriptor) -> (Sort, String) {
    let (logical, converted) = (column.logical_type_ref(), column.converted_type());
    let per_second = match (logical, converted) {
        (Some(LogicalType::Timestamp(of)), _) => match of.unit {
            TimeUnit::MILLIS => Some(1_000),
            TimeUnit::MICROS => Some(1_000_000),
            TimeUnit::NANOS => Some(1_000_000_000),
        },
        (None, ConvertedType::TIMESTAMP_MILLIS) => Some(1_000),
        (None, ConvertedType::TIMESTAMP_MICROS) => Some(1_000_000),
        _ => None,
    };
    let scale = match (logical, converted) {
        (Some(LogicalType::Decimal(of)), _) => u32::try_from(of.scale).ok(),
        (None, ConvertedType::DECIMAL) => u32::try_from(column.type_scale()).ok(),
        _ => None,
    };
    let of_day = matches!(logical, Some(LogicalType::Time(_)))
        || matches!(converted, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS);
    let unsigned = matches!(logical, Some(LogicalType::Integer(of)) if !of.is_signed)
        || matches!(
            converted,
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
        );
    if logical == Some(&LogicalType::Unknown) {
        return (Sort::Null, String::new());
    }
    let days = logical == Some(&LogicalType::Date) || converted == ConvertedType::DATE;
    let sort = match column.physical_type() {
        Type::BOOLEAN => Sort::Boolean,
        Type::FLOAT | Type::DOUBLE => Sort::Float,
        Type::INT96 => Sort::Old,
        Type::INT32 | Type::INT64 if of_day => return (Sort::Other, "a time of the day".into()),
        Type::INT32 if days => Sort::Days,
        Type::INT64 if per_second.is_some() => Sort::Times(per_second.unwrap_or(1)),
        // A decimal with negative scale is none.
        Type::FIXED_LEN_BYTE_ARRAY if logical == Some(&LogicalType::Float16) => Sort::Half,
        Type::BYTE_ARRAY if scale.is_none() => Sort::Texts,
        _ if scale.is_some() => Sort::Decimal(scale.unwrap_or(0)),
        Type::INT32 | Type::INT64 if unsigned => Sort::Unsigned,
        Type::INT32 | Type::INT64 => Sort::Signed,
        Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY => return (Sort::Other, "bytes of a fixed length".into()),
    };
    (sort, String::new())
}
