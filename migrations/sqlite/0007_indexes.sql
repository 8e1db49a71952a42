-- Indexes for what was looked for in the whole table.

-- Retention looks for the oldest webhooks that named no call: call_events_call has them in their order here. Their keys.
create index idempotency_keys_no_call on idempotency_keys (call_id, event_id) where call_id = 0;
-- What the carrier still has, each second.
create index recordings_undeleted on recordings (recording_sid) where state = 'stored' and carrier_deleted_at is null;
-- What nobody has read, for health and metrics.
create index voicemails_unread on voicemails (received_at) where state = 'ready' and read_at is null and deleted_at is null;
