//! Real agents over real sockets: the whole house between a carrier with mouth and ears and an agent of the test's own.
//!
//! | file | what it is |
//! |---|---|
//! | `caller` | a house whose lines have agents, calls to them, and what the callers heard |
//! | `neutral` | an agent's end of `switchboard-agent/1` |
//! | `vendor` | a server that plays a script of tests/fixtures/agents/openai-realtime |
//! | the others | tests |

mod caller;
mod conversations;
mod failures;
mod neighbours;
mod neutral;
mod pages;
mod realtime;
mod vendor;
