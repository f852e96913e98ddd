"""Which hosts are this machine."""

from ipaddress import IPv6Address, ip_address


def is_loopback(host: str | None) -> bool:
    """Whether a host (a name, or an address with or without a zone) can only be this machine.

    ``localhost`` is; other names may resolve to anything, so they are not.
    """
    host = (host or "").lower()
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost"
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
