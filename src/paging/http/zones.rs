//! Zones.

use super::bodies::ZoneList;
use crate::paging::Paging;
use axum::Json;
use axum::extract::State;

/// Zones
///
/// All zones, each with its outputs and what plays there right now in this process.
#[utoipa::path(get, path = "/api/zones", tag = "paging",
    responses((status = 200, body = ZoneList, description = "All zones")))]
pub(super) async fn zones(State(room): State<Paging>) -> Json<ZoneList> {
    Json(ZoneList { items: room.zones().into_iter().map(Into::into).collect() })
}
