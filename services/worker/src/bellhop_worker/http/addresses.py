"""Which addresses belong to the public internet."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IPAddress = IPv4Address | IPv6Address

# Blocks that some releases of `ipaddress` call global although no public server lives there.
_NOT_PUBLIC_V4 = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments; Oracle's metadata is 192.0.0.192
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("168.63.129.16/32"),  # Azure's host agent
)
# 6to4 carries any IPv4 address; it is retired, so none of its addresses is worth a fetch.
# Teredo, its sibling, lies in 2001::/23, which `ipaddress` never calls global.
_NOT_PUBLIC_V6 = (IPv6Network("2002::/16"), IPv6Network("3fff::/20"))

_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: IPAddress) -> bool:
    """Whether an address is one that anybody on the internet can reach.

    An IPv6 address that carries an IPv4 address is judged by the latter. A network's own NAT64
    prefix (RFC 6052) cannot be distinguished from any other prefix, and is judged as IPv6.
    """
    if isinstance(address, IPv6Address):
        carried = _carried_v4(address)
        return _is_public_v4(carried) if carried else _is_public_v6(address)
    return _is_public_v4(address)


def _carried_v4(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped


def _is_public_v4(address: IPv4Address) -> bool:
    if address.is_multicast or any(address in block for block in _NOT_PUBLIC_V4):
        return False
    return address.is_global


def _is_public_v6(address: IPv6Address) -> bool:
    if address not in _GLOBAL_UNICAST_V6 or any(address in block for block in _NOT_PUBLIC_V6):
        return False
    return address.is_global
