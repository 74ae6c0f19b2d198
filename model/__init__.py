"""svodka tags the sentences of Russian defence and security text with topics.

from svodka import predict
predict("Расчёты ПВО сбили над морем два беспилотника.").topics
"""

from svodka.errors import ConfigError, DataError, ModelFilesError, SvodkaError
from svodka.results import ArticlePrediction, Prediction, TaggedSentence
from svodka.splitter import Sentence, split_sentences
from svodka.tagger import Tagger, predict
from svodka.topics import Topic

__all__ = [
    "ArticlePrediction",
    "ConfigError",
    "DataError",
    "ModelFilesError",
    "Prediction",
    "Sentence",
    "SvodkaError",
    "TaggedSentence",
    "Tagger",
    "Topic",
    "predict",
    "split_sentences",
]
__version__ = "0.1.0"  # written here, as asking the installed package is slow
