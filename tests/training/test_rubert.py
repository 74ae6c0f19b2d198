"""Backbones of the ruBERT kind: a BERT with a masked-word head and a WordPiece vocabulary, as the Hub has them."""

import json

import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from transformers import AutoTokenizer, BertConfig, BertForMaskedLM  # noqa: E402

from svodka import Tagger  # noqa: E402
from svodka.engine import Engine  # noqa: E402
from svodka.errors import ConfigError  # noqa: E402
from svodka.normalise import normalise  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.training.backbone import backbone_folder  # noqa: E402
from svodka.training.recipe import load_recipe  # noqa: E402
from svodka.training.run import train  # noqa: E402

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="module")
def rubert(tmp_path_factory, labelled_files):
    """A small folder of the same kind: `vocab.txt`, no tokenizer.json, a width that is no multiple of 32."""
    rows = [json.loads(line) for line in labelled_files["train"].read_text(encoding="utf-8").splitlines()]
    words = sorted({word.strip(",.:") for row in rows for word in normalise(row["text"]).split()})
    letters = sorted({letter for word in words for letter in word} | set(".,:"))
    pieces = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *(word for word in words if len(word) > 1)]
    folder = tmp_path_factory.mktemp("hub") / "rubert"
    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=36,
        num_hidden_layers=3,
        num_attention_heads=12,
        intermediate_size=60,
        max_position_embeddings=64,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    described = {"do_lower_case": False, "tokenizer_class": "BertTokenizer", "model_max_length": 64}
    (folder / "tokenizer_config.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["rubert", "rubert-tiny2"])
def test_the_recipes_for_rubert_backbones_train_such_a_folder(name, rubert, labelled_files, topics_file, tmp_path):
    changes = {"backbone": str(rubert), "batch_size": 4, "epochs": 20, "least_steps": 0, "learning_rate": 0.003}
    files = {key: [str(path)] for key, path in labelled_files.items()}
    out = tmp_path / "model"
    outcome = train(load_recipe(name, changes | files | {"max_tokens": 32}), load_topics(topics_file), out, quiet=True)
    assert outcome.agreement >= 0.99
    assert Tagger.load(out).predict("К утру снег, днём дождь.").topics == ("weather",)
    # What tagging reads of a text is what the backbone's own tokenizer makes of it.
    texts = ["Вратарь отбил пенальти.", "Ёлка: снег и дождь"]
    expected = AutoTokenizer.from_pretrained(rubert)([normalise(text) for text in texts])["input_ids"]
    assert [list(one.ids) for one in Engine(out, 32).encode(texts)] == expected


def test_the_recipes_name_backbones_of_the_hub():
    assert load_recipe("rubert").backbone == "ai-forever/ruBert-base"
    assert load_recipe("rubert-tiny2").backbone == "cointegrated/rubert-tiny2"


def test_a_backbone_with_pickled_weights_only_is_told_how_to_be_converted(rubert, tmp_path):
    for name in ("config.json", "vocab.txt"):
        (tmp_path / name).write_bytes((rubert / name).read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"has no safetensors, .* convert it once .*save_pretrained\('my-backbone'\)"):
        backbone_folder(str(tmp_path))
