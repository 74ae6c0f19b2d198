"""The tagger: texts in, predictions out."""

from __future__ import annotations

import functools
import numbers
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, repeat
from typing import Any, NoReturn, overload

import numpy as np
import numpy.typing as npt

from svodka.ahead import ahead
from svodka.cascade import open_engine
from svodka.engine import PRECISIONS, Precision, Scorer
from svodka.errors import ConfigError, DataError, ModelFilesError, did_you_mean
from svodka.model_folder import ModelInfo, read_model_info
from svodka.providers import choose_device
from svodka.results import ArticlePrediction, Prediction, TaggedSentence, article_prediction
from svodka.source import ModelSource, choose_model, shipped_folder, way_out
from svodka.splitter import split_sentences
from svodka.topics import Topic

__all__ = ["Tagger", "Thresholds", "predict", "shipped_folder"]

FloatArray = npt.NDArray[np.float32]
Limits = npt.NDArray[np.float64]
Thresholds = float | Mapping[str, float]
FIRST_CHUNK = 256  # texts that are worked on together at first, so that answers begin early
CHUNK = 1024  # ... and later: the more there are, the more of the same length go through the network at once
AHEAD = 2  # chunks that are ready while another is worked on; a stream holds one more


class Tagger:
    """Tags Russian sentences with the topics of one model.

    Make it with `Tagger.load`. One tagger may be used from several threads; each process needs its own. Its `source`
    says whence its model, its `precision` how it computes, its `device` where: "cpu" or "cuda".
    """

    def __init__(self, info: ModelInfo, engine: Scorer, source: ModelSource) -> None:
        self._engine = engine
        self.info = info
        self.source = source
        self.precision: Precision = engine.precision
        self.device: str = engine.device
        self.titles: tuple[Topic, ...] = info.topics
        self.topics: tuple[str, ...] = tuple(topic.id for topic in info.topics)
        self.thresholds: dict[str, float] = dict(info.thresholds)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied, as ONNX Runtime's sessions do, and say what to do instead."""
        raise TypeError(
            "a Tagger cannot be pickled or copied; call Tagger.load() once in each process, for instance in the "
            "initializer of a pool, and let the threads of a process share one"
        )

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike[str] | None = None,
        *,
        threads: int | None = None,
        precision: Precision = "int8",
        device: str | None = None,
        early_exits: bool = True,
    ) -> Tagger:
        """Load a model.

        Args:
            folder: what `svodka train` wrote, or the string "shipped" for the model that comes with svodka. None is the
                model in force: that of the environment variable `SVODKA_MODEL`, else the one that `svodka install` put
                in force, else the shipped one. If that is broken it is an error, and the next one is not tried.
            threads: number of processor threads, at least 1; None takes as many as this process may use.
            precision: `int8`, which is quick, or `float32`, the network without rounding, exits and quick model; it is
                built from the folder's weights and needs `pip install 'svodka[float32]'`.
            device: "cpu", "cuda" (needs onnxruntime-gpu; there it is always float32), or "auto", which takes CUDA if it
                can be used; None asks the environment variable SVODKA_DEVICE, and then it is "auto".
            early_exits: let sentences leave the 8-bit network early if an early layer is sure of every topic, and let
                the folder's quick model, if there is one, answer what it is unlikely to have wrong at the model's own
                thresholds (`svodka.cascade`); False sends all of them through all layers of the folder's own model.

        Raises:
            ModelFilesError: the folder is missing, incomplete, damaged or of another format version.
            ConfigError: the folder's name is empty; `threads` is no whole number, or below 1; there is no such
                precision or device, or no CUDA.
            MissingExtraError: the packages that `float32` needs are not installed.
        """
        if threads is not None and (type(threads) is not int or threads < 1):
            raise ConfigError(f"threads must be a whole number of at least 1, got {threads!r}")
        if precision not in PRECISIONS:
            known = " or ".join(PRECISIONS)
            raise ConfigError(f"precision must be {known}, got {precision!r}{did_you_mean(str(precision), PRECISIONS)}")
        device = choose_device(device)
        source = choose_model(folder)
        try:
            with way_out(source):
                info = read_model_info(source.folder)
                engine = open_engine(source.folder, info, threads, precision, device, early_exits=early_exits)
                return cls(info, engine, source)
        except ModelFilesError:
            if choose_model(folder) != source:  # `svodka install` removed it while we were reading
                return cls.load(folder, threads=threads, precision=precision, device=device, early_exits=early_exits)
            raise

    @overload
    def predict(self, texts: str, thresholds: Thresholds | None = None) -> Prediction: ...  # type: ignore[overload-overlap]
    @overload
    def predict(self, texts: Iterable[str], thresholds: Thresholds | None = None) -> list[Prediction]: ...
    def predict(
        self, texts: str | Iterable[str], thresholds: Thresholds | None = None
    ) -> Prediction | list[Prediction]:
        """Return the prediction for one text, or the list of predictions for several, in their order.

        Args:
            texts: a string, or any iterable of strings (list, tuple, pandas Series, NumPy array, generator). A string
                of white space and invisible characters only has no topic and scores of 0.
            thresholds: 0 to 1, one for all topics or by topic id for some; the others keep the model's own.

        Raises:
            DataError: something is not a string (None, NaN, bytes, a dict …); its index is named.
            ConfigError: a threshold is out of range, or its topic unknown.
        """
        if isinstance(texts, str):
            return next(self.stream([texts], thresholds))
        return list(self.stream(texts, thresholds))

    def stream(self, texts: Iterable[str], thresholds: Thresholds | None = None) -> Iterator[Prediction]:
        """Yield the predictions of `texts` in their order, holding a bounded number of texts at a time.

        The model works in a thread of its own while `texts` is read and tokenised in yours; see `svodka.ahead`.
        Arguments and errors are those of `predict`; thresholds are checked at once, texts as they are reached: the
        predictions for those before a wrong one come first.
        """
        if isinstance(texts, str):
            raise DataError("stream takes several texts, got one string; write stream([text])")
        limits = self._limits(thresholds)
        return self._stream(_checked(texts), limits)

    def _stream(self, texts: Iterator[str], limits: Limits) -> Iterator[Prediction]:
        for chunk, scores, truncated in self._scored(texts):
            chosen: list[tuple[str, ...]] = [()] * len(chunk)
            # What is blank scores 0 and has no topic, though the threshold be 0.
            over = (scores >= limits) & scores.any(axis=1, keepdims=True)
            for i in np.flatnonzero(over.any(axis=1)).tolist():
                chosen[i] = tuple(compress(self.topics, over[i].tolist()))
            for text, topics, row, cut in zip(chunk, chosen, scores.tolist(), truncated, strict=True):
                yield Prediction(text, topics, dict(zip(self.topics, row, strict=True)), cut)

    def predict_proba(self, texts: Iterable[str]) -> FloatArray:
        """Return calibrated probabilities, float32 `(n_texts, n_topics)`, columns in the order of `topics`.

        Raises:
            DataError: something is not a string; its index is named.
        """
        if isinstance(texts, str):
            raise DataError("predict_proba takes a list of texts, got one string; write predict_proba([text])")
        parts = [np.zeros((0, len(self.topics)), dtype=np.float32)]
        parts += [scores for _, scores, _ in self._scored(_checked(texts))]
        return np.concatenate(parts)

    def predict_article(self, text: str, thresholds: Thresholds | None = None) -> ArticlePrediction:
        """Split an article into sentences and tag each; offsets point into `text` as it was given.

        Errors are those of `predict`.
        """
        sentences = split_sentences(next(_checked([text])))
        predictions = self.predict([sentence.text for sentence in sentences], thresholds)
        tagged = (
            TaggedSentence(i, sentence.start, sentence.end, prediction)
            for i, (sentence, prediction) in enumerate(zip(sentences, predictions, strict=True))
        )
        return article_prediction(text, tagged, self.topics)

    def _scored(self, texts: Iterator[str]) -> Iterator[tuple[list[str], FloatArray, list[bool]]]:
        """Yield chunks of texts with their probabilities `(n_texts, n_topics)` and whether each was truncated."""
        encoded = ((chunk, self._engine.encode(chunk)) for chunk in _chunks(texts))
        for (chunk, tokens), scores in ahead(lambda pair: self._scores(pair[1]), encoded, AHEAD):
            yield chunk, scores, [one.truncated for one in tokens]

    def _scores(self, encoded: Sequence[Any]) -> FloatArray:
        """Return the probabilities `(len(encoded), n_topics)`; all 0 for what is blank."""
        scores = np.zeros((len(encoded), len(self.topics)), dtype=np.float32)
        spoken = [i for i, one in enumerate(encoded) if not one.blank]
        scores[spoken] = _sigmoid(self._engine.logits([encoded[i] for i in spoken], len(self.topics)))
        return scores

    def _limits(self, thresholds: Thresholds | None) -> Limits:
        """Return the thresholds in force in the order of `topics`; float64, so that 0.3 is not above itself."""
        chosen = dict(self.thresholds)
        if isinstance(thresholds, Mapping):
            for topic in thresholds:
                if topic not in chosen:
                    raise ConfigError(
                        f"a threshold for {topic!r}, no topic of the model{did_you_mean(str(topic), chosen)}"
                    )
            chosen |= thresholds
        elif thresholds is not None:
            chosen = dict.fromkeys(chosen, thresholds)
        for topic, value in chosen.items():
            if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= value <= 1:
                raise ConfigError(f"the threshold of {topic!r} must be a number from 0 to 1, got {value!r}")
        return np.array([chosen[topic] for topic in self.topics], dtype=np.float64)


def _checked(texts: Iterable[Any]) -> Iterator[str]:
    """Yield the texts, refusing anything that is not a string."""
    if isinstance(texts, bytes | bytearray | Mapping) or not isinstance(texts, Iterable):
        raise DataError(f"expected a string or a list of strings, got {type(texts).__name__}")
    if (dimensions := getattr(texts, "ndim", 1)) != 1:  # a data frame would else give the names of its columns
        kind = type(texts).__name__
        raise DataError(
            f"expected a string or a list of strings, got {kind} of {dimensions} dimensions; give one column"
        )
    return _strings(texts)


def _strings(texts: Iterable[Any]) -> Iterator[str]:
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            hint = "; decode it first" if isinstance(text, bytes) else ""
            hint = "; drop or fill missing values first" if _is_missing(text) else hint
            hint = "; give the .to_pylist() of the Arrow array" if hasattr(text, "as_py") else hint
            raise DataError(f"text {i} (counted from 0) is not a string but {text!r:.60} ({type(text).__name__}){hint}")
        yield str(text)


def _chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    """Yield the texts in chunks that grow; what was read before an error comes before it, so that it is not lost.

    The first chunks, which are all read before the first answer, are small.
    """
    chunk: list[str] = []
    sizes = chain(repeat(FIRST_CHUNK, AHEAD + 1), repeat(CHUNK))
    size = next(sizes)
    try:
        for text in texts:
            chunk.append(text)
            if len(chunk) == size:
                yield chunk
                chunk, size = [], next(sizes)
    except Exception:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _is_missing(value: object) -> bool:
    """Say whether a value stands for a missing one: None, NaN, or what pandas has for it."""
    if isinstance(value, numbers.Real):
        return value != value  # noqa: PLR0124
    return value is None or type(value).__name__ in {"NAType", "NaTType"}


def _sigmoid(logits: FloatArray) -> FloatArray:
    probabilities: FloatArray = (1 / (1 + np.exp(-logits.clip(-80, 80)))).astype(np.float32)
    return probabilities


@functools.cache
def _default_tagger() -> Tagger:
    return Tagger.load()


@overload
def predict(texts: str, thresholds: Thresholds | None = None) -> Prediction: ...  # type: ignore[overload-overlap]
@overload
def predict(texts: Iterable[str], thresholds: Thresholds | None = None) -> list[Prediction]: ...
def predict(texts: str | Iterable[str], thresholds: Thresholds | None = None) -> Prediction | list[Prediction]:
    """Tag one text or several with the model in force, see `Tagger.load` and `Tagger.predict`.

    The model is chosen and loaded at the first call, and kept.
    """
    return _default_tagger().predict(texts, thresholds)
