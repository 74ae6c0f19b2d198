"""Train peers and measure them on the same sentences as a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

from svodka.evaluation.labelled import Labelled, document_groups
from svodka.evaluation.metrics import compare_predictions, evaluate_predictions
from svodka.evaluation.peers.registry import Peer, check_installed, choose_peers
from svodka.evaluation.results import PeerResult
from svodka.evaluation.scored import Scored
from svodka.topics import load_topics

__all__ = ["run_peers"]


def run_peers(
    names: Sequence[str],
    train: Labelled,
    test: Labelled,
    model: Scored,
    topics: Sequence[str],
    seed: int,
    say: Callable[[str], None],
) -> list[PeerResult]:
    """Train each peer on `train` and measure it on `test`, in the order of the names.

    Args:
        names: ids of peers; none means all. One that works for svodka's own topics only is left out for others.
        train: sentences that they learn from, and by which all their settings are chosen.
        test: the sentences that the model was measured on.
        model: its answers on them.
        topics: ids of the model's topics, in its order.
        seed: of the training and of the bootstrap.
        say: takes a line about what is going on, as training may take minutes.

    Raises:
        ConfigError: there is no such peer.
        MissingExtraError: something that a peer needs is not installed; nothing has been trained then.
        DataError: a peer cannot learn from these sentences.
    """
    peers = choose_peers(names)
    check_installed(peers)
    own = {topic.id for topic in load_topics()}
    results = []
    for peer in peers:
        if peer.own_topics and not own.issuperset(topics):
            say(f"{peer.id} left out: it knows svodka's own topics only, and the model has others")
            continue
        say(f"training {peer.id} ({peer.title}) on {len(train.texts)} sentences")
        results.append(_measured(peer, train, test, model, topics, seed))
        say(_line(results[-1]))
    return results


def _line(found: PeerResult) -> str:
    """Return what is known of a peer at once: the next one may take an hour, or fail."""
    f1 = found.result.macro_f1.value
    told = "undefined" if f1 is None else f"{f1:.3f}"
    return f"{found.kind}: macro F1 {told}, trained in {found.train_seconds:.0f} s"


def _measured(
    peer: Peer, train: Labelled, test: Labelled, model: Scored, topics: Sequence[str], seed: int
) -> PeerResult:
    """Train one peer, measure it, and measure its distance from the model."""
    began = perf_counter()
    fitted = peer.fit(train.texts, train.gold, topics, seed)
    trained = perf_counter()
    own = (fitted.predict_proba(test.texts), fitted.thresholds)
    done = perf_counter()
    groups = document_groups(test)
    ours = (model.probabilities, model.thresholds)
    return PeerResult(
        kind=peer.id,
        title=peer.title,
        family=peer.family,
        n_train=len(train.texts),
        train_seconds=trained - began,
        sentences_per_second=len(test.texts) / max(done - trained, 1e-9),
        settings=fitted.settings,
        result=evaluate_predictions(test.gold, *own, topics, seed=seed, groups=groups),
        difference=compare_predictions(test.gold, ours, own, topics, seed=seed, groups=groups),
    )
