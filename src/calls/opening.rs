//! Whether a line is open when a call comes in, and what its caller hears when it is not.

use super::action;
use super::draft::Draft;
use super::opens::{OPENS, greeting};
use super::scene::Turn;
use super::state::{Choice, Origin};
use crate::config::hours::{Hours, Rule};
use crate::config::text::Text;
use std::borrow::Cow;

/// Turns to the closed line. `false`: it is open.
pub(super) fn closed(turn: &Turn<'_>, draft: &mut Draft) -> bool {
    let standing = turn.world.standing(turn.line, turn.webhook.at);
    if standing.rule == Rule::Always {
        return false;
    }
    draft.decided(if standing.open { "open: " } else { "closed: " });
    draft.also(&standing.rule.to_string());
    if standing.open {
        return false;
    }
    let usual = Hours::always();
    let closed = turn.line.hours.as_ref().map_or(&usual.closed, |hours| &hours.closed);
    let said = match &standing.rule {
        Rule::Override(said) if !said.say.trim().is_empty() => Cow::Owned(Text::from(said.say.as_str())),
        _ => Cow::Borrowed(&closed.greeting),
    };
    let now = turn.webhook.at.with_timezone(&turn.line.timezone);
    if said.as_str().contains(OPENS) {
        draft.say(turn.line, &said.filled(&|words| greeting(turn.line, words, &standing, now)));
    } else {
        draft.say(turn.line, &said);
    }
    action::perform(turn, draft, &closed.then, Origin { menu: &turn.line.entry, by: Choice::Closed });
    true
}
