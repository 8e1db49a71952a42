//! What is promised for later versions, and what does not exist: strangers cannot tell the two apart, because
//! credentials are asked for first.

use crate::base::{Problem, ProblemKind};
use axum::extract::OriginalUri;

/// Routes of the public face that are not built yet; `*` stands for one part, a last `**` for any.
const LATER: [&str; 13] = [
    "/api/calls/*/*",
    "/api/calls/from-pbx",
    "/api/calls/pending-pbx",
    "/api/calls/user/*/pending-pbx",
    "/api/webhooks/**",
    "/api/extensions/**",
    "/api/trunks/**",
    "/api/alerts/call-groups/**",
    "/api/live/**",
    "/status",
    "/trigger/poll",
    "/trigger/alerts",
    "/ws",
];

/// 501 for what is promised, 404 for everything else.
pub(in crate::ops) async fn later(OriginalUri(uri): OriginalUri) -> Problem {
    let path = uri.path();
    if LATER.iter().any(|pattern| fits(pattern, path)) {
        return Problem::new(ProblemKind::NotBuilt, "this route is promised and comes with a later version");
    }
    unknown().await
}

/// 404.
pub(in crate::ops) async fn unknown() -> Problem {
    Problem::new(ProblemKind::NotFound, "there is no such route; /docs lists them all")
}

/// 405; the header `Allow` says which methods would do.
pub(in crate::ops) async fn wrong_method() -> Problem {
    Problem::new(ProblemKind::MethodNotAllowed, "the route exists, but not with this method")
}

fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = path.trim_end_matches('/').split('/');
    for wanted in pattern.split('/') {
        match (wanted, parts.next()) {
            ("**", _) => return true,
            (_, None) => return false,
            ("*", Some(part)) if !part.is_empty() => {}
            (_, Some(part)) if part == wanted => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_paths() {
        for (pattern, path, expected) in [
            ("/api/webhooks/**", "/api/webhooks", true),
            ("/api/webhooks/**", "/api/webhooks/ep_1/rotate", true),
            ("/api/webhooks/**", "/api/webhook", false),
            ("/api/recordings/*", "/api/recordings/RE1", true),
            ("/api/recordings/*", "/api/recordings", false),
            ("/api/recordings/*", "/api/recordings/a/b", false),
            ("/api/calls/*/*", "/api/calls/CA1/hold", true),
            ("/status", "/status", true),
            ("/status", "/statuses", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }
}
