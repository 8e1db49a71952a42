//! From what somebody writes to which number is meant.

use super::error::NumbersError;
use super::saga::Choice;
use crate::base::E164;
use crate::carrier::NumberKind;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Area codes where the called party pays.
const TOLL_FREE: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];

/// Canada's area codes; the rest of `+1` counts as the United States, which has the same prices.
const CANADA: [&str; 47] = [
    "204", "226", "236", "249", "250", "257", "263", "289", "306", "343", "354", "365", "367", "368", "382", "403",
    "416", "418", "428", "431", "437", "438", "450", "468", "474", "506", "514", "519", "548", "579", "581", "584",
    "587", "604", "613", "639", "647", "672", "683", "705", "709", "742", "778", "780", "807", "819", "825",
];

/// Which number: a certain one, or any that fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct ChoiceText {
    /// A certain number, E.164.
    pub number: Option<String>,
    /// Two letters, `US` when absent.
    pub country: Option<String>,
    /// `local` (when absent), `mobile`, `toll_free`.
    pub kind: Option<String>,
    /// Three digits, in Canada and the United States.
    pub area_code: Option<String>,
    /// Digits, letters of the keypad, `*` for any digit.
    pub contains: Option<String>,
}

impl ChoiceText {
    /// Reads it.
    ///
    /// # Errors
    /// [`NumbersError::Unfit`], which names the field and what to write.
    pub fn read(&self) -> Result<Choice, NumbersError> {
        let number = self.number.as_deref().map(E164::parse).transpose();
        let number = number.map_err(|why| NumbersError::Unfit(format!("number: {why}")))?;
        let guessed = number.as_ref().and_then(|number| guess(number.as_str()));
        let country = match (&self.country, guessed, &number) {
            (Some(country), ..) => read_country(country)?,
            (None, Some((country, _)), _) => country.to_owned(),
            (None, None, None) => "US".to_owned(),
            (None, None, Some(_)) => return Err(unfit("country", "write the number's country, two letters like GB")),
        };
        let kind = match (&self.kind, guessed) {
            (Some(kind), _) => read_kind(kind)?,
            (None, Some((_, kind))) => kind,
            (None, None) => NumberKind::Local,
        };
        let digits = |text: &String| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        if self.area_code.as_ref().is_some_and(|code| !digits(code)) {
            return Err(unfit("area_code", "write three digits like 587"));
        }
        let pattern = |c: char| c.is_ascii_alphanumeric() || c == '*' || c == '+';
        if self.contains.as_ref().is_some_and(|text| !(2..=16).contains(&text.len()) || !text.chars().all(pattern)) {
            return Err(unfit("contains", "write 2 to 16 digits or letters, * for any digit"));
        }
        if number.is_some() && (self.area_code.is_some() || self.contains.is_some()) {
            return Err(unfit("number", "write a certain number, or what it shall be like, not both"));
        }
        Ok(Choice {
            number: number.map(|number| number.as_str().to_owned()),
            country,
            kind: kind.as_str().to_owned(),
            area_code: self.area_code.clone(),
            contains: self.contains.clone(),
        })
    }
}

fn unfit(field: &str, mend: &str) -> NumbersError {
    NumbersError::Unfit(format!("{field}: {mend}"))
}

fn read_country(text: &str) -> Result<String, NumbersError> {
    let sound = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    if sound { Ok(text.to_ascii_uppercase()) } else { Err(unfit("country", "write two letters like CA")) }
}

fn read_kind(text: &str) -> Result<NumberKind, NumbersError> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let found = NumberKind::ALL.iter().find(|kind| plain(kind.as_str()) == plain(text));
    found.copied().ok_or_else(|| unfit("kind", "write local, mobile or toll_free"))
}

fn guess(number: &str) -> Option<(&'static str, NumberKind)> {
    let code = number.strip_prefix("+1")?.get(..3)?;
    let country = if CANADA.contains(&code) { "CA" } else { "US" };
    Some((country, if TOLL_FREE.contains(&code) { NumberKind::TollFree } else { NumberKind::Local }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: Option<&str>, country: Option<&str>, kind: Option<&str>) -> ChoiceText {
        let text = |text: Option<&str>| text.map(str::to_owned);
        ChoiceText { number: text(number), country: text(country), kind: text(kind), ..ChoiceText::default() }
    }

    #[test]
    fn country_and_kind_follow_from_a_certain_number() {
        for (number, country, kind) in
            [("+15875550100", "CA", "Local"), ("+12125550100", "US", "Local"), ("+18885550100", "US", "TollFree")]
        {
            let choice = of(Some(number), None, None).read().unwrap();
            assert_eq!((choice.country.as_str(), choice.kind.as_str()), (country, kind), "{number}");
        }
        assert!(of(Some("+442071838750"), None, None).read().unwrap_err().to_string().starts_with("country: "));
        assert_eq!(of(Some("+442071838750"), Some("gb"), None).read().unwrap().country, "GB");
    }

    #[test]
    fn mistakes_name_the_field() {
        for (text, begins) in [
            (of(Some("5875550100"), None, None), "number: "),
            (of(None, Some("CAN"), None), "country: "),
            (of(None, None, Some("golden")), "kind: "),
            (ChoiceText { area_code: Some("58".to_owned()), ..ChoiceText::default() }, "area_code: "),
            (ChoiceText { contains: Some("5;7".to_owned()), ..ChoiceText::default() }, "contains: "),
            (ChoiceText { area_code: Some("587".to_owned()), ..of(Some("+15875550100"), None, None) }, "number: "),
        ] {
            let told = text.read().unwrap_err().to_string();
            assert!(told.starts_with(begins), "{told}");
        }
        for kind in ["TollFree", "toll_free", "toll-free"] {
            assert_eq!(of(None, None, Some(kind)).read().unwrap().kind, "TollFree");
        }
    }
}
