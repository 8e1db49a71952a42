//! RFC 4180: a header row, commas, CRLF, quotes where needed. What a spreadsheet would run is made text.

use std::borrow::Cow;

/// Adds one record.
pub(super) fn push_record<'c>(csv: &mut String, cells: impl Iterator<Item = Cow<'c, str>>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            csv.push(',');
        }
        push_cell(csv, &cell);
    }
    csv.push_str("\r\n");
}

fn push_cell(csv: &mut String, cell: &str) {
    if cell.contains([',', '"', '\r', '\n']) {
        csv.push('"');
        csv.push_str(&cell.replace('"', "\"\""));
        csv.push('"');
    } else {
        csv.push_str(cell);
    }
}

/// A text that begins as a formula does gets an apostrophe before it, which spreadsheets take for "this is text". A
/// caller chooses his name, so a name is nothing to run. Telephone numbers too: a spreadsheet reads `+15875550100` as
/// a sum and shows 1.58756E+10.
pub(super) fn as_text(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn records_are_as_rfc_4180_has_them() {
        let mut csv = String::new();
        push_record(&mut csv, ["a", "", "b,c", "say \"so\"", "two\r\nlines"].map(Cow::from).into_iter());
        assert_eq!(csv, "a,,\"b,c\",\"say \"\"so\"\"\",\"two\r\nlines\"\r\n");
    }

    #[test]
    fn no_text_runs_as_a_formula() {
        for text in ["=1+1", "+15875550100", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(as_text(text), format!("'{text}"));
        }
        for text in ["", "1-2", "Ann", "'=1"] {
            assert_eq!(as_text(text), text);
        }
    }

    /// One record, read as the standard says.
    fn parse(csv: &str) -> Vec<String> {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut rest = csv.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                c => cell.push(c),
            }
        }
        cells.push(cell);
        cells
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_read(cells in proptest::collection::vec("[a\",\r\n=+ é]{0,6}", 1..6)) {
            let mut csv = String::new();
            push_record(&mut csv, cells.iter().map(|cell| Cow::from(cell.as_str())));
            prop_assert_eq!(parse(&csv), cells);
        }
    }
}
