// Twilio's library for Node against the twin: what it sends, and what it makes of the answers.
"use strict";

const assert = require("node:assert/strict");
const twilio = require("twilio");

const { TWILIO_API_BASE_URL: BASE, TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_AUTH_TOKEN: TOKEN } = process.env;

/** Changes the host of a request, and nothing else. */
class ToTheTwin extends twilio.RequestClient {
  request(options) {
    const { origin } = new URL(options.uri);
    return super.request({ ...options, uri: BASE + options.uri.slice(origin.length) });
  }
}

const connect = (account, token) => twilio(account, token, { httpClient: new ToTheTwin() });

const refused = (code, status, asked) =>
  assert.rejects(asked, (why) => {
    assert.deepEqual([why.code, why.status], [code, status], why.message);
    return true;
  });

/** Calls end on their own: the twin waits for nothing. */
async function settled(client, sid) {
  for (let n = 0; n < 200; n += 1) {
    const call = await client.calls(sid).fetch();
    if (["completed", "busy", "no-answer", "failed", "canceled"].includes(call.status)) return call;
    await new Promise((soon) => setTimeout(soon, 50));
  }
  throw new Error("the call does not end");
}

async function numbers(client) {
  const found = await client.availablePhoneNumbers("US").local.list({ areaCode: 206, limit: 3 });
  assert.deepEqual(found.map((n) => n.phoneNumber), ["+12065550100", "+12065550101", "+12065550102"]);
  assert.deepEqual([found[0].region, found[0].capabilities.voice], ["WA", true]);
  const create = (more) => client.incomingPhoneNumbers.create(more);
  const number = await create({
    phoneNumber: found[0].phoneNumber, friendlyName: "node", voiceUrl: "https://phone.example.com/twilio/voice",
  });
  assert.ok(number.dateCreated instanceof Date && number.voiceUrl.endsWith("/twilio/voice"));
  await refused(21422, 400, create({ phoneNumber: found[0].phoneNumber }));
  const updated = await client.incomingPhoneNumbers(number.sid).update({ statusCallback: "https://phone.example.com/twilio/status" });
  assert.equal(updated.statusCallback, "https://phone.example.com/twilio/status");
  const before = (await client.incomingPhoneNumbers.list()).length;
  for (let n = 0; n < 4; n += 1) await create({ areaCode: "206" });
  const listed = await client.incomingPhoneNumbers.list({ pageSize: 2 });
  assert.equal(new Set(listed.map((n) => n.sid)).size, before + 4);
  const page = await client.incomingPhoneNumbers.page({ pageSize: 3 });
  assert.equal(page.instances.length, 3);
  assert.ok((await page.nextPage()).instances.length > 0);
  return number;
}

async function accounts(client) {
  const sub = await client.api.v2010.accounts.create({ friendlyName: "Clinic" });
  assert.deepEqual([sub.ownerAccountSid, sub.status, sub.authToken.length], [ACCOUNT, "active", 32]);
  const theirs = connect(sub.sid, sub.authToken);
  assert.equal((await theirs.incomingPhoneNumbers.create({ areaCode: "780" })).accountSid, sub.sid);
  await refused(20404, 404, theirs.api.v2010.accounts(ACCOUNT).fetch());
  assert.equal((await client.api.v2010.accounts(sub.sid).update({ status: "closed" })).status, "closed");
  await refused(21479, 400, client.api.v2010.accounts(sub.sid).update({ status: "active" }));
}

async function calls(client, from) {
  const twiml = new twilio.twiml.VoiceResponse();
  twiml.say("Hello from the helper library");
  const made = await client.calls.create({ from, to: "+15875550111", record: true, twiml });
  assert.deepEqual([made.status, made.direction], ["queued", "outbound-api"]);
  const call = await settled(client, made.sid);
  assert.ok(call.status === "completed" && Number(call.duration) > 0 && call.startTime <= call.endTime);
  await refused(21220, 400, client.calls(call.sid).update({ status: "completed" }));
  const recordings = await client.recordings.list({ callSid: call.sid });
  assert.deepEqual(recordings.map((r) => [r.source, r.channels]), [["OutboundAPI", 1]]);
  assert.equal(await client.recordings(recordings[0].sid).remove(), true);
  await refused(20404, 404, client.recordings(recordings[0].sid).fetch());
  const message = await client.messages.create({ from, to: "+15875550111", body: "Hello" });
  assert.equal((await client.messages(message.sid).fetch()).status, "delivered");
}

async function main() {
  const client = connect(ACCOUNT, TOKEN);
  const number = await numbers(client);
  await accounts(client);
  await calls(client, number.phoneNumber);
  assert.equal(await client.incomingPhoneNumbers(number.sid).remove(), true);
  await refused(20404, 404, client.incomingPhoneNumbers(number.sid).fetch());
  await refused(20003, 401, connect(ACCOUNT, "wrong").calls.list());
  const portable = await client.numbers.v1.portingPortabilities("+15875550177").fetch();
  assert.deepEqual([portable.portable, portable.country], [true, "CA"]);
  console.log("node: twilio", require("twilio/package.json").version);
}

main().catch((why) => {
  console.error(why);
  process.exitCode = 1;
});
