//! One test binary, one file a room.
#![expect(clippy::expect_used, reason = "a test may stop at what it cannot go on without")]
#![expect(clippy::indexing_slicing, reason = "a test may index what it just made")]
#![expect(clippy::disallowed_methods, reason = "tests read their own settings from the environment")]

#[cfg(test)]
mod agents;
#[cfg(test)]
mod app_reload;
#[cfg(test)]
mod app_retention;
#[cfg(test)]
mod app_schema;
#[cfg(test)]
mod app_tenants;
#[cfg(test)]
mod audio;
#[cfg(test)]
mod callers;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod carrier;
#[cfg(test)]
mod carrier_api;
#[cfg(test)]
mod carrier_control;
#[cfg(test)]
mod carrier_reconcile;
mod carrier_stand;
#[cfg(test)]
mod carrier_twin;
#[cfg(test)]
mod config_agents;
mod config_builtin;
#[cfg(test)]
mod config_cli;
mod config_env;
mod config_file;
mod config_limits;
#[cfg(test)]
mod config_mail;
mod config_paging;
mod config_print;
mod config_relay;
#[cfg(test)]
mod config_s3;
mod config_texts;
#[cfg(test)]
mod consent;
mod crash;
#[cfg(test)]
mod desk;
mod gate;
#[cfg(test)]
mod gate_admission;
#[cfg(test)]
mod gate_trouble;
#[cfg(test)]
mod holds;
mod hours;
mod house;
mod ledger;
mod ledger_limits;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mails;
mod mutate;
#[cfg(test)]
mod numbers_api;
#[cfg(test)]
mod numbers_offboard;
mod numbers_port;
#[cfg(test)]
mod numbers_saga;
#[cfg(test)]
mod numbers_stand;
#[cfg(test)]
mod numbers_sync;
#[cfg(test)]
mod openings;
mod ops;
#[cfg(test)]
mod ops_api;
#[cfg(test)]
mod ops_audio;
#[cfg(test)]
mod ops_desk;
#[cfg(test)]
mod ops_story;
#[cfg(test)]
mod ops_writes;
mod outage;
#[cfg(test)]
mod paging;
#[cfg(test)]
mod paging_http;
mod paging_outputs;
mod paging_place;
mod paging_service;
mod paging_speakers;
#[cfg(test)]
mod paging_tls;
#[cfg(test)]
mod prompts;
mod recordings;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod rtp;
#[cfg(test)]
mod simulator;
#[cfg(test)]
mod simulator_chaos;
#[cfg(test)]
mod simulator_cli;
#[cfg(test)]
mod simulator_flood;
#[cfg(test)]
mod simulator_house;
#[cfg(test)]
mod simulator_load;
#[cfg(test)]
mod simulator_people;
#[cfg(test)]
mod simulator_stand;
#[cfg(test)]
mod simulator_stream;
#[cfg(test)]
mod simulator_trouble;
#[cfg(test)]
mod sip;
mod sip_noise;
#[cfg(test)]
mod speech;
mod spool;
mod storm;
mod streams;
mod support;
#[cfg(test)]
mod taping;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod twin;
#[cfg(test)]
mod twin_calls;
#[cfg(test)]
mod twin_cli;
#[cfg(test)]
mod twin_client;
#[cfg(test)]
mod twin_faults;
#[cfg(test)]
mod views;
#[cfg(test)]
mod wire_diagnosis;
#[cfg(test)]
mod wire_noise;
#[cfg(test)]
mod wire_signature;
#[cfg(test)]
mod wire_tree;
#[cfg(test)]
mod wire_tree_nouns;
#[cfg(test)]
mod wire_twiml;
#[cfg(test)]
mod wire_twiml_built;
#[cfg(test)]
mod wire_twiml_refused;
#[cfg(test)]
mod wire_webhooks;
#[cfg(test)]
mod words;
