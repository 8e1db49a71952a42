//! Floor 6: speech into loudspeakers. Zones, who may page them, which page wins, and the outputs that play it.
//!
//! | file | what |
//! |---|---|
//! | `seam` | where pages and outputs meet |
//! | `fanout/` | one clock for all outputs |
//! | `outputs/` | where sound leaves the house, one file a kind |

mod fanout;
mod outputs;
mod seam;

pub use fanout::{Fanout, Join, Pacing, SpeakerCaller};
pub use outputs::keep;
pub use seam::{Draw, Frame, Options, OutputFault, PageId, Played, PlayedOutput, Playing, Source, Speakers};
