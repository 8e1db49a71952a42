//! How a service ends.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How a service ends, in this order.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// The stop begins: not ready any more.
    pub draining: CancellationToken,
    /// A moment later: nobody new is let in.
    pub closing: CancellationToken,
    /// The listener has closed: workers end.
    pub stop: CancellationToken,
    /// The workers.
    pub tasks: TaskTracker,
}
