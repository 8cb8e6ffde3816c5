"""The record: append-only channels, their chain, and its verification."""
