"""Where clients are told to come: the settings' addresses, or what of this machine can be reached from elsewhere."""

from __future__ import annotations

import ipaddress
import socket

import ifaddr

# Addresses for documents (RFC 5737, RFC 3849): everything between us and them is where the default route leaves.
_FAR_AWAY = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def announced(host: str, number: int, told: tuple[str, ...], *, place: int = 0) -> list[tuple[str, int]]:
    """The settings' addresses (with or without a port), else the one we are bound to, else of each family the first
    that can be reached from elsewhere.

    `place` is the worker's: a port that is told belongs to the first, and the others' ports follow it. With only
    127.0.0.1 announced Chromium sometimes stays in "connecting" for seconds, and Firefox comes to none at all.
    """
    if told:
        return [_address(each, number, place) for each in told]
    if host not in ("", "0.0.0.0", "::"):  # noqa: S104
        return [(host, number)]
    families = [socket.AF_INET, socket.AF_INET6] if host == "::" else [socket.AF_INET]
    found = [address for family in families if (address := _outward(family) or _first_interface(family))]
    return [(address, number) for address in found or ["127.0.0.1"]]


def _address(told: str, number: int, place: int) -> tuple[str, int]:
    """`192.0.2.1`, `192.0.2.1:40000`, `2001:db8::1` or `[2001:db8::1]:40000`."""
    if told.startswith("["):
        host, _, port = told[1:].partition("]")
        port = port.removeprefix(":")
    elif told.count(":") == 1:
        host, _, port = told.partition(":")
    else:
        host, port = told, ""
    return host, int(port) + place if port else number


def _outward(family: socket.AddressFamily) -> str | None:
    """The address that the default route leaves from; nothing is sent to find out."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((_FAR_AWAY[family], 9))
            address: str = probe.getsockname()[0]
    except OSError:
        return None
    return address if _can_be_reached(address) else None


def _first_interface(family: socket.AddressFamily) -> str | None:
    for adapter in ifaddr.get_adapters():
        for each in adapter.ips:
            address = each.ip if isinstance(each.ip, str) else each.ip[0]
            if isinstance(each.ip, str) == (family == socket.AF_INET) and _can_be_reached(address):
                return address
    return None


def _can_be_reached(address: str) -> bool:
    """Not loopback, and not only on one's own cable: a browser cannot know by which of its interfaces to go there."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)
