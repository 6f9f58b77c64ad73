"""Files are gathered into groups, and nothing that was met on the way to them is lost."""

from hypothesis import given
from hypothesis import strategies as st

from cleaner.files import Found, Note
from cleaner.runs.groups import gather_groups
from cleaner.text import BATCH_BYTES

ITEMS = st.lists(
    st.builds(Found, st.just("a"), st.integers(0, 2 * BATCH_BYTES))
    | st.builds(Note, st.just("b"), st.sampled_from(["", "c"]), st.none(), st.booleans())
)


@given(ITEMS)
def test_groups_hold_everything_once_in_order_and_are_small(items: list[Found | Note]) -> None:
    groups = list(gather_groups(items))
    files = [item for item in items if isinstance(item, Found)]
    assert [name for group in groups for name in group.names] == [item.name for item in files]
    notes = [item for item in items if isinstance(item, Note) and item.text]
    known = [group.known for group in groups]
    assert [note for one in known for note in one.problems] == [n for n in notes if n.is_problem]
    assert [note for one in known for note in one.remarks] == [n for n in notes if not n.is_problem]
    assert sum(one.n_unmatched for one in known) == len(items) - len(files) - len(notes)
    assert sum(group.size for group in groups) == sum(item.size for item in files)
    for group in groups:
        assert group.size <= BATCH_BYTES or len(group.names) == 1
        assert len(group.names) + len(group.known.problems) + len(group.known.remarks) <= 256


def test_many_tiny_files_make_several_groups() -> None:
    groups = list(gather_groups(Found(str(number), 0) for number in range(1000)))
    assert [len(group.names) for group in groups] == [256, 256, 256, 232]
