"""Labelled files as an evaluation reads them."""

import hashlib

from svodka.evaluation.labelled import read_labelled


def test_what_is_told_of_a_file_leaves_its_folder_out(tmp_path):
    content = '{"text": "Снег.", "topics": ["rain"]}'.encode()
    (tmp_path / "rows.jsonl").write_bytes(content)
    data = read_labelled([tmp_path / "rows.jsonl"], ("rain",))
    assert data.digests == [{"name": "rows.jsonl", "sha256": hashlib.sha256(content).hexdigest()}]
