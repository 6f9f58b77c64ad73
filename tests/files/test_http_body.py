"""Bodies of HTTP answers come out as they went in, whatever was done to them on the way."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.files.http_body import decode_body

brotli = pytest.importorskip("brotli")
pyarrow = pytest.importorskip("pyarrow")
LIMIT = 1 << 20
PAGE = "<!doctype html>\n<p>Die Brücke bleibt offen.</p>\n".encode() * 50


def deflate_raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def pack_zstd(data: bytes) -> bytes:
    packed: bytes = pyarrow.compress(data, codec="zstd", asbytes=True)
    return packed


CODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("X-Gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", deflate_raw),
    ("br", brotli.compress),
    ("zstd", pack_zstd),
    ("identity", bytes),
    ("", bytes),
]


def in_chunks(data: bytes, size: int, extension: bytes = b"") -> bytes:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    chunks = [b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces]
    return b"".join([*chunks, b"0\r\nTrailer: x\r\n\r\n"])


@given(
    st.binary(),
    st.sampled_from(CODINGS),
    st.integers(1, 300),
    st.sampled_from([b"", b";name=value", b" "]),
)
def test_a_body_comes_out_as_it_went_in(
    data: bytes, coding: tuple[str, Callable[[bytes], bytes]], size: int, extension: bytes
) -> None:
    name, pack = coding
    assert decode_body(in_chunks(pack(data), size, extension), "Chunked", name, LIMIT) == data


def test_codings_are_undone_from_the_last() -> None:
    body = brotli.compress(gzip.compress(PAGE))
    assert decode_body(body, "", "gzip, br", LIMIT) == PAGE


@pytest.mark.parametrize("name", [name for name, _ in CODINGS])
def test_html_that_was_decoded_before_stays_as_it_is(name: str) -> None:
    for page in (PAGE, b"\xef\xbb\xbf \r\n" + PAGE):
        assert decode_body(page, "chunked", name, LIMIT) == page


@pytest.mark.parametrize(("name", "pack"), CODINGS[:6])
def test_a_body_that_is_cut_short_or_damaged_is_refused(
    name: str, pack: Callable[[bytes], bytes]
) -> None:
    body = pack(bytes(range(256)) * 50)
    for broken in (body[: len(body) // 2], b"\x00\x01" + body, b"nonsense"):
        with pytest.raises(InputError, match=r"is packed \(\w+.*\), and cut short or damaged"):
            decode_body(broken, "", name, LIMIT)


@pytest.mark.parametrize(("name", "pack"), CODINGS[:6])
def test_no_more_is_unpacked_than_the_limit(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert decode_body(pack(bytes(1 << 20)), "", name, 1000) == bytes(1000)


def test_what_is_no_chunk_stays_as_it_is() -> None:
    assert decode_body(b"3\r\nabc\r\nxyz", "chunked", "", LIMIT) == b"abcxyz"
    assert decode_body(b"5\r\nabc", "chunked", "", LIMIT) == b"abc"
    assert decode_body(b"xyz", "chunked", "", LIMIT) == b"xyz"
    assert decode_body(b"3\r\nabc\r\n0\r\n\r\n", "", "", LIMIT) == b"3\r\nabc\r\n0\r\n\r\n"


def test_an_empty_body_is_one_however_it_is_packed() -> None:
    assert [decode_body(b"", "chunked", name, LIMIT) for name, _ in CODINGS] == [b""] * len(CODINGS)


def test_a_body_that_is_packed_again_and_again_is_refused() -> None:
    body = PAGE
    for _ in range(6):
        body = gzip.compress(body)
    with pytest.raises(InputError, match="is packed 6 times"):
        decode_body(body, "", ",".join(["gzip"] * 6), LIMIT)
    assert gzip.decompress(decode_body(body, "", "gzip,gzip,gzip,gzip,gzip", LIMIT)) == PAGE


def test_an_unknown_coding_is_named() -> None:
    with pytest.raises(InputError, match="is packed as 'aes128gcm', which is not known"):
        decode_body(b"abc", "", "AES128GCM", LIMIT)
