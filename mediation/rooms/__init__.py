"""Rooms: the group of a case, its channels, and the order kept in it."""
