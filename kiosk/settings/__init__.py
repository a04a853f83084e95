"""What a store may change, and how it is read."""
