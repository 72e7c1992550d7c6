"""Runs an ONNX file on raw test rows and compares with what was seen on screen; imports nothing of ours.

python -I onnx_alone.py MODEL SOURCE PREDICTIONS < names of the images as JSON
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from PIL import Image


def table_feed(inputs, path: Path, numbers) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {given.name: np.array([[rows[at][given.name]] for at in numbers], np.float32) for given in inputs}


def image(folder: Path, names: list[str], number: int) -> np.ndarray:
    """(H, W, 1) from a file in the folder, or from the folder's IDX file."""
    idx = folder / "train-images-idx3-ubyte"
    if not idx.exists():
        return np.asarray(Image.open(folder / names[number]))[:, :, None]
    _, _, height, width = np.frombuffer(idx.read_bytes()[:16], ">u4")
    pixels = np.frombuffer(idx.read_bytes()[16:], np.uint8).reshape(-1, height, width)
    return pixels[number, :, :, None]


def main() -> None:
    model, source, predictions = map(Path, sys.argv[1:])
    names = json.load(sys.stdin)
    seen = pd.read_parquet(predictions)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()
    if names:
        feed = {"image": np.stack([image(source, names, row) for row in seen["row"]])}
    else:
        feed = table_feed(inputs, source, seen["row"])
    answers = dict(zip([output.name for output in session.get_outputs()], session.run(None, feed), strict=True))
    if "error" in answers:
        other, expected = 0, seen["error"].to_numpy()
        differences = np.abs(np.sqrt(answers["error"]) - np.sqrt(expected))
    elif "prediction" in answers:
        other, expected = 0, seen[["predicted"]].to_numpy()
        differences = np.abs(answers["prediction"] - expected) / np.abs(expected)
    else:
        other = int((answers["label"] != seen["predicted"].to_numpy(object)).sum())
        differences = np.abs(answers["probabilities"] - seen.filter(like="probability of ").to_numpy())
    assert "builder" not in sys.modules
    print(json.dumps({"rows": len(seen), "other_labels": other, "largest_difference": float(differences.max())}))


main()
