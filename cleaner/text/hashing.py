"""Hash words, pairs and texts to 64 bits, look hashes up in bulk, and digest bytes."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from cleaner.text.arrays import Bytes, Hashes, Ints


class HashTable:
    """Exact look-up of 64-bit hashes: a cascade of direct-addressed levels.

    A level says which key a hash can be; keys that collide there move to the next one, which uses
    other bits of the hash. Levels hold numbers of keys, so that they stay in the cache.
    """

    _BITS = 16

    def __init__(self, hashes: Hashes) -> None:
        self._by_number = np.append(np.uint64(0), hashes)
        self.keys = self._by_number[1:]
        self._levels: list[tuple[np.uint64, NDArray[np.int16]]] = []
        left = np.arange(1, len(hashes) + 1, dtype=np.int16)
        shift = 64 - self._BITS
        while left.size or not self._levels:
            slots = (hashes[left - 1] >> np.uint64(shift)).astype(np.int64) & 0xFFFF
            slots, first = np.unique(slots, return_index=True)
            numbers = np.zeros(1 << self._BITS, np.int16)
            numbers[slots] = left[first]
            self._levels.append((np.uint64(shift), numbers))
            left = np.delete(left, first)
            shift -= self._BITS
            if left.size and shift < 0:
                raise ValueError("two equal hashes in one table")

    def find(self, hashes: Hashes) -> tuple[Ints, Ints]:
        """Find the hashes that are keys.

        Returns
        -------
        int64 array (n_found,)
            Their positions among `hashes`, ascending.
        int64 array (n_found,)
            1 + the position of the key for each.
        """
        shift, numbers = self._levels[0]
        number = numbers.take((hashes >> shift).view(np.int64))
        at = np.flatnonzero(number > 0)
        found = number.take(at)
        left = np.flatnonzero(self._by_number.take(found) != hashes.take(at))
        found[left] = 0
        for shift, numbers in self._levels[1:]:  # few keys stand there
            candidates = hashes.take(at.take(left))
            number = numbers.take(((candidates >> shift) & np.uint64(0xFFFF)).view(np.int64))
            is_key = self._by_number.take(number) == candidates
            found[left] = number * is_key
            left = left.take(np.flatnonzero(~is_key))
        hit = np.flatnonzero(found > 0)
        return at.take(hit), found.take(hit).astype(np.int64)


# A document's table has between 2**2 and 2**3 slots for each key, and no fewer than 2**8.
_SPARE_BITS = 2
_FEWEST_BITS = 8


def group_keys(keys: Hashes, n_keys: Ints) -> Ints:
    """Give equal keys of a document one number, without sorting.

    Each document has a table of its own, addressed by hash. Where two keys fall into one slot,
    the later one is taken for unique: that is rare, and depends on nothing but the document.

    Parameters
    ----------
    keys : uint64 array (n,)
        Those of one document after those of another.
    n_keys : int64 array (n_documents,)
        How many there are of each.

    Returns
    -------
    int64 array (n,)
        Position of the first equal key.

    Examples
    --------
    >>> keys = np.array([7, 1 << 60, 7, 7], np.uint64)
    >>> group_keys(keys, np.array([3, 1])).tolist()
    [0, 1, 0, 3]
    """
    bits = np.ceil(np.log2(np.maximum(n_keys, 1))).astype(np.int64) + _SPARE_BITS
    bits = np.maximum(bits, _FEWEST_BITS)
    sizes = np.left_shift(1, bits)
    offsets = np.cumsum(sizes) - sizes
    slot = (keys >> np.repeat((64 - bits).astype(np.uint64), n_keys)).view(np.int64)
    slot += np.repeat(offsets, n_keys)
    # Of several keys for one slot, the one that is written last stays. Every slot that is read
    # has been written.
    table = np.empty(int(sizes.sum()), np.int32)
    table[slot[::-1].copy()] = np.arange(len(keys) - 1, -1, -1, dtype=np.int32)
    first: Ints = table.take(slot).astype(np.int64)
    other = np.flatnonzero(keys.take(first) != keys)
    first[other] = other
    return first


_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [int(_ONES)], np.uint64)
# Odd 64-bit multipliers: the golden ratio (Knuth, TAOCP 3, 6.4), and those of xxHash64.
_M1 = np.uint64(0x9E3779B97F4A7C15)
_M2 = np.uint64(0xC2B2AE3D27D4EB4F)
_M3 = np.uint64(0xD6E8FEB86659FD93)
_M4 = np.uint64(0xA0761D6478BD642F)
_HALF = np.uint64(32)


def hash_slices(folded: Bytes, starts: Ints, lengths: Ints) -> Hashes:
    """Hash up to 24 bytes of each slice; longer ones also by their length."""
    eight = np.ndarray((len(folded) - 7,), np.dtype("<u8"), folded, strides=(1,))
    value = eight[starts]
    value &= _MASKS.take(lengths, mode="clip")
    value *= _M1
    value ^= value >> _HALF
    long = np.flatnonzero(lengths > 8)
    if long.size:
        at, rest = starts[long] + 8, lengths[long] - 8
        second = eight[at] & _MASKS.take(rest, mode="clip")
        second *= _M2
        second ^= second >> _HALF
        very = np.flatnonzero(rest > 8)
        if very.size:
            third = eight[at[very] + 8] & _MASKS.take(rest[very] - 8, mode="clip")
            second[very] += third * _M4 + rest[very].astype(np.uint64)
        value[long] += second
    value *= _M3
    value ^= value >> _HALF
    return value


def mix_pair(left: Hashes, right: Hashes, out: Hashes | None = None) -> Hashes:
    """Hash of an ordered pair of hashes: uint64 array of the common shape, or `out`."""
    mixed = np.multiply(left, _M2, out=out)
    mixed += right
    mixed *= _M3
    mixed ^= mixed >> _HALF
    return mixed


def salt_hash(hashes: Hashes, salt: int) -> Hashes:
    """Move hashes into another space, so that the same word gets another meaning there.

    The leading bits are the good ones.
    """
    mixed = hashes ^ np.uint64(salt * int(_M4) & int(_ONES))
    mixed *= _M1
    return mixed


def hash_text(text: str) -> int:
    """Hash any `str`, the same in every process: an integer of 64 bits.

    Examples
    --------
    >>> hash_text("It rained.") == hash_text("It rained."), hash_text("It rained.") < 2**64
    (True, True)
    """
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def digest(data: bytes) -> str:
    """Digest bytes, so that two contents can be told apart: 32 hexadecimal characters.

    Examples
    --------
    >>> digest(b"It rained.")
    '5c9f067ee305237f91a194516513c1b4'
    """
    return blake2b(data, digest_size=16).hexdigest()
