//! Numbers: what there is, what is for sale, and wishes.

use super::bodies::{JournalBody, LookBody, NumberList, OfferList, PlanBody};
use super::transactions::{Accepted, accepted};
use crate::asks::{Asked, Body, bad, cursor, cut, page_size, place};
use crate::base::{Problem, Secret};
use crate::carrier::LosingCarrier;
use crate::numbers::asking::{Asker, PortWish};
use crate::numbers::choice::ChoiceText;
use crate::numbers::desk::Numbers;
use crate::numbers::store::{self, NumberFilter};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Where a number may stand.
const STATES: [&str; 3] = ["active", "releasing", "released"];

/// Which numbers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NumberQuery {
    /// Items of a page, 1 to 200; 50 when absent.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Name of the line.
    line: Option<String>,
    /// active, releasing or released.
    state: Option<String>,
}

/// Numbers
///
/// Bought and ported ones, newest first. Numbers that only the configuration file names are not in this list; `POST
/// /api/numbers/sync` compares them too.
#[utoipa::path(get, path = "/api/numbers", tag = "numbers", params(NumberQuery),
    responses((status = 200, body = NumberList, description = "One page")))]
pub(super) async fn list(
    State(room): State<Numbers>,
    Asked(asked): Asked<NumberQuery>,
) -> Result<Json<NumberList>, Problem> {
    let (limit, after) = (page_size(asked.limit)?, place(asked.cursor.as_deref())?);
    if asked.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
        return Err(bad(format!("state: write one of {}", STATES.join(", "))));
    }
    let filter = NumberFilter { line: asked.line, state: asked.state };
    let mut rows = store::numbers(room.db(), &filter, after.as_ref(), limit + 1).await?;
    let next_cursor = cut(&mut rows, limit, |row| cursor(row.created_at, &row.phone_number));
    Ok(Json(NumberList { items: rows.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Numbers for sale
///
/// At most 20, with voice. Nothing is reserved.
#[utoipa::path(get, path = "/api/numbers/available", tag = "numbers", params(ChoiceText),
    responses((status = 200, body = OfferList, description = "What the carrier has")))]
pub(super) async fn available(
    State(room): State<Numbers>,
    Asked(choice): Asked<ChoiceText>,
) -> Result<Json<OfferList>, Problem> {
    let found = room.available(&choice).await?;
    Ok(Json(OfferList { items: found.into_iter().map(Into::into).collect() }))
}

/// A number to be bought for a line. Without a certain number, the first one that fits.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BuyBody {
    /// Name of the line.
    line: String,
    /// A tenant's account; the operator's own when absent.
    account_sid: Option<String>,
    /// A certain number, E.164.
    number: Option<String>,
    /// Two letters, `US` when absent.
    country: Option<String>,
    /// `local` (when absent), `mobile`, `toll_free`.
    kind: Option<String>,
    /// Three digits, in Canada and the United States.
    area_code: Option<String>,
    /// Digits, letters of the keypad, `*` for any digit.
    contains: Option<String>,
}

impl BuyBody {
    fn choice(&self) -> ChoiceText {
        let Self { number, country, kind, area_code, contains, .. } = self;
        ChoiceText {
            number: number.clone(),
            country: country.clone(),
            kind: kind.clone(),
            area_code: area_code.clone(),
            contains: contains.clone(),
        }
    }
}

/// Plan
///
/// What buying would do and cost. Nothing is bought.
#[utoipa::path(post, path = "/api/numbers/plan", tag = "numbers", request_body = BuyBody,
    responses((status = 200, body = PlanBody, description = "The plan")))]
pub(super) async fn plan(State(room): State<Numbers>, Body(wish): Body<BuyBody>) -> Result<Json<PlanBody>, Problem> {
    Ok(Json(room.plan(&wish.line, &wish.choice(), wish.account_sid.as_deref()).await?.into()))
}

/// Buy
///
/// Buys, configures, binds and verifies, or leaves nothing behind. Follow the transaction that `Location` names. Needs
/// the role admin.
#[utoipa::path(post, path = "/api/numbers", tag = "numbers", request_body = BuyBody,
    responses((status = 202, body = JournalBody, description = "Begun")))]
pub(super) async fn buy(
    State(room): State<Numbers>,
    asker: Asker,
    Body(wish): Body<BuyBody>,
) -> Result<Accepted, Problem> {
    Ok(accepted(room.buy(&wish.line, &wish.choice(), wish.account_sid.as_deref(), &asker).await?))
}

/// A number to be brought from another carrier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PortBody {
    /// E.164; of a landline or mobile in the United States.
    number: String,
    /// Name of the line.
    line: String,
    /// Who has it now: customer_name, customer_type, authorized_representative, authorized_representative_email,
    /// account_number, account_telephone_number, address_sid or address, in the carrier's own words.
    #[schema(value_type = Object)]
    losing_carrier: LosingCarrier,
    /// SIDs of documents at the carrier; one is a utility bill.
    documents: Vec<String>,
    /// Who is told by mail.
    #[serde(default)]
    notification_emails: Vec<String>,
    /// Like `2026-12-01`.
    #[serde(default)]
    target_date: Option<String>,
    /// What the losing carrier wants to hear; stored only sealed with DATA_KEY.
    #[serde(default)]
    pin: Option<String>,
}

/// Port in
///
/// Asks whether the number can be ported, orders it, follows the order for days, and configures the number when it has
/// arrived. Rolling back cancels the order; a number that has arrived stays. Needs the role admin.
#[utoipa::path(post, path = "/api/numbers/port", tag = "numbers", request_body = PortBody,
    responses((status = 202, body = JournalBody, description = "Begun")))]
pub(super) async fn port(
    State(room): State<Numbers>,
    asker: Asker,
    Body(wish): Body<PortBody>,
) -> Result<Accepted, Problem> {
    let wish = PortWish {
        number: wish.number,
        line: wish.line,
        losing_carrier: wish.losing_carrier,
        documents: wish.documents,
        notification_emails: wish.notification_emails,
        target_date: wish.target_date,
        pin: wish.pin.map(Secret::new),
    };
    Ok(accepted(room.port(wish, &asker).await?))
}

/// Whether to mend.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SyncBody {
    /// Mend what differs; only tells what it would do when absent or false.
    apply: bool,
}

/// Compare with the carrier
///
/// Every number of file and tables: where the carrier asks, and where it should. With `apply` mends what differs; numbers
/// that lead to no line of ours are told of and never touched. Needs the role admin.
#[utoipa::path(post, path = "/api/numbers/sync", tag = "numbers", request_body = SyncBody,
    responses((status = 200, body = LookBody, description = "What differs, and what was mended")))]
pub(super) async fn sync(State(room): State<Numbers>, Body(wish): Body<SyncBody>) -> Result<Json<LookBody>, Problem> {
    Ok(Json(room.sync(wish.apply).await?.into()))
}

/// Release
///
/// Gives a number back to the carrier, for good. Only numbers that were bought or ported here. Needs the role admin.
#[utoipa::path(delete, path = "/api/numbers/{number}", tag = "numbers",
    params(("number" = String, Path, description = "E.164")),
    responses((status = 202, body = JournalBody, description = "Begun")))]
pub(super) async fn release(
    State(room): State<Numbers>,
    asker: Asker,
    Path(number): Path<String>,
) -> Result<Accepted, Problem> {
    Ok(accepted(room.release(&number, &asker).await?))
}
