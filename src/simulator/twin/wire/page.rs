//! Lists in pages (PROTOCOL.md 7.2). A page's token names a place in the list, so what is added or removed meanwhile
//! neither doubles nor hides anything.

use super::answer::Answer;
use super::request::Request;
use serde_json::{Value, json};

/// How many items a page has, and has at most.
const USUAL: usize = 50;
const MOST: usize = 1000;

/// One page of `items`, which come newest first, each with its place: a number that grows with every item made.
pub(crate) fn page(request: &Request, name: &str, items: &[(u64, Value)]) -> Answer {
    let size = request.number("PageSize").map_or(USUAL, |n| usize::try_from(n).unwrap_or(MOST).clamp(1, MOST));
    let number = request.number("Page").unwrap_or(0);
    let (from, to) = bounds(request.filled("PageToken"), items, size);
    let shown = items.get(from..to).unwrap_or_default();
    let places = (shown.first().map(|(place, _)| *place), shown.last().map(|(place, _)| *place));
    let next = places.1.filter(|_| to < items.len());
    let previous = places.0.filter(|_| from > 0);
    let uri = |number: u64, token: Option<String>| address(request, number, size, token);
    let start = number * size as u64;
    let body = json!({
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + (shown.len() as u64).saturating_sub(1),
        "uri": uri(number, request.filled("PageToken").map(str::to_owned)),
        "first_page_uri": uri(0, None),
        "next_page_uri": next.map(|place| uri(number + 1, Some(format!("PA{place}")))),
        "previous_page_uri": previous.map(|place| uri(number.saturating_sub(1), Some(format!("PB{place}")))),
        name: shown.iter().map(|(_, item)| item).collect::<Vec<_>>(),
    });
    Answer::ok(&body)
}

/// Which items: after the place of a `PA` token, before the place of a `PB` token.
fn bounds(token: Option<&str>, items: &[(u64, Value)], size: usize) -> (usize, usize) {
    let place = |prefix: &str| token?.strip_prefix(prefix)?.parse::<u64>().ok();
    let from = match (place("PA"), place("PB")) {
        (Some(after), _) => items.partition_point(|(place, _)| *place >= after),
        (_, Some(before)) => items.partition_point(|(place, _)| *place > before).saturating_sub(size),
        _ => 0,
    };
    (from, (from + size).min(items.len()))
}

fn address(request: &Request, number: u64, size: usize, token: Option<String>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(request.filters());
    query.append_pair("PageSize", &size.to_string()).append_pair("Page", &number.to_string());
    if let Some(token) = token {
        query.append_pair("PageToken", &token);
    }
    format!("{}?{}", request.path, query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, Method};

    fn turn(uri: &str, items: &[(u64, Value)]) -> (Vec<u64>, Value) {
        let request = Request::read(Method::GET, uri, &HeaderMap::new(), b"");
        let body: Value = serde_json::from_slice(&page(&request, "calls", items).body).unwrap();
        let shown = body["calls"].as_array().unwrap().iter().map(|item| item.as_u64().unwrap()).collect();
        (shown, body)
    }

    fn items(places: &[u64]) -> Vec<(u64, Value)> {
        places.iter().map(|place| (*place, json!(place))).collect()
    }

    #[test]
    fn pages_are_followed_by_their_uris_and_survive_changes() {
        let (shown, body) = turn("/Calls.json?PageSize=2&To=%2B1", &items(&[5, 4, 3, 2, 1]));
        assert_eq!((shown, &body["previous_page_uri"]), (vec![5, 4], &Value::Null));
        let next = body["next_page_uri"].as_str().unwrap();
        assert_eq!(next, "/Calls.json?To=%2B1&PageSize=2&Page=1&PageToken=PA4");
        let (shown, body) = turn(next, &items(&[7, 6, 5, 3, 2, 1]));
        assert_eq!(shown, [3, 2]);
        let (back, _) = turn(body["previous_page_uri"].as_str().unwrap(), &items(&[7, 6, 5, 3, 2, 1]));
        assert_eq!(back, [6, 5]);
        let (last, body) = turn(body["next_page_uri"].as_str().unwrap(), &items(&[3, 2, 1]));
        assert_eq!((last, &body["next_page_uri"]), (vec![1], &Value::Null));
    }

    #[test]
    fn an_empty_list_is_one_empty_page() {
        let (shown, body) = turn("/Calls.json", &[]);
        assert_eq!((shown.len(), body["page_size"].as_u64(), &body["next_page_uri"]), (0, Some(50), &Value::Null));
    }
}
