"""HTTP pages and the `mediation` command."""
