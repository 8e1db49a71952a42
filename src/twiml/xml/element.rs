//! Elements as structs. [`element!`] turns one table of attributes into the struct, its setters, its writer and its
//! reader, so that what is written and what is read cannot drift apart.

use super::{Child, Node, Notes, Tag, Xml};
use crate::twiml::Permitted;

/// A struct that is one XML element.
pub(in crate::twiml) trait Element: Sized {
    /// Its name; case matters.
    const NAME: &'static str;

    /// Whether `node` is one of these.
    fn claims(node: &Node) -> bool {
        node.name == Self::NAME
    }

    /// Writes the attributes that are there.
    fn attributes(&self, tag: &mut Tag<'_>);

    /// Whether nothing stands between the tags.
    fn is_hollow(&self) -> bool;

    /// Writes what stands between the tags.
    fn content(&self, xml: &mut Xml);

    /// Writes all of it.
    fn write(&self, xml: &mut Xml) {
        let inside = (!self.is_hollow()).then_some(|xml: &mut Xml| self.content(xml));
        xml.element(Self::NAME, |tag| self.attributes(tag), inside);
    }

    /// Reads one, noting what it does not know. `None`: too little is there to make one.
    fn read(node: &mut Node, notes: &mut Notes) -> Option<Self>;
}

/// What may stand between the tags of an element.
pub(in crate::twiml) trait Body: Sized {
    /// Whether there is nothing.
    fn is_empty(&self) -> bool;
    /// Writes it.
    fn write_inside(&self, xml: &mut Xml);
    /// Reads it out of `node`, noting what may not stand there.
    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self>;
}

/// Text alone.
impl Body for String {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn write_inside(&self, xml: &mut Xml) {
        xml.text(self);
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let mut text = Self::new();
        for child in node.take_children() {
            match child {
                Child::Text(part) => text.push_str(&part),
                Child::Node(_) => notes.not_in(node, &child),
            }
        }
        Some(text)
    }
}

/// One of several elements, or text where text is allowed.
pub(in crate::twiml) trait Choice: Sized {
    /// Writes the one it is.
    fn write_one(&self, xml: &mut Xml);
    /// Reads one; a child that may not stand here is given back.
    fn read_one(child: Child, notes: &mut Notes) -> Result<Option<Self>, Child>;
}

/// Any number of them.
impl<C: Choice> Body for Vec<C> {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn write_inside(&self, xml: &mut Xml) {
        write_all(self, xml);
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let mut children = Self::new();
        for child in node.take_children() {
            match C::read_one(child, notes) {
                Ok(read) => children.extend(read),
                Err(stranger) => notes.not_in(node, &stranger),
            }
        }
        Some(children)
    }
}

/// Writes elements one after another.
pub(in crate::twiml) fn write_all<C: Choice>(children: &[C], xml: &mut Xml) {
    for child in children {
        child.write_one(xml);
    }
}

/// Exactly one of them: the first; others are noted.
impl<C: Choice> Body for C {
    fn is_empty(&self) -> bool {
        false
    }

    fn write_inside(&self, xml: &mut Xml) {
        self.write_one(xml);
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let mut children = <Vec<C> as Body>::read_inside(node, notes)?.into_iter();
        let first = children.next();
        match (&first, children.len()) {
            (None, _) => notes.note(node.at, format!("<{}> needs a noun", node.name)),
            (Some(_), 0) => {}
            (Some(_), more) => notes.note(node.at, format!("<{}> takes one noun, {more} more ignored", node.name)),
        }
        first
    }
}

/// Declares elements: docs, struct name, element name, `with` the attribute that tells it from another of that name,
/// `[body: Type]` where something may stand inside, then the attributes `field: Type = "xmlName"`, all optional.
///
/// Each becomes a struct with public fields, and one setter an attribute under the field's name.
macro_rules! element {
    ($(
        $(#[$doc:meta])*
        $name:ident $tag:literal $(with $key:literal)?
        $([ $(#[$body_doc:meta])* $body:ident: $body_type:ty ])?
        { $( $(#[$attr_doc:meta])* $attr:ident: $type:ident = $xml:literal, )* }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[$body_doc])* pub $body: $body_type, )?
            $( $(#[$attr_doc])* pub $attr: Option<$type>, )*
        }

        impl $name {
            $( $crate::twiml::xml::element!(@setter [$($attr_doc),*] $attr $type); )*
        }

        impl $crate::twiml::xml::Element for $name {
            const NAME: &'static str = $tag;

            fn claims(node: &$crate::twiml::xml::Node) -> bool {
                node.name == $tag $( && node.has($key) )?
            }

            fn attributes(&self, _tag: &mut $crate::twiml::xml::Tag<'_>) {
                $( _tag.optional($xml, self.$attr.as_ref()); )*
            }

            fn is_hollow(&self) -> bool {
                true $( && $crate::twiml::xml::Body::is_empty(&self.$body) )?
            }

            fn content(&self, _xml: &mut $crate::twiml::xml::Xml) {
                $( $crate::twiml::xml::Body::write_inside(&self.$body, _xml); )?
            }

            fn read(node: &mut $crate::twiml::xml::Node, notes: &mut $crate::twiml::xml::Notes) -> Option<Self> {
                let read = Self {
                    $( $body: <$body_type as $crate::twiml::xml::Body>::read_inside(node, notes)?, )?
                    $( $attr: node.take($xml, notes), )*
                };
                node.leftovers(notes);
                Some(read)
            }
        }
    )+};

    (@setter [$($doc:meta),*] $attr:ident u32) => {
        $(#[$doc])*
        #[must_use]
        pub fn $attr(mut self, value: u32) -> Self {
            self.$attr = Some(value);
            self
        }
    };
    (@setter [$($doc:meta),*] $attr:ident $type:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $attr(mut self, value: impl Into<$type>) -> Self {
            self.$attr = Some(value.into());
            self
        }
    };
}
pub(in crate::twiml) use element;

/// Declares what may stand in one place: an enum with a variant for each element, `(Text)` where text may too, and
/// `Record as Permitted<Record>` where leave is needed.
macro_rules! choice {
    (
        $(#[$doc:meta])*
        $name:ident $(($text:ident))? { $($element:ident $(as $type:ty)?),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $(
                /// Text between the elements.
                $text(String),
            )?
            $(
                #[doc = concat!("[`", stringify!($element), "`].")]
                $element($crate::twiml::xml::choice!(@type $element $($type)?)),
            )+
        }

        $(
            impl From<$crate::twiml::xml::choice!(@type $element $($type)?)> for $name {
                fn from(element: $crate::twiml::xml::choice!(@type $element $($type)?)) -> Self {
                    Self::$element(element)
                }
            }
        )+

        impl $crate::twiml::xml::Choice for $name {
            fn write_one(&self, xml: &mut $crate::twiml::xml::Xml) {
                match self {
                    $( Self::$text(text) => xml.text(text), )?
                    $( Self::$element(element) => $crate::twiml::xml::Element::write(element, xml), )+
                }
            }

            fn read_one(
                child: $crate::twiml::xml::Child,
                notes: &mut $crate::twiml::xml::Notes,
            ) -> Result<Option<Self>, $crate::twiml::xml::Child> {
                use $crate::twiml::xml::{Child, Element, choice};
                match child {
                    $( Child::Text(text) => Ok(Some(Self::$text(text))), )?
                    $(
                        Child::Node(mut node) if $element::claims(&node) => {
                            Ok(<choice!(@type $element $($type)?)>::read(&mut node, notes).map(Self::from))
                        }
                    )+
                    stranger => Err(stranger),
                }
            }
        }
    };

    (@type $element:ident) => { $element };
    (@type $element:ident $type:ty) => { $type };
}
pub(in crate::twiml) use choice;

/// An element that captures a voice is written like any other; in a document that was read it counts as permitted,
/// because that document is somebody else's.
impl<E: Element> Element for Permitted<E> {
    const NAME: &'static str = E::NAME;

    fn claims(node: &Node) -> bool {
        E::claims(node)
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        E::attributes(self, tag);
    }

    fn is_hollow(&self) -> bool {
        E::is_hollow(self)
    }

    fn content(&self, xml: &mut Xml) {
        E::content(self, xml);
    }

    fn read(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        E::read(node, notes).map(Permitted::read_from_a_document)
    }
}
