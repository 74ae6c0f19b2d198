"""Whatever a file holds, the answer is rows or an error of ours, never a stack trace."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svodka.errors import SvodkaError
from svodka.topics import Topic
from svodka.training.formats import TopicNames, read_examples
from svodka.training.formats.native import record_of

NAMES = TopicNames([Topic("rain", "Дожди", "Rain", "", ""), Topic("heat", "Жара", "Heat", "", "")])
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KEYS = st.sampled_from(
    ["text", "topics", "label", "id", "unknown", "genre", "scores", "meta", "data", "annotations", "result",
     "from_name", "type", "value", "choices", "fields", "responses", "suggestions", "a.responses", "a.responses.status",
     "user_id",
     "status", "predictions", "annotation_id", "annotator", "rain", "labelled", "svodka", "was_cancelled"]
)  # fmt: skip
ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.sampled_from(["rain", "Жара", "choices", "submitted", "Льёт как из ведра весь день", "-", "[]", "{", "=1"]),
)  # fmt: skip
VALUES = st.recursive(
    ATOMS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=12
)

TEXT = {"text": st.one_of(ATOMS, st.just("Льёт как из ведра весь день"))}
ROWS = st.tuples(st.dictionaries(KEYS, VALUES, max_size=8), st.fixed_dictionaries({}, optional=TEXT)).map(
    lambda both: both[0] | both[1]
)
RESULT = st.fixed_dictionaries({}, optional={"type": st.just("choices"), "from_name": ATOMS, "value": VALUES})
ANNOTATION = st.one_of(VALUES, st.fixed_dictionaries({"result": st.one_of(VALUES, st.lists(RESULT, max_size=2))}))
TASKS = st.fixed_dictionaries({"data": ROWS, "annotations": st.one_of(VALUES, st.lists(ANNOTATION, max_size=2))})
ANSWERS = st.dictionaries(KEYS, st.lists(st.one_of(VALUES, st.fixed_dictionaries({"value": VALUES})), max_size=2))
RECORDS = st.fixed_dictionaries({"fields": ROWS, "responses": st.one_of(VALUES, ANSWERS)})


def survives(path):
    """Read a file; what comes out can be written as JSON."""
    try:
        reading = read_examples(path, NAMES)
    except SvodkaError:
        return
    for example in reading.examples:
        json.dumps(record_of(example), allow_nan=False)
    assert all(one.reason for one in reading.rejected)


@QUIET
@given(rows=st.lists(st.one_of(ROWS, TASKS, RECORDS), min_size=1, max_size=4))
def test_objects_of_any_shape(tmp_path, rows):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    survives(path)
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    survives(path)


@QUIET
@given(value=VALUES)
def test_any_json(tmp_path, value):
    (tmp_path / "rows.json").write_text(json.dumps(value), encoding="utf-8")
    survives(tmp_path / "rows.json")


@QUIET
@given(
    rows=st.lists(st.lists(st.one_of(KEYS, ATOMS.map(str)), max_size=5), max_size=5),
    separator=st.sampled_from([",", ";", "\t", "|"]),
)
def test_any_table(tmp_path, rows, separator):
    content = "\n".join(separator.join(cells) for cells in rows)
    (tmp_path / "rows.csv").write_bytes(content.encode("utf-8", "replace"))
    survives(tmp_path / "rows.csv")


@QUIET
@given(
    content=st.binary(max_size=60), head=st.sampled_from([b"", b"text,topics\n", b"PK\x03\x04", b"PAR1", b"[", b"{"])
)
def test_any_bytes(tmp_path, content, head):
    (tmp_path / "rows.csv").write_bytes(head + content)
    survives(tmp_path / "rows.csv")
