"""`CONTENDER CASE FOLDER BATCH_SIZE EPOCHS` trains a case on the folder's arrays and prints each epoch's end as JSON."""

import sys
from pathlib import Path

from benchmarks.peers.task import Task


def main() -> None:
    contender, name, folder, batch_size, epochs = sys.argv[1:]
    task = Task(name, Path(folder), int(batch_size), int(epochs))
    match contender:
        case "by hand":
            from benchmarks.peers.by_hand import train
        case "tuned by hand":
            from benchmarks.peers.by_hand_tuned import train
        case "Lightning":
            from benchmarks.peers.with_lightning import train
        case "skorch":
            from benchmarks.peers.with_skorch import train
        case "scikit-learn":
            from benchmarks.peers.with_scikit_learn import train
        case _:
            from benchmarks.peers.with_keras import train
    train(task)


main()
