//! The numbers for sale: fictional ones only, 555-0100 to 555-0199 in some area codes.

/// Country, kind, area code, region, locality, latitude, longitude.
type Area = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const AREAS: [Area; 20] = [
    ("CA", "Local", "587", "AB", "Calgary", "51.0447", "-114.0719"),
    ("CA", "Local", "403", "AB", "Calgary", "51.0447", "-114.0719"),
    ("CA", "Local", "780", "AB", "Edmonton", "53.5461", "-113.4938"),
    ("CA", "Local", "604", "BC", "Vancouver", "49.2827", "-123.1207"),
    ("CA", "Local", "416", "ON", "Toronto", "43.6532", "-79.3832"),
    ("CA", "Local", "514", "QC", "Montreal", "45.5019", "-73.5674"),
    ("CA", "Mobile", "368", "AB", "Calgary", "51.0447", "-114.0719"),
    ("US", "Local", "212", "NY", "New York", "40.7128", "-74.0060"),
    ("US", "Local", "415", "CA", "San Francisco", "37.7749", "-122.4194"),
    ("US", "Local", "206", "WA", "Seattle", "47.6062", "-122.3321"),
    ("US", "Local", "312", "IL", "Chicago", "41.8781", "-87.6298"),
    ("US", "Local", "305", "FL", "Miami", "25.7617", "-80.1918"),
    ("US", "Mobile", "332", "NY", "New York", "40.7128", "-74.0060"),
    ("US", "TollFree", "800", "", "", "", ""),
    ("US", "TollFree", "888", "", "", "", ""),
    ("US", "TollFree", "877", "", "", "", ""),
    ("US", "TollFree", "866", "", "", "", ""),
    ("CA", "TollFree", "855", "", "", "", ""),
    ("CA", "TollFree", "844", "", "", "", ""),
    ("CA", "TollFree", "833", "", "", "", ""),
];

/// A number that can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForSale {
    pub(crate) phone_number: String,
    pub(crate) country: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) region: &'static str,
    pub(crate) locality: &'static str,
    pub(crate) latitude: &'static str,
    pub(crate) longitude: &'static str,
}

/// What a search asks for; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) country: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) area_code: &'a str,
    pub(crate) contains: &'a str,
    pub(crate) region: &'a str,
    pub(crate) locality: &'a str,
}

/// All of them, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Market;

impl Market {
    /// The numbers that match, owned or not.
    pub(crate) fn search<'a>(self, wanted: &'a Wanted<'a>) -> impl Iterator<Item = ForSale> + 'a {
        let is = |asked: &str, has: &str| asked.is_empty() || asked.eq_ignore_ascii_case(has);
        let areas = AREAS.iter().filter(move |(country, kind, code, region, locality, ..)| {
            is(wanted.country, country)
                && is(wanted.kind, kind)
                && is(wanted.area_code, code)
                && is(wanted.region, region)
                && is(wanted.locality, locality)
        });
        areas.flat_map(in_area).filter(|number| contains(&number.phone_number, wanted.contains))
    }

    /// The number, if the market has it at all.
    pub(crate) fn find(self, phone_number: &str) -> Option<ForSale> {
        AREAS.iter().flat_map(in_area).find(|number| number.phone_number == phone_number)
    }

    /// Whether there are numbers of this kind in this country.
    pub(crate) fn has(self, country: &str, kind: &str) -> bool {
        AREAS.iter().any(|area| (area.0, area.1) == (country, kind))
    }
}

fn in_area(area: &'static Area) -> impl Iterator<Item = ForSale> {
    let (country, kind, code, region, locality, latitude, longitude) = *area;
    (100..200).map(move |last| ForSale {
        phone_number: format!("+1{code}5550{last}"),
        country,
        kind,
        region,
        locality,
        latitude,
        longitude,
    })
}

/// Twilio's pattern: digits and letters stand for themselves, `*` for any one digit; found anywhere.
fn contains(phone_number: &str, pattern: &str) -> bool {
    let wanted: Vec<u8> = pattern.bytes().filter(|b| b.is_ascii_alphanumeric() || *b == b'*').map(on_keypad).collect();
    let digits: Vec<u8> = phone_number.bytes().filter(u8::is_ascii_digit).collect();
    let fits = |window: &[u8]| window.iter().zip(&wanted).all(|(digit, want)| *want == b'*' || digit == want);
    wanted.is_empty() || digits.windows(wanted.len()).any(fits)
}

const fn on_keypad(letter: u8) -> u8 {
    match letter.to_ascii_uppercase() {
        b'A'..=b'C' => b'2',
        b'D'..=b'F' => b'3',
        b'G'..=b'I' => b'4',
        b'J'..=b'L' => b'5',
        b'M'..=b'O' => b'6',
        b'P'..=b'S' => b'7',
        b'T'..=b'V' => b'8',
        b'W'..=b'Z' => b'9',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_what_matches_all_of_its_filters() {
        let found = |wanted: Wanted<'_>| Market.search(&wanted).map(|n| n.phone_number).collect::<Vec<_>>();
        let calgary = found(Wanted { country: "CA", kind: "Local", area_code: "587", ..Wanted::default() });
        assert_eq!((calgary.len(), calgary[0].as_str()), (100, "+15875550100"));
        let ends = Wanted { country: "CA", kind: "Local", contains: "0142", ..Wanted::default() };
        assert_eq!(found(ends).len(), 6);
        let stars = Wanted { country: "CA", kind: "Local", contains: "+1780***0142", ..Wanted::default() };
        assert_eq!(found(stars), ["+17805550142"]);
        assert_eq!(found(Wanted { country: "CA", kind: "Local", region: "SK", ..Wanted::default() }).len(), 0);
        assert!(found(Wanted { contains: "55LOAMS", ..Wanted::default() }).is_empty());
    }

    #[test]
    fn only_fictional_numbers_are_sold() {
        let all: Vec<_> = Market.search(&Wanted::default()).collect();
        assert!(all.iter().all(|number| number.phone_number.get(5..9) == Some("5550")), "{all:?}");
        assert!(Market.find("+15875550100").is_some() && Market.find("+15875551234").is_none());
    }
}
