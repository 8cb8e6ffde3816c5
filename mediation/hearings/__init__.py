"""Hearings: meetings of a room on its stage, and who was admitted."""
