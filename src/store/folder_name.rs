//! Names of folders that follow from what they hold.

use sha2::{Digest, Sha256};

use crate::data::hex;

/// Bytes of a name at most: no file system that we know takes more than 255.
const LONGEST: usize = 200;
/// Hexadecimal digits that tell names apart which begin alike.
const DIGITS: usize = 16;

/// The name of the folder of what is called `text`, of letters, digits and hyphens. One that is too long is cut, and ends in digits of
/// the whole text's SHA-256.
fn folder_name(text: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = text.chars().map(word).collect();
    if name.len() <= LONGEST { name } else { with_digits(text, &name) }
}

/// The same beside `others`, each of which has a folder: where another one would have the same name, it ends in digits, too.
pub(crate) fn folder_name_beside(text: &str, others: impl IntoIterator<Item = String>) -> String {
    let name = folder_name(text);
    let is_taken = others.into_iter().any(|other| other != text && folder_name(&other) == name);
    if is_taken { with_digits(text, &name) } else { name }
}

fn with_digits(text: &str, name: &str) -> String {
    let digest = hex(&Sha256::digest(text));
    format!("{}-{}", &name[..name.len().min(LONGEST - DIGITS - 1)], &digest[..DIGITS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_marks_alone_stays_apart() {
        let beside = |text: &str, all: &[&str]| folder_name_beside(text, all.iter().map(|&other| other.to_owned()));
        let all = ["classifier=a-1", "classifier=a_1", "classifier=b-1"];
        // printf %s classifier=a-1 | sha256sum, and of the second.
        assert_eq!(beside(all[0], &all), "classifier-a-1-38691aa2b41092e8");
        assert_eq!(beside(all[1], &all), "classifier-a-1-52ada4692652f1fa");
        assert_eq!(beside(all[2], &all), "classifier-b-1");
        // Several cells of one pipeline are one.
        assert_eq!(beside(all[0], &[all[0], all[0], all[2]]), "classifier-a-1");
    }

    #[test]
    fn names_that_are_too_long_are_cut_and_stay_apart() {
        assert_eq!(folder_name("dedup=on classifier=k-neighbors é"), "dedup-on-classifier-k-neighbors--");
        let long = "a".repeat(LONGEST);
        assert_eq!(folder_name(&long), long);
        let [one, other] = ["b", "c"].map(|last| folder_name(&format!("{long}{last}")));
        assert_eq!((one.len(), &one[..184]), (LONGEST, &*format!("{}-", &long[..183])));
        // printf %s aaa...ab | sha256sum
        assert_eq!(&one[184..], "830c8d218c20d177");
        assert_ne!(one, other);
    }
}
