//! `switchboard numbers port`: what the losing carrier wants to hear.

use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// A number to be brought from another carrier.
#[derive(clap::Args, Debug)]
pub(super) struct Port {
    /// The number, E.164
    number: String,
    /// Name of the line that the number shall lead to
    #[arg(long)]
    line: String,
    /// Who has the number now, as on the bill
    #[arg(long, value_name = "NAME")]
    customer: String,
    /// Business or Individual
    #[arg(long, value_name = "TYPE", default_value = "Business", value_parser = ["Business", "Individual"])]
    customer_type: String,
    /// Who may sign for them
    #[arg(long, value_name = "NAME")]
    signer: String,
    /// Where the letter to be signed goes
    #[arg(long, value_name = "MAIL")]
    signer_email: String,
    /// SID of a document at the carrier, one of them the utility bill; may be given several times
    #[arg(long = "document", value_name = "SID", required = true)]
    documents: Vec<String>,
    /// The customer's number at the losing carrier
    #[arg(long, value_name = "NUMBER")]
    account_number: Option<String>,
    /// Main telephone number of the account there
    #[arg(long, value_name = "E.164")]
    account_telephone: Option<String>,
    /// SID of the customer's address at the carrier
    #[arg(long, value_name = "SID")]
    address: Option<String>,
    /// Who else is told by mail; may be given several times
    #[arg(long = "notify", value_name = "MAIL")]
    notify: Vec<String>,
    /// Not before this day, like 2026-12-01
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// File with the PIN that the losing carrier wants; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
    /// Do not wait until the order is placed
    #[arg(long)]
    pub(super) no_wait: bool,
}

impl Port {
    /// Whether the PIN comes from standard input.
    pub(super) fn reads_stdin(&self) -> bool {
        self.pin_file.as_deref() == Some(Path::new("-"))
    }

    /// As the service wants it.
    ///
    /// # Errors
    /// A sentence for the user: the PIN cannot be read.
    pub(super) fn body(&self) -> Result<Value, String> {
        let text = |value: &str| Some(Value::from(value));
        let some = |value: &Option<String>| value.clone().map(Value::from);
        let losing = object([
            ("customer_name", text(&self.customer)),
            ("customer_type", text(&self.customer_type)),
            ("authorized_representative", text(&self.signer)),
            ("authorized_representative_email", text(&self.signer_email)),
            ("account_number", some(&self.account_number)),
            ("account_telephone_number", some(&self.account_telephone)),
            ("address_sid", some(&self.address)),
        ]);
        Ok(object([
            ("number", text(&self.number)),
            ("line", text(&self.line)),
            ("losing_carrier", Some(losing)),
            ("documents", Some(self.documents.clone().into())),
            ("notification_emails", Some(self.notify.clone().into())),
            ("target_date", some(&self.date)),
            ("pin", self.pin()?.map(Value::from)),
        ]))
    }

    fn pin(&self) -> Result<Option<String>, String> {
        let Some(path) = &self.pin_file else { return Ok(None) };
        let read = match self.reads_stdin() {
            true => std::io::read_to_string(std::io::stdin()),
            false => std::fs::read_to_string(path),
        };
        let pin = read.map_err(|why| format!("--pin-file: cannot read {}: {why}", path.display()))?;
        Ok(Some(pin.trim().to_owned()))
    }
}

/// What was said; nothing stands for what was not.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let said = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(said.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::json;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        port: Port,
    }

    const SAID: [&str; 12] = [
        "port",
        "+12125550142",
        "--line",
        "main",
        "--customer",
        "Example Clinic",
        "--signer",
        "Ana Example",
        "--signer-email",
        "ana@example.com",
        "--document",
        "RD1",
    ];

    #[test]
    fn what_was_said_becomes_a_body() {
        let line = Line::try_parse_from(SAID).unwrap();
        let losing = json!({ "customer_name": "Example Clinic", "customer_type": "Business",
            "authorized_representative": "Ana Example", "authorized_representative_email": "ana@example.com" });
        let body = json!({ "number": "+12125550142", "line": "main", "losing_carrier": losing, "documents": ["RD1"],
            "notification_emails": [] });
        assert_eq!(line.port.body(), Ok(body));
        assert!(Line::try_parse_from(&SAID[..10]).is_err(), "a document is needed");
    }

    #[test]
    fn the_pin_comes_from_a_file() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("pin");
        std::fs::write(&path, "4711\n").unwrap();
        let with = |path: &str| Line::try_parse_from(SAID.iter().copied().chain(["--pin-file", path])).unwrap();
        assert_eq!(with(path.to_str().unwrap()).port.body().unwrap()["pin"], "4711");
        assert!(with("/nowhere/pin").port.body().unwrap_err().contains("--pin-file"));
    }
}
