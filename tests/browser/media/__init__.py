"""The media plane in real browsers, through the product's own room."""
