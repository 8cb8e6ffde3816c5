"""What is live: what browsers may ask, what they hear, and the media plane."""
