"""Files: how they come in, what is let in, and who may see them."""
