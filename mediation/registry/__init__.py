"""The counter that is open to everybody: what strangers may ask of a court, and no more."""
