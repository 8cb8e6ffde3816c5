"""The pages, one module a noun; each has its rows of the route table."""
