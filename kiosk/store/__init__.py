"""Where taps are kept until head office has them, and 90 days beyond."""
