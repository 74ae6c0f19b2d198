"""What `import svodka` promises: few names, and nothing heavy."""

import json
import subprocess
import sys

import svodka

HEAVY = ("torch", "transformers", "datasets", "sklearn", "onnxruntime", "pyarrow", "pandas", "rich")


def test_the_public_names_are_these():
    assert svodka.__all__ == [
        "ArticlePrediction",
        "ConfigError",
        "DataError",
        "ModelFilesError",
        "Prediction",
        "Sentence",
        "SvodkaError",
        "TaggedSentence",
        "Tagger",
        "Topic",
        "predict",
        "split_sentences",
    ]
    for name in svodka.__all__:
        assert getattr(svodka, name).__doc__


def test_importing_loads_nothing_heavy():
    code = "import json, sys, svodka; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert "svodka.tagger" in loaded
    assert loaded.isdisjoint(HEAVY)
