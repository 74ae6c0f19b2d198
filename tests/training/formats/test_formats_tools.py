"""What Label Studio 1.23 and doccano 1.8 really wrote after they had opened the files of svodka.

A file of `svodka data export` (р1 to р4) and one of `svodka suggest` (a.txt#1 to #6) were imported into each tool; then
some sentences were labelled there, and all exported. In Label Studio two readers agreed on a.txt#2 and not on a.txt#3,
one chose nothing for a.txt#4 and skipped a.txt#5. In doccano р4 and a.txt#1, #2 and #4 were approved, the last without
a label.
"""

from pathlib import Path

import pytest

from svodka.training.formats.bridge import is_foreign

TOOLS = Path(__file__).parent / "tools"
LABELLED_BEFORE = {"р1": ("rain",), "р2": ("rain", "heat"), "р3": ()}
LABEL_STUDIO = {**LABELLED_BEFORE, "р4": None, "a.txt#1": ("rain",), "a.txt#2": ("heat", "road_works"), "a.txt#4": ()}
SCORES = {"rain": 0.91, "heat": 0.41, "road_works": 0.02}
GUESSED = "rows have exactly the labels that `svodka suggest` predicted: taken as labelled, though perhaps nobody"


def by_id(reading):
    return {one.id: one for one in reading.examples}


@pytest.mark.parametrize("name", ["label_studio.json", "label_studio_min.json", "label_studio.csv"])
class TestLabelStudio:
    def test_topics(self, read, name):
        found = {key: one.topics for key, one in by_id(read("", TOOLS / name)).items()}
        skipped = {"a.txt#5": None} if name == "label_studio.json" else {}  # the others leave skipped tasks out
        assert found == {**LABEL_STUDIO, **skipped, "a.txt#6": None}

    def test_readers_who_disagree(self, faults, name):
        (fault,) = faults("", TOOLS / name)
        assert fault.endswith("column 'topics': its 2 readers disagree: rain, rain+road_works")

    def test_all_else_that_svodka_knew(self, read, name):
        found = by_id(read("", TOOLS / name))
        assert (found["р1"].unknown, found["р1"].genre) == (("road_works",), "tv")
        assert {"doc": 3, "author": "А. Б."}.items() <= found["р1"].meta.items()
        assert found["a.txt#1"].scores == SCORES
        suggested = {"source": "a.txt", "rank": 1, "predicted": ["rain"], "doubtful": "heat"}
        assert suggested.items() <= found["a.txt#1"].meta.items()

    def test_training_knows_the_file(self, name):
        assert is_foreign(TOOLS / name, ["rain", "heat", "road_works"])


class TestDoccano:
    def test_all_documents(self, read):
        reading = read("", TOOLS / "doccano.jsonl")
        found = by_id(reading)
        assert {key: one.topics for key, one in found.items()} == {
            **LABELLED_BEFORE, "р4": ("road_works",), "a.txt#1": ("rain",), "a.txt#2": ("heat", "road_works"),
            "a.txt#3": ("rain", "road_works"), "a.txt#4": None, "a.txt#5": ("rain",), "a.txt#6": None,
        }  # fmt: skip
        assert reading.warnings[0].startswith("2 rows have an empty list of labels")
        assert reading.warnings[1].startswith(f"3 {GUESSED}")  # of which one was approved

    def test_approved_documents(self, labels):
        assert labels("", TOOLS / "doccano_approved.jsonl", empty="none") == {
            "На мосту меняют асфальт; движение закрыто.": ("road_works",),
            "К вечеру обещают ливень.": ("rain",),
            "Асфальт плавится от зноя.": ("heat", "road_works"),
            "Вратарь отбил пенальти.": (),
        }

    def test_all_else_that_svodka_knew(self, read):
        found = by_id(read("", TOOLS / "doccano.jsonl"))
        assert (found["р1"].unknown, found["р1"].genre) == (("road_works",), "tv")
        assert found["р1"].meta == {"doc": 3, "author": "А. Б.", "Comments": []}
        assert (found["a.txt#1"].scores, found["р4"].meta) == (SCORES, {"Comments": ["точно?"]})
