//! From a step's name to what it does.

use super::scene::Scene;
use super::{bind, buy, configure, line, port, release, search, subaccount, verify};
use crate::numbers::saga::{Outcome, Step};

/// Tries a step.
pub(in crate::numbers) async fn act(scene: &Scene<'_>) -> Outcome {
    let tried = match scene.row.step {
        Step::Search => search::act(scene).await,
        Step::Subaccount => subaccount::act(scene).await,
        Step::Buy => buy::act(scene).await,
        Step::Configure => configure::act(scene).await,
        Step::Line => line::act(scene),
        Step::Bind => bind::act(scene),
        Step::Verify => verify::act(scene).await,
        Step::Portability => port::portability(scene).await,
        Step::Order => port::order(scene).await,
        Step::Arrive => port::arrive(scene).await,
        Step::Unbind => release::unbind(scene),
        Step::GiveBack => release::give_back(scene).await,
        Step::Forget => release::forget(scene),
    };
    tried.unwrap_or_else(Outcome::from)
}

/// Tries to take a step back.
pub(in crate::numbers) async fn undo(scene: &Scene<'_>) -> Outcome {
    let tried = match scene.row.step {
        Step::Subaccount => subaccount::undo(scene).await,
        Step::Buy => buy::undo(scene).await,
        Step::Line => line::undo(scene),
        Step::Bind => bind::undo(scene),
        Step::Order => port::cancel(scene).await,
        Step::Unbind => release::rebind(scene),
        Step::GiveBack => release::keep(scene).await,
        // They only looked, or go with what the others take back.
        Step::Search | Step::Configure | Step::Verify | Step::Portability | Step::Arrive | Step::Forget => {
            Ok(Outcome::done())
        }
    };
    tried.unwrap_or_else(Outcome::from)
}
