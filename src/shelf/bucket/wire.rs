//! What a store writes: one page of a list, and its word for a refusal. Pure.

use crate::shelf::fault::BucketError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

/// A page of the list of a bucket.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) keys: Vec<String>,
    /// Asks for the next page, if there is one.
    pub(super) next: Option<String>,
}

/// Reads a page.
pub(super) fn page(document: &str) -> Result<Page, BucketError> {
    let (mut page, mut more, mut is_list) = (Page::default(), false, false);
    for Leaf { parent, name, text } in leaves(document).ok_or(BucketError::Unreadable)? {
        is_list |= parent == "ListBucketResult";
        match (parent.as_str(), name.as_str()) {
            ("Contents", "Key") => page.keys.push(text),
            ("ListBucketResult", "IsTruncated") => more = text == "true",
            ("ListBucketResult", "NextContinuationToken") => page.next = Some(text),
            _ => {}
        }
    }
    match (is_list, more, &page.next) {
        (false, ..) | (_, true, None) => Err(BucketError::Unreadable),
        (_, true, Some(_)) => Ok(page),
        (_, false, _) => Ok(Page { next: None, ..page }),
    }
}

/// The store's word for a refusal, fit for a log: such a body also holds the key's id and what was signed.
pub(super) fn code(document: &str) -> String {
    let leaves = leaves(document).unwrap_or_default();
    let code = leaves.into_iter().find(|leaf| leaf.parent == "Error" && leaf.name == "Code").map(|leaf| leaf.text);
    let plain = |code: &String| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    code.filter(plain).unwrap_or_default()
}

/// An element that holds text.
struct Leaf {
    parent: String,
    name: String,
    text: String,
}

/// `None`: this is no XML that a store would write.
fn leaves(document: &str) -> Option<Vec<Leaf>> {
    let mut reader = Reader::from_str(document);
    let (mut path, mut text, mut leaves): (Vec<String>, String, Vec<Leaf>) = Default::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                path.push(tag.local_name().into_inner().to_owned());
                text.clear();
            }
            Event::End(_) => {
                let name = path.pop()?;
                let parent = path.last().cloned().unwrap_or_default();
                leaves.push(Leaf { parent, name, text: std::mem::take(&mut text) });
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) => text.push_str(&resolved(&entity)?),
            Event::Eof => return path.is_empty().then_some(leaves),
            _ => {}
        }
    }
}

fn resolved(entity: &BytesRef<'_>) -> Option<String> {
    if let Some(character) = entity.resolve_char_ref().ok()? {
        return Some(character.to_string());
    }
    resolve_predefined_entity(entity.as_ref()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>p/</Prefix><KeyCount>2</KeyCount>
<IsTruncated>true</IsTruncated><NextContinuationToken>1/a&amp;b==</NextContinuationToken>
<Contents><Key>p/2026/11/20/RE1.wav</Key><ETag>&quot;x&quot;</ETag><Size>7</Size><Owner><ID>p/no</ID></Owner></Contents>
<Contents><Key>p/a &lt;b&gt;&#233;</Key></Contents></ListBucketResult>"#;

    #[test]
    fn a_page_is_read() {
        let page_of = |keys: &[&str], next: Option<&str>| Page {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            next: next.map(str::to_owned),
        };
        let both = ["p/2026/11/20/RE1.wav", "p/a <b>é"];
        assert_eq!(page(LIST), Ok(page_of(&both, Some("1/a&b=="))));
        assert_eq!(page(&LIST.replace(">true<", ">false<")), Ok(page_of(&both, None)));
        let cut: String = LIST.chars().take(300).collect();
        for bad in ["", "<html><body>hello</body></html>", &cut, &LIST.replace("NextContinuationToken", "Else")] {
            assert_eq!(page(bad), Err(BucketError::Unreadable), "{bad}");
        }
    }

    #[test]
    fn only_the_word_of_a_refusal_is_taken() {
        let body = "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>";
        assert_eq!(code(body), "SignatureDoesNotMatch");
        assert_eq!(code("<Error><Code>a b\nc</Code></Error>"), "");
        assert_eq!(code("not XML <"), "");
    }
}
