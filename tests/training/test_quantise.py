"""Eight-bit weights: small errors, and answers that do not depend on company."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs svodka[train]")

from svodka.engine import Engine
from svodka.model_folder import read_model_info
from svodka.training.quantise import quantise_rows


def test_rows_come_back_to_within_half_a_scale():
    table = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32)
    values, scales = quantise_rows(table)
    assert values.dtype == np.int8
    assert (np.abs(values * scales - table) <= scales / 2 + 1e-6).all()


def test_a_row_of_zeros_stays_zero():
    values, scales = quantise_rows(np.zeros((1, 4), dtype=np.float32))
    assert not (values * scales).any()


def test_an_answer_does_not_depend_on_the_texts_beside_it(trained_folder):
    engine = Engine(trained_folder, read_model_info(trained_folder).max_tokens)
    texts = ["Снег.", "Вратарь отбил мяч, и команда вышла в финал.", "Хор!", "Дождь и ветер весь день, к ночи мороз."]
    together = engine.logits(engine.encode(texts), 3)
    alone = np.concatenate([engine.logits(engine.encode([text]), 3) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-4)
