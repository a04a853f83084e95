"""The way between kiosk and head office: the contract both know, and the kiosk's side of the talk."""

__version__ = "0.1.0"  # of Egao as a whole: the packaging reads it here, and both ends say it
