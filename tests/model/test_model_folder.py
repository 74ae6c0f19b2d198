"""A damaged, edited or foreign model folder is named before anything in it is used."""

import json

import pytest

from svodka import ModelFilesError, Tagger
from svodka.cli import main
from svodka.model_folder import verify_files, write_manifest

NEEDED = ["model.json", "model.onnx", "tokenizer.json"]


@pytest.mark.parametrize("name", [*NEEDED, "MANIFEST.json"])
def test_a_missing_file(model_copy, name):
    (model_copy / name).unlink()
    with pytest.raises(ModelFilesError, match=f"{name} is missing"):
        Tagger.load(model_copy)


@pytest.mark.parametrize("name", NEEDED)
def test_a_file_cut_by_one_byte(model_copy, name):
    path = model_copy / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFilesError, match=f"{name} has .* bytes, the manifest says .*: cut short or edited"):
        Tagger.load(model_copy)


@pytest.mark.parametrize("name", NEEDED)
def test_a_file_with_one_byte_changed(model_copy, name):
    data = bytearray((model_copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (model_copy / name).write_bytes(data)
    with pytest.raises(ModelFilesError, match=f"{name} is not the file that training wrote"):
        Tagger.load(model_copy)


def test_the_weights_are_checked_when_all_is_checked(model_copy):
    path = model_copy / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    Tagger.load(model_copy)  # tagging does not read them
    with pytest.raises(ModelFilesError, match=r"model\.safetensors has"):
        verify_files(model_copy)


def test_another_format_version(model_copy):
    path = model_copy / "model.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format_version": 1', '"format_version": 9'), "utf-8")
    write_manifest(model_copy)
    with pytest.raises(ModelFilesError, match="has format version 9; this svodka reads version 1: upgrade svodka"):
        Tagger.load(model_copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thresholds": {"weather": 0.5, "music": 0.5}}, r"KeyError\('sport'\)"),
        (
            {"thresholds": {"weather": 0.5, "sport": 1.5, "music": 0.5}},
            "the threshold of 'sport' is 1.5, not from 0 to 1",
        ),
        ({"topics": []}, "no topics"),
        ({"topics": [{"id": "weather"}]}, "TypeError"),
        ({"max_tokens": 7}, "max_tokens is 7, below 8"),
        ({"max_tokens": float("inf")}, "OverflowError"),
    ],
)
def test_a_description_with_something_wrong_in_it(model_copy, change, message):
    path = model_copy / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    write_manifest(model_copy)
    with pytest.raises(ModelFilesError, match=rf"model\.json is not a description of a model: .*{message}"):
        Tagger.load(model_copy)


def test_a_manifest_of_another_format_version(model_copy):
    path = model_copy / "MANIFEST.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"format_version": 2}), encoding="utf-8")
    with pytest.raises(ModelFilesError, match=r"MANIFEST\.json has format version 2; this svodka reads version 1"):
        Tagger.load(model_copy)


@pytest.mark.parametrize("name", NEEDED)
def test_a_manifest_that_does_not_list_a_needed_file(model_copy, name):
    path = model_copy / "MANIFEST.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["files"][name]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelFilesError, match=rf"MANIFEST\.json does not list {name}; the folder is incomplete"):
        Tagger.load(model_copy)


@pytest.mark.parametrize("name", ["", "..", "../model.json", "/etc/hosts", "C:model.json", "..\\model.json"])
def test_a_manifest_that_lists_a_file_elsewhere(model_copy, name):
    path = model_copy / "MANIFEST.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"][name] = manifest["files"]["model.json"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelFilesError, match=r"MANIFEST\.json lists '.*', which is no file of the folder"):
        Tagger.load(model_copy)


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "is not JSON"), ("[]", "does not hold a JSON object"), ('{"format_version": 1}', "has no table of files")],
)
def test_a_manifest_that_is_none(model_copy, content, message):
    (model_copy / "MANIFEST.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelFilesError, match=rf"MANIFEST\.json {message}"):
        Tagger.load(model_copy)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "head.pkl", "weights.pt", "modeling_own.py", "OLD.PKL"])
def test_files_that_can_carry_code_are_refused(model_copy, name):
    (model_copy / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ModelFilesError, match=f"{name} can carry code"):
        Tagger.load(model_copy)


def test_a_manifest_nested_beyond_all_sense(model_copy):
    (model_copy / "MANIFEST.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(ModelFilesError, match=r"MANIFEST\.json is not JSON"):
        Tagger.load(model_copy)


def test_a_folder_in_place_of_the_manifest(model_copy):
    (model_copy / "MANIFEST.json").unlink()
    (model_copy / "MANIFEST.json").mkdir()
    with pytest.raises(ModelFilesError, match=r"MANIFEST\.json cannot be read"):
        Tagger.load(model_copy)


def test_every_file_is_in_the_manifest(model_copy):
    for path in sorted(model_copy.iterdir()):
        if path.name != "MANIFEST.json":
            whole = path.read_bytes()
            path.write_bytes(whole[:-1])
            with pytest.raises(ModelFilesError, match=f"{path.name} has .* cut short or edited"):
                verify_files(model_copy)
            path.write_bytes(whole)


def test_an_untouched_copy_is_accepted(model_copy):
    verify_files(model_copy)
    assert Tagger.load(model_copy).topics == ("weather", "sport", "music")


def test_an_empty_folder(tmp_path):
    with pytest.raises(ModelFilesError, match=r"MANIFEST\.json is missing; this is no model folder of svodka"):
        Tagger.load(tmp_path)


def test_a_file_in_place_of_a_folder(model_copy):
    with pytest.raises(ModelFilesError, match="no model folder"):
        Tagger.load(model_copy / "model.onnx")


def test_the_command_line_says_it_in_one_line(model_copy, tmp_path, capsys):
    (model_copy / "model.onnx").write_bytes(b"short")
    (tmp_path / "a.txt").write_text("Снег.", encoding="utf-8")
    assert main(["tag", str(tmp_path / "a.txt"), "--model", str(model_copy)]) == 1
    message = capsys.readouterr().err
    assert message.startswith("svodka: error: ")
    assert "model.onnx has 5 bytes" in message
    assert "Traceback" not in message
