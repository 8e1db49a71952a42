//! What a menu knows of its line.

use super::people::People;

/// What a menu knows of its line.
pub(super) struct Scope<'s> {
    /// Menus that a key may lead to.
    pub(super) menus: &'s [String],
    /// Who may be rung by name.
    pub(super) people: &'s People,
    /// Leave to dial public emergency numbers.
    pub(super) dial_public: bool,
    /// Menus listen to speech unless they say otherwise: the line has emergency words.
    pub(super) listens: bool,
}
