"""Public IP addresses, from the IANA registries. Independent of the tables of the Python version."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_SPECIAL_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux connects to the local host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and internal services of clouds
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the metadata service of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
# All assigned global unicast addresses. Not included are loopback, unique local, link-local, site-local and
# multicast addresses, and addresses that embed an IPv4 address: IPv4-mapped, IPv4-compatible, NAT64.
_UNICAST_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, which embeds an IPv4 address; benchmarks; overlays
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds an IPv4 address
        "3fff::/20",  # documentation
    )
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether ``address`` is a globally routed unicast address that embeds no other address."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _UNICAST_V6 and not any(address in network for network in _SPECIAL_V6)
