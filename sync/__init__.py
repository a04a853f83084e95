"""The way between kiosk and head office: the contract both know, and the kiosk's side of the talk."""
