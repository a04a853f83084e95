"""Bodies are packed and unpacked, never beyond a cap."""

import gzip

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sync.body import GZIP, ZSTD, pack, unpack
from sync.errors import NotAnAck


def pieces(data, size):
    """Cut data into chunks."""
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_packed_is_unpacked_however_it_is_chunked(body, size):
    """What was packed comes back whole, whatever the pieces it comes in."""
    assert unpack(pieces(pack(body, GZIP), size), encoding=GZIP, cap_bytes=2000) == body


@given(st.binary(max_size=2000))
def test_what_goes_up_as_zstd_is_zstd(body):
    """Whoever reads the standard's frames reads what we send; the size stands in the frame."""
    assert zstandard.ZstdDecompressor().decompress(pack(body)) == body


@pytest.mark.parametrize("encoding", [GZIP, ZSTD])
def test_same_body_packs_to_the_same_bytes(encoding):
    """No time stands in what is packed."""
    assert pack(b"taps", encoding) == pack(b"taps", encoding)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "", "identity", "br"]))
def test_no_bytes_break_the_unpacker(data, encoding):
    """Any bytes are unpacked or are NotAnAck."""
    try:
        unpack([data], encoding=encoding, cap_bytes=200)
    except NotAnAck:
        return
    assert encoding in {"", "identity"}
    assert len(data) <= 200


@pytest.mark.parametrize("size", [999, 1000])
@pytest.mark.parametrize("encoding", ["gzip", ""])
def test_body_up_to_the_cap_is_taken(size, encoding):
    """The cap itself is allowed."""
    body = b"a" * size
    data = gzip.compress(body) if encoding else body
    assert unpack([data], encoding=encoding, cap_bytes=1000) == body


@pytest.mark.parametrize("encoding", ["gzip", ""])
def test_body_beyond_the_cap_is_dropped(encoding):
    """One byte more is not."""
    body = b"a" * 1001
    data = gzip.compress(body) if encoding else body
    with pytest.raises(NotAnAck):
        unpack([data], encoding=encoding, cap_bytes=1000)


def test_endless_body_is_not_read_to_its_end():
    """Reading stops at the cap."""
    read = []

    def endless():
        while True:
            read.append(1)
            yield b"a" * 100

    with pytest.raises(NotAnAck):
        unpack(endless(), encoding="", cap_bytes=1000)
    assert len(read) == 11


def test_endless_junk_behind_a_packed_body_is_not_read_to_its_end():
    """What comes after the packed body's end counts against the cap too."""
    read = []

    def endless():
        yield gzip.compress(b"{}")
        while True:
            read.append(1)
            yield b"\0" * 100

    with pytest.raises(NotAnAck):
        unpack(endless(), encoding="gzip", cap_bytes=1000)
    assert len(read) <= 11


def test_cut_body_is_told_from_a_whole_one():
    """A packed body without its end is no body."""
    with pytest.raises(NotAnAck, match="cut short"):
        unpack([gzip.compress(b"taps" * 100)[:-8]], encoding="gzip", cap_bytes=1000)
