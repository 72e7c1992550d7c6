"""Runs the command line as its users do: as a process of its own, with a home of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forks import LIMIT_S, run_python

ROOT = Path(__file__).parents[2]
COMMANDS = ("builder.commands.projects", "builder.commands.runs")


@dataclass(frozen=True)
class Shell:
    home: Path
    folder: Path

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "STRATA_STORE_URL"}
        return kept | {"STRATA_HOME": str(self.home), "PYTHONPATH": str(ROOT)}

    def command(self, *words: str | Path) -> list[str]:
        return [sys.executable, "-m", "builder", *map(str, words)]

    def run(self, *words: str | Path) -> subprocess.CompletedProcess:
        return run_python(["-m", "builder", *map(str, words)], self.folder, self.environment(), imported=COMMANDS)

    def done(self, *words: str | Path) -> str:
        """What a command prints that has to succeed."""
        answer = self.run(*words)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    def refused(self, *words: str | Path) -> str:
        """The one sentence of a command that refuses its input."""
        answer = self.run(*words)
        assert answer.returncode == 1, answer.stdout + answer.stderr
        assert "Traceback" not in answer.stderr
        assert answer.stderr.count("\n") == 1, answer.stderr
        return answer.stderr.strip()

    def change(self, project: str, **training: Any) -> None:
        """Sets fields of the training in a project file, as an editor would."""
        path = self.folder / project
        document = json.loads(path.read_text())
        document["training"] |= training
        path.write_text(json.dumps(document))


def run_alone(code: str, folder: Path, *arguments: str | Path) -> Any:
    """The JSON that this code prints, run where nothing of ours can be imported."""
    answer = subprocess.run(
        [sys.executable, "-I", "-c", code, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)
