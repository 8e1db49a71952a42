//! Floor 6: speech into loudspeakers. Zones, who may page them, which page wins, and the outputs that play it.
//!
//! | file | what |
//! |---|---|
//! | `seam` | where pages and outputs meet |

mod seam;

pub use seam::{Frame, Options, OutputFault, PageId, Played, PlayedOutput, Playing, Source, Speakers};
