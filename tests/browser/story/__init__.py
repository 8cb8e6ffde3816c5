"""The whole story of a mediation in real browsers: a file a scene, and what the scenes share."""
