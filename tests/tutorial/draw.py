"""Write the two spreadsheets of the tutorial as a spreadsheet program does: windows-1251, `;`, titles for topics.

    python tests/tutorial/draw.py

The sentences are svodka's own: `sentences.csv` has 300 of those to learn from, `held-out.csv` 60 of those to test with.
"""

import csv
import json
from pathlib import Path

from svodka.topics import load_topics

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "training" / "data"
COLUMNS = ("№", "Предложение", "Темы")
NO_TOPIC = "нет"


def draw(source: Path, least_batch: int, number: int) -> list[dict]:
    """Return `number` rows evenly spread over the batches from `least_batch` on (`w23-0001` is of batch 23)."""
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if int(row["id"].partition("-")[0][1:]) >= least_batch and fits(row["text"])]
    return [rows[i * len(rows) // number] for i in range(number)]


def fits(text: str) -> bool:
    """Say whether windows-1251 has all letters of a text."""
    try:
        text.encode("cp1251")
    except UnicodeEncodeError:
        return False
    return True


def write(path: Path, rows: list[dict]) -> None:
    """Write one spreadsheet."""
    titles = {topic.id: topic.title_ru for topic in load_topics()}
    with path.open("w", encoding="cp1251", newline="") as handle:
        table = csv.writer(handle, delimiter=";", lineterminator="\r\n")
        table.writerow(COLUMNS)
        for number, row in enumerate(rows, 1):
            names = ", ".join(titles[topic] for topic in row["topics"])
            table.writerow((number, row["text"], names or NO_TOPIC))


if __name__ == "__main__":
    write(HERE / "sentences.csv", draw(DATA / "train.jsonl", 23, 300))  # later than those that version 0.1 learnt from
    write(HERE / "held-out.csv", draw(DATA / "test.jsonl", 1, 60))
