"""Benchmarks: each measures Egao beside its limit or peer, in the same run on the same machine.

`make bench` calls `python -m bench`; nothing that ships imports me.
I start real processes on loopback and on a virtual screen, and end them again.
"""
