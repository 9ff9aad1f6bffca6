//! What a file is, by its first bytes.

use std::path::Path;

use memchr::memmem;

use crate::error::{Error, Result};

/// The formats that are read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Parquet,
}

impl Format {
    /// How a new file is written, by its name.
    ///
    /// # Errors
    /// [`Error::Usage`] for a name that says something else, or nothing.
    pub(crate) fn named(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending.to_lowercase().as_str() {
            "csv" => Ok(Format::Csv),
            "parquet" => Ok(Format::Parquet),
            _ => Err(Error::Usage(format!(
                "{}: the file's name must end in .parquet or .csv, which says how it is written",
                path.display()
            ))),
        }
    }
}

/// The format of a file, uncompressed.
///
/// # Errors
/// [`Error::Data`] naming a format that is not read, and what to do.
pub(super) fn recognize(path: &Path, bytes: &[u8]) -> Result<Format> {
    let file = path.display();
    let ends = |ending: &str| path.to_string_lossy().to_lowercase().ends_with(ending);
    if bytes.starts_with(b"PAR1") {
        return match bytes.ends_with(b"PAR1") && bytes.len() > 12 {
            true => Ok(Format::Parquet),
            false => Err(Error::Data(format!("{file}: a Parquet file that is cut short: get it again"))),
        };
    }
    let found = other(bytes).or_else(|| {
        let wanted = ends(".parquet") || ends(".pq");
        wanted.then(|| "no Parquet file, though it is called one: name it by what it is, or get it again".to_owned())
    });
    found.map_or(Ok(Format::Csv), |what| Err(Error::Data(format!("{file}: this is {what}"))))
}

/// What begins like that and is not read, with what to do.
fn other(bytes: &[u8]) -> Option<String> {
    let begins = |with: &[u8]| bytes.starts_with(with);
    if begins(b"PK\x03\x04") {
        return Some(zipped(bytes).to_owned());
    }
    let binary = [
        (&b"\xfd7zXZ\0"[..], "an xz-compressed file: unpack it with `unxz`"),
        (b"BZh", "a bzip2-compressed file: unpack it with `bunzip2`"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it, and name the file that was in it"),
        (b"\xff\xfe", "a text in UTF-16: save it as UTF-8"),
        (b"\xfe\xff", "a text in UTF-16: save it as UTF-8"),
        (b"version https://git-lfs", "a Git LFS pointer instead of the data: get the file with `git lfs pull`"),
        (b"ARROW1", "an Arrow (Feather) file: save it as Parquet or CSV"),
        (b"\x89HDF", "an HDF5 file: save it as Parquet or CSV"),
        (b"\xd0\xcf\x11\xe0", "an old Excel file: save it as CSV"),
        (b"SQLite format 3", "an SQLite database: save the table as CSV"),
        (b"%PDF", "a PDF document: get the table as CSV"),
        (b"\xff\xff\xff\xff", "an Arrow stream: save it as Parquet or CSV"),
        (b"Obj\x01", "an Avro file: save it as Parquet or CSV"),
        (b"\x93NUMPY", "a file of numpy: save it as Parquet or CSV"),
        (b"RDX3\n", "a file of R: save it as Parquet or CSV"),
    ];
    if let Some((_, what)) = binary.iter().find(|(with, _)| begins(with)) {
        return Some((*what).to_owned());
    }
    if bytes.len() > 3 && bytes[..bytes.len().min(64)].iter().skip(1).step_by(2).all(|byte| *byte == 0) {
        return Some("a text in UTF-16: save it as UTF-8".into());
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some("a tar archive: unpack it, and name the file that was in it".into());
    }
    let start = &bytes[..bytes.len().min(4096)];
    let text = String::from_utf8_lossy(start).to_lowercase();
    let first = text.trim_start_matches('\u{feff}').trim_start();
    if first.starts_with("<!doctype") || first.starts_with("<html") || first.starts_with("<?xml") {
        return Some("a web page (HTML) instead of the data: download the file itself".into());
    }
    if is_json(first) {
        return Some("a JSON file: save it as CSV or Parquet".into());
    }
    let is_arff = |line: &str| line.trim_start().starts_with("@relation");
    if first.lines().take_while(|line| line.starts_with('%') || line.trim().is_empty() || is_arff(line)).any(is_arff) {
        return Some("an ARFF file (Weka, OpenML): save it as CSV or Parquet".into());
    }
    None
}

/// Whether a text begins as objects or rows of JSON do, or lines of JSON.
fn is_json(text: &str) -> bool {
    let marks: String = text.chars().filter(|c| !c.is_whitespace()).take(8).collect();
    // Rows of pandas' `orient="values"`: what comes first in a row is a value, and no name of a column.
    let is_value = |value: &str| {
        value.starts_with(|c: char| matches!(c, '"' | '-') || c.is_ascii_digit())
            || ["null", "true", "false"].iter().any(|word| value.starts_with(word))
    };
    marks.starts_with("{\"") || marks.starts_with("[{") || marks.strip_prefix("[[").is_some_and(is_value)
}

/// What a zip archive is, by the names of the files in it, which are not compressed.
fn zipped(bytes: &[u8]) -> &'static str {
    let holds = |name: &[u8]| memmem::find(bytes, name).is_some();
    if holds(b"xl/workbook.") {
        "an Excel workbook: save the sheet as CSV"
    } else if holds(b"application/vnd.oasis.opendocument.spreadsheet") {
        "an OpenDocument spreadsheet: save the sheet as CSV"
    } else {
        "a zip archive: unpack it, and name the file that was in it"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_written_as_its_name_says() {
        let named = |name: &str| Format::named(Path::new(name)).map_err(|e| e.to_string());
        assert_eq!([named("a.CSV"), named("b/a.csv.parquet")], [Ok(Format::Csv), Ok(Format::Parquet)]);
        for name in ["a.csv.gz", "a.xlsx", "csv", ".csv", "-"] {
            let said = format!("{name}: the file's name must end in .parquet or .csv, which says how it is written");
            assert_eq!(named(name), Err(said));
        }
    }

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        let said = |name: &str, bytes: &[u8]| recognize(Path::new(name), bytes).map_err(|e| e.to_string());
        assert_eq!(said("a.csv", b"a,b\n1,2\n"), Ok(Format::Csv));
        assert_eq!(said("a.csv", b"PAR1 and so on till PAR1"), Ok(Format::Parquet));
        // A column may be called like that.
        assert_eq!(said("a.csv", b"{id},[x],fraud\n1,2,0\n"), Ok(Format::Csv));
        assert_eq!(said("a.csv", b"[[x]],[y],fraud\n1,2,0\n"), Ok(Format::Csv));
        let tar = [&b"base.csv"[..], &[0; 249], b"ustar  \0"].concat();
        for (name, bytes, word) in [
            ("a.csv", &b"PK\x03\x04.."[..], "zip archive"),
            ("a.xlsx", b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml", "an Excel workbook: save the sheet as CSV"),
            ("a.xlsb", b"PK\x03\x04..xl/workbook.bin", "an Excel workbook"),
            ("a.ods", b"PK\x03\x04..mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "save the sheet as CSV"),
            ("a.csv", b"\xfd7zXZ\0..", "xz-compressed"),
            ("a.csv", b"BZh9..", "bzip2-compressed"),
            ("a.csv", b"\xff\xfea\0,\0", "UTF-16"),
            ("a.csv", b"a\0,\0b\0\n\0", "UTF-16"),
            ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
            ("a.csv", b"\n<!DOCTYPE html><html>", "web page"),
            ("a.csv", b"% cards\n%\n@RELATION cards\n@attribute a numeric\n", "ARFF"),
            (
                "a.csv",
                b"{\"id\":1,\"fraud\":0}\n{\"id\":2,\"fraud\":1}\n",
                "this is a JSON file: save it as CSV or Parquet",
            ),
            ("a.json", b"\xef\xbb\xbf[\n  {\n    \"id\": 1", "this is a JSON file"),
            ("a.json", b"[[\"id\",\"fraud\"],[1,0]]", "this is a JSON file"),
            ("v.json", b"[[0,0.5,0],[1,0.25,1]]", "this is a JSON file"),
            ("v.json", b"[\n[1, 2, 0],\n[3, 4, 1]\n]\n", "this is a JSON file"),
            ("v.json", b"[ [ -1, 2], [3,4]]", "this is a JSON file"),
            ("v.json", b"[[null,2],[3,4]]", "this is a JSON file"),
            ("a.json", b"[ [ \"id\", \"fraud\" ], [1, 0] ]", "this is a JSON file"),
            ("a.arrow", b"\xff\xff\xff\xff\x68\x05\0\0", "this is an Arrow stream: save it as Parquet or CSV"),
            ("a.avro", b"Obj\x01\x04", "an Avro file"),
            ("a.csv", &tar, "this is a tar archive: unpack it, and name the file that was in it"),
            ("a.csv", b"PAR1 and so on", "cut short"),
            ("a.parquet", b"a,b\n1,2\n", "no Parquet file"),
        ] {
            let said = said(name, bytes).unwrap_err();
            assert!(said.starts_with(name) && said.contains(word), "{said}");
        }
    }
}
