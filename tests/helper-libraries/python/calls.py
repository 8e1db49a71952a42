"""Twilio's library for Python against the twin: what it sends, and what it makes of the answers."""

import os
import time
from urllib.parse import urlsplit, urlunsplit

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

BASE = urlsplit(os.environ["TWILIO_API_BASE_URL"])
ACCOUNT = os.environ["TWILIO_ACCOUNT_SID"]
TOKEN = os.environ["TWILIO_AUTH_TOKEN"]


class ToTheTwin(TwilioHttpClient):
    """Changes the host of a request, and nothing else."""

    def request(self, method, url, *args, **kwargs):
        there = urlunsplit(urlsplit(url)._replace(scheme=BASE.scheme, netloc=BASE.netloc))
        return super().request(method, there, *args, **kwargs)


def connect(account, token):
    return Client(account, token, http_client=ToTheTwin())


def refused(code, status, ask):
    try:
        ask()
    except TwilioRestException as why:
        assert (why.code, why.status) == (code, status), (why.code, why.status, why.msg)
        return
    raise AssertionError(f"not refused with {code}")


def settled(call):
    """Calls end on their own: the twin waits for nothing."""
    for _ in range(200):
        if call.fetch().status in ("completed", "busy", "no-answer", "failed", "canceled"):
            return call.fetch()
        time.sleep(0.05)
    raise AssertionError("the call does not end")


client = connect(ACCOUNT, TOKEN)

found = client.available_phone_numbers("CA").local.list(area_code="604", limit=3)
assert [n.phone_number for n in found] == ["+16045550100", "+16045550101", "+16045550102"]
assert (found[0].region, found[0].iso_country, found[0].capabilities["voice"]) == ("BC", "CA", True)
toll_free = client.available_phone_numbers("US").toll_free.list(contains="800", limit=1)
assert toll_free[0].phone_number == "+18005550100"

number = client.incoming_phone_numbers.create(
    phone_number=found[0].phone_number, friendly_name="python", voice_url="https://phone.example.com/twilio/voice"
)
assert number.account_sid == ACCOUNT and number.voice_url.endswith("/twilio/voice") and number.date_created.year > 2000
refused(21422, 400, lambda: client.incoming_phone_numbers.create(phone_number=found[0].phone_number))
number = number.update(status_callback="https://phone.example.com/twilio/status", voice_method="GET")
assert (number.status_callback, number.voice_method) == ("https://phone.example.com/twilio/status", "GET")
assert client.incoming_phone_numbers(number.sid).fetch().friendly_name == "python"
assert [n.sid for n in client.incoming_phone_numbers.list(phone_number=number.phone_number)] == [number.sid]

for _ in range(4):
    client.incoming_phone_numbers.create(area_code="604")
sids = [n.sid for n in client.incoming_phone_numbers.stream(page_size=2)]
assert len(sids) == len(set(sids)) == 5 and sids[-1] == number.sid
page = client.incoming_phone_numbers.page(page_size=3)
assert len(list(page)) == 3 and len(list(page.next_page())) == 2

sub = client.api.v2010.accounts.create(friendly_name="Clinic")
assert (sub.owner_account_sid, sub.status) == (ACCOUNT, "active") and len(sub.auth_token) == 32
assert client.api.accounts(sub.sid).incoming_phone_numbers.list() == []
theirs = connect(sub.sid, sub.auth_token)
assert theirs.incoming_phone_numbers.create(area_code="780").account_sid == sub.sid
refused(20404, 404, lambda: theirs.api.v2010.accounts(ACCOUNT).fetch())
moved = client.incoming_phone_numbers(sids[0]).update(account_sid=sub.sid)
assert moved.account_sid == sub.sid
assert client.api.v2010.accounts(sub.sid).update(status="closed").status == "closed"
refused(21479, 400, lambda: client.api.v2010.accounts(sub.sid).update(status="active"))

call = client.calls.create(
    from_=number.phone_number, to="+15875550111", record=True, status_callback_event=["initiated", "completed"],
    twiml="<Response><Say>Hello from the helper library</Say></Response>",
)
assert (call.status, call.direction) == ("queued", "outbound-api")
call = settled(call)
assert call.status == "completed" and int(call.duration) > 0 and call.start_time <= call.end_time
assert call.sid in [c.sid for c in client.calls.list(to="+15875550111", start_time_after=call.date_created.date())]
refused(21220, 400, lambda: call.update(status="completed"))

recordings = client.recordings.list(call_sid=call.sid)
assert [(r.source, r.channels, r.status) for r in recordings] == [("OutboundAPI", 1, "completed")]
assert client.calls(call.sid).recordings.list()[0].sid == recordings[0].sid
assert recordings[0].delete() is True
refused(20404, 404, lambda: client.recordings(recordings[0].sid).fetch())
assert client.transcriptions.list() == []

message = client.messages.create(from_=number.phone_number, to="+15875550111", body="Hello")
assert (message.status, message.num_segments) == ("queued", "1")
assert client.messages(message.sid).fetch().status == "delivered"
assert [m.sid for m in client.messages.list(limit=1)] == [message.sid]

assert client.balance.fetch().currency == "USD"
assert number.delete() is True
refused(20404, 404, number.fetch)
refused(20003, 401, lambda: connect(ACCOUNT, "wrong").api.v2010.accounts(ACCOUNT).fetch())

portable = client.numbers.v1.porting_portabilities("+15875550177").fetch()
assert (portable.portable, portable.country) == (True, "CA")
print("python: twilio", __import__("twilio").__version__)
