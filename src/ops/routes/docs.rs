//! The description of the API, and its pages. Both work without the internet.

use serde::Serialize;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, ObjectBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder, Type};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

/// Everything that no single route says.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "switchboard API",
        description = "The operators' side of a self-hosted telephone service: health, calls, the inbox, metrics.\n\n\
            Credentials are the admin token or a JWT (`switchboard token`), sent as `Authorization: Bearer`. The roles \
            viewer, operator and admin include each other in this order; viewers see masked numbers, no transcripts \
            and no audio. A credential may send 600 requests at once, then ten a second. Writes take an \
            `Idempotency-Key`.\n\n\
            The carrier's side (`POST /twilio/voice` and the like) takes signed webhooks only and is not part of this \
            document.",
        license(name = "MIT OR Apache-2.0"),
    ),
    components(schemas(ProblemDocument)),
    modifiers(&Bearer),
    security(("bearer" = [])),
    tags(
        (name = "calls", description = "Live and past calls"),
        (name = "voicemail", description = "The inbox"),
        (name = "numbers", description = "Numbers and tenants: search, plan, buy, port, release, and their transactions"),
        (name = "lines", description = "When lines are open, and overruling it for a while"),
        (name = "callers", description = "Callers on lists: blocked, allowed, VIPs"),
        (name = "views", description = "Tables for dashboards and spreadsheets"),
        (name = "recordings", description = "Audio of messages and conversations: copies, holds"),
        (name = "health", description = "How the service is"),
    ),
)]
pub(in crate::ops) struct ApiDoc;

/// What every refusal looks like (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct ProblemDocument {
    /// `urn:switchboard:problem:` and a short name.
    r#type: String,
    /// The same words for every problem of this type.
    title: String,
    /// HTTP status.
    status: u16,
    /// What happened this time, and how to mend it.
    detail: String,
    /// Path of the request.
    instance: String,
}

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("ADMIN_TOKEN or a JWT")).build();
        document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Adds to every operation what every route answers when something is wrong, and to every write its key.
pub(in crate::ops) fn with_common_parts(mut document: Document) -> Document {
    let schema = RefOr::Ref(Ref::from_schema_name("ProblemDocument"));
    let problem = ResponseBuilder::new()
        .description("Any other status is a problem document")
        .content("application/problem+json", Content::new(Some(schema)))
        .build();
    let key = idempotency_key();
    for path in document.paths.paths.values_mut() {
        let writes = [&mut path.post, &mut path.delete, &mut path.put, &mut path.patch];
        for write in writes.into_iter().flatten() {
            write.parameters.get_or_insert_default().push(RefOr::T(key.clone()));
        }
        let operations = [&mut path.get, &mut path.post, &mut path.delete, &mut path.put, &mut path.patch];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.entry("default".to_owned()).or_insert_with(|| RefOr::T(problem.clone()));
        }
    }
    document
}

/// What every write takes.
fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Any text of your own. The same key and request within 24 h get the stored answer, with \
             `Idempotent-Replayed: true`; another request with it 422; while the first runs, 409.",
        ))
        .schema(Some(schema))
        .build()
}

/// `/docs` and `/openapi.json`. The validator badge is off: it would send the document to somebody else's server.
/// Credentials are not kept: the page would leave them in the browser of whoever tried it.
pub(in crate::ops) fn pages(document: Document) -> SwaggerUi {
    let config = Config::new([Url::from("/openapi.json")]).validator_url("none").persist_authorization(false);
    SwaggerUi::new("/docs").url("/openapi.json", document).config(config)
}
