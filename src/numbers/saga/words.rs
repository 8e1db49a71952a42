//! The words of the journal, as they stand in the tables and in the API.

use crate::base::words;

words! {
    /// What a transaction is for.
    Kind {
        /// Buy a number for a line.
        Provision = "provision_number",
        /// Set up a tenant: account, number, line.
        Onboard = "onboard_tenant",
        /// Bring a number from another carrier.
        Port = "port_number",
        /// Give a number back.
        Release = "release_number",
    }

    /// Where a transaction stands.
    State {
        /// On its way to the end.
        Running = "running",
        /// Everything works.
        Done = "done",
        /// On its way back.
        RollingBack = "rolling_back",
        /// Nothing is left at the carrier.
        RolledBack = "rolled_back",
        /// Something may be left; taking it back is tried again.
        FailedUndo = "failed_undo",
    }

    /// Where a step stands.
    StepState {
        /// Not tried, or known to have had no effect.
        Waiting = "waiting",
        /// Tried; whether it had its effect is not known yet.
        Doing = "doing",
        /// Its effect was seen.
        Done = "done",
        /// Being taken back.
        Undoing = "undoing",
        /// Its effect is seen to be gone.
        Undone = "undone",
        /// Taking it back failed; it is tried again.
        FailedUndo = "failed_undo",
    }

    /// What a step does. Every one is harmless twice, also when it is taken back.
    Step {
        /// Find numbers for sale.
        Search = "search",
        /// Make the tenant's account.
        Subaccount = "subaccount",
        /// Buy one of the numbers, tagged.
        Buy = "buy",
        /// Tell the carrier where to ask.
        Configure = "configure",
        /// Write the tenant's line down.
        Line = "line",
        /// Let the number lead to its line.
        Bind = "bind",
        /// See at the carrier that all of it is so.
        Verify = "verify",
        /// Ask whether the number can be ported.
        Portability = "portability",
        /// Order the port.
        Order = "order",
        /// Wait until the number has arrived, and let it lead to its line.
        Arrive = "arrive",
        /// Let the number lead nowhere.
        Unbind = "unbind",
        /// Give the number back to the carrier.
        GiveBack = "give_back",
        /// Note that it is gone.
        Forget = "forget",
    }
}

impl State {
    /// Nothing is left to do.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::RolledBack)
    }
}

impl Kind {
    /// The steps, in order. They are taken back in the opposite one.
    #[must_use]
    pub const fn steps(self) -> &'static [Step] {
        match self {
            Self::Provision => &[Step::Search, Step::Buy, Step::Configure, Step::Bind, Step::Verify],
            Self::Onboard => {
                &[Step::Search, Step::Subaccount, Step::Buy, Step::Configure, Step::Line, Step::Bind, Step::Verify]
            }
            Self::Port => &[Step::Portability, Step::Order, Step::Arrive, Step::Configure, Step::Verify],
            Self::Release => &[Step::Unbind, Step::GiveBack, Step::Forget],
        }
    }

    /// How many failures in a row a step is forgiven before everything is taken back; `None`: it is tried for ever,
    /// because there is no way back from where it stands.
    pub(in crate::numbers) const fn tries(self, step: Step) -> Option<i64> {
        match (self, step) {
            (Self::Port, Step::Arrive | Step::Configure | Step::Verify) => None,
            (Self::Release, Step::GiveBack | Step::Forget) => None,
            (_, Step::Search | Step::Portability) => Some(5),
            (_, Step::Configure | Step::Verify) => Some(12),
            _ => Some(8),
        }
    }
}
