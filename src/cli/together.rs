//! Arguments that mean something only beside another one. clap's `requires` gives way where that one conflicts with what is there
//! (`--plan` with a study, `--slurm` with `--kubernetes`), and the argument would then do nothing, unsaid.

use crate::error::{Error, Result};

/// Refuses the arguments of `given` that are there without `needed`.
///
/// # Errors
/// [`Error::Usage`], which names all of them.
pub(super) fn go_with(needed: (&str, bool), given: &[(&str, bool)]) -> Result<()> {
    let (name, is_there) = needed;
    let without: Vec<String> = given.iter().filter(|(_, given)| *given).map(|(name, _)| format!("`{name}`")).collect();
    match &without[..] {
        _ if is_there => Ok(()),
        [] => Ok(()),
        [one] => Err(Error::Usage(format!("{one} goes with `{name}` only"))),
        several => Err(Error::Usage(format!("{} go with `{name}` only", several.join(" and ")))),
    }
}
