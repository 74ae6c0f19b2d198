"""Runs `svodka` command lines in processes of their own that a test may kill.

Importing PyTorch takes seconds, so one process imports everything and forks for each command line. It reads one JSON
list a line, answers with the process id, and then with the exit code, negative for a signal.
"""

import json
import os
import signal
import sys


def prepare(quick: bool) -> None:
    """Import what training needs; make a checkpoint at every step; `quick` leaves out the export, the longest part."""
    from svodka.training import export, fit, rhythm, run, save  # noqa: F401

    rhythm.SAVE_SECONDS = rhythm.SAVE_SHARE = 0
    if quick:
        export.export_onnx = lambda _model, path, _ids, **_kind: path.write_bytes(b"")
        export.compare_decisions = lambda *_args: export.Parity(1, 1.0, 0.0, None, None)


def answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def serve() -> None:
    """Fork a process for each line of standard input."""
    prepare(quick="--quick" in sys.argv)
    from svodka.cli import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.dup2(2, 1)
            code = 70
            try:
                code = main(json.loads(line))
            finally:
                sys.stdout.flush()
                os._exit(code)
        answer(child)
        answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    serve()
