"""Writes chime.wav beside itself: two soft notes, a fifth apart, that rise and fade within a second.

Run by hand when the sound is to change: `python assets/sounds/make_chime.py`.
"""

import math
import struct
import wave
from pathlib import Path

RATE_HZ = 22050
LENGTH_S = 0.9
NOTES = ((659.26, 0.0), (987.77, 0.11))  # E5 and B5: Hz, and when each begins, s
PARTIALS = (
    (1.0, 1.0, 5.5),
    (2.0, 0.22, 9.0),
    (3.0, 0.06, 14.0),
)  # of the pitch, loudness, decay per s
ATTACK_S = 0.012  # no click
PEAK = 0.16  # 16 dB below what the file could hold: heard at arm's length, not at the next till
TAIL_S = 0.08


def note(pitch_hz: float, at_s: float) -> float:
    """One struck note, so long after it began."""
    if at_s < 0:
        return 0.0
    rise = min(1.0, at_s / ATTACK_S)
    return rise * sum(
        loud * math.exp(-decay * at_s) * math.sin(2 * math.pi * pitch_hz * times * at_s)
        for times, loud, decay in PARTIALS
    )


def main() -> None:
    """Write the file."""
    moments = [at / RATE_HZ for at in range(round(RATE_HZ * LENGTH_S))]
    drawn = [sum(note(pitch, at - begin) for pitch, begin in NOTES) for at in moments]
    loudest = max(map(abs, drawn))
    faded = [
        value / loudest * PEAK * min(1.0, (LENGTH_S - at) / TAIL_S)
        for value, at in zip(drawn, moments, strict=True)
    ]
    with wave.open(str(Path(__file__).with_name("chime.wav")), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(b"".join(struct.pack("<h", round(value * 32767)) for value in faded))


if __name__ == "__main__":
    main()
