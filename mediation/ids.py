"""Ids: random strings everywhere; nothing shown to anybody counts up."""

import secrets


def new_id() -> str:
    """A new id: 22 url-safe characters, 128 random bits."""
    return secrets.token_urlsafe(16)
