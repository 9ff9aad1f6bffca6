//! Numbers that the file's own spelling takes for texts: how they are written, and what is to be done about it.

use super::texts::Spelling;

/// How numbers are written that the file's own spelling takes for texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spelt {
    how: How,
    /// Whether the study has named a spelling, which is another one.
    named: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Plain,
    ThousandsComma,
    DecimalComma,
    Both,
    Apostrophes,
    Blanks,
    BlanksAndComma,
}

impl How {
    /// `1,234` may be either of two: three digits behind every comma are a group, where no other column of the file says otherwise.
    const ALL: [How; 7] = [
        How::Plain,
        How::ThousandsComma,
        How::DecimalComma,
        How::Both,
        How::Apostrophes,
        How::Blanks,
        How::BlanksAndComma,
    ];

    fn spelling(self) -> Spelling {
        let (comma, thousands) = match self {
            How::Plain => (false, None),
            How::ThousandsComma => (false, Some(b',')),
            How::DecimalComma => (true, None),
            How::Both => (true, Some(b'.')),
            How::Apostrophes => (false, Some(b'\'')),
            How::Blanks => (false, Some(b' ')),
            How::BlanksAndComma => (true, Some(b' ')),
        };
        Spelling { comma, thousands, missing: None }
    }
}

/// The way that reads most of the file's columns of such numbers. It is told of every column that it reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Common(Option<How>);

impl Common {
    /// The first way that reads most of the columns, each given by its texts.
    pub fn of<'t, T: Iterator<Item = &'t [u8]> + Clone>(
        columns: impl Iterator<Item = T>,
        spelling: &Spelling,
    ) -> Common {
        let mut read_by = [0; How::ALL.len()];
        for texts in columns.filter(|texts| !are_numbers(texts.clone(), spelling)) {
            for (columns, how) in read_by.iter_mut().zip(How::ALL) {
                *columns += usize::from(are_numbers(texts.clone(), &how.spelling()));
            }
        }
        let most = read_by.iter().copied().max().filter(|columns| *columns > 0);
        Common(How::ALL.into_iter().zip(read_by).find(|(_, columns)| Some(*columns) == most).map(|(how, _)| how))
    }
}

fn are_numbers<'t>(mut texts: impl Iterator<Item = &'t [u8]>, spelling: &Spelling) -> bool {
    texts.all(|text| spelling.number(text).is_some())
}

impl Spelt {
    /// That of the file, else the first one, by which all texts that are no numbers by `spelling` are numbers; none where a text is
    /// none by any, or where all are numbers already.
    pub fn of<'t>(texts: impl Iterator<Item = &'t [u8]> + Clone, spelling: &Spelling, common: Common) -> Option<Spelt> {
        if are_numbers(texts.clone(), spelling) {
            return None;
        }
        let reads = |how: &How| are_numbers(texts.clone(), &how.spelling());
        common.0.into_iter().chain(How::ALL).find(reads).map(|how| Spelt { how, named: !spelling.is_plain() })
    }

    /// What is wrong with columns of such numbers.
    pub fn in_columns(self) -> &'static str {
        match self.how {
            How::Plain => "numbers with decimal points are texts in",
            How::DecimalComma => "numbers with decimal commas are texts in",
            How::ThousandsComma => "numbers with commas between thousands are texts in",
            How::Both => "numbers with decimal commas and points between thousands are texts in",
            How::Apostrophes => "numbers with apostrophes between thousands are texts in",
            How::Blanks => "numbers with blanks between thousands are texts in",
            How::BlanksAndComma => "numbers with decimal commas and blanks between thousands are texts in",
        }
    }

    /// The options of `init` and `try` by which they are read; none where a spelling is named already.
    pub fn options(self) -> Option<&'static str> {
        match self.how {
            _ if self.named => None,
            How::Plain => None,
            How::DecimalComma => Some("--decimal ,"),
            How::ThousandsComma => Some("--thousands ,"),
            How::Both => Some("--decimal , --thousands ."),
            How::Apostrophes => Some("--thousands \"'\""),
            How::Blanks => Some("--thousands ' '"),
            How::BlanksAndComma => Some("--decimal , --thousands ' '"),
        }
    }

    /// What to write in a study so that they are read.
    pub fn remedy(self) -> &'static str {
        match (self.how, self.named) {
            (How::Plain, _) => "leave `decimal` and `thousands` out if all numbers are written so",
            (How::DecimalComma, true) => "set `decimal = \",\"` without `thousands` if all numbers are written so",
            (How::ThousandsComma, true) => "set `thousands = \",\"` without `decimal` if all numbers are written so",
            (How::Apostrophes, true) => "set `thousands = \"'\"` without `decimal` if all numbers are written so",
            (How::Blanks, true) => "set `thousands = \" \"` without `decimal` if all numbers are written so",
            (How::DecimalComma, false) => "set `decimal = \",\"`",
            (How::ThousandsComma, false) => "set `thousands = \",\"`",
            (How::Apostrophes, false) => "set `thousands = \"'\"`",
            (How::Blanks, false) => "set `thousands = \" \"`",
            (How::Both, _) => "set `decimal = \",\"` and `thousands = \".\"`",
            (How::BlanksAndComma, _) => "set `decimal = \",\"` and `thousands = \" \"`",
        }
    }
}

/// Codes of currencies that stand beside numbers.
const CURRENCIES: [&str; 20] = [
    "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "RUB", "TRY", "INR",
    "BRL", "MXN", "CAD", "AUD",
];
const SIGNS: [char; 10] = ['$', '€', '£', '¥', '₹', '₽', '₺', '₩', '₴', '%'];

/// Whether all texts that are no numbers by `spelling` are numbers with a sign of money or per cent, in brackets, or with a minus
/// behind them: what people read as numbers and no program does.
pub(super) fn are_signed<'t>(texts: impl Iterator<Item = &'t [u8]> + Clone, spelling: &Spelling) -> bool {
    let mut others = texts.filter(|text| spelling.number(text).is_none()).peekable();
    others.peek().is_some() && others.all(|text| is_signed(text, spelling))
}

fn is_signed(text: &[u8], spelling: &Spelling) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let text = text.trim();
    let mut bare = text;
    if let Some(inside) = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        bare = inside.trim();
    }
    let unsigned = bare.trim_start_matches('-').trim_end_matches('-').trim();
    let code = |text: &str| CURRENCIES.contains(&text);
    let without = match (unsigned.get(..3), unsigned.len().checked_sub(3).and_then(|at| unsigned.get(at..))) {
        (Some(first), _) if code(first) => &unsigned[3..],
        (_, Some(last)) if code(last) => &unsigned[..unsigned.len() - 3],
        _ => unsigned.trim_start_matches(SIGNS).trim_end_matches(SIGNS),
    };
    let number = without.trim_start_matches('-').trim();
    let reads = |spelling: &Spelling| spelling.number(number.as_bytes()).is_some_and(f64::is_finite);
    // A plain minus is no such sign.
    number.len() < text.strip_prefix('-').unwrap_or(text).trim_start().len()
        && number.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','))
        && (reads(spelling) || How::ALL.iter().any(|how| reads(&how.spelling())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_of_numbers_is_told_with_its_options() {
        let of = |texts: &[&str], spelling: &Spelling| {
            Spelt::of(texts.iter().map(|text| text.as_bytes()), spelling, Common::default())
                .map(|spelt| (spelt.in_columns(), spelt.options()))
        };
        let plain = Spelling::default();
        for (texts, words, options) in [
            (&["54.69", "1'264.79"][..], "apostrophes between thousands", "--thousands \"'\""),
            (&["54.69", "1\u{2019}264.79"], "apostrophes between thousands", "--thousands \"'\""),
            (&["54", "1 264"], "blanks between thousands", "--thousands ' '"),
            (&["54,69", "1 264,79"], "decimal commas and blanks between thousands", "--decimal , --thousands ' '"),
            (&["54,69", "1\u{a0}264,79"], "decimal commas and blanks between thousands", "--decimal , --thousands ' '"),
            (
                &["54,69", "1\u{202f}264,79"],
                "decimal commas and blanks between thousands",
                "--decimal , --thousands ' '",
            ),
            (&["54,69", "1.264,79"], "decimal commas and points between thousands", "--decimal , --thousands ."),
            (&["54.69", "1,264.79"], "commas between thousands", "--thousands ,"),
            (&["54,69"], "decimal commas", "--decimal ,"),
        ] {
            let (said, found) = of(texts, &plain).unwrap();
            assert_eq!(
                (said, found),
                (format!("numbers with {words} are texts in").as_str(), Some(options)),
                "{texts:?}"
            );
        }
        assert_eq!(of(&["54.69", "1e3"], &plain), None);
        assert_eq!(of(&["54.69", "x"], &plain), None);
    }

    #[test]
    fn one_spelling_is_told_of_all_columns_of_a_file() {
        fn texts<'c>(column: &&'c [&'static str]) -> impl Iterator<Item = &'c [u8]> + Clone + use<'c> {
            column.iter().map(|text| text.as_bytes())
        }
        let told = |columns: &[&[&'static str]]| {
            let plain = Spelling::default();
            let common = Common::of(columns.iter().map(texts), &plain);
            let one = |column: &&[&'static str]| Spelt::of(texts(column), &plain, common).and_then(Spelt::options);
            columns.iter().map(one).collect::<Vec<_>>()
        };
        let rate: &[&str] = &["4,963", "4,881"];
        // Nothing says what else this may be.
        assert_eq!(told(&[rate]), [Some("--thousands ,")]);
        // One amount decides, and one with points between thousands, too; texts and plain numbers do not.
        assert_eq!(told(&[&["100,23", "7"], rate]), [Some("--decimal ,"); 2]);
        assert_eq!(told(&[rate, rate, &["100,23"], &["web", "4,963"], &["0.5"]])[..3], [Some("--decimal ,"); 3]);
        assert_eq!(told(&[rate, &["54,69"], &["1.264,79"]]), [Some("--decimal , --thousands ."); 3]);
        assert_eq!(told(&[rate, &["1,264.79"]]), [Some("--thousands ,"); 2]);
        // A comma before an exponent is before decimals.
        assert_eq!(told(&[&["3,109E+01", "8,420E+00"]]), [Some("--decimal ,")]);
        // Of columns that no way reads all of, each is told by its own.
        assert_eq!(
            told(&[&["54,69"], rate, &["1'264.79"]]),
            [Some("--decimal ,"), Some("--decimal ,"), Some("--thousands \"'\"")]
        );
    }

    #[test]
    fn numbers_with_signs_are_known() {
        let are = |texts: &[&str]| are_signed(texts.iter().map(|text| text.as_bytes()), &Spelling::default());
        for text in [
            "$54.69",
            "-$54.69",
            "$-54.69",
            "54,69 €",
            "1.264,79 €",
            "54.69 EUR",
            "USD 1,264.79",
            "87.3%",
            "87 %",
            "(356.49)",
            "54.69-",
            "($1,264.79)",
        ] {
            assert!(are(&[text]), "{text}");
            assert!(are(&["12.5", text]), "beside a number: {text}");
            assert!(!are(&["x", text]), "beside a text: {text}");
        }
        for text in [
            "",
            "12.5",
            "-",
            "--",
            "$",
            "%",
            "()",
            "EUR",
            "EURO 5 a",
            "ABC123",
            "12-34",
            "n/a",
            "$inf",
            "(a)",
            "1-2-3",
            "-5,3",
            "-1.264,79",
            "-1 264",
        ] {
            assert!(!are(&[text]), "{text}");
        }
    }
}
