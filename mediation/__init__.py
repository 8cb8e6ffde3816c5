"""The domain: cases, people, rooms and the record. Knows no HTTP, no socket and nothing asynchronous."""
