//! Who is let in.

use super::carrier::{Announced, Carrier, announced};
use crate::house::{House, TOKEN};
use crate::support::Database;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use std::collections::BTreeMap;
use switchboard::base::{Clock, Secret, Time};
use switchboard::twilio::signature::{Body, sign};

const CALL: &str = "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d";

async fn refusal(house: &House, path: &str) -> Option<u16> {
    Carrier::knock(house, path).await.err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_one_stream() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let announced = announced(&house, CALL).await;
    let mut carrier = Carrier::open(&house, &announced).await;
    assert_eq!(carrier.until("media").await["streamSid"], super::carrier::STREAM);
    assert_eq!(refusal(&house, &announced.path).await, Some(409));
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_instances_one_takes_the_stream() {
    for database in Database::each().await {
        if database.url.starts_with("sqlite") {
            continue;
        }
        let (one, other) = (House::open(&database).await, House::open(&database).await);
        let announced = announced(&one, CALL).await;
        let (here, there) =
            tokio::join!(Carrier::knock(&one, &announced.path), Carrier::knock(&other, &announced.path));
        let mut refused: Vec<u16> = [here, there].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.pop(), Some(409), "one of them");
        assert_eq!(refused, Vec::<u16>::new(), "and only one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_token_opens_nothing() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let announced = announced(&house, CALL).await;
    let token = announced.path.rsplit('/').next().expect("a token");
    let mut bytes = URL_SAFE_NO_PAD.decode(token).expect("a token");
    bytes[12] ^= 1;
    for odd in ["x".to_owned(), URL_SAFE_NO_PAD.encode(bytes), token.chars().skip(1).collect()] {
        assert_eq!(refusal(&house, &format!("/twilio/ws/{odd}")).await, Some(403), "{odd}");
    }
    assert_eq!(refusal(&house, &announced.path).await, None, "the genuine one still does");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_some_minutes() {
    let database = Database::sqlite();
    let clock = Clock::manual(Time::UNIX_EPOCH + TimeDelta::days(20_000));
    let house = House::at(clock.clone(), &database.url, &[], None).await;
    let early = announced(&house, CALL).await;
    clock.advance(TimeDelta::seconds(119));
    assert_eq!(refusal(&house, &early.path).await, None);
    let late = announced(&house, "CA2").await;
    clock.advance(TimeDelta::seconds(180));
    assert_eq!(refusal(&house, &late.path).await, Some(403));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handshake_is_signed_like_the_carrier_signs_it() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let Announced { path, .. } = announced(&house, CALL).await;
    let signed = |url: String| sign(&Secret::new(TOKEN), &url, Body::Query);
    for wrong in [format!("https://phone.example.com{path}"), "wss://phone.example.com/twilio/ws/x".to_owned()] {
        assert_eq!(Carrier::knock_signed(&house, &path, &signed(wrong)).await.err(), Some(403));
    }
    // What a stranger tried does not use the token up. Some carriers sign a slash more.
    let slash = signed(format!("wss://phone.example.com{path}/"));
    assert!(Carrier::knock_signed(&house, &path, &slash).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_another_call_is_hung_up_on() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let announced = announced(&house, CALL).await;
    let mut carrier = Carrier::knock(&house, &announced.path).await.expect("it is let in");
    carrier.begin("CA00000000000000000000000000000000", &announced.parameters).await;
    assert_eq!(carrier.rest().await, (vec![], 1008));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_without_token_needs_one_in_the_start() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let announced = announced(&house, CALL).await;
    let bare = async |parameters: &BTreeMap<String, String>| {
        let mut carrier = Carrier::knock(&house, "/twilio/ws").await.expect("it is let in");
        carrier.begin(CALL, parameters).await;
        carrier.hear().await.map(|message| message["event"].clone())
    };
    assert_eq!(bare(&BTreeMap::new()).await, Err(1008));
    assert_eq!(bare(&announced.parameters).await, Ok("media".into()));
    assert_eq!(bare(&announced.parameters).await, Err(1008), "it was used");
    assert_eq!(refusal(&house, &announced.path).await, Some(409), "in the URL too");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_handshake_no_socket_and_the_token_stays_good() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let announced = announced(&house, CALL).await;
    let url = format!("wss://phone.example.com{}", announced.path);
    let signature = sign(&Secret::new(TOKEN), &url, Body::Query);
    let request = crate::house::client().get(format!("{}{}", house.base(), announced.path));
    let answer = request.header("x-twilio-signature", signature).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 400);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(refusal(&house, &announced.path).await, None);
}
