"""Which model is in force: one that is named, then SVODKA_MODEL, then the installed one, then the shipped one."""

from pathlib import Path

import pytest

from svodka import ConfigError, ModelFilesError, Tagger
from svodka.home import Installed, Pointer, write_pointer
from svodka.source import ModelSource, choose_model, shipped_folder

ENTRY = Installed("aaaa-01", "aa" * 32, "/home/anna/my-model", "2026-01-02T03:04:05+00:00")


@pytest.fixture
def installed(own_home):
    """Say that a model is installed; its folder is not there."""
    own_home.mkdir(parents=True)
    write_pointer(own_home, Pointer(ENTRY))
    return own_home / "models" / "aaaa-01"


@pytest.fixture
def variable(monkeypatch):
    monkeypatch.setenv("SVODKA_MODEL", "/models/mine")


def test_the_shipped_model_comes_last():
    assert choose_model() == ModelSource("shipped", shipped_folder())


def test_the_installed_model_stands_before_it(installed):
    assert choose_model() == ModelSource("installed", installed)


@pytest.mark.usefixtures("installed", "variable")
def test_the_variable_stands_before_both():
    assert choose_model() == ModelSource("environment", Path("/models/mine"))


@pytest.mark.usefixtures("installed", "variable")
def test_what_the_caller_names_comes_first():
    assert choose_model("other") == ModelSource("given", Path("other"))


@pytest.mark.usefixtures("installed", "variable")
def test_the_shipped_model_has_a_word_of_its_own():
    assert choose_model("shipped").kind == "shipped"
    assert choose_model("./shipped") == choose_model(Path("shipped")) == ModelSource("given", Path("shipped"))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("value", "kind"), [("shipped", "shipped"), ("", "installed")])
def test_values_of_the_variable_that_are_no_folder(monkeypatch, value, kind):
    monkeypatch.setenv("SVODKA_MODEL", value)
    assert choose_model().kind == kind


def test_a_name_that_is_empty_is_a_slip():
    message = (
        r"^expected a model folder, got ''; is it from a variable that is not set\? Without a name the model in force"
    )
    with pytest.raises(ConfigError, match=message):
        Tagger.load("")


@pytest.mark.parametrize(
    ("written", "folder"),
    [
        ("~/my-model", "/home/anna/my-model"),
        ("~", "/home/anna"),
        ("./~/my-model", "~/my-model"),
        ("models/~", "models/~"),
        ("~nobody-here/my-model", "~nobody-here/my-model"),
    ],
)
def test_the_home_folder_is_known_by_its_sign(monkeypatch, written, folder):
    monkeypatch.setenv("HOME", "/home/anna")
    assert choose_model(written) == ModelSource("given", Path(folder))
    monkeypatch.setenv("SVODKA_MODEL", written)
    assert choose_model() == ModelSource("environment", Path(folder))


@pytest.mark.parametrize(
    ("kind", "text", "name"),
    [
        ("given", "my-model", "my-model"),
        ("environment", "my-model (SVODKA_MODEL)", "my-model"),
        ("installed", "installed", None),
        ("shipped", "shipped", None),
    ],
)
def test_how_a_model_is_called(kind, text, name):
    source = ModelSource(kind, Path("my-model"))
    assert (str(source), source.name) == (text, name)


@pytest.mark.usefixtures("installed")
def test_a_broken_installed_model_is_an_error_that_names_the_way_out():
    with pytest.raises(
        ModelFilesError, match=r"no model folder '.*aaaa-01'.*this is the installed model: .*--shipped`"
    ):
        Tagger.load()


@pytest.mark.usefixtures("installed", "variable")
def test_a_broken_model_of_the_variable_is_an_error_that_names_the_way_out():
    message = r"no model folder '/models/mine'.*SVODKA_MODEL names this model: correct it, or unset it .*--shipped`"
    with pytest.raises(ModelFilesError, match=message):
        Tagger.load()


def test_an_error_about_a_model_that_the_caller_names_says_no_more_than_before():
    with pytest.raises(ModelFilesError, match=r"give a folder that `svodka train` wrote$"):
        Tagger.load("nowhere")


def test_a_tagger_knows_whence_its_model_is(trained_folder, monkeypatch):
    monkeypatch.setenv("SVODKA_MODEL", str(trained_folder))
    assert Tagger.load().source == ModelSource("environment", trained_folder)
    assert Tagger.load(trained_folder).source == ModelSource("given", trained_folder)
    assert Tagger.load(trained_folder).topics == ("weather", "sport", "music")
    assert "diplomacy" in Tagger.load("shipped").topics


def test_a_model_that_is_removed_while_it_is_read_gives_way_to_its_successor(own_home, trained_folder, monkeypatch):
    own_home.mkdir(parents=True)
    write_pointer(own_home, Pointer(ENTRY))  # its folder is gone
    from svodka import tagger

    read = tagger.read_model_info

    def slow(folder):
        (own_home / "models").mkdir(exist_ok=True)
        if not (own_home / "models" / "bbbb-02").exists():
            (own_home / "models" / "bbbb-02").symlink_to(trained_folder)
            write_pointer(own_home, Pointer(Installed("bbbb-02", "bb", "/x", "2026")))
        return read(folder)

    monkeypatch.setattr(tagger, "read_model_info", slow)
    assert Tagger.load().source.folder == own_home / "models" / "bbbb-02"
