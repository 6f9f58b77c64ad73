r"""Turn the bytes of a file into UTF-8 with plain line ends, by a stated policy.

1. Valid UTF-8 is taken as it is; a byte order mark is dropped.
2. A byte order mark of UTF-16 or UTF-32 decides.
3. Text whose characters beyond ASCII are mostly valid UTF-8 is damaged UTF-8 (cut in the middle
   of a character, or joined from two sources): each broken sequence becomes U+FFFD.
4. Text in Latin script is taken to be in the first encoding of `_LATIN` that reads the most of it
   as letters of one language, and for other scripts charset-normalizer guesses.
5. If its guess fails, the text is decoded as in 3.

Content with a NUL character, or of which one byte in twenty is a control character, is binary and
refused, and so is what begins as PDF and packed files do. The line ends "\r\n" and "\r" become
"\n". So do the characters that end lines in text taken from elsewhere: form feed (a page of PDF
text ends in one), vertical tab (a line break in word processors), U+0085, U+2028 and U+2029.
Whatever is not plain UTF-8 is reported.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from cleaner.errors import InputError, needing

UTF_8 = "utf-8"
_MARKS = {  # UTF-32 first: its little-endian mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_REPLACEMENT = "\ufffd"
_LINE_ENDS = ("\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029")  # "\r\n" comes before "\r"

# Latin scripts: the letters of each language are data of cleaner.text; here are the legacy
# encodings with the languages that are written in them, commonest first. A detector has few bytes:
# charset-normalizer reads 71 of 100 such texts exactly right, this table 99 (286 page texts in 16
# languages, re-encoded).
_WESTERN = ("ca", "da", "de", "es", "et", "fi", "fr", "is", "it", "pt", "sv")
_CENTRAL = ("cs", "hr", "hu", "pl", "ro", "sk")
_LATIN = {
    "cp1252": _WESTERN, "cp1250": _CENTRAL, "iso8859_2": _CENTRAL, "cp1254": ("tr",),
    "cp1257": ("lt", "lv"), "cp850": _WESTERN, "mac_roman": _WESTERN,
}  # fmt: skip
_SIGNS = frozenset("“”„‘’‚‹›«»–—…•·€£©®™§°´×¡¿ºª\xa0\xad")  # in text of any language
# Other scripts: charset-normalizer chooses among the encodings that web pages still have.
_OTHER = (
    *("cp1251", "gb18030", "cp932", "euc_jp", "cp949", "big5", "cp1256", "cp1255", "cp1253"),
    *("cp874", "koi8_r", "iso8859_5", "iso8859_7", "cp866"),
)
# Of the bytes beyond ASCII, the share that stands next to another one parts the two kinds: on the
# same texts it is .00 to .33 for Latin scripts and .66 to 1.00 for all others.
_OTHER_SCRIPT_SHARE = 0.6
_NEIGHBOURS = re.compile(rb"[\x80-\xff]{2,}")
_ASCII = bytes(range(128))
# Bytes that the guess is made from, in lines with characters beyond ASCII; twice as many did not
# help. They are looked for in a window, so that the size of the file does not matter.
_SAMPLE_BYTES = 8192
_WINDOW_BYTES = 65536

# How files begin that people may take for texts.
_BEGINNINGS = {
    b"%PDF-": "a PDF file, of which a text has to be made first",
    b"PK\x03\x04": "a zip file, as .docx and .xlsx are, of which a text has to be made first",
    b"\x1f\x8b\x08": "packed with gzip; unpack it first",
    b"\x28\xb5\x2f\xfd": "packed with zstd; unpack it first",
}
_NUL = "binary: it holds a NUL byte; only text files can be cleaned"
_CONTROLS = bytes(set(range(32)) - set(b"\b\t\n\v\f\r\x1a\x1b"))
_BINARY_SHARE = 1 / 20  # random bytes have one in ten, text next to none


class Decoded(NamedTuple):
    """Text of a file, as UTF-8, and how it was read."""

    data: bytes  # valid UTF-8; line ends are "\n"; no byte order mark
    encoding: str  # Python's name of the encoding that was found
    replaced: int  # broken sequences that became U+FFFD

    @property
    def remark(self) -> str:
        """What a person should know: "" for sound UTF-8, else encoding and damage."""
        parts = [] if self.encoding == UTF_8 else [f"decoded from {self.encoding}"]
        if self.replaced:
            parts.append(f"broken characters replaced by U+FFFD: {self.replaced}")
        return ", ".join(parts)


def decode_bytes(data: bytes) -> Decoded:
    r"""Decode the content of one file by the policy above.

    Raises
    ------
    InputError
        If the content is binary.

    Examples
    --------
    >>> decode_bytes(b"\xef\xbb\xbfOne\r\nTwo\rThree")
    Decoded(data=b'One\nTwo\nThree', encoding='utf-8', replaced=0)
    >>> decode_bytes("Der Rat beschloss am Montag, die Brücke zu erhalten.".encode("cp1252")).remark
    'decoded from cp1252'
    """
    for begin, what in _BEGINNINGS.items():
        if data.startswith(begin):
            raise InputError(f"binary: {what}")
    try:
        ends = _find_line_ends(data.decode(UTF_8))
    except UnicodeDecodeError as error:
        text, encoding, replaced = _decode_other(data, error.start)
        return Decoded(_replace_all(text.encode(UTF_8), _find_line_ends(text)), encoding, replaced)
    if 0 in data:
        raise InputError(_NUL)
    return Decoded(_replace_all(data.removeprefix(codecs.BOM_UTF8), ends), UTF_8, 0)


_CHARSET = re.compile(rb"<meta\b[^>]{0,200}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_XML_CHARSET = re.compile(rb"<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']\s*([\w.:-]{2,40})")
_HEAD_BYTES = 4096  # browsers look at the first 1,024


def decode_html(data: bytes, charset: str = "") -> str:
    r"""Decode an HTML page as browsers do.

    A byte order mark decides, then the charset that the server named, then the one that the page
    names in its first 4,096 bytes, in a meta tag or else in an XML declaration (HTML Standard,
    13.2.3.2); if there is none, the policy for text files does.

    Parameters
    ----------
    data : bytes
    charset : str
        From the header Content-Type, "" if unknown.

    Raises
    ------
    InputError
        If the content is binary.
    MissingExtraError
        If webencodings is not installed.

    Examples
    --------
    >>> decode_html(b"<meta charset=iso-8859-1>caf\xe9")
    '<meta charset=iso-8859-1>café'
    """
    with needing("reading HTML needs more packages", "html"):
        import webencodings
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    if data.startswith(tuple(_MARKS)):
        return _decode_other(data, 0)[0]
    named = webencodings.lookup(charset) if charset else None
    found = _CHARSET.search(data, 0, _HEAD_BYTES) or _XML_CHARSET.match(data)
    if named is None and found:
        named = webencodings.lookup(found[1].decode("ascii", "replace"))
        if named is not None and named.name.startswith("utf-16"):  # it was read as ASCII
            named = webencodings.UTF8
    if named is None:
        return decode_bytes(data).data.decode(UTF_8)
    if not named.name.startswith("utf-16"):
        _refuse_binary(data[:_WINDOW_BYTES])
    return str(named.codec_info.decode(data, "replace")[0])


def _refuse_binary(data: bytes) -> None:
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > len(data) * _BINARY_SHARE:
        raise InputError("binary: neither UTF-8 nor text in a known legacy encoding")


def _find_line_ends(text: str) -> list[bytes]:
    """Find which line ends a text has: ten times as fast as in its UTF-8, which it is read from."""
    return [end.encode() for end in _LINE_ENDS if end[0] in text]


def _replace_all(data: bytes, line_ends: Iterable[bytes]) -> bytes:
    for end in line_ends:
        data = data.replace(end, b"\n")
    return data


def _decode_other(data: bytes, first_broken: int) -> tuple[str, str, int]:
    """Decode what is not UTF-8: the text, the encoding and the number of replaced sequences."""
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if encoding is None:
        if 0 in data:
            raise InputError(_NUL)
        _refuse_binary(data)
        text = data.decode(UTF_8, "replace")
        broken = text.count(_REPLACEMENT)
        sound = len(text) - len(text.encode("ascii", "ignore")) - broken
        encoding = UTF_8 if sound >= broken else _guess_encoding(_take_sample(data, first_broken))
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    if "\0" in text:
        raise InputError(f"binary: it holds a NUL character (read as {encoding})")
    return text, encoding, text.count(_REPLACEMENT)


def _take_sample(data: bytes, first: int) -> bytes:
    """Take lines with characters beyond ASCII, about `_SAMPLE_BYTES`, from the one around `first`.

    Lines too long are cut at a space: a byte that is part of no other character anywhere.
    """
    begin = data.rfind(b"\n", 0, first) + 1
    if first - begin > _SAMPLE_BYTES:
        begin = data.rfind(b" ", begin, first) + 1 or first
    end = begin + _WINDOW_BYTES
    if end < len(data):
        end = max(data.rfind(mark, first, end) for mark in (b"\n", b" ", b"\r")) + 1 or end
    lines: list[bytes] = []
    size = 0
    for line in data[begin:end].splitlines():
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > _SAMPLE_BYTES:
                break
    return b"\n".join(lines)


def _guess_encoding(sample: bytes) -> str:
    """Guess the encoding of a text that is not UTF-8; UTF-8 if nothing fits."""
    together = sum(map(len, _NEIGHBOURS.findall(sample)))
    if together < len(sample.translate(None, _ASCII)) * _OTHER_SCRIPT_SHARE:
        return max(_LATIN, key=lambda encoding: _count_fitting(sample, encoding))
    from charset_normalizer import from_bytes

    # The library's threshold for giving up is switched off: noisy pages exceed it.
    best = from_bytes(sample, cp_isolation=list(_OTHER), threshold=1.0).best()
    return UTF_8 if best is None else best.encoding


def _count_fitting(sample: bytes, encoding: str) -> int:
    """Count the characters beyond ASCII that are signs, or letters of the best language."""
    from cleaner.text import letters

    counts = Counter(sample.decode(encoding, "replace"))

    def count(characters: Iterable[str]) -> int:
        return sum(counts[one] for one in characters if not one.isascii())

    return count(_SIGNS) + max(
        count({*letters()[language], *letters()[language].upper()}) for language in _LATIN[encoding]
    )
