//! The one conductor. It plans a study, opens its data and its results directory, runs what is outstanding, and closes with a
//! report. `fraudbench run`, `audit` and `reproduce` take these steps, and so does a user of the library, in one call.
//!
//! ```text
//! Study + Filter -> Planned -> Opened -> Worked -> Done
//! ```
//!
//! Nothing is written before the data are there and can be split as the study asks. A run that was stopped or killed is
//! planned again with [`resume`], and runs exactly the planned cells that have no record yet.
//!
//! `examples/library.rs` is a whole program.

mod close;
mod first;
mod fits;
mod live;
mod load;
mod open;
mod plan;
mod reopen;
mod work;

pub use close::Done;
pub use first::{First, first};
pub(crate) use fits::{check_known, check_shares};
pub use load::{Outlook, load, outlook};
pub use open::Opened;
pub(crate) use plan::begin_within;
pub use plan::{Planned, begin, resume};
pub(crate) use reopen::{Reopened, reopen};
pub(crate) use work::way;
pub use work::{How, Worked};

use crate::error::Result;
use crate::run::Displays;

/// Opens, runs and closes a study that [`begin`] or [`resume`] has planned, telling `displays` what happens.
///
/// # Errors
/// [`crate::error::Error::Data`] when the data cannot be read or split as the study asks, or are not those that the results
/// directory was begun with; what [`crate::run::run`] returns; [`crate::error::Error::Io`] when the report cannot be written.
pub fn run(planned: Planned, how: &How, displays: &mut Displays<'_>) -> Result<Done> {
    let opened = planned.check_place()?.open(displays)?;
    let worked = opened.work(how, displays)?;
    // Who has called it is not known to be done with what it gives, and may resume the run while it has that.
    Ok(worked.close()?.let_go())
}
