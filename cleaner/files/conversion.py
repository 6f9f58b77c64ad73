"""Turn rows of JSON into tables of Arrow and back, changing no value.

A table has one type for each column, so all rows of JSON are read once before to find types that
hold them: whole numbers beside fractions are fractions, objects have the fields of all of them, and
what a row lacks is null. What the other side cannot hold is refused, with row and field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from cleaner.errors import InputError
from cleaner.files.packing import import_arrow
from cleaner.files.rows import Batch, Change

# Fields of a table, those inside objects too. Objects whose names are data, such as addresses,
# have any number of them.
_MOST_FIELDS = 1000


def infer_schema(batches: Iterable[Batch], field: str, *, skips: bool) -> Any:
    """Find the Arrow schema that holds rows of JSON.

    Parameters
    ----------
    batches : iterable of Batch
        All rows of a file.
    field : str
        Of the texts.
    skips : bool
        Whether rows without a text are left out.

    Raises
    ------
    InputError
        If there is none; with the first row that does not fit.
    """
    schema = import_arrow().schema([])
    for batch in batches:
        left_out = batch.reasons if skips else ()
        rows = [
            (number, record)
            for number, (_, record) in zip(batch.numbers, batch.rows, strict=True)
            if record is not None and number not in left_out
        ]
        try:
            schema = _widen(schema, [record for _, record in rows], field)
        except InputError:
            for number, record in rows:
                try:
                    schema = _widen(schema, [record], field)
                except InputError as error:
                    raise InputError(f"row {number} does not fit into the table: {error}") from None
    return schema if len(schema) else import_arrow().schema([(field, import_arrow().string())])


def _widen(schema: Any, records: Sequence[dict[str, Any]], field: str) -> Any:
    """Give a schema that holds some more rows."""
    arrow = import_arrow()
    columns: dict[str, list[Any]] = {}
    for record in records:
        for name, value in record.items():
            columns.setdefault(name, []).append(value)
    fields = []
    for name, values in columns.items():
        try:
            kind = arrow.string() if name == field else arrow.array(values).type
        except _misfits() as error:
            raise InputError(f"field {name!r:.100}: {_explain(error)}") from error
        if _has_truth(values, kind):
            raise InputError(
                f"field {name!r:.100}: true or false among numbers; make them alike, or give"
                " OUTPUT the ending .jsonl"
            )
        fields.append(arrow.field(name, kind))
    if all(schema.get_field_index(one.name) >= 0 and schema.field(one.name) == one
           for one in fields):  # fmt: skip
        return schema
    try:
        wider = arrow.unify_schemas([schema, arrow.schema(fields)], promote_options="permissive")
    except _misfits() as error:
        raise InputError(_explain(error)) from error
    if sum(map(_count_fields, wider)) > _MOST_FIELDS:
        raise InputError(
            f"with it there are more than {_MOST_FIELDS:,} fields, as if the names in objects"
            " were data; give OUTPUT the ending .jsonl"
        )
    return wider


def _has_truth(values: Sequence[Any], kind: Any) -> bool:
    """Tell if there is true or false among fractions: Arrow would take them for 1 and 0."""
    from pyarrow import types

    if types.is_floating(kind):
        return bool in set(map(type, values))
    there = [value for value in values if value is not None]
    if types.is_list(kind):
        return _has_truth([one for value in there for one in value], kind.value_type)
    if types.is_struct(kind):
        return any(_has_truth([one.get(of.name) for one in there], of.type) for of in kind)
    return False


def _count_fields(field: Any) -> int:
    kind = field.type
    return 1 + sum(_count_fields(kind.field(place)) for place in range(kind.num_fields))


def _misfits() -> tuple[type[Exception], ...]:
    """Give what Arrow raises for values that have no common type."""
    return import_arrow().ArrowException, OverflowError, UnicodeEncodeError


def _explain(error: Exception) -> str:
    if isinstance(error, OverflowError):
        text = "a whole number of more than 64 bits, sign included: make it a text"
    elif isinstance(error, UnicodeEncodeError):
        text = "half a character (a lone surrogate), which UTF-8 cannot hold: mend it"
    else:
        text = f"{error!s:.300}; a column has one type: make its values alike"
    return f"{text}, or give OUTPUT the ending .jsonl"


def make_table(batch: Batch, changes: Sequence[Change], schema: Any) -> tuple[Any, list[Change]]:
    """Put the rows of JSON that are kept into a table, and give their changes.

    Blank lines are no rows of a table.

    Raises
    ------
    InputError
        If a row cannot be put into it.
    """
    arrow = import_arrow()
    numbers, records = [], []
    kept: list[Change] = []
    for number, (_, record), change in zip(batch.numbers, batch.rows, changes, strict=True):
        if record is not None and change is not None:
            numbers.append(number)
            records.append(record)
            kept.append(change)
        elif change is not None and number in batch.reasons:
            raise InputError(
                f"row {number} {batch.reasons[number]}, and cannot be kept in a table;"
                " --on-error skip leaves it out"
            )
    try:
        return arrow.Table.from_pylist(records, schema), kept
    except _misfits():
        for number, record in zip(numbers, records, strict=True):
            try:
                arrow.Table.from_pylist([record], schema)
            except _misfits() as error:
                raise InputError(
                    f"row {number} does not fit into the table: {_explain(error)}"
                ) from error
        raise


def make_records(batch: Batch) -> list[dict[str, Any]]:
    """Give the rows of a table as values of JSON.

    Raises
    ------
    InputError
        If a column has a type that JSON does not have.
    """
    schema = batch.rows.schema
    if len(set(schema.names)) < len(schema.names):
        raise InputError(f"several columns have the same name ({', '.join(schema.names):.200})")
    for field in schema:
        if strange := _not_in_json(field.type):
            raise InputError(
                f"column {field.name!r:.100} is of type {strange}, which JSON does not have:"
                " make it texts or numbers first, or give OUTPUT the ending of INPUT"
            )
    records: list[dict[str, Any]] = batch.rows.to_pylist()
    return records


def _not_in_json(kind: Any) -> Any:
    """Find, in a type of Arrow, the first that JSON does not have; None if it has all."""
    from pyarrow import types

    plain = (types.is_null, types.is_boolean, types.is_integer, types.is_floating,
             types.is_string, types.is_large_string, types.is_string_view)  # fmt: skip
    if any(is_such(kind) for is_such in plain):
        return None
    if types.is_dictionary(kind):
        return _not_in_json(kind.value_type)
    lists = (types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_struct)
    if not any(is_such(kind) for is_such in lists):
        return kind
    inner = [kind.field(place) for place in range(kind.num_fields)]
    if len({field.name for field in inner}) < len(inner):
        return kind
    return next((strange for field in inner if (strange := _not_in_json(field.type))), None)


def format_record(record: dict[str, Any], number: int) -> str:
    """Write a row of a table as JSON.

    Raises
    ------
    InputError
        If it holds a number that JSON cannot write: NaN or infinity.

    Examples
    --------
    >>> format_record({"text": "Grün", "share": 0.5}, 1)
    '{"text": "Grün", "share": 0.5}'
    """
    try:
        return json.dumps(record, ensure_ascii=False, allow_nan=False)
    except ValueError:
        name = next(name for name, value in record.items() if not _is_finite(value))
        raise InputError(
            f"row {number}: column {name!r:.100} holds NaN or infinity, which JSON does not"
            " have: make it null first, or give OUTPUT the ending of INPUT"
        ) from None


def _is_finite(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
