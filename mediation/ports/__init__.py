"""The edges to the outside: files, mail, short messages; each with a fake for the tests."""
