"""Which addresses are public, and which the allow-list lifts."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_worker.http import AllowList
from bellhop_worker.http.addresses import IPAddress, is_public


@pytest.mark.parametrize(
    ("setting", "permitted"),
    [
        ("", False),
        ("demo", True),
        (" other:1 , DEMO.:9000,", True),
        ("demo:9001", False),
        ("10.0.0.0/8", True),
        ("10.1.0.0/16, fd00::/8", False),
        ("10.0.0.5", False),
    ],
)
def test_the_allow_list_lifts_a_host_or_a_network(setting: str, permitted: bool) -> None:
    allow = AllowList.parse(setting)

    assert allow.permits("demo", 9000, ip_address("10.0.0.5")) is permitted


def test_the_allow_list_knows_ipv6_in_any_spelling() -> None:
    allow = AllowList.parse("[0:0::1]:8080,fd00::/8")

    assert allow.permits("[::1]", 8080, ip_address("::1"))
    assert allow.permits("any.test", 80, ip_address("fd12::1"))
    assert not allow.permits("[::1]", 80, ip_address("::1"))


@pytest.mark.parametrize(
    "entry",
    [
        *["demo:", "demo:0", "demo:99999", "http://demo", "10.0.0.1/8", "10.0.0.0/8:80", "*.test"],
        *["::1", "[::1", "[::zz]", "[1::2::3]:80", "a b", "user@demo", "demo..test"],
    ],
)
def test_a_bad_entry_is_named_with_its_setting(entry: str) -> None:
    with pytest.raises(ValueError, match="FETCH_ALLOW") as bad:
        AllowList.parse(f"demo:9000,{entry}")
    assert repr(entry) in str(bad.value)


def carriers(address: IPv4Address) -> list[IPv6Address]:
    """Every IPv6 address that leads to an IPv4 address by some standard."""
    number, inverted = int(address), int(address) ^ 0xFFFFFFFF
    prefixes = ["::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::"]
    return [IPv6Address(int(IPv6Address(prefix)) | number) for prefix in prefixes] + [
        IPv6Address(0x2002 << 112 | number << 80 | 1),
        IPv6Address(0x20010000 << 96 | number << 64 | 0xF7F7F7F7),
        IPv6Address(0x20010000 << 96 | 0x01010101 << 64 | inverted),
    ]


SPECIAL = ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"]
SPECIAL += ["172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"]
SPECIAL += ["::/64", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "2001:db8::/32", "100::/64"]


@given(st.ip_addresses() | st.sampled_from(SPECIAL).flatmap(lambda net: st.ip_addresses(network=net)))
def test_what_is_not_global_is_refused_however_it_is_spelled(address: IPAddress) -> None:
    spellings: list[IPAddress] = [address]
    if isinstance(address, IPv4Address):
        spellings += carriers(address)

    if not address.is_global or address.is_multicast:
        assert not any(is_public(spelling) for spelling in spellings)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))
