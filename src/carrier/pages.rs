//! Lists of the carrier, page by page. Pages are never computed: each names the next one (PROTOCOL.md 7.2).

use super::client::Carrier;
use super::operation::Operation;
use super::request::Request;
use super::wire::Pairs;
use super::{CarrierError, wire};
use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::marker::PhantomData;

/// More than anybody has at a thousand items a page; a list that does not end must not keep us for ever.
const MOST_PAGES: usize = 1000;

/// A list that is read page by page.
#[derive(Debug)]
pub struct Pages<T> {
    carrier: Carrier,
    operation: Operation,
    /// The field that holds the items.
    list: &'static str,
    next: Option<Url>,
    read: usize,
    item: PhantomData<fn() -> T>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default, deserialize_with = "wire::text")]
    next_page_uri: Option<String>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl<T: DeserializeOwned> Pages<T> {
    pub(super) fn new(
        carrier: &Carrier,
        operation: Operation,
        (url, list): (Url, &'static str),
        query: &Pairs,
    ) -> Self {
        let first = Request::get(operation, url, query).url;
        Self { carrier: carrier.clone(), operation, list, next: Some(first), read: 0, item: PhantomData }
    }

    /// The next page, or `None` after the last. After an error the same page can be asked for again.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn next(&mut self) -> Result<Option<Vec<T>>, CarrierError> {
        let Some(url) = &self.next else { return Ok(None) };
        if self.read >= MOST_PAGES {
            return Err(CarrierError::Unreadable("a list that does not end"));
        }
        let request = Request::get(self.operation, url.clone(), &Pairs::new());
        let mut body: Body = self.carrier.ask(&request).await?;
        let items = body.fields.remove(self.list).ok_or(CarrierError::Unreadable("the list is missing"))?;
        let items = serde_json::from_value(items).map_err(|_| CarrierError::Unreadable("an item of the list"))?;
        self.next = body.next_page_uri.map(|uri| self.carrier.follow(&uri)).transpose()?;
        self.read += 1;
        Ok(Some(items))
    }

    /// All of them.
    ///
    /// # Errors
    /// [`CarrierError`]; never a part of the list as if it were all of it.
    pub async fn all(mut self) -> Result<Vec<T>, CarrierError> {
        let mut all = Vec::new();
        while let Some(items) = self.next().await? {
            all.extend(items);
        }
        Ok(all)
    }
}
