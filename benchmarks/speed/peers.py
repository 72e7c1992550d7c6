"""Runs a peer in a process and an environment of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.speed.outcome import EpochEnd, Outcome, load_now, outcome

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "benchmarks" / "peers.txt"
PEERS = (
    "by hand", "tuned by hand", "Keras on JAX", "Keras on TensorFlow", "Keras on torch", "Lightning", "skorch", "scikit-learn",
)  # fmt: skip
BACKENDS = {"Keras on JAX": "jax", "Keras on TensorFlow": "tensorflow", "Keras on torch": "torch"}
KIND = {"OMP_WAIT_POLICY": "PASSIVE"}
"""For all: threads of torch that wait without sleeping slow it down tenfold on a machine that has other work."""
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000"}


def python_of_peers() -> Path:
    """Installs them once, into the folder that STRATA_BENCH_PEERS names, or one under the system's temporary files."""
    folder = Path(os.environ.get("STRATA_BENCH_PEERS") or Path(tempfile.gettempdir()) / "strata-bench-peers")
    python, installed = folder / "bin" / "python", folder / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not (installed.exists() and installed.read_text() == wanted):
        print(f"Installing the peers into {folder}; the first time takes a few minutes.", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        torch = next(line for line in wanted.splitlines() if line.startswith("torch=="))
        for what in (
            (torch,),
            ("-r", str(REQUIREMENTS)),
        ):  # torch first, as it is here: others would pull a build for cards
            subprocess.run([python, "-m", "pip", "install", "--quiet", *what], check=True)
        installed.write_text(wanted)
    return python


def train(case: str, contender: str, python: Path, folder: Path, batch_size: int, epochs: int) -> Outcome:
    """The arrays lie in `folder`."""
    words = [str(word) for word in (contender, case, folder, batch_size, epochs)]
    load, began = load_now(), time.time()
    process = subprocess.run(
        [python, "-m", "benchmarks.peers", *words], cwd=ROOT, env=_environment(contender), capture_output=True, text=True
    )  # fmt: skip
    if process.returncode:
        raise SystemExit(f"{contender} did not train {case}:\n{process.stderr[-3000:]}")
    told = list(_told(process.stdout))
    ends = [EpochEnd(**line) for line in told if "at" in line]
    parameters = next(line["parameters"] for line in told if "parameters" in line)
    return outcome(case, contender, began, parameters, ends, load)


def can_train(contender: str, case: str) -> bool:
    """scikit-learn has dense layers alone."""
    return contender != "scikit-learn" or case in ("mlp", "wide", "table")


def _environment(contender: str) -> dict[str, str]:
    """As a user has it, and a little kinder; the loop that is tuned by hand may have what our worker has."""
    own = os.environ | KIND
    del own["STRATA_HOME"]
    if contender in BACKENDS:
        own |= {"KERAS_BACKEND": BACKENDS[contender], "TF_CPP_MIN_LOG_LEVEL": "3"}
    return own | (TUNED if contender == "tuned by hand" else {})


def _told(output: str) -> Iterator[dict]:
    """What the peer's program printed, among what the libraries print."""
    return (json.loads(line) for line in output.splitlines() if line.startswith("{"))
