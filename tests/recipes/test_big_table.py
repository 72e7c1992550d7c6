"""A table is imported and trained from disk in a process that never holds all of it."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

CHILD = """
import sys
from pathlib import Path
from builder.catalogue.losses import CrossEntropy
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.data.tables import batches
from builder.spec.sources import FileSource
from builder.training import examples, row_file
from builder.training.examples import load_examples

def peak_mb():
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1000

def use(path):
    data = propose(FileSource(path=path), target="kind")
    loaded = load_examples(prepare(data), CrossEntropy(), seed=0)
    for part in loaded.order(0, 1).split(1024):
        loaded.inputs(part)

batches.CELLS_PER_BATCH, batches.GROUP_BYTES = 200_000, 4 << 20
row_file.BLOCK_BYTES, row_file.BUCKET_BYTES, examples.BLOCKS_TOGETHER = 1 << 16, 1 << 21, 64
use(sys.argv[1])
before = peak_mb()
use(sys.argv[2])
print(peak_mb() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_import_and_training_take_less_memory_than_the_table(tmp_path):
    random, paths = np.random.default_rng(0), []
    for rows in (5_000, 200_000):
        frame = pd.DataFrame(random.normal(size=(rows, 100)).astype(np.float32)).rename(columns=lambda at: f"f{at}")
        paths.append(str(tmp_path / f"{rows}.parquet"))
        frame.assign(kind=np.repeat(["u", "v"], rows // 2)).to_parquet(paths[-1], row_group_size=10_000)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *paths],
        env={**os.environ, "STRATA_TABLE_MB": "1"},
        capture_output=True,
        text=True,
    )
    assert child.returncode == 0, child.stderr
    assert float(child.stdout) < 240  # in memory the typed rows take 160 MB, and the encoded ones 80 more
