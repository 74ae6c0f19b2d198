import pytest

from svodka.errors import DataError
from svodka.training.realness import missing_lemmas, tell_apart

CITIES = ("Вологде", "Туле", "Омске", "Перми", "Твери", "Казани", "Рязани", "Пскове", "Уфе", "Чите", "Орле", "Курске")


def test_a_mark_that_only_ours_have_gives_them_away():
    found = tell_apart([f"В {city}, однако, дождь" for city in CITIES], [f"В {city} идет дождь" for city in CITIES])
    assert found.auc == pytest.approx(1)
    assert found.sentences == 12
    assert "," in found.ours[:3]
    assert any("идет" in feature for feature in found.real[:3])


def test_equal_texts_cannot_be_told_apart():
    texts = [f"В {city} дождь" for city in CITIES]
    assert tell_apart(texts, texts).auc <= 0.5


def test_too_few_sentences_are_refused():
    with pytest.raises(DataError, match="expected at least 10 sentences of ours and of real text, got 1"):
        tell_apart(["Дождь."], ["Ветер."] * 20)


def test_lemmas_that_ours_lack_come_with_their_numbers():
    pytest.importorskip("pymorphy3")
    found = missing_lemmas(["Ракета взлетела."], ["Ракеты и танки.", "Танк стоит.", "Поле."], limit=2)
    # «ракеты» is a form of «ракета», which ours have; «и» is too short to count.
    assert next(iter(found.items())) == ("танк", 2)
    assert len(found) == 2
