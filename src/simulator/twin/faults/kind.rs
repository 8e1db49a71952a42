//! How a request fails.

/// What goes wrong, and whether the request had its effect before it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Refused with this status: nothing happened.
    Status(u16),
    /// Done, and then answered with this status all the same.
    StatusAfter(u16),
    /// Never done, never answered: held until released, and cut then.
    TimeoutBefore,
    /// Done; the answer is held until released.
    TimeoutAfter,
    /// The connection breaks before anything is done.
    CutBefore,
    /// Done; the connection breaks instead of an answer.
    CutAfter,
    /// Done; half of the answer comes, and then the connection breaks.
    CutMidway,
    /// Done; the answer comes byte by byte.
    Slow,
}

impl FaultKind {
    /// All that chance picks from.
    pub(crate) const BY_CHANCE: [Self; 11] = [
        Self::Status(429),
        Self::Status(500),
        Self::Status(503),
        Self::StatusAfter(500),
        Self::StatusAfter(503),
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::CutBefore,
        Self::CutAfter,
        Self::CutMidway,
        Self::Slow,
    ];

    /// Reads `429`, `500-after`, `timeout-before`, `timeout-after`, `cut-before`, `cut-after`, `cut-midway` or `slow`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let status = |text: &str| text.parse().ok().filter(|status| (400..600).contains(status));
        Some(match word {
            "timeout-before" => Self::TimeoutBefore,
            "timeout-after" => Self::TimeoutAfter,
            "cut-before" => Self::CutBefore,
            "cut-after" => Self::CutAfter,
            "cut-midway" => Self::CutMidway,
            "slow" => Self::Slow,
            _ => match word.strip_suffix("-after") {
                Some(text) => Self::StatusAfter(status(text)?),
                None => Self::Status(status(word)?),
            },
        })
    }

    /// Whether the request has its effect all the same.
    #[must_use]
    pub const fn has_effect(self) -> bool {
        !matches!(self, Self::Status(_) | Self::TimeoutBefore | Self::CutBefore)
    }
}

impl std::fmt::Display for FaultKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::StatusAfter(status) => write!(f, "{status}-after"),
            Self::TimeoutBefore => f.write_str("timeout-before"),
            Self::TimeoutAfter => f.write_str("timeout-after"),
            Self::CutBefore => f.write_str("cut-before"),
            Self::CutAfter => f.write_str("cut-after"),
            Self::CutMidway => f.write_str("cut-midway"),
            Self::Slow => f.write_str("slow"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for kind in FaultKind::BY_CHANCE {
            assert_eq!(FaultKind::parse(&kind.to_string()), Some(kind));
        }
        for bad in ["", "200", "late", "500-before", "-after"] {
            assert_eq!(FaultKind::parse(bad), None, "{bad}");
        }
    }
}
