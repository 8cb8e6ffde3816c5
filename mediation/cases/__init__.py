"""Cases: what the dispute is, who is in it, and who has consented."""
