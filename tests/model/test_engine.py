"""Batches of similar length."""

from hypothesis import given
from hypothesis import strategies as st

from svodka.engine import batches_by_length


def test_short_texts_share_a_batch_and_a_long_one_stands_alone():
    assert list(batches_by_length([3, 50, 4, 3], batch_tokens=12)) == [[0, 3, 2], [1]]


def test_no_texts_make_no_batch():
    assert list(batches_by_length([])) == []


@given(st.lists(st.integers(1, 200)), st.integers(1, 500))
def test_every_text_is_in_one_batch_of_bounded_size(lengths, batch_tokens):
    batches = list(batches_by_length(lengths, batch_tokens))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= batch_tokens
