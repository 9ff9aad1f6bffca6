//! `python`: any scikit-learn-compatible estimator, through the bridge that ships with the program.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::program::Program;
use super::{Command, External, Version, packages};
use crate::component::{Classifier, Entry, build};
use crate::data::catalogue::cache_folder;
use crate::error::{Error, Result};
use crate::os::replace;
use crate::words::one_line;

/// What `fraudbench python install` installs.
const REQUIREMENTS: &str = include_str!("requirements.txt");
const BRIDGE: &str = include_str!("bridge.py");
/// Packages that start nothing and draw nothing when they are imported, so that forks can share what was imported once. Modules of
/// any other package are imported by every fork. Processes that have imported different modules are different ones, as a record
/// lists the packages that were imported.
const SHARED: [&str; 5] = ["catboost", "imblearn", "lightgbm", "sklearn", "xgboost"];
/// A Python to use instead of the installed one.
pub(super) const VARIABLE: &str = "FRAUDBENCH_PYTHON";
/// What to do where that one cannot be started.
pub(super) const INSTEAD: &str = "set it to a Python, or unset it to use what `fraudbench python install` installs";
/// Characters of what a failed step of the installation said.
const QUOTED: usize = 500;

/// Where the virtual environment is, or would be.
///
/// # Errors
/// [`Error::Usage`] where there is no cache folder.
pub fn folder() -> Result<PathBuf> {
    let cache = cache_folder().ok_or_else(|| Error::Usage(format!("no folder for a Python: set {VARIABLE}")))?;
    Ok(cache.parent().unwrap_or(&cache).join("python"))
}

/// Whether the virtual environment is there, with what this version pins.
///
/// # Errors
/// Those of [`folder`].
pub fn is_installed() -> Result<bool> {
    let pinned = std::fs::read_to_string(folder()?.join("requirements.txt"));
    Ok(pinned.is_ok_and(|pinned| pinned == REQUIREMENTS))
}

/// The Python that `FRAUDBENCH_PYTHON` names; none where it is empty, too.
pub(super) fn own() -> Option<PathBuf> {
    std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// What is said of `FRAUDBENCH_PYTHON` where the Python that it names does not work; none where it names none.
pub(super) fn hint() -> Option<String> {
    own().map(|own| format!("{VARIABLE} names `{}`: {INSTEAD}", own.display()))
}

/// The Python that the bridge runs in: `FRAUDBENCH_PYTHON`, or the installed one if it is what this version pins.
///
/// # Errors
/// [`Error::Component`] with one sentence that says how to install it.
pub fn python(wanted_by: &str) -> Result<PathBuf> {
    if let Some(own) = own() {
        // A name alone is looked for in PATH when it is started.
        return match own.components().count() > 1 && !own.exists() {
            true => Err(Error::Component(format!(
                "{wanted_by} needs a Python, and {VARIABLE} names `{}`, which is not there: {INSTEAD}",
                own.display()
            ))),
            false => Ok(own),
        };
    }
    match is_installed()? {
        true => Ok(folder()?.join("bin/python")),
        false => Err(Error::Component(format!(
            "{wanted_by} needs Python packages that are not installed: run `fraudbench python install`, or set {VARIABLE}"
        ))),
    }
}

/// A fork of the bridge for one use of the class that `parameters` name. The process that it is a fork of has imported the
/// module if it is one of [`SHARED`].
pub(super) fn program(wanted_by: &str, parameters: &Value, protocol: Version) -> Result<Program> {
    let python = python(wanted_by)?.to_string_lossy().into_owned();
    let module = parameters["estimator"].as_str().and_then(|name| name.split(':').next()).unwrap_or_default();
    let is_shared = SHARED.contains(&module.split('.').next().unwrap_or_default());
    let imported = is_shared.then(|| module.to_owned());
    let words = [python, "-c".into(), BRIDGE.into()].into_iter().chain(imported).collect();
    Program::fork(wanted_by, words, protocol).map_err(|e| match own() {
        Some(_) => Error::Component(format!("{e}, and {VARIABLE} names it: {INSTEAD}")),
        None => e,
    })
}

/// Makes the virtual environment with the pinned packages, anew if it is not what this version pins.
///
/// # Errors
/// [`Error::Usage`] with what the failing command said; [`Error::Io`].
pub fn install() -> Result<PathBuf> {
    let folder = folder()?;
    let marker = folder.join("requirements.txt");
    if is_installed()? {
        return Ok(folder);
    }
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).map_err(|e| Error::io("create", parent, e))?;
    }
    let list = folder.with_extension("requirements.txt");
    let venv = "the virtual environment cannot be made";
    execute(venv, Process::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    std::fs::write(&list, REQUIREMENTS).map_err(|e| Error::io("write", &list, e))?;
    let python = folder.join("bin/python");
    // Wheels with these hashes only: a package's source would be a program that runs while it is installed.
    let only = ["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "--requirement"];
    execute("the packages cannot be installed", Process::new(&python).args(only).arg(&list))?;
    // The list comes last: an installation that was broken off is none.
    replace(&marker, REQUIREMENTS.as_bytes())?;
    // Of no use any more; left behind, it harms nobody.
    let _ = std::fs::remove_file(&list);
    Ok(folder)
}

/// Does a step of the installation; `else_said` is what a failure means.
fn execute(else_said: &str, command: &mut Process) -> Result<()> {
    let shown = Path::new(command.get_program()).display().to_string();
    let done = command.output().map_err(|e| Error::io("start", Path::new(&shown), e))?;
    match done.status.success() {
        true => Ok(()),
        false => {
            let said = last_words(&String::from_utf8_lossy(&done.stderr), &String::from_utf8_lossy(&done.stdout));
            Err(Error::Usage(format!("{else_said}: `{shown}` failed ({}): {said}", done.status)))
        }
    }
}

/// The last line of the errors. Where there is none, all that was printed: Debian's `venv` says so what to install, and its last line
/// is not that.
fn last_words(errors: &str, printed: &str) -> String {
    match (errors.trim().lines().last(), one_line(printed)) {
        (Some(last), _) => last.to_owned(),
        (None, printed) if printed.is_empty() => "no message".to_owned(),
        (None, printed) => printed.chars().take(QUOTED).collect(),
    }
}

/// What a study's `python = "module:Class"` becomes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Params {
    pub(super) estimator: String,
    pub(super) params: Map<String, Value>,
}

pub(super) fn external(name: &str, params: &Params, protocol: Version) -> External {
    let parameters = json!({ "estimator": params.estimator, "params": params.params });
    External { name: name.to_owned(), command: Command::Python, parameters, protocol }
}

fn make(params: Params) -> Result<Box<dyn Classifier>> {
    Ok(Box::new(external(class(&params.estimator)?, &params, Version::One)))
}

/// The class of `module:Class`.
///
/// # Errors
/// What has not that form.
pub(super) fn class(estimator: &str) -> Result<&str> {
    match estimator.split_once(':').filter(|(module, class)| !module.is_empty() && !class.is_empty()) {
        Some((_, class)) => Ok(class),
        None => Err(Error::Component(format!(
            "python = \"{estimator}\" must be \"module:Class\", such as \"sklearn.ensemble:RandomForestClassifier\""
        ))),
    }
}

/// The pinned packages, `name==version` each.
pub fn pinned() -> impl Iterator<Item = &'static str> {
    REQUIREMENTS
        .lines()
        .filter(|line| line.contains("==") && !line.starts_with('#'))
        .map(|line| line.trim_end_matches(['\\', ' ']))
}

/// `python`.
pub static ENTRY: Entry<dyn Classifier> = Entry::new(
    "python",
    "any scikit-learn-compatible estimator: python = \"module:Class\", params passed to it",
    |table| {
        let mut built = build("python", table, make)?;
        packages::add(&mut built.params)?;
        Ok(built)
    },
)
.backend("python")
.least("estimator = \"sklearn.ensemble:RandomForestClassifier\"")
.look(41);

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{BRIDGE, REQUIREMENTS, execute, last_words, pinned};

    #[test]
    fn every_package_is_pinned_to_wheels_by_hash() {
        let packages: Vec<&str> = REQUIREMENTS.split("\n").filter(|line| !line.starts_with([' ', '#'])).collect();
        assert_eq!(pinned().count() + 1, packages.len(), "the last line is empty");
        assert!(pinned().all(|line| line.matches("==").count() == 1 && !line.contains(['\\', ' '])));
        assert_eq!(pinned().next(), Some("catboost==1.2.10"));
        for package in REQUIREMENTS.split("\n").collect::<Vec<_>>().windows(2).filter(|two| two[0].contains("==")) {
            assert!(package[1].starts_with("    --hash=sha256:"), "{package:?}");
        }
    }

    #[test]
    fn what_a_failed_step_of_the_installation_prints_is_told() {
        // What Debian's venv prints where the package with ensurepip is missing, on standard output.
        let debian = "The virtual environment was not created successfully because ensurepip is not\navailable.  On \
                      Debian/Ubuntu systems, you need to install the python3-venv\npackage using the following \
                      command.\n\n    apt install python3.12-venv\n\nFailing command: /x/bin/python3\n";
        let said = last_words("", debian);
        assert!(said.contains("apt install python3.12-venv") && !said.contains('\n'), "{said}");
        assert_eq!(last_words("a warning\nERROR: no such wheel\n", "Collecting numpy"), "ERROR: no such wheel");
        assert_eq!(last_words(" \n", "\n"), "no message");
        let failed = |program: &str| {
            let done = execute("the packages cannot be installed", Command::new("sh").args(["-c", program]));
            done.unwrap_err().to_string()
        };
        assert_eq!(
            failed("echo install; echo python3-venv; exit 3"),
            "the packages cannot be installed: `sh` failed (exit status: 3): install python3-venv"
        );
    }

    /// What the bridge's functions print in a Python without packages.
    fn said(code: &str) -> String {
        let (functions, _) = BRIDGE.split_once("\n\n\nmain()").unwrap();
        let shown = "def shown(work):\n    try:\n        print(work(), file=sys.stderr)\n    except SystemExit as e:\n        \
                     print(e, file=sys.stderr)\n";
        let output = Command::new("python3").arg("-c").arg(format!("{functions}\n{shown}{code}")).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    }

    #[test]
    fn what_is_no_classifier_is_refused() {
        let kinds = "for kind in ['classifier', 'regressor', 'outlier_detector', None]:\n    \
                     Made = type('Made', (), {'_estimator_type': kind})\n    \
                     shown(lambda: refuse_what_is_no_classifier(Made()))\n";
        let refused = "and no classifier: name a class whose `predict` gives the labels 0 and 1";
        let wanted = [
            "None",
            &format!("Made is a regressor {refused}"),
            &format!("Made is an outlier detector {refused}"),
            "None",
        ];
        assert_eq!(said(kinds).lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn what_is_no_step_is_refused() {
        let kinds = "for has in [['fit_resample'], ['fit', 'transform'], ['fit', 'predict']]:\n    \
                     Made = type('Made', (), {name: None for name in has})\n    \
                     shown(lambda: refuse_what_lacks(Made(), 'resampler', 'fit_resample'))\n    \
                     shown(lambda: refuse_what_lacks(Made(), 'transformer', 'fit', 'transform'))\n";
        let resampler = "Made is no resampler: name a class that has `fit_resample`";
        let transformer = "Made is no transformer: name a class that has `fit` and `transform`";
        let wanted = ["None", transformer, resampler, "None", resampler, transformer];
        assert_eq!(said(kinds).lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn a_class_whose_fit_takes_no_weights_is_refused_where_there_are_any() {
        let classes = "class Plain:\n    def fit(self, x, y, **more): pass\n\
                       class Weighing(Plain):\n    def fit(self, x, y, sample_weight=None): pass\n\
                       shown(lambda: weights(Plain(), None))\n\
                       shown(lambda: weights(Plain(), 'somewhere'))\n\
                       sys.modules['numpy'] = type('numpy', (), {'fromfile': lambda path, dtype: (path, dtype)})\n\
                       shown(lambda: weights(Weighing(), 'somewhere'))\n";
        let refused = "the fit of Plain takes no `sample_weight`: take `weight` out of [data] and put its column \
                       under `ignore`, or leave the class out";
        let wanted = ["{}", refused, "{'sample_weight': ('somewhere', '<f8')}"];
        assert_eq!(said(classes).lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn all_parameters_that_a_class_does_not_take_are_told_with_what_was_meant() {
        let given = "takes = ['penalty', 'loss', 'tol', 'C']\n\
                     shown(lambda: refused_parameters('LinearSVC', ['c', 'tolx', 'foo'], takes))\n\
                     shown(lambda: refused_parameters('LinearSVC', ['c'], takes))\n\
                     many = [f'a{number}' for number in range(32)]\n\
                     shown(lambda: refused_parameters('Many', ['zzzz'], many))\n";
        let said = said(given);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines[..2],
            [
                "LinearSVC takes no parameters `c` (did you mean `C`?), `tolx` (did you mean `tol`?), `foo`; it takes penalty, \
                 loss, tol, C",
                "LinearSVC takes no parameter `c` (did you mean `C`?)",
            ]
        );
        assert!(lines[2].starts_with("Many takes no parameter `zzzz`; it takes a0, a1, "), "{}", lines[2]);
        assert!(lines[2].ends_with(", a28, a29 and 2 more"), "{}", lines[2]);
    }

    #[test]
    fn tables_by_label_have_numbers_for_keys() {
        let given = "for value in [{'0': 0.5, '1': 3}, {'1': 900}, {'0': 1, 'a': 2}, {}, 'balanced']:\n    \
                     shown(lambda: labelled(value))\n";
        let wanted = ["{0: 0.5, 1: 3}", "{1: 900}", "{'0': 1, 'a': 2}", "{}", "balanced"];
        assert_eq!(said(given).lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn labels_other_than_0_and_1_are_refused() {
        let cases = "class Labels(list):\n    tolist = lambda self: list(self)\n\
                     for labels in [[0, 1, 1], [True, False], [1, -1, 1], [0.4, 1.0], ['1', '0']]:\n    \
                     shown(lambda: zeros_and_ones(object(), Labels(labels)))\n";
        let refused = "a classifier's labels are 0 and 1 here";
        let wanted = [
            "[0, 1, 1]",
            "[True, False]",
            &format!("object predicts the label -1: {refused}"),
            &format!("object predicts the label 0.4: {refused}"),
            &format!("object predicts the label '0', a text: {refused}"),
        ];
        assert_eq!(said(cases).lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn an_error_without_words_is_told_with_what_there_is() {
        let cases = "def told(error):\n    try:\n        raise error\n    except BaseException as e:\n        \
                     print(in_words(e, 'fit'), file=sys.stderr)\n\
                     for error in [SystemExit('no licence'), SystemExit(), SystemExit(3), SystemExit(''), ValueError('no'), \
                     ValueError(), AssertionError(' ')]:\n    told(error)\n";
        let said = said(cases);
        let lines: Vec<&str> = said.lines().collect();
        let instead = "was called in `fit`: raise an error that says why instead";
        let wanted = [
            "no licence",
            &format!("sys.exit() {instead}"),
            &format!("sys.exit(3) {instead}"),
            &format!("sys.exit('') {instead}"),
            "ValueError: no",
        ];
        assert_eq!(lines[..5], wanted);
        assert_eq!(lines.len(), 7, "{said}");
        for (line, name) in lines[5..].iter().zip(["ValueError", "AssertionError"]) {
            assert!(line.starts_with(&format!("{name} without words (<string>, line ")), "{line}");
            assert!(line.ends_with("): give it some"), "{line}");
        }
    }
}
