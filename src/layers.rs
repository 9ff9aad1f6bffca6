//! No arrow runs up: a folder knows only of those that stand before it in [`ORDER`], so that there is no circle either.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every module of the crate, foundations first.
const ORDER: &[&str] = &[
    "words",
    "error",
    "seed",
    "os",
    "numeric",
    "data",
    "component",
    "neighbors",
    "external",
    "split",
    "metric",
    "simulate",
    "features",
    "sampling",
    "impute",
    "select",
    "scale",
    "encode",
    "classify",
    "resample",
    "search",
    "catalogue",
    "study",
    "cell",
    "store",
    "run",
    "analyze",
    "audit",
    "scaling",
    "cluster",
    "report",
    "export",
    "harness",
    "winner",
    "power",
    "papers",
    "cli",
];

/// An arrow to another module, and the line that draws it.
type Arrow = (String, String);

/// A file's lines without its tests and its comments.
fn code(text: &str) -> String {
    // A file's tests are its end.
    let is_end = |from: &str| ["", "pub(super) "].iter().any(|of| from.starts_with(&format!("{of}mod tests {{")));
    let end = text.match_indices("#[cfg(test)]\n").find(|(at, start)| is_end(&text[at + start.len()..]));
    let text = end.map_or(text, |(end, _)| &text[..end]);
    let code: Vec<&str> =
        text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect();
    code.join("\n")
}

/// The arrows of a file of `module`, tests aside.
fn arrows(module: &str, file: &str, text: &str) -> Vec<Arrow> {
    let code = code(text);
    let mut found = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        let names = rest.strip_prefix('{').map_or_else(|| vec![rest], |many| branches(many));
        for name in names {
            let name = &name[..name.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(name.len())];
            // What is no module is a function or a macro of the crate's root.
            if name != module && ORDER.contains(&name) {
                let line = code[..at].lines().count().max(1);
                found.push((name.to_owned(), format!("{file}:{line}: {name}")));
            }
        }
    }
    found
}

/// What stands between the braces that are open where `text` begins, parted by the commas that are in no braces of their own.
fn branches(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                found.push(text[from..at].trim());
                from = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    found
}

/// Every Rust file under `folder` that is no test's.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let of = |path: PathBuf| match path.is_dir() {
        true if path.ends_with("tests") => Vec::new(),
        true => files(&path),
        // `planted.rs` is a test's too.
        false => vec![path].into_iter().filter(|p| !p.ends_with("tests.rs") && !p.ends_with("planted.rs")).collect(),
    };
    entries.flat_map(of).filter(|path| path.extension().is_some_and(|e| e == "rs")).collect()
}

fn place(module: &str) -> usize {
    ORDER.iter().position(|known| *known == module).unwrap_or_else(|| panic!("`{module}` has no place in ORDER"))
}

#[test]
fn no_arrow_runs_up() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut upward = Vec::new();
    let mut modules = BTreeSet::new();
    for path in files(&source) {
        let file = path.strip_prefix(&source).unwrap().display().to_string();
        let module = file.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if ["lib", "main", "layers"].contains(&module.as_str()) {
            continue;
        }
        let found = arrows(&module, &file, &std::fs::read_to_string(&path).unwrap());
        upward.extend(found.into_iter().filter(|(to, _)| place(to) > place(&module)).map(|(_, line)| line));
        modules.insert(module);
    }
    assert_eq!(modules, ORDER.iter().map(|module| (*module).to_owned()).collect());
    assert!(upward.is_empty(), "arrows that run up:\n{}", upward.join("\n"));
}

/// The lines of a file that touch the disk, tests aside.
fn touching(file: &str, text: &str) -> Vec<String> {
    let touches = |line: &str| {
        let words = |word: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|of_line| of_line == word);
        words("fs")
            || ["File::open", "File::create", "File::options", "OpenOptions"].iter().any(|call| line.contains(call))
    };
    let code = code(text);
    let lines = (1..).zip(code.lines()).filter(|(_, line)| touches(line));
    lines.map(|(number, line)| format!("{file}:{number}: {}", line.trim())).collect()
}

#[test]
fn a_report_touches_the_disk_in_one_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report");
    let others = files(&folder).into_iter().filter(|path| *path != folder.join("write.rs"));
    let of = |path: PathBuf| touching(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
    let found: Vec<String> = others.flat_map(of).collect();
    assert!(found.is_empty(), "what `write.rs` writes and `store` reads:\n{}", found.join("\n"));
    let text = "use std::fs;\n// fs::read(x)\nfn f() { std::fs::read(x); offs(x) }\nfn g() { File::open(x) }\n\
                #[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    let wanted = ["a:1: use std::fs;", "a:3: fn f() { std::fs::read(x); offs(x) }", "a:4: fn g() { File::open(x) }"];
    assert_eq!(touching("a", text), wanted);
}

#[test]
fn an_arrow_is_seen_wherever_it_stands() {
    let text = "use crate::report::words;\n// crate::cli::x\nfn f() { crate::cell::g(crate::data::h(crate::worker)) }\nuse \
                crate::{run,\n papers::x};\nuse crate::external;\nuse crate::{split::{a, b::{c, d}}, scale, power::{self}};\n\
                use crate::harness as h;\n#[cfg(test)]\nmod tests {\n    use crate::cli::x;\n}\n";
    let to: Vec<String> = arrows("data", "data/x.rs", text).into_iter().map(|(to, _)| to).collect();
    let wanted = ["report", "cell", "run", "papers", "external", "split", "scale", "power", "harness"];
    assert_eq!(to, wanted);
}
