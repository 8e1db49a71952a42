//! `[recordings.s3]` and the keys of its bucket: what they mean, and what is said about what they cannot.

use switchboard::config::recordings::S3;
use switchboard::config::{FixedSource, Loaded, Mistake, Shown, load, to_json, to_toml};

const LINE: &str = "[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\n";
const KEYS: [(&str, &str); 2] = [("S3_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("S3_SECRET_ACCESS_KEY", "hunter2hunter2")];

fn read(keys: &[(&str, &str)], s3: &str) -> Result<Loaded, Vec<Mistake>> {
    let section = if s3.is_empty() { String::new() } else { format!("[recordings.s3]\n{s3}\n") };
    load(&FixedSource::new(keys.iter().copied()), Some(("s.toml", &format!("{LINE}{section}"))))
}

fn listed(items: &[Mistake]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

#[test]
fn a_bucket_alone_is_amazons() {
    let loaded = read(&KEYS, "bucket = \"recordings\"\nregion = \"ca-central-1\"").unwrap();
    let amazon = S3 {
        endpoint: "https://s3.ca-central-1.amazonaws.com".to_owned(),
        region: "ca-central-1".to_owned(),
        bucket: "recordings".to_owned(),
        prefix: String::new(),
        path_style: false,
    };
    assert_eq!(loaded.s3, Some(amazon));
    assert_eq!(listed(&loaded.warnings), Vec::<String>::new());
    assert!(loaded.settings.storage.s3_keys.is_some_and(|keys| keys.secret.expose() == "hunter2hunter2"));
    assert_eq!(read(&[], "").unwrap().s3, None);
}

#[test]
fn one_of_our_own_has_the_bucket_in_the_path() {
    let text = "bucket = \"recordings\"\nprefix = \"/switchboard/north/\"\nendpoint = \"http://minio:9000/\"";
    let loaded = read(&KEYS, text).unwrap();
    let s3 = loaded.s3.clone().unwrap();
    assert_eq!((s3.endpoint.as_str(), s3.region.as_str(), s3.path_style), ("http://minio:9000", "us-east-1", true));
    assert_eq!(s3.prefix, "switchboard/north");
    assert_eq!(
        listed(&loaded.warnings),
        ["s.toml:7:12: `endpoint` is plain http: recordings travel in clear; use https"]
    );
    // What is printed reads back, and holds no key.
    let printed = to_toml(&loaded);
    assert!(printed.contains("# S3_ACCESS_KEY_ID = (set, not shown)") && !printed.contains("hunter2"), "{printed}");
    let again = load(&FixedSource::new(KEYS), Some(("s.toml", &printed))).unwrap();
    assert_eq!(again.s3, loaded.s3);
    assert_eq!(to_json(&loaded)["recordings"]["s3"]["path_style"], true);
}

#[test]
fn keys_come_from_files_too() {
    let files = [("S3_ACCESS_KEY_ID_FILE", "/run/id"), ("S3_SECRET_ACCESS_KEY_FILE", "/run/secret")];
    let text = format!("{LINE}[recordings.s3]\nbucket = \"recordings\"\n");
    let source = FixedSource::new(files).with_file("/run/id", "AKIAEXAMPLE\n").with_file("/run/secret", "a/b+c\n");
    let loaded = load(&source, Some(("s.toml", &text))).unwrap();
    assert!(loaded.settings.storage.s3_keys.is_some_and(|keys| keys.secret.expose() == "a/b+c"));
    assert!(loaded.environment.contains(&("S3_SECRET_ACCESS_KEY", Shown::Hidden)));
    // One that cannot be read is one mistake, not two.
    let source = FixedSource::new(files).with_file("/run/id", "AKIAEXAMPLE\n");
    let said = listed(&load(&source, Some(("s.toml", &text))).unwrap_err());
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("S3_SECRET_ACCESS_KEY_FILE: cannot read /run/secret"), "{said:?}");
}

#[test]
fn what_cannot_work_is_said_with_its_place_and_how_to_mend_it() {
    let said = |keys: &[(&str, &str)], text: &str| listed(&read(keys, text).unwrap_err());
    let missing = said(&[], "bucket = \"recordings\"");
    assert!(missing.len() == 1, "{missing:?}");
    assert!(missing[0].starts_with("s.toml:4:1: S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are not set"), "{missing:?}");
    assert_eq!(
        said(&KEYS[..1], "bucket = \"recordings\""),
        ["S3_SECRET_ACCESS_KEY: is not set, and S3_ACCESS_KEY_ID is; set both or none"]
    );
    for (text, what) in [
        ("region = \"auto\"", "s.toml:4:1: [recordings.s3] names no bucket; write bucket"),
        ("bucket = \"My_Bucket\"", "s.toml:5:10: `My_Bucket` is not the name of a bucket; write 3 to 63"),
        ("bucket = \"https://b.s3.amazonaws.com\"", "s.toml:5:10: `https://b.s3.amazonaws.com` is not the name"),
        ("bucket = \"a.b.c\"", "s.toml:4:1: no certificate covers a host with the dots"),
        ("bucket = \"abc\"\nendpoint = \"https://[::1]:9000\"\npath_style = false", "cannot be a part of an address"),
        ("bucket = \"abc\"\nprefix = \"../x\"", "s.toml:6:10: `../x` is not a prefix"),
        ("bucket = \"abc\"\nregion = \"US East\"", "s.toml:6:10: `US East` is not a region"),
        ("bucket = \"abc\"\nendpoint = \"minio:9000\"", "s.toml:6:12: is not an http or https URL"),
        ("bucket = \"abc\"\npath_style = \"yes\"", "`path_style` is a text; write true or false"),
        ("bucket = \"abc\"\nbukket = \"abd\"", "unknown key `bukket`; did you mean `bucket`?"),
        ("bucket = \"abc\"\nsecret_key = \"abd\"", "looks like a secret, and this file never holds one"),
    ] {
        let said = said(&KEYS, text);
        assert!(said.len() == 1 && said[0].contains(what), "{text}: {said:?}");
    }
    let unused = read(&KEYS, "").unwrap();
    assert!(listed(&unused.warnings)[0].contains("there is no [recordings.s3]"), "{:?}", unused.warnings);
}
