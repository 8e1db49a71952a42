//! Pay: card and bank numbers, typed by the caller and seen by Twilio only.

use super::{Method, Parameter, Prompted};
use crate::twiml::xml::{choice, element};

choice! {
    /// What may stand in a Pay.
    PayNoun { Prompt, Parameter }
}

element! {
    /// Takes a payment.
    #[derive(Default)]
    Pay "Pay" [
        /// What is said at each step, and what the payment connector is told.
        nouns: Vec<PayNoun>
    ] {
        /// `dtmf` (dtmf).
        input: String = "input",
        /// Where the call goes on afterwards (the current document).
        action: String = "action",
        /// `consumer-checking`, `consumer-savings`, `commercial-checking`.
        bank_account_type: String = "bankAccountType",
        /// Told of each step.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// Seconds of silence after a key (5).
        timeout: u32 = "timeout",
        /// Tries at each step (1).
        max_attempts: u32 = "maxAttempts",
        /// Ask for the code on the card (true).
        security_code: bool = "securityCode",
        /// `true`, `false`, or the code itself (true).
        postal_code: String = "postalCode",
        /// Shortest postal code.
        min_postal_code_length: u32 = "minPostalCodeLength",
        /// Name of the connector (Default).
        payment_connector: String = "paymentConnector",
        /// `credit-card`, `ach-debit` (credit-card).
        payment_method: String = "paymentMethod",
        /// `one-time`, `reusable`, `payment-method` (reusable).
        token_type: String = "tokenType",
        /// Decimal; 0 or nothing only stores the card.
        charge_amount: String = "chargeAmount",
        /// ISO 4217 (usd).
        currency: String = "currency",
        /// Of the payment.
        description: String = "description",
        /// `visa mastercard amex …`, separated by spaces.
        valid_card_types: String = "validCardTypes",
        /// BCP 47 (en-US).
        language: String = "language",
    }

    /// What is said at one step of a payment.
    #[derive(Default)]
    Prompt "Prompt" [
        /// The words.
        prompts: Vec<Prompted>
    ] {
        /// The step: `payment-card-number`, `expiration-date`, `security-code`, `postal-code` and more.
        step: String = "for",
        /// Errors it is for, separated by spaces.
        error_type: String = "errorType",
        /// Cards it is for, separated by spaces.
        card_type: String = "cardType",
        /// Attempts it is for, separated by spaces.
        attempt: String = "attempt",
        /// Ask twice and compare.
        require_matching_inputs: bool = "requireMatchingInputs",
    }
}
