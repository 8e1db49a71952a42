# `just` lists the chores; `just check` is what CI runs.

bench := "../shared/bench/run_all.sh"

[private]
default:
    @just --list

# Everything CI runs: format, lints, docs, dependencies, tests on both engines
check:
    scripts/test

# Format, lints and tests on SQLite: the quick look while working
fast:
    scripts/test --fast

# Formats the sources
fmt:
    cargo fmt

# Clippy, warnings denied
lint:
    cargo clippy --locked --all-targets -- -D warnings

# Tests on both engines; arguments choose some: `just test ledger`
test *ARGS:
    scripts/postgres run -- cargo test --locked {{ARGS}}

# Simulated calls against the service, no account needed
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# The documentation of the code, in a browser
docs:
    cargo doc --locked --no-deps --open

# Known vulnerabilities in dependencies (needs a network)
advisories:
    cargo deny check advisories

# A Postgres to try things on: prints its URL, gone with ctrl-c
postgres:
    scripts/postgres serve

# Webhooks a second next to other servers, all in one run; arguments go to the benchmark
bench *ARGS:
    #!/usr/bin/env bash
    set -euo pipefail
    if [ ! -x {{bench}} ]; then
        echo "just bench: {{bench}} is not there (the shared benchmark lives beside this repository)" >&2
        exit 1
    fi
    cargo build --release --locked
    data=$(mktemp -d)
    trap 'rm -rf "$data"' EXIT
    server="exec env BIND_ADDR=127.0.0.1:{port} DATA_DIR=$data DATABASE_URL=sqlite://$data/bench.db"
    server+=" RUST_LOG=warn $PWD/target/release/switchboard serve"
    {{bench}} --only webhooks --name switchboard --port 9160 --server "$server" {{ARGS}}

# Calls under a carrier that misbehaves, instances that are killed, a database that goes away: another day each time
chaos CALLS="10000" SEED="":
    #!/usr/bin/env bash
    set -euo pipefail
    seed={{SEED}}
    export CHAOS_CALLS={{CALLS}} CHAOS_SEED=${seed:-$((RANDOM * 32768 + RANDOM))}
    echo "CHAOS_SEED=$CHAOS_SEED"
    cargo test --locked --test chaos -- --nocapture --test-threads 1

# Three instances on one Postgres under load, one killed every 10 s, Postgres restarted once: prints what it cost
three SECONDS="60":
    CHAOS_THREE_S={{SECONDS}} cargo test --locked --test chaos -- --nocapture three_instances_under_load

# Ten times the calls that one processor sustains, with a quick disk and with a slow one: who is answered how soon
overload *ARGS:
    cargo build --release --locked
    scripts/overload {{ARGS}}
