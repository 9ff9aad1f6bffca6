//! What came out of measuring a claim.

use std::fmt;

use super::Cells;
use crate::split::Leaks;

/// Whether a claim holds here.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The honest protocol shows it.
    Reproduced,
    /// It was measured, and is not so.
    NotReproduced,
    /// The honest protocol does not show it, and each of these does.
    OnlyWithLeak(Vec<Leaks>),
    /// Why it cannot be said.
    NotMeasured(String),
}

impl Verdict {
    /// The verdict's name without its reason or leaks.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Reproduced => "reproduced",
            Verdict::NotReproduced => "not reproduced",
            Verdict::OnlyWithLeak(_) => "reproduced only with a leak",
            Verdict::NotMeasured(_) => "not measured",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::OnlyWithLeak(leaks) => {
                let names: Vec<String> = leaks.iter().map(|leaks| format!("`{leaks}`")).collect();
                write!(f, "reproduced only with {}", names.join(" or "))
            }
            Verdict::NotMeasured(why) => write!(f, "not measured: {why}"),
            other => f.write_str(other.name()),
        }
    }
}

/// What was measured about a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The measured values in words.
    pub measured: String,
    /// The one value that stands for them, where there is one.
    pub value: Option<f64>,
    /// Its 95% interval.
    pub interval: Option<(f64, f64)>,
    /// The cells that it rests on; none where it rests on counts of the data.
    pub cells: Option<Cells>,
    /// What follows.
    pub verdict: Verdict,
}

impl Finding {
    /// Nothing was measured, and why.
    pub fn none(why: &str) -> Self {
        Finding {
            measured: "–".to_owned(),
            value: None,
            interval: None,
            cells: None,
            verdict: Verdict::NotMeasured(why.to_owned()),
        }
    }
}

/// What one run says of a claim.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// It lacks what would decide.
    Open(String),
}

/// Both runs together: a no of either decides, then a yes of either.
pub(crate) fn both(first: Answer, second: Answer) -> Verdict {
    match (first, second) {
        (Answer::No, _) | (_, Answer::No) => Verdict::NotReproduced,
        (Answer::Yes, _) | (_, Answer::Yes) => Verdict::Reproduced,
        (Answer::Open(why), Answer::Open(_)) => Verdict::NotMeasured(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::Leak;

    #[test]
    fn a_no_outweighs_a_yes_and_a_yes_what_is_open() {
        let open = || Answer::Open("a".to_owned());
        assert_eq!(both(Answer::Yes, Answer::No), Verdict::NotReproduced);
        assert_eq!(both(Answer::No, open()), Verdict::NotReproduced);
        assert_eq!(both(open(), Answer::Yes), Verdict::Reproduced);
        assert_eq!(both(open(), Answer::Open("b".to_owned())), Verdict::NotMeasured("a".to_owned()));
    }

    #[test]
    fn verdicts_name_their_leaks_and_reasons() {
        let leaks = vec![Leaks::of(&[Leak::TrainedOnAnotherSplit]), Leaks::of(&[Leak::ScalerOnAllRows])];
        let said = Verdict::OnlyWithLeak(leaks).to_string();
        assert_eq!(said, "reproduced only with `trained-on-another-split` or `scaler-on-all-rows`");
        assert_eq!(Verdict::NotMeasured("no data".into()).to_string(), "not measured: no data");
    }
}
