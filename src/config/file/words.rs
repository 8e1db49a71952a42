//! What callers hear where the file says nothing. Short, friendly, English.

pub(super) const GREETING: &str = "Thank you for calling.";
pub(super) const CLOSED: &str = "Thank you for calling. We are closed right now. We open again {opens}.";
pub(super) const NOTICE: &str =
    "This call may be recorded and transcribed. If you do not agree, press {key} at any time.";
pub(super) const NOTICE_WITHOUT_KEY: &str = "This call may be recorded and transcribed.";
pub(super) const REFUSED: &str = "All right. This conversation will not be recorded.";
pub(super) const PROMPT: &str = "To leave a message, press 9, or simply stay on the line.";
pub(super) const INVALID: &str = "Sorry, I did not get that.";
pub(super) const CONNECTING: &str = "One moment, please.";
pub(super) const EMERGENCY: &str = "One moment. I am putting you through right away.";
pub(super) const FAREWELL: &str = "Thank you for calling. Goodbye.";
pub(super) const VOICEMAIL: &str =
    "Please leave a message after the tone. Your message will be recorded. Press any key when you are done.";
pub(super) const THANKS: &str = "Thank you. We have your message and will call you back. Goodbye.";
pub(super) const UNAVAILABLE: &str =
    "We are sorry, we cannot take a message right now. Please call again in a few minutes. Goodbye.";
