//! Reading documents, our own and other people's, as Twilio would.

use super::xml::{Child, Element, Node, Notes, Tree, Warning, is_xml};
use super::{Response, TextResponse};
use quick_xml::XmlVersion;
use quick_xml::errors::Error;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// Longest document Twilio takes over HTTP, bytes (error 11750 above).
pub const MAX_BYTES: usize = 64 * 1024;
/// Deepest nesting read. SSML seldom needs six; without a bound, reading would be a way to exhaust the stack.
const MAX_DEPTH: usize = 32;

/// A document that Twilio would execute.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// What it would execute.
    pub response: Response,
    /// What it would leave out, and warn of.
    pub warnings: Vec<Warning>,
}

/// Why Twilio would not execute a document at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// More than [`MAX_BYTES`].
    #[error("the document has {0} bytes, Twilio takes at most {MAX_BYTES}")]
    TooLong(usize),
    /// Something before `<?xml`, if only a space.
    #[error("nothing may stand before the prolog: no space, line break or byte order mark")]
    BeforeProlog,
    /// Not well-formed XML.
    #[error("not well-formed XML at byte {at}: {reason}")]
    Malformed {
        /// Byte where it was noticed.
        at: usize,
        /// What was noticed.
        reason: String,
    },
    /// The root is not `Response`.
    #[error("the root element is <{0}>, it must be <Response> (case matters)")]
    WrongRoot(String),
}

impl ParseError {
    /// Twilio's error code.
    #[must_use]
    pub const fn code(&self) -> u32 {
        match self {
            Self::TooLong(_) => 11750,
            Self::BeforeProlog | Self::Malformed { .. } => 12100,
            Self::WrongRoot(_) => 12102,
        }
    }
}

/// Reads a document as Twilio does: what is not well-formed is refused, what is not known is left out and noted.
///
/// # Errors
/// [`ParseError`], with Twilio's error code.
pub fn parse(document: &str) -> Result<Parsed, ParseError> {
    let (response, warnings) = read(document)?;
    Ok(Parsed { response, warnings })
}

/// The same for what answers a text.
///
/// # Errors
/// [`ParseError`], with Twilio's error code.
pub fn parse_text_response(document: &str) -> Result<(TextResponse, Vec<Warning>), ParseError> {
    read(document)
}

fn read<R: Element + Default>(document: &str) -> Result<(R, Vec<Warning>), ParseError> {
    if document.len() > MAX_BYTES {
        return Err(ParseError::TooLong(document.len()));
    }
    if document.starts_with('\u{feff}') || (document.trim_start().starts_with("<?xml") && !document.starts_with('<')) {
        return Err(ParseError::BeforeProlog);
    }
    let mut root = tree(document)?;
    if root.name != R::NAME {
        return Err(ParseError::WrongRoot(root.name));
    }
    let mut notes = Notes::default();
    let response = R::read(&mut root, &mut notes).unwrap_or_default();
    Ok((response, notes.0))
}

fn malformed(at: usize, reason: impl ToString) -> ParseError {
    ParseError::Malformed { at, reason: reason.to_string() }
}

fn tree(document: &str) -> Result<Node, ParseError> {
    if let Some((at, _)) = document.char_indices().find(|&(_, c)| !is_xml(c)) {
        return Err(malformed(at, "a character that XML 1.0 does not allow"));
    }
    let mut reader = Reader::from_str(document);
    reader.config_mut().check_comments = true;
    let mut tree = Tree::default();
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| malformed(at, error))?;
        if matches!(event, Event::Eof) {
            return tree.finish().ok_or_else(|| malformed(at, "the document ends before its root element does"));
        }
        grow(&mut tree, event, at)?;
    }
}

fn grow(tree: &mut Tree, event: Event<'_>, at: usize) -> Result<(), ParseError> {
    match event {
        Event::Start(tag) => start(tree, &tag, at),
        Event::Empty(tag) => start(tree, &tag, at).map(|()| tree.end()),
        Event::End(_) => {
            tree.end();
            Ok(())
        }
        Event::Text(text) => {
            let text = text.xml10_content();
            let stray = !tree.text(&text) && !text.trim().is_empty();
            if stray { Err(malformed(at, "text outside of the root element")) } else { Ok(()) }
        }
        Event::CData(text) => in_root(tree.text(&text.xml10_content()), at),
        Event::GeneralRef(entity) => {
            let text = resolve(&entity).map_err(|reason| malformed(at, reason))?;
            in_root(tree.text(&text), at)
        }
        Event::Decl(prolog) => check_prolog(&prolog, at),
        Event::DocType(_) => Err(malformed(at, "TwiML has no document type")),
        Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
    }
}

fn in_root(inside: bool, at: usize) -> Result<(), ParseError> {
    if inside { Ok(()) } else { Err(malformed(at, "text outside of the root element")) }
}

fn start(tree: &mut Tree, tag: &BytesStart<'_>, at: usize) -> Result<(), ParseError> {
    if tree.depth() == 0 && tree.has_root() {
        return Err(malformed(at, "a second root element"));
    }
    if tree.depth() >= MAX_DEPTH {
        return Err(malformed(at, format!("more than {MAX_DEPTH} elements inside each other")));
    }
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| malformed(at, error))?;
        if attribute.value.contains('<') {
            return Err(malformed(at, "`<` in an attribute value must be written &lt;"));
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error: Error| malformed(at, error))?;
        if !value.chars().all(is_xml) {
            return Err(malformed(at, "a reference to a character that XML 1.0 does not allow"));
        }
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    tree.start(Node { name: tag.name().as_ref().to_owned(), attributes, children: Vec::<Child>::new(), at });
    Ok(())
}

fn resolve(entity: &BytesRef<'_>) -> Result<String, String> {
    match entity.resolve_char_ref() {
        Ok(Some(c)) if is_xml(c) => Ok(c.to_string()),
        Ok(Some(_)) => Err("a reference to a character that XML 1.0 does not allow".to_owned()),
        Ok(None) => resolve_predefined_entity(entity)
            .map(str::to_owned)
            .ok_or_else(|| format!("&{}; is not defined", entity.as_ref())),
        Err(error) => Err(error.to_string()),
    }
}

fn check_prolog(prolog: &BytesDecl<'_>, at: usize) -> Result<(), ParseError> {
    if at != 0 {
        return Err(malformed(at, "a prolog that is not at the start"));
    }
    match prolog.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii") => Ok(()),
        Some(Ok(name)) => Err(malformed(at, format!("the prolog names the encoding {name}, TwiML is UTF-8"))),
        Some(Err(error)) => Err(malformed(at, error)),
    }
}
