"""Runs an ONNX file as a stranger would: onnxruntime in a process of its own that imports nothing of ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_PROGRAM = """
import json, sys
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
given = json.load(open(sys.argv[2]))
dtypes = {"tensor(float)": np.float32, "tensor(string)": object, "tensor(uint8)": np.uint8}
names = [output.name for output in session.get_outputs()]
answers = {name: [] for name in names}
for batch in given:
    feed = {}
    for value in session.get_inputs():
        cells = batch[value.name]
        if value.type == "tensor(float)":
            cells = [[np.nan if cell is None else cell for cell in row] for row in cells]
        feed[value.name] = np.array(cells, dtype=dtypes[value.type])
    for name, values in zip(names, session.run(None, feed)):
        answers[name] += values.tolist()
assert not any(name == "builder" or name.startswith("builder.") or name == "torch" for name in sys.modules)
print(json.dumps({"inputs": [[v.name, v.type, v.shape] for v in session.get_inputs()], "answers": answers}))
"""


def run_onnx(model: Path, batches: list[dict[str, list]], folder: Path) -> dict[str, Any]:
    """`inputs` as [name, type, shape], and the answers of all batches by output; None stands for a missing number."""
    feeds = folder / "feeds.json"
    feeds.write_text(json.dumps(batches))
    command = [sys.executable, "-I", "-c", _PROGRAM, str(model.resolve()), str(feeds.resolve())]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
