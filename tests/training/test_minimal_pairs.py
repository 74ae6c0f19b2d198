from svodka.training.minimal_pairs import count_pairs
from svodka.training.rows import Row


def row(name, topics, pair=None):
    given = None if topics is None else tuple(topics.split())
    return Row(name, "Текст.", given, None, (), 1, "rows.jsonl", {} if pair is None else {"pair": pair})


def test_a_pair_that_swaps_two_topics_tells_them_apart():
    assert count_pairs([row("1", "rain", "a"), row("2", "wind", "a")]) == {("rain", "wind"): 1}


def test_a_pair_in_which_one_of_two_topics_goes_tells_them_apart():
    assert count_pairs([row("1", "rain wind", "a"), row("2", "rain", "a")]) == {("rain", "wind"): 1}


def test_a_pair_can_tell_several_topics_apart():
    found = count_pairs([row("1", "rain heat", "a"), row("2", "wind heat", "a")])
    assert found == {("rain", "wind"): 1, ("heat", "rain"): 1, ("heat", "wind"): 1}


def test_rows_without_partner_or_topics_are_no_pair():
    assert count_pairs([row("1", "rain", "a"), row("2", "wind"), row("3", None, "b"), row("4", "rain", "b")]) == {}


def test_a_topic_against_none_tells_no_two_topics_apart():
    assert count_pairs([row("1", "rain", "a"), row("2", "", "a")]) == {}
