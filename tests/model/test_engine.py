"""Texts to logits: batches of one length, blank texts, files that do not load."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from svodka import ModelFilesError, SvodkaError, Tagger
from svodka.engine import Engine, batches_of_equal_length
from svodka.model_folder import write_manifest


def test_only_texts_of_the_same_length_share_a_batch():
    assert list(batches_of_equal_length([3, 50, 4, 3], batch_tokens=12)) == [[0, 3], [2], [1]]


def test_no_texts_make_no_batch():
    assert list(batches_of_equal_length([])) == []


@given(st.lists(st.integers(1, 200)), st.integers(1, 500))
def test_every_text_is_in_one_batch_of_one_length_and_bounded_size(lengths, batch_tokens):
    batches = list(batches_of_equal_length(lengths, batch_tokens))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[i] for i in batch}) == 1
        assert len(batch) == 1 or len(batch) * lengths[batch[0]] <= batch_tokens


@given(st.lists(st.integers(1, 200), min_size=1))
def test_batches_go_from_short_to_long(lengths):
    in_turn = [lengths[i] for batch in batches_of_equal_length(lengths, 100) for i in batch]
    assert in_turn == sorted(lengths)


TEXTS = [
    "Снег.",
    "Вратарь отбил мяч, и команда вышла в финал.",
    "Хор!",
    "Дождь и ветер весь день, к ночи мороз.",
    "Снег!",
]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_an_answer_is_the_same_to_the_last_bit_in_any_company(trained_folder, threads):
    engine = Engine(trained_folder, max_tokens=32, threads=threads)
    together = engine.logits(engine.encode(TEXTS), 3)
    turned = engine.logits(engine.encode(TEXTS[::-1] * 7), 3)[: len(TEXTS)][::-1]
    alone = np.concatenate([engine.logits(engine.encode([text]), 3) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(turned, alone)


def test_a_blank_text_is_marked_and_still_has_logits(trained_folder):
    engine = Engine(trained_folder, max_tokens=32)
    encoded = engine.encode(["Снег.", " \u200b", ""])
    assert [one.blank for one in encoded] == [False, True, True]
    logits = engine.logits(encoded, 3)  # the export compares all texts it is given, blank ones too
    assert logits.dtype == np.float32
    assert logits.shape == (3, 3)
    assert np.isfinite(logits).all()


def test_ids_are_cut_to_the_limit_with_both_ends_kept(trained_folder):
    short, long = Engine(trained_folder, max_tokens=8).encode(["снег снег", "снег " * 50])
    assert (short.truncated, len(short.ids)) == (False, 4)
    assert (long.truncated, len(long.ids)) == (True, 8)
    assert (long.ids[0], long.ids[-1]) == (short.ids[0], short.ids[-1])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_file_that_is_whole_but_of_another_kind(model_copy, name):
    (model_copy / name).write_bytes(b"{}")
    write_manifest(model_copy)
    with pytest.raises(ModelFilesError, match=f"{name} cannot be loaded: "):
        Tagger.load(model_copy)


def test_a_card_that_fails_while_it_works_is_told_with_the_way_out(trained_folder, card):
    tagger = Tagger.load(trained_folder)
    assert (tagger.device, tagger.precision, card.opened) == ("cuda", "float32", [("cuda", "float32")])
    card.broken = RuntimeError("BFCArena:\n Failed to allocate memory for requested buffer of size 4194304")
    with pytest.raises(SvodkaError, match=r"card failed: BFCArena: Failed to allocate .*; see .* --device cpu, SVODKA"):
        tagger.predict(TEXTS)
    assert card.opened == [("cuda", "float32")]  # nothing is gone on with on the processor
