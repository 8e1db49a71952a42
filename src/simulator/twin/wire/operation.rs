//! What a request does, by name: `IncomingPhoneNumbers.create`. Faults are aimed with it, the log is read by it.

use axum::http::Method;

/// The resource and what is done to it; of a path alone, so that a fault can strike before anything is looked up.
pub(crate) fn operation(method: &Method, path: &str) -> String {
    let media = path.rsplit_once('.').is_some_and(|(_, kind)| matches!(kind, "wav" | "mp3"));
    let path = path.trim_end_matches(".json");
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    let (resource, is_one) = match parts.as_slice() {
        [.., "AvailablePhoneNumbers", _, _] => ("AvailablePhoneNumbers", false),
        ["Porting", "Portability", ..] => ("Portability", true),
        ["Porting", "PortIn", "PortInRequests"] => ("PortIn", false),
        ["Porting", "PortIn", _, ..] => ("PortIn", true),
        ["Porting", resource, ..] => (*resource, false),
        ["Accounts", _, "Balance" | "Usage", ..] => ("Usage", true),
        // Names and SIDs take turns.
        [names @ .., last] if names.len() % 2 == 0 => (*last, false),
        [.., resource, _sid] => (*resource, true),
        [only] => (*only, false),
        [] => ("", false),
    };
    let verb = match (method.as_str(), is_one) {
        ("GET" | "HEAD", true) if media => "media",
        ("GET" | "HEAD", true) => "fetch",
        ("GET" | "HEAD", false) => "list",
        ("POST", true) => "update",
        ("POST", false) => "create",
        ("DELETE", _) => "delete",
        _ => "other",
    };
    format!("{resource}.{verb}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_names() {
        let name = |method: &str, path: &str| operation(&Method::from_bytes(method.as_bytes()).unwrap(), path);
        let account = "/2010-04-01/Accounts/AC1";
        assert_eq!(name("POST", "/2010-04-01/Accounts.json"), "Accounts.create");
        assert_eq!(name("POST", &format!("{account}.json")), "Accounts.update");
        assert_eq!(
            name("GET", &format!("{account}/AvailablePhoneNumbers/CA/Local.json")),
            "AvailablePhoneNumbers.list"
        );
        assert_eq!(name("POST", &format!("{account}/IncomingPhoneNumbers.json")), "IncomingPhoneNumbers.create");
        assert_eq!(name("DELETE", &format!("{account}/IncomingPhoneNumbers/PN1.json")), "IncomingPhoneNumbers.delete");
        assert_eq!(name("GET", &format!("{account}/Calls/CA1/Recordings.json")), "Recordings.list");
        assert_eq!(name("GET", &format!("{account}/Recordings/RE1.wav")), "Recordings.media");
        assert_eq!(name("GET", &format!("{account}/Recordings/RE1.json")), "Recordings.fetch");
        assert_eq!(name("POST", "/v1/Porting/PortIn"), "PortIn.create");
        assert_eq!(name("DELETE", "/v1/Porting/PortIn/KW1"), "PortIn.delete");
        assert_eq!(name("GET", "/v1/Porting/Portability/PhoneNumber/+15875550100"), "Portability.fetch");
    }
}
