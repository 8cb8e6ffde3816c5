"""The media plane: a selective forwarding unit in a process of its own, and the client that commands it."""
