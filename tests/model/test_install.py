"""A model is put in force whole or not at all, whatever happens meanwhile."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from svodka import ConfigError, ModelFilesError, Tagger, install
from svodka.home import Pointer, read_pointer
from svodka.install import install_model, install_previous, install_shipped
from svodka.lock import alone
from svodka.model_folder import model_digest, verify_files, write_manifest


@pytest.fixture(scope="module")
def models(trained_folder, tmp_path_factory):
    """Three models, `a`, `b` and `c`, which differ in a threshold."""
    folder = tmp_path_factory.mktemp("models")
    for name, threshold in {"a": 0.3, "b": 0.4, "c": 0.5}.items():
        shutil.copytree(trained_folder, folder / name)
        path = folder / name / "model.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        content["thresholds"]["weather"] = threshold
        path.write_text(json.dumps(content), encoding="utf-8")
        write_manifest(folder / name)
    return folder


def in_force():
    """Return the threshold by which the models differ, or None for the shipped one, which has other topics."""
    return Tagger.load(threads=1).thresholds.get("weather")


def folders(home):
    return sorted(path.name for path in (home / "models").iterdir())


def test_a_model_is_copied_and_put_in_force(own_home, models, tmp_path):
    mine = shutil.copytree(models / "a", tmp_path / "mine")
    state = install_model(mine)
    assert state.previous is None
    assert state.current.digest == model_digest(mine)
    assert state.current.origin == str(mine)
    shutil.rmtree(mine)  # it is a copy
    assert in_force() == 0.3
    assert Tagger.load().source.folder == own_home / "models" / state.current.folder
    assert folders(own_home) == [state.current.folder]
    assert state.current.folder.startswith(state.current.digest[:12])


def test_links_are_followed_and_what_is_not_of_the_model_stays_behind(own_home, models, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    for path in (models / "a").iterdir():
        (mine / path.name).symlink_to(path)
    (mine / "заметки.txt").write_text("не отсюда", encoding="utf-8")
    copy = own_home / "models" / install_model(mine).current.folder
    assert sorted(path.name for path in copy.iterdir()) == sorted(path.name for path in (models / "a").iterdir())
    assert not any(path.is_symlink() for path in copy.iterdir())
    verify_files(copy)


def test_the_one_before_is_kept_and_older_ones_are_removed(own_home, models):
    names = [install_model(models / name).current.folder for name in ("a", "b", "c")]
    assert in_force() == 0.5
    assert folders(own_home) == sorted(names[1:])


def test_back_and_forth(models):
    install_model(models / "a")
    install_model(models / "b")
    assert [install_previous() and in_force() for _ in range(3)] == [0.3, 0.4, 0.3]


def test_back_to_the_shipped_model_and_forth(models):
    install_model(models / "a")
    install_previous()
    assert in_force() is None
    install_previous()
    assert in_force() == 0.3
    install_shipped()
    assert in_force() is None
    install_shipped()  # the second time changes nothing
    install_previous()
    assert in_force() == 0.3


def test_without_a_previous_model_there_is_no_way_back():
    with pytest.raises(ModelFilesError, match="there is no previous model to return to"):
        install_previous()


def test_a_previous_model_that_is_damaged_is_not_put_in_force(own_home, models):
    gone = install_model(models / "a").current
    install_model(models / "b")
    (own_home / "models" / gone.folder / "model.onnx").write_bytes(b"")
    with pytest.raises(ModelFilesError, match=r"model\.onnx has 0 bytes"):
        install_previous()
    assert in_force() == 0.4


def test_the_same_model_again_changes_nothing(own_home, models):
    install_model(models / "a")
    first = install_model(models / "b")
    assert install_model(models / "b") == first
    assert folders(own_home) == sorted([first.current.folder, first.previous.folder])


def test_the_same_model_again_mends_a_damaged_copy_and_keeps_the_one_before(own_home, models):
    install_model(models / "a")
    first = install_model(models / "b")
    (own_home / "models" / first.current.folder / "model.onnx").unlink()
    second = install_model(models / "b")
    assert in_force() == 0.4
    assert second.previous == first.previous
    assert folders(own_home) == sorted([second.current.folder, first.previous.folder])


def test_the_same_model_with_another_card_brings_its_card(own_home, models, tmp_path):
    install_model(models / "a")
    mine = shutil.copytree(models / "a", tmp_path / "mine")
    (mine / "README.md").write_text("# Измерена заново\n", encoding="utf-8")
    write_manifest(mine)
    state = install_model(mine)
    assert state.previous is None
    assert (own_home / "models" / state.current.folder / "README.md").read_text("utf-8") == "# Измерена заново\n"


@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors", "tokenizer_config.json", "README.md"])
def test_every_file_is_checked_first(models, model_copy, name):
    install_model(models / "a")
    (model_copy / name).write_bytes(b"x")
    with pytest.raises(ModelFilesError, match=rf"{name} has 1 bytes, the manifest says"):
        install_model(model_copy)
    assert in_force() == 0.3


def test_another_format_version_is_refused(model_copy):
    path = model_copy / "MANIFEST.json"
    path.write_text(path.read_text("utf-8").replace('"format_version": 1', '"format_version": 2'), "utf-8")
    with pytest.raises(ModelFilesError, match="has format version 2; this svodka reads version 1"):
        install_model(model_copy)


def test_a_model_that_cannot_be_loaded_is_refused(own_home, model_copy):
    (model_copy / "model.onnx").write_bytes(b"no network at all")
    write_manifest(model_copy)
    with pytest.raises(ModelFilesError, match=r"model/model\.onnx cannot be loaded"):
        install_model(model_copy)
    assert not own_home.exists()


def test_the_own_model_of_a_pair_is_tried_though_the_quick_one_answers(own_home, pair_folder):
    from onnx import TensorProto, helper

    install_model(pair_folder)
    graph = helper.make_graph(
        [helper.make_node("Cast", ["input_ids"], ["logits"], to=TensorProto.FLOAT)],  # as many logits as tokens
        "broken",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", "tokens"])],
    )
    broken = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    before = read_pointer(own_home)
    (pair_folder / "model.onnx").write_bytes(broken.SerializeToString())
    write_manifest(pair_folder)
    assert Tagger.load(pair_folder).predict("Снег.")
    with pytest.raises(ValueError, match="could not be broadcast"):
        install_model(pair_folder)
    assert read_pointer(own_home) == before


def test_a_copy_that_fails_leaves_the_old_model_and_no_rubbish(own_home, models, monkeypatch):
    install_model(models / "a")
    before = folders(own_home)

    def full(_source, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(install, "_copy_file", full)
    with pytest.raises(OSError, match="No space left on device"):
        install_model(models / "b")
    assert (in_force(), folders(own_home)) == (0.3, before)


def test_a_copy_that_is_not_what_was_checked_is_not_put_in_force(own_home, models, monkeypatch):
    monkeypatch.setattr(install, "_copy_file", lambda source, target: target.write_bytes(source.read_bytes()[:-1]))
    with pytest.raises(ModelFilesError, match=r"cut short or edited|is not JSON"):
        install_model(models / "a")
    assert (read_pointer(own_home), folders(own_home)) == (Pointer(), [])


def test_the_way_out_works_whatever_the_state_is_in(own_home, models):
    kept = install_model(models / "a").current.folder
    (own_home / "installed.json").write_text('{"format_version": 2}', encoding="utf-8")
    with pytest.raises(ModelFilesError, match="format version 2"):
        Tagger.load()
    with pytest.raises(ModelFilesError, match="format version 2"):
        install_previous()
    install_shipped()
    assert in_force() is None
    assert folders(own_home) == [kept]  # it may be another svodka's, which wrote version 2


def test_a_model_can_be_installed_over_a_state_that_cannot_be_read(own_home, models):
    install_model(models / "a")
    (own_home / "installed.json").write_text("{", encoding="utf-8")
    assert install_model(models / "b").previous is None
    assert in_force() == 0.4


def test_a_user_without_a_home_folder_is_told_what_to_do(models, monkeypatch):
    monkeypatch.setattr(install, "data_home", lambda: None)
    with pytest.raises(ConfigError, match="no home folder to install to; set SVODKA_HOME"):
        install_model(models / "a")


def test_two_at_once_are_done_one_after_the_other(own_home, models):
    with ThreadPoolExecutor(3) as pool:
        states = list(pool.map(install_model, [models / name for name in ("a", "b", "c")]))
    last = read_pointer(own_home)
    assert last in states
    assert folders(own_home) == sorted([last.current.folder, last.previous.folder])
    # Each found what another had left: one began with the shipped model, the others with each other's.
    assert sorted((state.previous and state.previous.digest) or "" for state in states)[0] == ""
    assert len({state.previous and state.previous.digest for state in states}) == 3
    assert in_force() in (0.3, 0.4, 0.5)


def test_a_lock_that_nobody_lets_go_of(own_home, models, monkeypatch):
    monkeypatch.setattr(install, "PATIENCE", 0.0)
    own_home.mkdir(parents=True)
    with (
        alone(own_home / "install.lock", ""),
        pytest.raises(ConfigError, match=r"another `svodka install` has been at work .*install\.lock"),
    ):
        install_model(models / "a")
    install_model(models / "a")  # it was let go of


# One model is put in force in place of another in child processes, of which number N is killed before it changes the
# disk or looks at it for the Nth time. The models are as small as a manifest allows, so that there are few such times.
KILLED = """
import json, os, sys
from pathlib import Path
from svodka import install
from svodka.home import read_pointer
from svodka.model_folder import model_digest, verify_files, write_manifest

home, act = Path(os.environ["SVODKA_HOME"]), sys.argv[1]
install._tried = model_digest  # these models cannot be loaded
os.fsync = lambda _descriptor: None  # nobody cuts the power here
for name in "ab":
    Path(name).mkdir()
    (Path(name) / "model.json").write_text(name)
    write_manifest(Path(name))
    install.install_model(Path(name))

def now():
    return Path(read_pointer(home).current.origin).name

def change():
    install.install_model(Path(other)) if act == "install" else install.install_previous()

def count(event, _arguments):
    global left
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.listdir", "os.scandir", "os.chmod"):
        left -= 1
        if not left:
            os._exit(9)

found, number, status = [], 0, 1
while status:
    number += 1
    old, other = now(), "b" if now() == "a" else "a"
    if not (child := os.fork()):
        left = number
        sys.addaudithook(count)
        change()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    verify_files(home / "models" / read_pointer(home).current.folder)
    found.append("old" if now() == old else "new")
    change()  # nothing is left in the way of the next one
print(json.dumps([found, [path.name for path in home.rglob(".*")]]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("act", ["install", "previous"])
def test_killed_at_any_moment_it_leaves_the_old_or_the_new(tmp_path, act):
    command = [sys.executable, "-c", KILLED, act]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=tmp_path)
    found, rubbish = json.loads(done.stdout)
    assert found == ["old"] * found.count("old") + ["new"] * found.count("new")
    assert found.count("old") > 5
    assert "new" in found
    assert rubbish == []
