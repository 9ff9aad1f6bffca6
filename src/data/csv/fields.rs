//! Fields of a record.

use std::borrow::Cow;

use memchr::memchr;

/// What a field holds, and what follows its separator, if there is one.
pub(super) type Field<'a, T> = Result<(T, Option<&'a [u8]>), String>;

/// The first field of a record, without spaces around it and without its quotes.
pub(super) fn field(record: &[u8], separator: u8) -> Field<'_, Cow<'_, [u8]>> {
    let is_space = |byte: &u8| *byte == b' ' || *byte == b'\t' && separator != b'\t';
    let begin = record.iter().position(|byte| !is_space(byte)).unwrap_or(record.len());
    if record.get(begin) != Some(&b'"') {
        let end = memchr(separator, record).unwrap_or(record.len());
        return Ok((record[..end].trim_ascii().into(), record.get(end + 1..)));
    }
    let inside = &record[begin + 1..];
    let mut doubled = false;
    let mut from = 0;
    let close = loop {
        // `Lines` has found the end of every quoted field, so that one is missing in no record.
        let quote = from + memchr(b'"', &inside[from..]).ok_or("a quote is not closed")?;
        if inside.get(quote + 1) != Some(&b'"') {
            break quote;
        }
        doubled = true;
        from = quote + 2;
    };
    let after = &inside[close + 1..];
    let end = memchr(separator, after).unwrap_or(after.len());
    if !after[..end].trim_ascii().is_empty() {
        return Err("text follows a closing quote".into());
    }
    let text = inside[..close].trim_ascii();
    let text = if doubled { Cow::Owned(undoubled(text)) } else { Cow::Borrowed(text) };
    Ok((text, after.get(end + 1..)))
}

/// Every `""` is one `"`.
fn undoubled(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        plain.push(byte);
        if byte == b'"' {
            bytes.next();
        }
    }
    plain
}

/// All fields of a record.
pub(super) fn fields(record: &[u8], separator: u8) -> Result<Vec<Cow<'_, [u8]>>, String> {
    let mut found = Vec::new();
    let mut rest = Some(record);
    while let Some(here) = rest {
        let (text, after) = field(here, separator)?;
        found.push(text);
        rest = after;
    }
    Ok(found)
}

/// A number, its text, and what follows its separator, if there is one.
type Number<'a> = (f64, &'a [u8], Option<&'a [u8]>);

/// A finite plain number right up to a separator or the end. The common case, in one pass.
pub(super) fn number(record: &[u8], separator: u8) -> Option<Number<'_>> {
    let (value, used) = fast_float2::parse_partial::<f64, _>(record).ok()?;
    let after = match record.get(used) {
        None => None,
        Some(byte) if *byte == separator => Some(&record[used + 1..]),
        Some(_) => return None,
    };
    value.is_finite().then_some((value, &record[..used], after))
}
