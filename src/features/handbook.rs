//! The Handbook's fifteen features: Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection -
//! Practical Handbook" (2022), chapter 3.

use super::{Calendar, FeatureSpec, Flag, Function, Made, Span, Windows};

/// How long it takes until a label is known.
const DELAY: &str = "7d";
const WINDOWS: [&str; 3] = ["1d", "7d", "30d"];

pub(super) fn spec() -> FeatureSpec {
    let windows = |by: &str, of: Option<&str>, make: [Function; 2], delay: Option<&str>| {
        Made::Windows(Windows {
            by: vec![by.into()],
            windows: WINDOWS.iter().filter_map(|text| Span::parse(text)).collect(),
            of: of.map(str::to_owned),
            distinct: None,
            make: make.into(),
            delay: delay.and_then(Span::parse),
            leak: None,
            known: None,
            as_handbook: true,
        })
    };
    FeatureSpec {
        made: vec![
            Made::Calendar(Calendar { make: vec![Flag::Weekend, Flag::Night], offset: 0, as_handbook: true }),
            windows("CUSTOMER_ID", Some("TX_AMOUNT"), [Function::Count, Function::Mean], None),
            windows("TERMINAL_ID", None, [Function::Count, Function::FraudShare], Some(DELAY)),
        ],
        only: Some(vec!["TX_AMOUNT".into()]),
    }
}

/// What the Handbook calls a feature of a window.
pub(super) fn name(by: &str, function: Function, window: &Span) -> String {
    let what = match function {
        Function::Count => "NB_TX",
        Function::Mean => "AVG_AMOUNT",
        Function::FraudShare => "RISK",
        other => other.name(),
    };
    format!("{by}_{what}_{}DAY_WINDOW", window.count())
}
