"""The order of training rows keeps padding small."""

import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from svodka.training.row_order import EpochOrder, padding_share


def test_padding_worked_by_hand():
    lengths = [1, 3, 1, 3]
    one_batch = EpochOrder(4, lengths, 1, lambda: 0)
    assert padding_share(lengths, one_batch) == pytest.approx(1 - 8 / 12)


def test_rows_of_one_length_need_no_padding():
    assert padding_share([7] * 10, EpochOrder(4, [7] * 10, 1, lambda: 0)) == 0


def test_rows_of_all_lengths_are_padded_by_less_than_a_tenth():
    lengths = [5 + place % 96 for place in range(2000)]
    assert padding_share(lengths, EpochOrder(32, lengths, 1, lambda: 0)) < 0.1
