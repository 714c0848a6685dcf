"""Signatures: only the right secret, the same bytes and a recent time verify."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.delivery.signature import sign, verify
from tests.support.alerting import NOON

SECRET, BODY = b"s3cret", b'{"alert":1}'


def test_a_recorded_signature_stays_the_same():
    assert sign(b"secret", b"{}", NOON) == (
        "t=1715947200,v1=d4346ff3152d2b68f27c1c735f456d080a27d76b1bfbb210f00714b437ff7f94"
    )


@pytest.mark.parametrize("skew", [-299, 0, 299])
def test_it_verifies_while_the_clocks_agree(skew):
    assert verify(SECRET, BODY, sign(SECRET, BODY, NOON), NOON + timedelta(seconds=skew))


@pytest.mark.parametrize("skew", [-301, 301, 86_400])
def test_an_old_delivery_cannot_be_played_again(skew):
    assert not verify(SECRET, BODY, sign(SECRET, BODY, NOON), NOON + timedelta(seconds=skew))


def test_other_bytes_or_another_secret_do_not_verify():
    header = sign(SECRET, BODY, NOON)
    assert not verify(SECRET, BODY + b" ", header, NOON)
    assert not verify(SECRET + b"x", BODY, header, NOON)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "v1=abc",
        "t=1715947200",
        "t=x,v1=é",
        "t=" + "9" * 400,
        "t=1,t=2,v1=x",
        "=" * 2000,
    ],
)
def test_nonsense_is_refused(header):
    assert not verify(SECRET, BODY, header, NOON)


def test_two_signatures_may_stand_while_a_secret_is_replaced():
    header = sign(b"old", BODY, NOON)
    both = header + ",v1=" + sign(SECRET, BODY, NOON).split("v1=")[1]
    assert verify(SECRET, BODY, both, NOON)
