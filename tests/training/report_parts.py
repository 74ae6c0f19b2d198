"""Parts of a `report.json` that several tests need."""

SCORE = {"value": 0.8, "low": 0.75, "high": 0.85}
RESULT = {"macro_f1": SCORE, "micro_f1": SCORE, "mean_average_precision": SCORE, "topics": [], "units": "sentences"}


def peer(kind, macro_f1=0.7):
    """Return what a report tells of a peer, 0.8 being the model's own macro-F1."""
    behind = {"value": 0.8 - macro_f1, "low": 0.01, "high": 0.2, "p_value": 0.002}
    result = RESULT | {"macro_f1": {"value": macro_f1, "low": macro_f1 - 0.05, "high": macro_f1 + 0.05}}
    about = {
        "kind": kind,
        "title": kind.title(),
        "family": "linear",
        "n_train": 9,
        "train_seconds": 1.0,
        "settings": {},
    }
    return about | {"result": result, "difference": behind}
