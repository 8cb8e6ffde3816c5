"""Agreements: terms, text, versions, signatures, outcome and certificate."""
