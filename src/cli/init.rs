//! `fraudbench init`: a commented study file, for a table or as a template.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::outputs::is_there;
use super::spelling::{self, Spelling};
use crate::component::Registry;
use crate::data::{Wanted, stem, unread};
use crate::error::{Error, Result};
use crate::harness::{First, first};
use crate::os::{check_file, is_stream};
use crate::run::default_threads;
use crate::study::first::{Given, TEMPLATE};
use crate::words::{count, counted, harmless_line, quoted_path};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench init my.csv\n  fraudbench init my.csv --label fraud --time booked --study mine.toml\n  \
                        fraudbench init\n\n\
                        Nothing is run and no file is overwritten. `fraudbench try FILE` runs the study at once."
)]
pub struct Arguments {
    /// A CSV (also .gz, .zst) or Parquet file, or a folder of Parquet files; without it, a template with every key that matters is written
    file: Option<PathBuf>,
    #[command(flatten)]
    columns: Columns,
    /// The study file to write [default: FILE's name with .toml, in this folder; without FILE study.toml]
    #[arg(long, value_name = "STUDY")]
    study: Option<PathBuf>,
}

/// What the columns of a table are for.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Columns {
    /// The label's column [default: one with two values, by its name, else the last one, else the one with the rarest value]
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// The label's positive value [default: the rarer one]
    #[arg(long, value_name = "VALUE")]
    positive: Option<String>,
    /// Whose row it is: a card, a customer; or `none` [default: by name]
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// When a row became known; or `none` [default: dates and times, or by name]
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// The money at stake; or `none` [default: by name]
    #[arg(long, value_name = "COLUMN")]
    amount: Option<String>,
    /// A column that is no feature; may be repeated
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    #[command(flatten)]
    spelling: Spelling,
}

impl Columns {
    pub(super) fn given(&self) -> Given {
        Given {
            label: self.label.clone(),
            positive: self.positive.clone(),
            group: self.group.clone(),
            time: self.time.clone(),
            amount: self.amount.clone(),
            ignore: self.ignore.clone(),
            spelling: self.spelling.options(),
        }
    }

    /// Whether any of them is given.
    fn is_given(&self) -> bool {
        self.given() != Given::default()
    }
}

/// A study of a table that was written.
pub(super) struct Written {
    /// Its file.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// What its reader should know of the table.
    pub notes: Vec<String>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let Some(file) = &arguments.file else {
        if arguments.columns.is_given() {
            return Err(Error::Usage(
                "columns are those of a table: name its file, as in `fraudbench init my.csv`".into(),
            ));
        }
        let path = arguments.study.clone().unwrap_or_else(|| PathBuf::from("study.toml"));
        create(&path, TEMPLATE)?;
        show!("{}: a template; edit it, then: fraudbench run {}", path.display(), quoted_path(&path));
        return Ok(0);
    };
    let written = write(file, &arguments.columns, arguments.study.as_deref(), default_threads(), registry)?;
    // A run tells them itself.
    written.notes.iter().for_each(|note| say!("note: {}", harmless_line(note)));
    show!("Next: fraudbench list {0}, fraudbench audit {0} --inspect, fraudbench run {0}", quoted_path(&written.path));
    Ok(0)
}

/// Looks at a table, says what its columns are taken for, and writes its first study.
pub(super) fn write(
    file: &Path,
    columns: &Columns,
    study: Option<&Path>,
    threads: usize,
    registry: &Registry,
) -> Result<Written> {
    let given = columns.given();
    spelling::check(&given.spelling)?;
    if file == Path::new("-") || is_stream(file) {
        return Err(Error::Usage(format!(
            "{}: a study names the file of its table, and this can be read once only: write the table into a file and name that",
            if file == Path::new("-") { "standard input".into() } else { file.display().to_string() }
        )));
    }
    let plain = plain_name(file);
    let (path, name) = match study {
        Some(path) => (path.to_owned(), plain_name(path)),
        None => free_name(&plain),
    };
    if path.symlink_metadata().is_ok() {
        return Err(is_there(&path, INSTEAD));
    }
    // Before the table is read, which may take long.
    check_file(&path)?;
    let seen = seen_from(&path, file)?;
    let first = first(file, &given, (&name, &seen), threads, registry)?;
    tell(file, &first);
    first.taken.note().iter().for_each(|note| say!("note: {}", harmless_line(note)));
    create(&path, &first.text)?;
    if study.is_none() && name != plain {
        show!("{plain}.toml or its results are there already and stay as they are.");
    }
    show!("Study: {}", path.display());
    Ok(Written { path, name, notes: first.notes })
}

/// What the columns are taken for, a line each.
fn tell(file: &Path, first: &First) {
    let taken = &first.taken;
    show!("{}: {}", file.display(), counted(taken.rows as u64, "row"));
    let lines = taken.lines().into_iter().map(|line| line.map(|words| harmless_line(&words).into_owned()));
    let lines: Vec<[String; 3]> = lines.collect();
    let width = lines.iter().map(|[_, column, _]| column.chars().count()).max().unwrap_or(0).min(24);
    for [what, column, why] in lines {
        show!("  {what:<9} {column:<width$}  {why}");
    }
    show!("  {:<9} {}", "splits", first.protocol);
    if let Some(drawn) = &first.drawn {
        show!(
            "  {:<9} {} of {}, {drawn}, so that it ends within a minute: `sample` in the study",
            "rows",
            count(first.rows as u64),
            counted(taken.rows as u64, "row")
        );
    }
}

/// Writes a file that is not there yet.
fn create(path: &Path, text: &str) -> Result<()> {
    let file = std::fs::File::options().write(true).create_new(true).open(path);
    match file.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(is_there(path, INSTEAD)),
        Err(e) => Err(Error::io("write", path, e)),
    }
}

/// What to do where the study is there already.
const INSTEAD: &str = "name another file with --study";

/// The letters of a study's name that a file gives it: a study may have ten more, which leaves room for a number behind it.
const LONGEST: usize = 190;

/// A file's name without folders and endings, as names of studies are: small letters, digits and hyphens.
fn plain_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = stem(Path::new(name.strip_suffix(".toml").unwrap_or(&name)));
    let marked: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = marked.split('-').filter(|part| !part.is_empty()).collect();
    let mut name = parts.join("-");
    name.truncate(LONGEST);
    match name.trim_end_matches('-') {
        "" => "table".to_owned(),
        name => name.to_owned(),
    }
}

/// The first of `name`, `name-2` and so on with neither a study file nor results.
fn free_name(name: &str) -> (PathBuf, String) {
    let is_free = |name: &str| {
        let taken = |path: &Path| path.symlink_metadata().is_ok();
        !taken(Path::new(&format!("{name}.toml"))) && !taken(&Path::new("runs").join(name))
    };
    let names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}-{n}")));
    let free = names.into_iter().find(|name| is_free(name)).unwrap_or_else(|| name.to_owned());
    (PathBuf::from(format!("{free}.toml")), free)
}

/// The way from the study's folder to the table.
fn seen_from(study: &Path, file: &Path) -> Result<String> {
    let beside = study.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder == Path::new("."));
    let way = match beside || file.is_absolute() {
        true => file.to_owned(),
        false => file.canonicalize().map_err(|e| unread("read", file, Wanted::Table, e))?,
    };
    let text = way.to_str().map(str::to_owned);
    text.ok_or_else(|| Error::Usage(format!("{}: a study cannot name a file whose path is not UTF-8", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn studies_are_called_as_their_tables() {
        for (file, name) in [
            ("in/My Table (2).csv.gz", "my-table-2"),
            ("cards.parquet", "cards"),
            ("a.b.csv", "a-b"),
            ("--.csv", "table"),
            ("mine.toml", "mine"),
            ("DATA.CSV", "data"),
        ] {
            assert_eq!(plain_name(Path::new(file)), name, "{file}");
        }
        // A longer one is refused in a study.
        let long = format!("{}-b{}.csv", "a".repeat(189), "b".repeat(40));
        assert_eq!(plain_name(Path::new(&long)), "a".repeat(189));
    }
}
