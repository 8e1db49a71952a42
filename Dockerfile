# Build: one binary, everything compiled in (templates, migrations, SQLite).
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked && cp target/release/switchboard /usr/local/bin/switchboard

# Run: an ordinary user; only /data is written, so `--read-only` works.
FROM debian:bookworm-slim
# The carrier's certificates are checked against the system's list.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data
COPY --from=build /usr/local/bin/switchboard /usr/local/bin/switchboard
USER 10001:10001
WORKDIR /data
ENV BIND_ADDR=0.0.0.0:8080 \
    DATA_DIR=/data \
    DATABASE_URL=sqlite:///data/switchboard.db \
    LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
# No HEALTHCHECK: whoever runs the image asks GET /readyz, and needs no program inside it for that.
# Stopping takes up to 30 s while calls finish: give it 40.
STOPSIGNAL SIGTERM
ENTRYPOINT ["switchboard"]
CMD ["serve"]
