"""Topics in the input: each sentence is read together with the titles of all topics.

One pass for all topics together, as in Xiong et al. 2021, "Fusing Label Embedding into BERT: An Efficient Improvement
for Text Classification"; definitions have too many words for that. It makes a sentence more than twice as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from svodka.topics import Topic

if TYPE_CHECKING:
    import datasets

__all__ = ["with_titles"]


def with_titles(rows: datasets.Dataset, topics: Sequence[Topic]) -> datasets.Dataset:
    """Return the rows with the Russian titles of the topics behind each text: «Ночью выпал снег. Погода; Спорт»."""
    import datasets

    titles = "; ".join(topic.title_ru for topic in topics)
    texts = {"text": [f"{text} {titles}" for text in rows["text"]]}
    return datasets.Dataset.from_dict(rows.to_dict() | texts, features=rows.features)
