//! Signature Version 4, in a header, over the digest of the body: the store refuses what did not arrive as it was sent.
//! Pure.

use crate::base::{Secret, Time};
use crate::shelf::hex::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Digest of a body that is empty.
pub(super) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Who signs, and for which part of the world.
#[derive(Clone, Debug)]
pub(super) struct Signer {
    pub(super) key_id: Secret,
    pub(super) key: Secret,
    pub(super) region: String,
}

/// What is signed. `query` is encoded and in order already, names of `headers` are lower case and in order, and
/// `x-amz-date` is one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    /// Digest of the body, in hex.
    pub(super) body: &'a str,
}

impl Signer {
    /// The value of `Authorization`.
    pub(super) fn authorization(&self, what: &Signed<'_>, at: Time) -> String {
        let names = what.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let headers = what.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect::<String>();
        let Signed { method, path, query, body, .. } = what;
        let request = format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{body}");
        let day = at.format("%Y%m%d").to_string();
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", stamp(at), hex(&Sha256::digest(request)));
        let first = format!("AWS4{}", self.key.expose());
        let key = [day.as_str(), &self.region, "s3", "aws4_request", &text];
        let signature = key.iter().fold(first.into_bytes(), |key, part| mac(&key, part.as_bytes()));
        let id = self.key_id.expose();
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders={names},Signature={}", hex(&signature))
    }
}

/// The value of `x-amz-date`.
pub(super) fn stamp(at: Time) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// As a signed query wants it: everything but letters, digits and `-._~` in percent form.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    /// The key of the examples in "Signature Calculations for the Authorization Header" of the S3 API reference.
    fn signature(method: &str, path: &str, query: &str, headers: &[(&str, &str)], body: &str) -> String {
        let signer = Signer {
            key_id: Secret::new("AKIAIOSFODNN7EXAMPLE"),
            key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1".to_owned(),
        };
        let at = chrono::Utc.with_ymd_and_hms(2013, 5, 24, 0, 0, 0).single().expect("a time");
        let mut all = headers.to_vec();
        all.extend([
            ("host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-content-sha256", body),
            ("x-amz-date", "20130524T000000Z"),
        ]);
        all.sort_unstable();
        assert_eq!(stamp(at), "20130524T000000Z");
        let authorization = signer.authorization(&Signed { method, path, query, headers: &all, body }, at);
        assert!(authorization.contains("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"));
        authorization.rsplit('=').next().expect("a signature").to_owned()
    }

    #[test]
    fn the_published_examples_are_signed_as_published() {
        let range = [("range", "bytes=0-9")];
        assert_eq!(
            signature("GET", "/test.txt", "", &range, EMPTY),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        let put = [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")];
        let body = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        assert_eq!(
            signature("PUT", "/test%24file.text", "", &put, body),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
        assert_eq!(
            signature("GET", "/", "lifecycle=", &[], EMPTY),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        );
        assert_eq!(
            signature("GET", "/", "max-keys=2&prefix=J", &[], EMPTY),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        );
    }

    #[test]
    fn queries_are_encoded_as_they_are_signed() {
        assert_eq!(encoded("a/B c+é=~"), "a%2FB%20c%2B%C3%A9%3D~");
    }
}
