"""A year of a made-up chain in head office's store, without a kiosk and without a shopper."""
