//! What a number costs a month, by the carrier's public price list: for a plan, not for the books. The carrier's bill is
//! what counts.

/// US dollars as decimal text.
const LIST: [(&str, &str, &str); 6] = [
    ("US", "Local", "1.15"),
    ("CA", "Local", "1.15"),
    ("US", "TollFree", "2.15"),
    ("CA", "TollFree", "2.15"),
    ("US", "Mobile", "1.15"),
    ("CA", "Mobile", "1.15"),
];

/// Amount and currency; `None` when the list does not have it.
pub(super) fn monthly(country: &str, kind: &str) -> Option<(String, String)> {
    let found = LIST.iter().find(|(of, what, _)| of.eq_ignore_ascii_case(country) && *what == kind);
    found.map(|(.., amount)| ((*amount).to_owned(), "USD".to_owned()))
}
