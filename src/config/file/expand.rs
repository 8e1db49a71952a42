//! `${NAME}` and `${NAME:-default}` in texts; `$${` writes `${`.

use crate::config::mistake::Wrong;

/// Replaces what stands in `${…}` by what `lookup` says.
pub(super) fn expand(
    text: &str,
    mut lookup: impl FnMut(&str) -> Result<Option<String>, Wrong>,
) -> Result<String, Wrong> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(before);
            out.push_str("${");
            rest = after;
            continue;
        }
        out.push_str(before);
        let Some((inside, after)) = after.split_once('}') else {
            return Err(Wrong::new(
                "`${` is never closed",
                "write ${NAME} or ${NAME:-default}, or $${ for the text itself",
            ));
        };
        out.push_str(&value(inside, &mut lookup)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn value(inside: &str, lookup: &mut impl FnMut(&str) -> Result<Option<String>, Wrong>) -> Result<String, Wrong> {
    if inside.contains("${") {
        let mend = "a default is plain text: name one variable in it";
        return Err(Wrong::new("`${` stands inside of `${…}`", mend));
    }
    let (name, default) = inside.split_once(":-").map_or((inside, None), |(name, default)| (name, Some(default)));
    if !is_name(name) {
        let mend = "write ${NAME} or ${NAME:-default}, with letters, digits and _ in the name";
        return Err(Wrong::new(format!("`${{{inside}}}` names no variable"), mend));
    }
    lookup(name)?.or_else(|| default.map(str::to_owned)).ok_or_else(|| {
        Wrong::new(
            format!("the environment variable {name} is not set"),
            format!("set it, or write a default: ${{{name}:-default}}"),
        )
    })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A text that expands to `text`.
pub(in crate::config) fn literal(text: &str) -> String {
    text.replace("${", "$${")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn given(text: &str) -> Result<String, Wrong> {
        expand(text, |name| Ok((name == "WHO").then(|| "Ana".to_owned())))
    }

    #[test]
    fn names_and_defaults() {
        for (text, expected) in [
            ("hello ${WHO}!", "hello Ana!"),
            ("${WHO:-nobody}${WHO}", "AnaAna"),
            ("${NOBODY:-a:-b}", "a:-b"),
            ("${NOBODY:-}", ""),
            ("$${WHO} costs 5$", "${WHO} costs 5$"),
            ("$5 {WHO}", "$5 {WHO}"),
        ] {
            assert_eq!(given(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, what) in [
            ("${NOBODY}", "the environment variable NOBODY is not set"),
            ("${WHO", "`${` is never closed"),
            ("${NOBODY:-${WHO}}", "`${` stands inside of `${…}`"),
            ("${}", "`${}` names no variable"),
            ("${1A}", "`${1A}` names no variable"),
            ("${W O:-x}", "`${W O:-x}` names no variable"),
        ] {
            assert_eq!(given(text).map_err(|wrong| wrong.what), Err(what.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_literal_expands_to_itself(text in "[a$ {}:-]{0,20}") {
            prop_assert_eq!(given(&literal(&text)), Ok(text));
        }
    }
}
