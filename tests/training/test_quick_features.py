"""Features that know no label, and likeness to a definition."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs svodka[report]")

from scipy.sparse import csr_matrix

from svodka.errors import DataError
from svodka.topics import Topic
from svodka.training.quick_features import Placed, learn_space, told
from svodka.training.quick_head import fit_quick_head

TEXTS = [
    f"{when} {what} в {place}."
    for when in ("Утром", "Вечером")
    for what in ("дождь", "матч")
    for place in ("Туле", "Орле", "Ухте")
]
VECTORS = np.array([[1.0, 0.0], [0.0, 1.0]] * 6)


def test_what_does_not_count_is_not_told():
    topic = Topic("rain", "Дожди", "Rain", "Льёт вода: ливни, морось. Не сюда: полив.", "Water falls.")
    assert told(topic) == "Дожди. Льёт вода: ливни, морось."


def test_a_definition_without_exceptions_is_told_whole():
    assert told(Topic("rain", "Дожди", "Rain", "Льёт вода.", "Water falls.")) == "Дожди. Льёт вода."


def placed(latent, vectors=None, words=None):
    own = np.zeros((len(latent), 2)) if words is None else np.array(words, dtype=float)
    return Placed(csr_matrix(own), np.array(latent, dtype=float), None if vectors is None else np.array(vectors))


def test_likeness_to_one_definition():
    # latent topics count one and a half times, words once: 1.5 · 0.6 / 2.5
    assert placed([[0.6, 0.8]]).likeness(placed([[1.0, 0.0]])) == pytest.approx(np.array([[0.36]]))


def test_common_words_count():
    # Words and runs of letters have length 1 each; one of the two words is shared: (0.6 · 1 + 1 · 1) / 2 = 0.8.
    found = placed([[0.0, 1.0]], words=[[0.6, 1.0]]).likeness(placed([[1.0, 0.0]], words=[[1.0, 1.0]]))
    assert found == pytest.approx(np.array([[0.8 / 2.5]]))


def test_what_definitions_share_is_taken_off():
    # The definitions' mean is (0.5, 0.5); less it they are (0.5, -0.5) and (-0.5, 0.5), of length 1 (r, -r), r² = 1/2.
    likeness = placed([[1.0, 0.0], [0.0, 1.0]]).likeness(placed([[1.0, 0.0], [0.0, 1.0]]))
    r = np.sqrt(0.5)
    assert likeness == pytest.approx(np.array([[r + 0.5, -r], [-r, r + 0.5]]) / 2.5)


def test_an_encoder_counts_like_the_latent_topics():
    found = placed([[0.6, 0.8]], [[0.0, 1.0]]).likeness(placed([[1.0, 0.0]], [[0.0, 1.0]]))
    assert found == pytest.approx(np.array([[1.5 * (0.6 + 1.0) / 4]]))


def test_a_sentence_is_never_more_like_than_the_definition_itself():
    one = placed([[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 1.0]])
    assert one.likeness(one) == pytest.approx(np.array([[1.0]]))


def test_vectors_are_centred_and_scaled():
    space = learn_space(TEXTS, VECTORS)  # their middle is (0.5, 0.5)
    rows = space.place(["Дождь."], np.array([[3.5, 4.5]]))
    assert rows.vectors == pytest.approx(np.array([[0.6, 0.8]]))
    assert rows.features(np.array([0.5])).shape == (1, rows.latent.shape[1] + 1 + 2 + rows.words.shape[1])


def test_a_space_without_an_encoder():
    rows = learn_space(TEXTS).place(["Дождь в Туле.", "zzz"])
    assert rows.vectors is None
    assert np.linalg.norm(rows.latent, axis=1) == pytest.approx([1, 0])
    assert rows.features(np.zeros(2)).shape[0] == 2


def test_vectors_and_space_must_fit():
    with pytest.raises(DataError, match="if and only if the space was learned with them"):
        learn_space(TEXTS).place(["Дождь."], np.zeros((1, 2)))
    with pytest.raises(DataError, match="if and only if"):
        learn_space(TEXTS, VECTORS).place(["Дождь."])


def test_too_little_text():
    with pytest.raises(DataError, match="1 sentences are not enough text to learn words from"):
        learn_space(["Дождь."])


def test_the_head_learns_a_topic():
    space = learn_space(TEXTS)
    rows = space.place(TEXTS)
    labels = np.array(["дождь" in text for text in TEXTS]).astype(int)
    head = fit_quick_head(rows.features(np.zeros(len(TEXTS))), labels, "rain")
    asked = space.place(["Дождь в Орле.", "Матч в Орле."])
    rain, match = head.predict_proba(asked.features(np.zeros(2)))[:, 0]
    assert rain >= head.thresholds["rain"] > match


def test_one_positive_makes_no_classifier():
    rows = learn_space(TEXTS).place(TEXTS[:4])
    head = fit_quick_head(rows.features(np.zeros(4)), np.array([1, 0, 0, 0]), "rain")
    assert head.predict_proba(rows.features(np.zeros(4)))[:, 0].tolist() == [0.25] * 4
