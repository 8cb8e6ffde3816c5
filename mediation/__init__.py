"""The domain: tables, rules, use cases and the record; knows no HTTP, socket or WebRTC, and nothing asynchronous."""
