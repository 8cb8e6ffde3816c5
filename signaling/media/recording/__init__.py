"""Recording: taps on a room's main place, and the process that writes what they take, as it came, into files."""
