"""Keys, tokens and codes: made from randomness, shown once, kept only as a hash.

Called by the verbs that hand them out and by `web.auth`, which recognises them.
May touch nothing; the randomness is the system's.
"""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
ALIKE = str.maketrans("OIL", "011")
GROUP = 5  # characters, 25 bits
KEY_BYTES = 32


def new_key() -> str:
    """Make a key of 256 random bits for a device, a session or a program."""
    return secrets.token_urlsafe(KEY_BYTES)


def new_code(groups: int) -> str:
    """Make a code that people read and type: groups of five characters, 25 bits each."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(groups))


def hash_key(key: str) -> bytes:
    """Hash a key as it is kept. Plain SHA-256 will do for 256 random bits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def hash_code(code: str) -> bytes:
    """Hash a code as it is kept: in small letters, without its dashes or with look-alikes it is the same."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hash_key(plain.translate(ALIKE))
