//! What buying would do and cost, without doing it.

use super::choice::ChoiceText;
use super::desk::Numbers;
use super::error::NumbersError;
use super::prices;
use super::saga::{Kind, Provision, Urls};
use super::steps::for_sale;
use crate::carrier::AvailableNumber;

/// What buying would do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The wish, completed.
    pub wish: Provision,
    /// Numbers that fit; the first one that is still for sale would be bought.
    pub candidates: Vec<AvailableNumber>,
    /// A month, by the carrier's price list: amount and currency.
    pub monthly: Option<(String, String)>,
    /// Where the carrier would ask.
    pub wanted: Urls,
    /// The steps, in order.
    pub steps: Vec<&'static str>,
    /// Things to know.
    pub notes: Vec<String>,
}

impl Numbers {
    /// Numbers for sale that fit.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn available(&self, choice: &ChoiceText) -> Result<Vec<AvailableNumber>, NumbersError> {
        let choice = choice.read()?;
        Ok(for_sale(self.carrier()?, &choice).await?)
    }

    /// What buying would do and cost; nothing is bought or written down.
    ///
    /// # Errors
    /// [`NumbersError`].
    pub async fn plan(&self, line: &str, choice: &ChoiceText, account: Option<&str>) -> Result<Plan, NumbersError> {
        let wish = self.provision(line, choice, account).await?;
        let candidates = for_sale(self.carrier()?, &wish.choice).await?;
        let mut notes = Vec::new();
        if candidates.is_empty() {
            notes.push("no number for sale fits: nothing would be bought".to_owned());
        }
        let proof = candidates.first().and_then(|number| number.address_requirements.as_deref());
        if let Some(proof) = proof.filter(|proof| *proof != "none") {
            notes.push(format!("the carrier wants a proof of address for this number ({proof})"));
        }
        let monthly = prices::monthly(&wish.choice.country, &wish.choice.kind);
        if monthly.is_none() {
            notes.push("the price list does not have this kind of number: look at the carrier's".to_owned());
        }
        let steps = Kind::Provision.steps().iter().map(|step| step.as_str()).collect();
        Ok(Plan { wish, candidates, monthly, wanted: self.parts().reach.wanted(), steps, notes })
    }
}
