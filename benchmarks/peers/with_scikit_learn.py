"""scikit-learn's MLPClassifier, an epoch at a time."""

import numpy as np
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

from benchmarks.peers.task import LR, SEED, Task, tell_epoch, tell_parameters

HIDDEN = {"mlp": (128,), "wide": (128, 64), "table": (128, 64)}


def train(task: Task) -> None:
    (x, y), (x_held_out, y_held_out) = task.arrays("train"), task.arrays("validation")
    model = MLPClassifier(
        HIDDEN[task.case], batch_size=task.batch_size, learning_rate_init=LR, alpha=0.0, random_state=SEED
    )
    for epoch in range(task.epochs):
        model.partial_fit(x, y, classes=np.unique(y))
        if epoch == 0:
            tell_parameters(sum(part.size for part in (*model.coefs_, *model.intercepts_)))
        given = model.predict_proba(x_held_out)
        tell_epoch(log_loss(y_held_out, given), (given.argmax(1) == y_held_out).mean())
