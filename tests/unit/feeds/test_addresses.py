"""Which addresses may be fetched from."""

from __future__ import annotations

import pytest

from nightdesk.feeds.addresses import is_public, why_scheme_refused

PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]
REFUSED = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "169.254.1.1", "100.64.0.1", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:db8::1", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1", "3fff::1", "5f00::1", "4000::1",
    "", "localhost", "127.1", "0x7f.1", "2130706433", "1.2.3.4.5", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", REFUSED)
def test_refused_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url", ["http://a.example/", "HTTPS://a.example", "http://[2606::1]:8080/x"]
)
def test_fetchable_urls(url: str) -> None:
    assert why_scheme_refused(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://a/",
        "//a.example/",
        "a.example",
        "http://",
        "http://[x",
        "http://a:99999/",
    ],
)
def test_unfetchable_urls(url: str) -> None:
    assert why_scheme_refused(url)
