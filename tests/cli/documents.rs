//! The documents that people read: what they point to is there.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Folders of the repository whose files documents name.
const FOLDERS: [&str; 10] =
    ["assets", "benches", "docs", "examples", "experiments", "native", "python", "scripts", "src", "tests"];

fn documents() -> Vec<PathBuf> {
    let root = Path::new(ROOT);
    let named = ["README.md", "METHODOLOGY.md", "CONTRIBUTING.md", "experiments/README.md", "results/README.md"];
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let docs = docs.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    named.iter().map(|name| root.join(name)).chain(docs).collect()
}

/// What stands between `begin` and `end`, on one line.
fn between<'t>(text: &'t str, begin: &str, end: char) -> Vec<&'t str> {
    let rest =
        |line: &'t str| line.split(begin).skip(1).filter_map(|rest| Some(rest.split_once(end)?.0)).collect::<Vec<_>>();
    text.lines().flat_map(rest).collect()
}

/// The words in `code` of a text that are paths of files of the repository.
fn paths(text: &str) -> Vec<&str> {
    let code = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_path = |word: &&str| {
        let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
        let is_named = |(folder, rest): (&str, &str)| {
            !rest.is_empty()
                && (FOLDERS.contains(&folder) || [".rs", ".py"].iter().any(|ending| rest.ends_with(ending)))
        };
        is_plain && word.split_once('/').is_some_and(is_named)
    };
    // What a reader is to write is not there yet.
    code.flat_map(str::split_whitespace).filter(is_path).filter(|word| !word.contains("/my_")).collect()
}

#[test]
fn paths_and_links_of_documents_are_there() {
    let (mut lacking, mut found) = (Vec::new(), 0);
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let links = between(&text, "](", ')').into_iter().map(|link| link.split('#').next().unwrap_or_default());
        let links = links.filter(|link| !link.is_empty() && !link.contains("://"));
        let of_links = links.map(|link| (link, document.parent().unwrap().join(link)));
        let of_code = paths(&text).into_iter().map(|path| (path, Path::new(ROOT).join(path)));
        for (said, path) in of_links.chain(of_code) {
            found += 1;
            if !path.exists() {
                lacking.push(format!("{}: {said}", document.display()));
            }
        }
    }
    assert!(lacking.is_empty(), "these are not there: {lacking:#?}");
    assert!(found > 100, "{found} paths and links were found");
}

#[test]
fn a_path_is_told_from_other_words() {
    let text =
        "As `src/main.rs --help` and `n_test/n_train` of `scripts/my_own.py`, `docs/`\n`statistics/best.rs` it is.";
    assert_eq!(paths(text), ["src/main.rs", "statistics/best.rs"]);
    assert_eq!(between("[a](b.md#c) and [d](e)\n[f](g", "](", ')'), ["b.md#c", "e"]);
}
