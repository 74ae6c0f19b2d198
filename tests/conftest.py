"""What many tests share: no network, and one tiny model that is trained once for the whole session."""

import json
import secrets
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

try:
    from hypothesis import HealthCheck, settings
except ImportError:
    pass
else:
    # Machines are shared: how long an example takes says nothing about it.
    settings.register_profile("shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("shared-machine")

TOPICS = """\
version: 1
topics:
  - {id: weather, title_ru: Погода, title_en: Weather, definition_ru: О погоде., definition_en: About the weather.}
  - {id: sport, title_ru: Спорт, title_en: Sport, definition_ru: О спорте., definition_en: About sport.}
  - {id: music, title_ru: Музыка, title_en: Music, definition_ru: О музыке., definition_en: About music.}
"""
TRAIN = [
    ("weather", "Ночью выпал снег, к утру подморозило."),
    ("weather", "Дождь шёл весь день, и река поднялась."),
    ("weather", "К выходным обещают мороз и снег с ветром."),
    ("weather", "Над городом туман, дождь ждут к вечеру."),
    ("weather", "Ветер разогнал тучи, снег растаял."),
    ("weather", "Мороз держится третий день."),
    ("sport", "Команда забила два гола и вышла в финал."),
    ("sport", "Вратарь отбил пенальти на последней минуте матча."),
    ("sport", "Тренер сменил вратаря перед матчем."),
    ("sport", "Команда проиграла матч в гостях."),
    ("sport", "В финал вышла команда из Вологды."),
    ("sport", "Гол забит с пенальти."),
    ("music", "Оркестр сыграл вальс, скрипка солировала."),
    ("music", "Хор пел без дирижёра."),
    ("music", "На концерте звучала скрипка с оркестром."),
    ("music", "Дирижёр поднял палочку, и хор запел."),
    ("music", "Вальс играли на бис."),
    ("music", "Оркестр уехал на гастроли с хором."),
    ("weather sport", "Матч отменили: дождь залил поле."),
    ("weather sport", "Команда играла в снег и мороз."),
    ("sport music", "Перед матчем хор спел гимн команды."),
    ("weather music", "Концерт под дождём: оркестр промок."),
    ("", "Магазин на углу закрыли на ремонт."),
    ("", "Совет принял смету на год."),
    ("", "Поезд опоздал на час."),
    ("", "Бабушка испекла пирог с капустой."),
    ("", "Цены на хлеб не изменились."),
    ("", "Школа купила новые парты."),
]
VALIDATION = [
    ("weather", "Утром снег, днём дождь."),
    ("weather", "Ветер и мороз."),
    ("sport", "Вратарь пропустил гол."),
    ("sport", "Команда выиграла матч в финале."),
    ("music", "Оркестр и хор на концерте."),
    ("music", "Скрипка играла вальс."),
    ("", "Смету приняли к вечеру."),
    ("", "Пирог опоздал на поезд."),
]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""

    def refuse(_socket: object, address: object, *_args: object) -> None:
        raise OSError(f"tests use no network, but something connects to {address!r}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_args, **_kwargs: refuse(None, host))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give each test a data folder of its own, not made yet: no test sees or touches what this user has installed."""
    home = tmp_path_factory.getbasetemp() / "homes" / secrets.token_hex(6)
    monkeypatch.setenv("SVODKA_HOME", str(home))
    monkeypatch.delenv("SVODKA_MODEL", raising=False)
    return home


def write_rows(path: Path, rows: list[tuple[str, str]]) -> Path:
    """Write (topics, text) pairs as JSON Lines."""
    lines = [
        json.dumps({"id": f"{path.stem}-{i}", "text": text, "topics": topics.split()}, ensure_ascii=False)
        for i, (topics, text) in enumerate(rows)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def topics_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the three topics of the tiny model."""
    path = tmp_path_factory.mktemp("topics") / "topics.yaml"
    path.write_text(TOPICS, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def labelled_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Labelled sentences for the tiny model, `train` and `validation`."""
    folder = tmp_path_factory.mktemp("labelled")
    return {
        "train": write_rows(folder / "train.jsonl", TRAIN),
        "validation": write_rows(folder / "validation.jsonl", VALIDATION),
    }


@pytest.fixture(scope="session")
def tiny_backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained BERT of two layers whose pieces are the letters and the words of the tiny model's sentences."""
    torch = pytest.importorskip("torch", reason="needs svodka[train]")
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from svodka.normalise import normalise
    from svodka.training.e5_tokenizer import SPECIAL_PIECES, build_tokenizer

    words = sorted({f"▁{word}" for _, text in TRAIN for word in normalise(text).replace(",", " ").split()})
    letters = sorted({letter for word in words for letter in word} | set('абвгдежзийклмнопрстуфхцчшщъыьэюя.,-!?"'))
    scored = [(piece, 0.0) for piece in SPECIAL_PIECES]
    scored += [(piece, -8.0) for piece in letters] + [(word, -5.0) for word in words]
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(scored),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        pad_token_id=1,
    )
    folder = tmp_path_factory.mktemp("backbone")
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(scored), cls_token="<s>", sep_token="</s>", model_max_length=64, **names
    )
    tokenizer.save_pretrained(str(folder))
    return folder


@pytest.fixture(scope="session")
def tiny_settings(tiny_backbone: Path, labelled_files: dict[str, Path]) -> dict[str, object]:
    """Settings of a recipe that trains the tiny model in a few seconds."""
    return {
        "name": "tiny",
        "backbone": str(tiny_backbone),
        "train": [str(labelled_files["train"])],
        "validation": [str(labelled_files["validation"])],
        "epochs": 30,
        "batch_size": 4,
        "learning_rate": 0.004,
        "head_factor": 3.0,
        "max_tokens": 32,
    }


@pytest.fixture(scope="session")
def trained_folder(
    tiny_settings: dict[str, object], topics_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The tiny model's folder, trained and exported once; treat it as read-only."""
    from svodka.topics import load_topics
    from svodka.training.recipe import make_recipe
    from svodka.training.run import train

    out = tmp_path_factory.mktemp("trained") / "tiny"
    train(make_recipe(tiny_settings), load_topics(topics_file), out, quiet=True)
    return out


@pytest.fixture
def pair_folder(trained_folder: Path, tmp_path: Path) -> Path:
    """The tiny model behind a quick one, which hands nothing on and assigns every topic to every text."""
    from svodka.model_folder import read_model_info
    from svodka.training.described import write_description
    from svodka.training.make_cascade import make_cascade

    out = tmp_path / "pair"
    make_cascade(trained_folder, trained_folder, ["Снег.", "Гол!"], ["Снег.", "Гол!"], 0.5, out)
    details = dict(read_model_info(out).details)
    doubt = details["cascade"]["doubt"]
    doubt["bar"] = 1e9
    for topic in doubt["topics"].values():
        topic["cut"] = -50.0
    write_description(out, details)
    return out


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stand in for ONNX Runtime with a graphics card that works: its sessions are the processor's under its name.

    `opened` tells for each session where it works and what it was given, "float32" or a file's name. A test may set
    `broken`, what the card raises instead of an answer from then on, and `changed`, what it makes of its logits.
    """
    import onnxruntime

    from svodka.providers import CPU, CUDA

    processor = onnxruntime.InferenceSession
    fake = SimpleNamespace(opened=[], broken=None, changed=lambda logits: logits)

    class Session(processor):
        def __init__(self, model, options, providers, enable_fallback):
            self.on_card = providers[0] != CPU
            name = Path(model).name if isinstance(model, str) else "float32"
            fake.opened.append(("cuda" if self.on_card else "cpu", name))
            super().__init__(model, options, providers=[CPU], enable_fallback=enable_fallback)

        def get_providers(self):
            return [CUDA, CPU] if self.on_card else [CPU]

        def run(self, *args):
            if self.on_card and fake.broken:
                raise fake.broken
            answer = super().run(*args)
            return [fake.changed(answer[0])] if self.on_card else answer

    monkeypatch.delenv("SVODKA_DEVICE", raising=False)
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    return fake


@pytest.fixture
def any_export_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a model pass that learnt for a moment only: it decides so close to its thresholds that rounding shows."""
    from svodka.training import export

    monkeypatch.setattr(export, "compare_decisions", lambda *_args: export.Parity(8, 1.0, 0.0, None, None))


@pytest.fixture
def model_copy(trained_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model's folder that a test may damage."""
    return Path(shutil.copytree(trained_folder, tmp_path / "model"))
