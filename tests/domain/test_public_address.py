"""Public addresses exclude exactly the special-purpose networks of IANA."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.public_address import is_public

Address = IPv4Address | IPv6Address


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("127.0.0.0", "127.255.255.255"),
        ("169.254.0.0", "169.254.255.255"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "255.255.255.255"),
        ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
)
def test_a_special_network_is_not_public_and_its_neighbours_are(first: str, last: str):
    lowest, highest = ip_address(first), ip_address(last)
    assert not is_public(lowest)
    assert not is_public(highest)
    assert all(is_public(address) for address in neighbours_of(lowest, highest))


def neighbours_of(lowest: Address, highest: Address) -> Iterator[Address]:
    """The addresses before and after a network, if they exist."""
    if int(lowest):
        yield lowest - 1
    if int(highest) != 2**highest.max_prefixlen - 1:
        yield highest + 1


@given(address=st.ip_addresses())
def test_a_public_address_is_also_global_for_python(address: Address):
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved
        assert not (isinstance(address, IPv6Address) and (address.sixtofour or address.teredo))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:82b::200e"]
)
def test_addresses_of_well_known_hosts_are_public(address: str):
    assert is_public(ip_address(address))
