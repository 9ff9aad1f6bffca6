//! Whether two paths lead to one file.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether both paths lead to one file that is there, also by links of either kind.
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    place(a).is_some_and(|one| place(b) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_file_that_they_are_of() {
        let folder = tempfile::TempDir::new().unwrap();
        let [file, hard, soft, copy, none] =
            ["file", "hard", "soft", "copy", "none"].map(|name| folder.path().join(name));
        fs::write(&file, "x").unwrap();
        fs::write(&copy, "x").unwrap();
        fs::hard_link(&file, &hard).unwrap();
        std::os::unix::fs::symlink(&file, &soft).unwrap();
        assert!([&file, &hard, &soft].iter().all(|path| is_same_file(path, &file)));
        assert!(is_same_file(&folder.path().join("./file"), &file));
        assert!(!is_same_file(&file, &copy) && !is_same_file(&file, &none) && !is_same_file(&none, &none));
    }
}
