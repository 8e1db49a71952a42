//! What can be wrong before a call is placed. What goes wrong in a call is in its report.

/// Why the simulator cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// Not an address a webhook can have.
    #[error("`{0}` is not a web address: write http://host or https://host")]
    Url(String),
    /// Not something a finger can do.
    #[error("`{0}` is no key: keys are 0-9, * and #; wN waits N seconds, like w5; s speaks, h hangs up")]
    Key(String),
    /// Not a way to answer.
    #[error(
        "`{0}` is no outcome of a dial: write answered, answered:SECONDS, mailbox, declined, busy, no-answer, failed, \
         canceled or abandoned"
    )]
    Callee(String),
    /// Not a way to wait.
    #[error("`{0}` is no outcome of a queue: write taken, taken:SECONDS, nobody, full or failed")]
    Waiting(String),
    /// Not a speed.
    #[error("`{0}` is no speed: write a positive number (1 is real time) or max")]
    Speed(String),
    /// Not a mix of calls.
    #[error("`{0}` is no mix: write name=weight, like dial=5,voicemail=2; the names are {1}")]
    Mix(String, String),
    /// Nothing that can go wrong.
    #[error("`{0}` is no accident: write them as a chaos report does, like d1:cut-answer or r3:late=40000")]
    Accident(String),
    /// A loaded machine must be the user's own.
    #[error("{0} is not this machine: a load run against it needs --i-own-this-host")]
    Stranger(String),
    /// No HTTP client could be made.
    #[error("no HTTP client: {0}")]
    Client(#[source] reqwest::Error),
    /// No port could be opened.
    #[error("the pretend carrier cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
}
