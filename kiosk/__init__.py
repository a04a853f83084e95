"""The kiosk: what stands in the store, asks shoppers and keeps every tap."""
