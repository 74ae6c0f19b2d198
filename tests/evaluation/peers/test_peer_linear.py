"""How every peer that learns chooses its regularisation and its thresholds."""

import numpy as np
import pytest

from svodka.errors import DataError
from svodka.evaluation.peers.linear import DENSE_STRENGTHS, best_threshold, dense_choice, fit_head
from svodka.evaluation.peers.vectors import fit_on_vectors

pytest.importorskip("sklearn", reason="needs svodka[report]")

# One number for each of 20 sentences: those with the topic have 1 and more, those without it -1 and less.
COLUMN = np.array([1 + step / 10 for step in range(10)] + [-1 - step / 10 for step in range(10)])
FEATURES = COLUMN[:, None].astype(np.float32)
GOLD = (COLUMN > 0).astype(float)[:, None]


def encode(texts):
    """The vector of a text is its length and its number of exclamation marks."""
    return np.array([[len(text), text.count("!")] for text in texts], dtype=np.float32)


# gold by falling score, the scores, the best threshold, why
@pytest.mark.parametrize(
    ("gold", "scores", "expected"),
    [
        ("++-", (0.9, 0.7, 0.1), 0.4),  # F1 = 1 behind the second; the middle of 0.7 and 0.1
        ("+-+", (0.9, 0.5, 0.4), 0.2),  # F1 after each: 2/3, 1/2, 4/5; the middle of 0.4 and 0
        ("+--", (0.9, 0.5, 0.4), 0.7),  # 1, 2/3, 1/2
        ("+-+-", (0.8, 0.6, 0.6, 0.2), 0.4),  # the two of 0.6 cannot be parted: 2/3 before them, 4/5 behind
        ("-+", (0.6, 0.3), 0.15),  # 0, 2/3
        ("+", (0.5,), 0.25),
    ],
)
def test_the_best_threshold_lies_between_two_scores(gold, scores, expected):
    labels = np.array([sign == "+" for sign in gold])
    mixed = np.arange(len(gold))[::-1]  # the order of the rows does not matter
    assert best_threshold(labels, np.array(scores)) == pytest.approx(expected)
    assert best_threshold(labels[mixed], np.array(scores)[mixed]) == pytest.approx(expected)


def test_a_head_parts_what_can_be_parted():
    head = fit_head(FEATURES, GOLD, ["rain"], dense_choice(0))
    found = head.predict_proba(FEATURES)[:, 0] >= head.thresholds["rain"]
    assert (found == (GOLD[:, 0] == 1)).all()
    assert head.strengths["rain"] in DENSE_STRENGTHS
    assert head.predict_proba(FEATURES[:0]).shape == (0, 1)


def test_only_unseen_sentences_choose_the_threshold():
    # The last five of either kind were seen by the encoder, which puts them far apart. Unseen ones overlap: the topic's
    # five are at 1, the other five at 1, too. Nothing below all of them has a better F1 than 2 / 3, precision 1 / 2.
    features = np.array([1.0] * 5 + [9.0] * 5 + [1.0] * 5 + [-9.0] * 5, dtype=np.float32)[:, None]
    unseen = np.array(([True] * 5 + [False] * 5) * 2)
    choosing = fit_head(features, GOLD, ["rain"], dense_choice(0), unseen=unseen)
    assert (choosing.predict_proba(features[unseen])[:, 0] >= choosing.thresholds["rain"]).all()
    everybody = fit_head(features, GOLD, ["rain"], dense_choice(0))
    assert everybody.thresholds["rain"] != choosing.thresholds["rain"]


@pytest.mark.parametrize(
    ("labels", "share"),
    [([0] * 20, 0), ([1] * 20, 1), ([1] + [0] * 19, 1 / 20), ([1] + [-1] * 18 + [0], 1 / 2), ([-1] * 20, 0)],
    ids=["none has it", "all have it", "one has it", "two are judged", "nobody judged"],
)
def test_a_topic_without_examples_gets_its_share(labels, share):
    head = fit_head(FEATURES, np.array(labels, dtype=float)[:, None], ["rain"], dense_choice(0))
    assert head.predict_proba(FEATURES)[:, 0] == pytest.approx([share] * 20)
    assert (head.thresholds["rain"], head.strengths["rain"]) == (0.5, None)


def test_a_topic_that_unseen_sentences_lack_gets_its_share_among_all():
    unseen = GOLD[:, 0] == 0
    head = fit_head(FEATURES, GOLD, ["rain"], dense_choice(0), unseen=unseen)
    assert head.predict_proba(FEATURES[:1])[0, 0] == pytest.approx(1 / 2)


def test_a_peer_of_vectors_says_what_was_chosen():
    texts = ["Дождь!" * 2, "Снег!", "Гроза!!", "Тихо", "Ясно и тепло", "Сухо"] * 3
    gold = np.array([[1.0], [1.0], [1.0], [0.0], [0.0], [0.0]] * 3)
    peers = [fit_on_vectors(encode, texts, gold, ["rain"], 5, {"encoder": "marks"}) for _ in range(2)]
    assert [peer.predict_proba(["Град!"])[0, 0] >= peer.thresholds["rain"] for peer in peers] == [True, True]
    assert peers[0].settings == peers[1].settings
    assert (peers[0].settings["encoder"], peers[0].settings["width"]) == ("marks", 2)
    assert set(peers[0].settings["strengths"]) == {"rain"}
    assert peers[0].predict_proba([]).shape == (0, 1)


def test_without_sentences_there_is_nothing_to_train_on():
    with pytest.raises(DataError, match="cannot be trained on 0 sentences"):
        fit_on_vectors(encode, [], np.zeros((0, 1)), ["rain"], 5, {})
