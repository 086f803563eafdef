"""Hostile webhook URLs: the attack, the validation error in production, and the addresses of the host."""

from dataclasses import dataclass

PUBLIC = "93.184.215.14"
PUBLIC_V6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"

PRIVATE = "must not point to a private or internal address"
NO_USER = "must not contain a user name or password"
NO_HOST = "must have a name or an IP address as its host"
NO_URL = "must be a valid URL"
NO_HTTP = "must be an http:// or https:// URL with a host"
NOT_PRINTABLE = "must be printable ASCII without spaces"
NO_TLS = "must begin with https://"
NO_WEB_PORT = "must use port 443 or a port of at least 1024"

Answers = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """A URL and its attack.

    ``refused`` is the validation error. A URL that can be saved has a host, whose lookups return ``lookups``
    in order, and then the last one. Of these addresses, a webhook may reach only ``reaches``.
    """

    url: str
    why: str
    refused: str | None
    lookups: tuple[Answers, ...] = ()
    reaches: str | None = None


def _each(refused: str, why: str, *urls: str) -> list[Hostile]:
    return [Hostile(url=url, why=why, refused=refused) for url in urls]


def _hosts(why: str, *hosts: str) -> list[Hostile]:
    return _each(PRIVATE, why, *(f"https://{host}/hook" for host in hosts))


def _leads(name: str, why: str, *lookups: Answers, reaches: str | None = None) -> Hostile:
    return Hostile(url=f"https://{name}/hook", why=why, refused=None, lookups=lookups, reaches=reaches)


ADDRESSES = [
    *_hosts("loopback", "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.0.0.1:8443", "127.0.0.1."),
    *_hosts("loopback, short", "127.1", "127.0.1", "0177.1", "0x7f.1"),
    *_hosts("loopback as one number", "2130706433", "0x7f000001", "0X7F000001", "017700000001"),
    *_hosts("loopback in octal", "0177.0.0.1", "0177.0.0.01", "00000177.0.0.1"),
    *_hosts("loopback in hexadecimal", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "0x7F.0.0x0.1"),
    *_hosts("loopback with zeros that some parsers read as octal", "127.000.000.001", "127.0.0.01"),
    *_hosts(
        "a number beyond 32 bits, which overflows in some parsers", "4294967297", "0x17f000001", "127.0.0.257"
    ),
    *_hosts("this host", "0.0.0.0", "0", "0x0", "0.1.2.3"),
    *_hosts("a private network", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    *_hosts(
        "a private network, respelled", "167772161", "012.0.0.1", "192.168.257", "0xc0a80101", "3232235777"
    ),
    *_hosts("the cloud's metadata", "169.254.169.254", "169.254.169.254:8443", "169.254.169.254."),
    *_hosts(
        "the cloud's metadata, respelled", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"
    ),
    *_hosts(
        "the credentials of a container, the cloud's name server and clock",
        "169.254.170.2",
        "169.254.169.253",
    ),
    *_hosts("another cloud's metadata", "100.100.100.200", "192.0.0.192"),
    *_hosts("carriers' NAT", "100.64.0.1", "100.127.255.255"),
    *_hosts("protocols' own", "192.0.0.1", "192.0.0.170", "192.88.99.1"),
    *_hosts("documentation", "192.0.2.1", "198.51.100.1", "203.0.113.1"),
    *_hosts("benchmarks", "198.18.0.1", "198.19.255.255"),
    *_hosts("multicast, reserved, broadcast", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *_hosts("loopback in IPv6", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::0.0.0.1]", "[::1]:8443"),
    *_hosts("this host in IPv6", "[::]", "[0:0:0:0:0:0:0:0]"),
    *_hosts(
        "IPv4 mapped", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:FFFF:A00:1]", "[::ffff:a9fe:a9fe]"
    ),
    *_hosts("IPv4 compatible", "[::127.0.0.1]", "[::a9fe:a9fe]", "[::10.0.0.1]"),
    *_hosts("IPv4 translated", "[::ffff:0:127.0.0.1]", "[::ffff:0:a9fe:a9fe]"),
    *_hosts("NAT64", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::10.0.0.1]"),
    *_hosts("NAT64 of a private network", "[64:ff9b:1::10.0.0.1]", "[64:ff9b:1:a9fe:a9:fe00::]"),
    *_hosts("6to4", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2002:c0a8:101::]"),
    *_hosts("Teredo", "[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]"),
    *_hosts("link-local", "[fe80::1]", "[febf::1]"),
    *_hosts("site-local", "[fec0::1]", "[feff::1]"),
    *_hosts("unique local", "[fc00::1]", "[fd12:3456:789a::1]"),
    *_hosts("the cloud's metadata and name server in IPv6", "[fd00:ec2::254]", "[fd00:ec2::253]"),
    *_hosts("multicast in IPv6", "[ff02::1]", "[ff0e::1]"),
    *_hosts(
        "overlays, benchmarks and segment routing", "[2001:10::1]", "[2001:20::1]", "[2001:2::1]", "[5f00::1]"
    ),
    *_hosts("documentation and discard in IPv6", "[2001:db8::1]", "[3fff::1]", "[100::1]"),
    *_hosts("unassigned addresses", "[::2]", "[4000::1]", "[e000::1]"),
    *_hosts("a public address inside another", f"[::ffff:{PUBLIC}]", f"[64:ff9b::{PUBLIC}]"),
]

NAMES_OF_THEIR_OWN = [
    *_hosts(
        "loopback by name",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "localhost:8443",
        "a.localhost",
        "b.LocalHost.",
    ),
    *_hosts("a name of the local network", "metadata", "intranet", "redis", "db:5432"),
    *_hosts(
        "the cloud's own names",
        "metadata.google.internal",
        "ip-10-0-0-1.ec2.internal",
        "instance-data.ec2.internal",
    ),
    *_hosts("a container's host", "host.docker.internal", "gateway.docker.internal."),
    *_hosts("a cluster's service", "kubernetes.default.svc.cluster.local"),
    *_hosts("a home network", "printer.local", "nas.home.arpa"),
    *_each(PRIVATE, "a local development URL", "http://localhost:4000/webhook", "http://127.0.0.1:4566/"),
]

USERS = _each(
    NO_USER,
    "a user's name that looks like the host, or credentials",
    "https://merchant.example@127.0.0.1/",
    "https://127.0.0.1@merchant.example/",
    "https://merchant.example:443@169.254.169.254/",
    "https://merchant.example\\@127.0.0.1/",
    "https://merchant.example%00@127.0.0.1/",
    "https://user:password@merchant.example/",
    "https://@merchant.example/",
    "https://:@127.0.0.1/",
    "https://a@b@127.0.0.1/",
)

READERS = [
    *_each(
        NO_HOST,
        "two parsers read different hosts",
        "https://127.0.0.1\\.merchant.example/",
        "https://merchant.example\\127.0.0.1/",
        "https://127.0.0.1%00.merchant.example/",
        "https://127.0.0.1%2f.merchant.example/",
        "https://127.0.0.1;.merchant.example/",
        "https://merchant.example&127.0.0.1/",
        "https://[::1]merchant.example/",
        "https://[::1].merchant.example/",
    ),
    *_each(
        NO_HOST,
        "an escaped or missing host",
        "https://%31%32%37.0.0.1/",
        "https://%6cocalhost/",
        "https://merchant..example/",
        "https://.127.0.0.1/",
        "https://*.merchant.example/",
        "https://$(id).merchant.example/",
        "https://" + "a" * 64 + ".example/",
    ),
    *_each(
        NO_HOST,
        "an address with an interface name",
        "https://[fe80::1%eth0]/",
        "https://[fe80::1%25eth0]/",
        "https://[::1%25lo]/",
        f"https://[{PUBLIC_V6}%25lo]/",
    ),
    *_each(
        PRIVATE,
        "the public name is not the host",
        "https://127.0.0.1#@merchant.example/",
        "https://127.0.0.1?@merchant.example/",
        "https://127.0.0.1/@merchant.example/",
        "https://127.0.0.1#.merchant.example/",
    ),
    *_each(
        NO_URL,
        "brackets and colons that do not match",
        "https://[::1/",
        "https://::1/",
        "https://0:0:0:0:0:0:0:1/",
        "https://[127.0.0.1]/",
        "https://merchant.example:443:443/",
        "https://merchant.example:443%40/",
    ),
    *_each(
        NOT_PRINTABLE,
        "characters that are dropped or folded into others",
        "https://127。0。0。1/",
        "https://①②⑦.⓪.⓪.①/",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "https://ｌｏｃａｌｈｏｓｔ/",  # noqa: RUF001 - that is the trick
        "https://lo\u00adcalhost/",
        "https://merchant.example\t@127.0.0.1/",
        "https://127.0.0.1\x00.merchant.example/",
        " https://127.0.0.1/",
        "https://merchant.example/ HTTP/1.1",
        "https://merchant.example/\r\nX-Injected: yes",
    ),
]

SCHEMES = [
    *_each(
        NO_HTTP,
        "another protocol",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "file://127.0.0.1/etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "dict://127.0.0.1:11211/stats",
        "ldap://127.0.0.1/",
        "data:text/plain,hook",
        "javascript:alert(1)",
        "unix:/var/run/docker.sock",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
        "httpx://127.0.0.1/",
        "wss://127.0.0.1/",
        "jar:https://merchant.example!/",
    ),
    *_each(
        NO_HTTP,
        "a missing scheme or host",
        "//127.0.0.1/",
        "127.0.0.1/hook",
        "https:/127.0.0.1/",
        "https:\\\\127.0.0.1\\",
        "https:///127.0.0.1/",
        "https:127.0.0.1",
        "https://",
        "https://:8443/",
    ),
    *_each(
        NO_TLS,
        "no TLS: the payment can be read in transit",
        "http://merchant.example/hook",
        "HTTP://merchant.example:8080/hook",
        f"http://{PUBLIC}/hook",
        f"http://[{PUBLIC_V6}]/hook",
    ),
]

PORTS = [
    *_each(
        NO_WEB_PORT,
        "the port of another service",
        *(
            f"https://merchant.example:{port}/"
            for port in (1, 22, 25, 53, 80, 110, 389, 445, 465, 587, 993, 1023)
        ),
    ),
    *_each(NO_HTTP, "no port", "https://merchant.example:0/", "https://merchant.example:00/"),
    *_each(
        NO_URL, "no port", *(f"https://merchant.example:{port}/" for port in ("65536", "-1", "+443", "443a"))
    ),
]

_NOT_PUBLIC = {
    "loopback": "127.0.0.1",
    "loopback-6": "::1",
    "this-host": "0.0.0.0",
    "this-host-6": "::",
    "private-10": "10.0.0.5",
    "private-172": "172.20.0.1",
    "private-192": "192.168.1.1",
    "metadata": "169.254.169.254",
    "metadata-6": "fd00:ec2::254",
    "other-clouds-metadata": "192.0.0.192",
    "carrier": "100.64.0.1",
    "benchmark": "198.18.0.1",
    "relay-to-6to4": "192.88.99.1",
    "documentation": "203.0.113.7",
    "multicast": "224.0.0.251",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "mapped": "::ffff:127.0.0.1",
    "mapped-metadata": "::ffff:169.254.169.254",
    "compatible": "::127.0.0.1",
    "translated": "::ffff:0:127.0.0.1",
    "nat64": "64:ff9b::7f00:1",
    "nat64-metadata": "64:ff9b::a9fe:a9fe",
    "nat64-private": "64:ff9b:1::a00:1",
    "6to4": "2002:7f00:1::",
    "teredo": "2001:0:7f00:1::",
    "link-local": "fe80::1",
    "site-local": "fec0::1",
    "unique-local": "fc00::1",
    "multicast-6": "ff02::1",
    "segment-routing": "5f00::1",
    "documentation-6": "3fff::1",
}

NAMES_THAT_LEAD_INSIDE = [
    *(_leads(f"{name}.example", f"a name that leads to {to}", (to,)) for name, to in _NOT_PUBLIC.items()),
    _leads("localtest.me", "a public name for loopback", ("127.0.0.1", "::1")),
    _leads("localhost.localdomain", "an old name of loopback", ("127.0.0.1",)),
    _leads("169.254.169.254.nip.io", "a name that spells its address", ("169.254.169.254",)),
    _leads("inside.example:8443", "a port beside a private address", ("10.0.0.5",)),
    _leads("private-first.example", "a private and a public address", ("10.0.0.5", PUBLIC)),
    _leads("public-first.example", "a public and a private address", (PUBLIC, "10.0.0.5"), reaches=PUBLIC),
    _leads("both.example", "public by IPv6, loopback by IPv4", (PUBLIC_V6, "127.0.0.1"), reaches=PUBLIC_V6),
    _leads(
        "rebound.rbndr.us", "public when checked, loopback after", (PUBLIC,), ("127.0.0.1",), reaches=PUBLIC
    ),
    _leads(
        "rebound.example",
        "public when checked, metadata after",
        (PUBLIC,),
        ("169.254.169.254",),
        reaches=PUBLIC,
    ),
    _leads(
        "rebound-6.example", "public when checked, loopback after", (PUBLIC_V6,), ("::1",), reaches=PUBLIC_V6
    ),
    _leads("unknown.example", "an unknown name", ()),
]

CORPUS = [*ADDRESSES, *NAMES_OF_THEIR_OWN, *USERS, *READERS, *SCHEMES, *PORTS, *NAMES_THAT_LEAD_INSIDE]
