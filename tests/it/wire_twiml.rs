//! TwiML against the golden documents: read, rendered, and built in code.

use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use switchboard::twiml::parse;

/// A document as a tree in which neither the order of attributes nor quotes nor the prolog matter.
pub(crate) fn canonical(document: &str) -> Value {
    let mut reader = Reader::from_str(document);
    let mut open = vec![json!({ "children": [] })];
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) => open.push(element(&tag)),
            Event::Empty(tag) => {
                let node = element(&tag);
                push(&mut open, node);
            }
            Event::End(_) => {
                let node = open.pop().expect("open");
                push(&mut open, node);
            }
            Event::Text(text) => push_text(&mut open, &text.xml10_content()),
            Event::GeneralRef(entity) => {
                let text = quick_xml::escape::unescape(&format!("&{};", entity.as_ref())).expect("entity").into_owned();
                push_text(&mut open, &text);
            }
            Event::Eof => return open[0]["children"][0].take(),
            _ => {}
        }
    }
}

fn element(tag: &quick_xml::events::BytesStart<'_>) -> Value {
    let attributes: serde_json::Map<_, _> = tag
        .attributes()
        .map(|attribute| {
            let attribute = attribute.expect("attribute");
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).expect("value").into_owned();
            (attribute.key.as_ref().to_owned(), Value::from(value))
        })
        .collect();
    json!({ "name": tag.name().as_ref(), "attrs": attributes, "children": [] })
}

fn push(open: &mut [Value], node: Value) {
    open.last_mut().expect("open")["children"].as_array_mut().expect("children").push(node);
}

fn push_text(open: &mut [Value], text: &str) {
    let children = open.last_mut().expect("open")["children"].as_array_mut().expect("children");
    match children.last_mut().and_then(|last| last.get_mut("text")) {
        Some(before) => *before = Value::from(format!("{}{text}", before.as_str().expect("text"))),
        None if text.is_empty() => {}
        None => children.push(json!({ "text": text })),
    }
}

pub(crate) fn golden() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twilio/twiml");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("fixtures")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "xml"))
        .collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).expect("text"))).collect()
}

#[test]
fn every_golden_document_comes_back_as_it_went_in() {
    let documents = golden();
    assert_eq!(documents.len(), 30);
    for (path, document) in documents {
        let parsed = parse(&document).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(parsed.warnings, [], "{}", path.display());
        assert_eq!(canonical(&parsed.response.render()), canonical(&document), "{}", path.display());
        let tree = fs::read_to_string(path.with_extension("json")).expect("tree");
        let tree: Value = serde_json::from_str(&tree).expect("json");
        assert_eq!(canonical(&parsed.response.render()), tree["tree"], "{}", path.display());
        assert_eq!(parse(&parsed.response.render()).map(|again| again.response), Ok(parsed.response));
    }
}
