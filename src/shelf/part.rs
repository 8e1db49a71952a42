//! Which part of a copy a player asks for (RFC 9110, 14.1.2).

/// Bytes `start` to `end`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The first.
    pub start: u64,
    /// The last.
    pub end: u64,
}

impl Part {
    /// How many bytes.
    #[must_use]
    pub const fn len(self) -> u64 {
        self.end - self.start + 1
    }

    /// Never: a part has at least one byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// What a `Range` header means for `total` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// No range, or one that may be passed over: several parts, another unit, nonsense.
    Whole,
    /// One part.
    Part(Part),
    /// A part that does not exist.
    Nowhere,
}

/// Reads a `Range` header.
#[must_use]
pub fn asked(range: Option<&str>, total: u64) -> Asked {
    let Some((first, last)) = range.and_then(|range| range.trim().strip_prefix("bytes=")?.split_once('-')) else {
        return Asked::Whole;
    };
    let (first, last) = (first.trim(), last.trim());
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().unwrap_or(u64::MAX));
    match (first.is_empty(), last.is_empty(), number(first), number(last)) {
        (false, true, Some(start), _) => within(start, u64::MAX, total),
        (false, false, Some(start), Some(end)) if start <= end => within(start, end, total),
        (true, false, _, Some(0)) => Asked::Nowhere,
        (true, false, _, Some(count)) => within(total.saturating_sub(count), u64::MAX, total),
        _ => Asked::Whole,
    }
}

fn within(start: u64, end: u64, total: u64) -> Asked {
    if start >= total { Asked::Nowhere } else { Asked::Part(Part { start, end: end.min(total - 1) }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_players_write_them() {
        let part = |start, end| Asked::Part(Part { start, end });
        for (range, means) in [
            (None, Asked::Whole),
            (Some("bytes=0-"), part(0, 9)),
            (Some("bytes=0-3"), part(0, 3)),
            (Some("bytes=4-100"), part(4, 9)),
            (Some("bytes=9-9"), part(9, 9)),
            (Some("bytes=-4"), part(6, 9)),
            (Some("bytes=-40"), part(0, 9)),
            (Some("bytes=10-"), Asked::Nowhere),
            (Some("bytes=-0"), Asked::Nowhere),
            (Some("bytes=99999999999999999999-"), Asked::Nowhere),
            (Some("bytes=3-1"), Asked::Whole),
            (Some("bytes=0-1,4-5"), Asked::Whole),
            (Some("bytes=-"), Asked::Whole),
            (Some("bytes=a-b"), Asked::Whole),
            (Some("seconds=1-2"), Asked::Whole),
        ] {
            assert_eq!(asked(range, 10), means, "{range:?}");
        }
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Nowhere);
    }
}
