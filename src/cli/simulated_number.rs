//! The service under test, as `call` and `load` are told of it.

use crate::base::Secret;
use crate::cli::carrier_token::carrier_token;
use crate::config::SystemSource;
use crate::simulator::{Archive, Carrier, CarrierSettings, SimulatorError, Target};

/// Whose number it is, unless somebody says.
const SOME_ACCOUNT: &str = "AC00000000000000000000000000000001";

/// Where the service is, and how the pretend number is set up.
#[derive(clap::Args, Debug)]
pub(super) struct NumberArgs {
    /// Where the service listens; again for each further instance, as behind a load balancer
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(super) url: Vec<String>,
    /// What Twilio was given, when that is another address: signatures cover it, requests still go to --url
    #[arg(long, value_name = "URL", env = "PUBLIC_URL")]
    public_url: Option<String>,
    /// The account's token, for tests only (others can see it); - reads standard input
    #[arg(long)]
    token: Option<String>,
    /// The account
    #[arg(long, value_name = "SID", env = "TWILIO_ACCOUNT_SID")]
    account: Option<String>,
    /// The number that is called
    #[arg(long, value_name = "NUMBER", default_value = "+15875550100")]
    pub(super) to: String,
    /// The number's voice URL: a path, or a whole URL
    #[arg(long, value_name = "URL", default_value = "/twilio/voice")]
    voice: String,
    /// The number's fallback URL, or off
    #[arg(long, value_name = "URL", default_value = "/twilio/fallback")]
    fallback: String,
    /// The number's status callback, or off
    #[arg(long, value_name = "URL", default_value = "/twilio/status")]
    status: String,
}

/// Why there is no carrier: exit code 2 for what the user wrote.
#[derive(Debug, thiserror::Error)]
pub(super) enum NumberError {
    /// There is no token.
    #[error("{0}")]
    Token(String),
    /// A flag's value.
    #[error(transparent)]
    Setting(#[from] SimulatorError),
}

impl NumberArgs {
    /// A carrier that calls the service. `roams`: documents may lead to other hosts.
    ///
    /// # Errors
    /// [`NumberError`].
    pub(super) fn carrier(&self, roams: bool) -> Result<Carrier, NumberError> {
        let (account, token) = self.account().map_err(NumberError::Token)?;
        let url = |text: &str| (text != "off").then(|| text.to_owned());
        let settings = CarrierSettings {
            voice: self.voice.clone(),
            fallback: url(&self.fallback),
            status: url(&self.status),
            roams,
            ..CarrierSettings::new(self.target()?, account, token)
        };
        Ok(Carrier::new(settings, Archive::default())?)
    }

    /// The account that owns the number, and its token.
    ///
    /// # Errors
    /// There is no token.
    pub(super) fn account(&self) -> Result<(&str, Secret), String> {
        let token = carrier_token(self.token.as_deref(), &SystemSource)?;
        Ok((self.account.as_deref().filter(|sid| !sid.is_empty()).unwrap_or(SOME_ACCOUNT), token))
    }

    /// Where it is.
    ///
    /// # Errors
    /// A URL that is none.
    pub(super) fn target(&self) -> Result<Target, SimulatorError> {
        let (first, others) = self.url.split_first().ok_or_else(|| SimulatorError::Url(String::new()))?;
        let target = Target::new(first, self.public_url.as_deref().filter(|url| !url.is_empty()))?;
        others.iter().try_fold(target, |target, url| target.and(url))
    }
}
