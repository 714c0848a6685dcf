"""The mail channel against a real SMTP server: what arrives, how it is guarded, what answers mean."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.clock import SettableClock
from nightdesk.delivery.errors import (
    AddressRefused,
    ReceiverBusy,
    ReceiverRefused,
    ReceiverTimedOut,
    ReceiverUnreachable,
    SecretUnavailable,
)
from nightdesk.delivery.mail import PATIENT_TRIES, MailChannel
from nightdesk.delivery.mail_message import compose
from nightdesk.delivery.templates import Templates, Worded
from nightdesk.errors import ConfigurationError
from schemas import Secret, Severity, Wording
from tests.support.alerting import NOON, make_alert, make_feed_alert, make_notice
from tests.support.certificates import server_context, trusting_context
from tests.support.mailserver import mail_server, make_mail

CLOCK = SettableClock(NOON)
PASSWORD = Secret(env="MAIL_PASSWORD")


def channel_of(**changes):
    values = {
        "secrets": lambda *_: "hush-hush",
        "clock": CLOCK,
        "templates": Templates(time.monotonic),
        "trust": trusting_context(),
    }
    return MailChannel(**(values | changes))


async def test_text_and_html_arrive_with_the_headers_that_mail_programs_go_by():
    alert = make_alert(title="Zürich: “Nothing happened”", severity=Severity.CRITICAL)
    notice = make_notice(alert)
    async with mail_server() as box:
        receiver = make_mail(box.port, to=("a@example.org", "b@example.org"))
        assert await channel_of().deliver(notice, receiver) == ""
    (envelope,), (mail,) = box.envelopes, box.mails
    assert envelope.mail_from == "nightdesk@example.org"
    assert envelope.rcpt_tos == ["a@example.org", "b@example.org"]
    assert mail["Subject"] == "New: Denials of joint patrols – Zürich: “Nothing happened”"
    assert mail["From"] == "Nightdesk <nightdesk@example.org>"
    assert mail["To"] == "a@example.org, b@example.org"
    assert mail["Message-ID"] == f"<{notice.delivery.id}@example.org>"
    assert mail["In-Reply-To"] == mail["References"] == "<alert-1@example.org>"
    assert mail["List-Id"] == "<desk.nightdesk.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Importance"] == "high"
    assert mail["Date"].datetime == NOON
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert "words: denies, shared patrols" in text.get_content()
    assert "words: denies, shared patrols" in html.get_content()
    assert "“Nothing happened”" in html.get_content()
    assert envelope.content.isascii()


async def test_changes_of_one_alert_form_a_thread_and_a_digest_none():
    async with mail_server() as box:
        channel, receiver = channel_of(), make_mail(box.port)
        for sequence in (1, 2):
            await channel.deliver(make_notice(make_alert(sequence=sequence)), receiver)
        digest = make_notice(make_alert(), make_feed_alert(), occasion="digest", note="2 today")
        await channel.deliver(digest, receiver)
    first, second, third = box.mails
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert third["References"] is None
    assert third["Subject"].startswith("2 alerts: ")
    text = third.get_body(("plain",)).get_content()
    assert "Digest: 2 today" in text
    assert "Harbour Post cannot be read" in text


@pytest.mark.parametrize("implicit", [False, True])
async def test_tls_is_spoken_and_the_login_goes_through_it(tmp_path, implicit):
    async with mail_server(
        tls=server_context(tmp_path), implicit=implicit, auth_require_tls=not implicit
    ) as box:
        receiver = make_mail(
            box.port,
            host="localhost",
            security="tls" if implicit else "starttls",
            user="desk",
            password=PASSWORD,
        )
        await channel_of().deliver(make_notice(), receiver)
    assert box.logins == [(b"desk", b"hush-hush")]
    assert len(box.mails) == 1
    assert box.encrypted == [not implicit]


async def test_the_certificate_must_be_for_the_declared_name(tmp_path):
    async def loopback(host, port):
        return [ip_address("127.0.0.1")]

    channel = channel_of(resolver=loopback)
    async with mail_server(tls=server_context(tmp_path)) as box:
        receiver = make_mail(box.port, host="mail.example", security="starttls")
        with pytest.raises(ReceiverUnreachable, match="certificate"):
            await channel.deliver(make_notice(), receiver)
        with pytest.raises(ReceiverUnreachable, match="certificate"):
            await channel_of(trust=None).deliver(
                make_notice(), receiver.model_copy(update={"host": "localhost"})
            )
    assert box.envelopes == []


async def test_a_server_that_offers_no_tls_gets_no_mail():
    async with mail_server() as box:
        with pytest.raises(ReceiverUnreachable, match="STARTTLS"):
            await channel_of().deliver(make_notice(), make_mail(box.port, security="starttls"))
    assert box.envelopes == []


async def test_a_private_address_is_refused_before_anything_is_said():
    async with mail_server() as box:
        receiver = make_mail(box.port, allow_private=False, security="starttls")
        with pytest.raises(AddressRefused, match="allow_private"):
            await channel_of().deliver(make_notice(), receiver)
        assert box.connections == 0


async def test_a_public_name_that_leads_to_a_private_address_is_refused():
    async def rebound(host, port):
        return [ip_address("169.254.169.254"), ip_address("10.0.0.1")]

    receiver = make_mail(25, host="smtp.example", allow_private=False, security="tls")
    with pytest.raises(AddressRefused):
        await channel_of(resolver=rebound).deliver(make_notice(), receiver)


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("security", ["none", "starttls"])
async def test_metadata_is_refused_to_all_and_the_hint_advises_nothing_in_vain(allowed, security):
    async def metadata(host, port):
        return [ip_address("169.254.169.254")]

    receiver = make_mail(25, host="smtp.example", allow_private=allowed, security=security)
    with pytest.raises(AddressRefused, match="metadata") as caught:
        await channel_of(resolver=metadata).deliver(make_notice(), receiver)
    assert "nothing is ever sent there" in caught.value.hint


async def test_without_tls_no_mail_goes_over_the_open_net():
    async def public(host, port):
        return [ip_address("93.184.216.34")]

    receiver = make_mail(25, host="smtp.example")
    with pytest.raises(AddressRefused, match="public"):
        await channel_of(resolver=public).deliver(make_notice(), receiver)


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ({"MAIL": "550 not you"}, ReceiverRefused),
        ({"MAIL": "451 later"}, ReceiverBusy),
        ({"desk@example.org": "550 no such mailbox"}, ReceiverRefused),
        ({"desk@example.org": "450 greylisted"}, ReceiverBusy),
        ({"DATA": "554 looks like spam"}, ReceiverRefused),
        ({"DATA": "452 disk full"}, ReceiverBusy),
        ({"DATA": "reset"}, ReceiverUnreachable),
    ],
)
async def test_what_the_server_says_is_for_good_or_may_pass(answers, failure):
    async with mail_server() as box:
        box.answers = answers
        with pytest.raises(failure) as caught:
            await channel_of().deliver(make_notice(), make_mail(box.port))
    assert caught.value.hint
    assert box.envelopes == []


async def test_a_recipient_refused_for_good_costs_the_others_nothing():
    async with mail_server() as box:
        box.answers = {"gone@example.org": "550 no such\x1b[2J mailbox"}
        receiver = make_mail(box.port, to=("desk@example.org", "gone@example.org"))
        remark = await channel_of().deliver(make_notice(), receiver)
    assert remark == "not to gone@example.org: 550 no such [2J mailbox"
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [["desk@example.org"]]


async def test_a_recipient_who_is_put_off_holds_the_first_tries_and_no_more():
    async with mail_server() as box:
        box.answers = {"late@example.org": "450 greylisted"}
        receiver = make_mail(box.port, to=("desk@example.org", "late@example.org"))
        for attempts in range(PATIENT_TRIES):
            with pytest.raises(ReceiverBusy, match="greylisted"):
                await channel_of().deliver(make_notice(attempts=attempts), receiver)
        assert box.envelopes == []
        remark = await channel_of().deliver(make_notice(attempts=PATIENT_TRIES), receiver)
    assert "late@example.org: 450 greylisted" in remark
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [["desk@example.org"]]


async def test_a_wrong_password_may_be_mended_and_a_missing_one_may_come(tmp_path):
    def missing(*_):
        raise ConfigurationError("MAIL_PASSWORD is empty", hint="set it")

    async with mail_server(tls=server_context(tmp_path)) as box:
        receiver = make_mail(
            box.port, host="localhost", security="starttls", user="desk", password=PASSWORD
        )
        with pytest.raises(ReceiverBusy, match="login") as caught:
            await channel_of(secrets=lambda *_: "wrong-one").deliver(make_notice(), receiver)
        assert "wrong-one" not in str(caught.value)
        with pytest.raises(SecretUnavailable):
            await channel_of(secrets=missing).deliver(make_notice(), receiver)
    assert box.envelopes == []


@contextlib.asynccontextmanager
async def rude(talk):
    async def connected(reader, writer):
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            await talk(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def silent(reader, writer):
    await reader.read()


async def flood(reader, writer):
    while True:
        writer.write(b"220-" + b"x" * 1000 + b"\r\n")
        await writer.drain()


async def garble(reader, writer):
    writer.write(b"HTTP/1.1 400 What\r\n\r\n")
    await writer.drain()


async def hang_up(reader, writer):
    writer.transport.abort()


@pytest.mark.parametrize(
    ("talk", "failure"),
    [
        (silent, ReceiverTimedOut),
        (flood, ReceiverBusy),
        (garble, ReceiverBusy),
        (hang_up, ReceiverUnreachable),
    ],
)
async def test_an_unruly_server_is_left_in_time(talk, failure):
    async with rude(talk) as port:
        receiver = make_mail(port, timeout=timedelta(milliseconds=300))
        with pytest.raises(failure):
            await channel_of().deliver(make_notice(), receiver)


async def test_nobody_listens():
    async with rude(silent) as port:
        pass
    with pytest.raises(ReceiverUnreachable):
        await channel_of().deliver(make_notice(), make_mail(port))


async def test_addresses_beyond_ascii_travel_by_smtputf8():
    async with mail_server() as box:
        receiver = make_mail(box.port, to=("рассылка@example.org",))
        await channel_of().deliver(make_notice(), receiver)
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [["рассылка@example.org"]]
    assert "SMTPUTF8" in box.envelopes[0].mail_options


async def test_a_test_is_marked_and_an_own_template_is_used():
    async with mail_server() as box:
        receiver = make_mail(box.port, wording=Wording(subject="Desk: {{ alert.about }}"))
        await channel_of().deliver(make_notice(occasion="test"), receiver)
    (mail,) = box.mails
    assert mail["Subject"] == "[TEST] Desk: Denials of joint patrols"
    assert "THIS IS A TEST" in mail.get_body(("plain",)).get_content()


HEADERS = {"Subject", "From", "To", "Date", "Message-ID", "In-Reply-To", "References", "List-Id"}
HEADERS |= {"Auto-Submitted", "X-Auto-Response-Suppress", "Nightdesk-Delivery", "Nightdesk-Event"}
HEADERS |= {"MIME-Version", "Content-Type"}


@given(
    st.text(st.characters(codec=None), max_size=300)
    | st.sampled_from(["x\r\nBcc: all@example.org", "x\n\nbody", "=?utf-8?q?a=0ABcc:_x?=", "\r"])
)
def test_no_title_and_no_name_adds_a_header(hostile):
    receiver = make_mail(25).model_copy(update={"sender_name": hostile})
    worded = Worded(hostile, "text\n", "<p>html</p>")
    mail = compose(make_notice(), receiver, worded, NOON)
    head = mail.as_bytes().partition(b"\r\n\r\n")[0]
    names = {
        line.partition(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"
    }
    assert names <= HEADERS
    assert head.count(b"\nBcc") == 0
