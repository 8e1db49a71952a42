//! Bringing a number from another carrier: asked for once, followed for days. A number that has arrived is never given
//! up by taking back: it would be lost for good.

use super::bind::bound;
use super::scene::{Scene, Tried, Trouble, e164, found, owned};
use crate::base::SealedPlace;
use crate::carrier::{OwnedNumber, PortIn, PortInNumber, PortInOrder};
use crate::numbers::saga::{Failure, Known, Outcome, Port, Wish};
use chrono::TimeDelta;

/// Between two looks at an order.
const LOOK: TimeDelta = TimeDelta::minutes(15);
/// Between the order's completion and the number's arrival.
const SOON: TimeDelta = TimeDelta::minutes(1);

/// How far the carrier's clock may be behind ours.
const SKEW: TimeDelta = TimeDelta::minutes(2);

/// Where the PIN of a transaction is kept.
pub(in crate::numbers) fn place(transaction: &str) -> SealedPlace<'_> {
    SealedPlace { table: "transactions", column: "input.sealed_pin", row: transaction }
}

pub(super) async fn portability(scene: &Scene<'_>) -> Tried {
    let wish = wish(scene)?;
    if owned(scene.carrier, &wish.number).await?.is_some() {
        return Err(Failure::final_one("the number is in the account already").into());
    }
    let Some(answer) = scene.carrier.portability(&e164(&wish.number)?).await? else {
        return Err(Failure::final_one("the carrier cannot port this number").into());
    };
    if !answer.portable {
        let why = answer.not_portable_reason.unwrap_or_else(|| "no reason given".to_owned());
        return Err(Failure::final_one(format!("the number cannot be ported: {why}")).into());
    }
    if answer.pin_and_account_number_required && wish.sealed_pin.is_none() {
        return Err(Failure::final_one("the losing carrier wants a PIN and an account number").into());
    }
    Ok(Outcome::done())
}

pub(super) async fn order(scene: &Scene<'_>) -> Tried {
    let wish = wish(scene)?;
    if scene.is_repeated()
        && let Some(order) = own_order(scene, wish, |_| true).await?
    {
        // Also one that the carrier has refused meanwhile: the next step says so, and nothing is ordered twice.
        return Ok(ordered(order));
    }
    let pin = wish.sealed_pin.as_deref().map(|pin| scene.seal.open(place(&scene.journal.transaction.id), pin));
    let number = PortInNumber { phone_number: wish.number.clone(), pin: pin.transpose()?, ..PortInNumber::default() };
    let order = PortIn {
        account_sid: scene.carrier.account_sid().to_owned(),
        documents: wish.documents.clone(),
        losing_carrier_information: wish.losing_carrier.clone(),
        phone_numbers: vec![number],
        notification_emails: wish.notification_emails.clone(),
        target_port_in_date: wish.target_date.clone(),
        ..PortIn::default()
    };
    Ok(ordered(scene.carrier.create_port_in(&order).await?))
}

fn ordered(order: PortInOrder) -> Outcome {
    let known = Known {
        order_sid: Some(order.port_in_request_sid),
        order_state: order.port_in_request_status,
        signature_url: order.signature_request_url,
        ..Known::default()
    };
    Outcome::Done { known, changes: Vec::new() }
}

/// Cancels it. An order that was faster has brought the number: it stays, bound to its line.
pub(super) async fn cancel(scene: &Scene<'_>) -> Tried {
    let wish = wish(scene)?;
    let order = match scene.known().order_sid {
        Some(sid) => scene.carrier.port_in(&sid).await?,
        None => own_order(scene, wish, |stage| stage != Stage::Over).await?,
    };
    if let Some(order) = &order
        && stage(order) == Stage::Open
    {
        scene.carrier.cancel_port_in(&order.port_in_request_sid).await?;
    }
    if let Some(after) = scene.may_still_land() {
        return Ok(Outcome::Later { after, known: Known::default() });
    }
    match owned(scene.carrier, &wish.number).await? {
        // No later step will configure it: this one is being taken back.
        Some(number) => match scene.carrier.update_number(&number.sid, &scene.wanted.settings()).await? {
            Some(_) => Ok(Outcome::changed(bound(scene, number.phone_number, number.sid)?)),
            None => Err(Failure::not_yet("the number is not at the carrier any more").into()),
        },
        None if order.as_ref().map(stage) == Some(Stage::Completed) => {
            Ok(Outcome::Later { after: SOON, known: Known::default() })
        }
        None => Ok(Outcome::done()),
    }
}

pub(super) async fn arrive(scene: &Scene<'_>) -> Tried {
    let wish = wish(scene)?;
    let sid = found(scene.known().order_sid, "the order")?;
    let Some(order) = scene.carrier.port_in(&sid).await? else {
        return Err(Failure::over("the carrier does not know the order any more").into());
    };
    let known = Known { order_state: order.port_in_request_status.clone(), ..Known::default() };
    match stage(&order) {
        Stage::Open => Ok(Outcome::Later { after: LOOK, known }),
        Stage::Over => {
            let why = order.phone_numbers.iter().find_map(|number| number.rejection_reason.clone());
            let state = known.order_state.unwrap_or_default();
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            Err(Failure::over(format!("the order ended as {state}{why}")).into())
        }
        Stage::Completed => match owned(scene.carrier, &wish.number).await? {
            None => Ok(Outcome::Later { after: SOON, known }),
            Some(number) => arrived(scene, number, known),
        },
    }
}

fn arrived(scene: &Scene<'_>, number: OwnedNumber, known: Known) -> Tried {
    let change = bound(scene, number.phone_number.clone(), number.sid.clone())?;
    let known = Known { number: Some(number.phone_number), number_sid: Some(number.sid), ..known };
    Ok(Outcome::Done { known, changes: vec![change] })
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    Completed,
    Over,
}

/// The carrier's words change; what is not an end is on its way.
fn stage(order: &PortInOrder) -> Stage {
    let state = order.port_in_request_status.as_deref().unwrap_or_default().to_lowercase();
    match state.replace(['_', '-'], " ").as_str() {
        "completed" | "complete" | "ported" => Stage::Completed,
        "canceled" | "cancelled" | "rejected" | "expired" | "failed" => Stage::Over,
        _ => Stage::Open,
    }
}

/// The order of an earlier try whose answer was lost, if it is as far as is `wanted`.
async fn own_order(
    scene: &Scene<'_>,
    wish: &Port,
    wanted: impl Fn(Stage) -> bool + Send,
) -> Result<Option<PortInOrder>, Trouble> {
    for listed in scene.carrier.port_ins().await? {
        let order = match listed.phone_numbers.is_empty() {
            true => scene.carrier.port_in(&listed.port_in_request_sid).await?.unwrap_or(listed),
            false => listed,
        };
        let ours = order.phone_numbers.iter().any(|number| number.phone_number == wish.number);
        if ours && wanted(stage(&order)) && is_recent(scene, &order) {
            return Ok(Some(order));
        }
    }
    Ok(None)
}

/// Whether an order may be this step's: somebody else may have ordered the same number before it.
fn is_recent(scene: &Scene<'_>, order: &PortInOrder) -> bool {
    let begun = scene.row.started_at.map(|at| at - SKEW);
    order.date_created.is_none_or(|placed| begun.is_none_or(|begun| placed >= begun))
}

fn wish<'a>(scene: &Scene<'a>) -> Result<&'a Port, Failure> {
    match &scene.journal.transaction.wish {
        Wish::Port(wish) => Ok(wish),
        _ => Err(Failure::final_one("the journal does not say which number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ends_are_ends() {
        for (state, expected) in [
            ("In Review", Stage::Open),
            ("waiting-for-signature", Stage::Open),
            ("something new", Stage::Open),
            ("Completed", Stage::Completed),
            ("CANCELED", Stage::Over),
            ("Expired", Stage::Over),
        ] {
            let order = PortInOrder { port_in_request_status: Some(state.to_owned()), ..PortInOrder::default() };
            assert_eq!(stage(&order), expected, "{state}");
        }
    }
}
