"""skorch's classifier, as scikit-learn users train torch models."""

import torch
from skorch import NeuralNetBinaryClassifier, NeuralNetClassifier
from skorch.callbacks import Callback
from skorch.dataset import Dataset
from skorch.helper import predefined_split
from torch import nn

from benchmarks.peers.task import LR, SEED, Task, tell_epoch, tell_parameters
from benchmarks.peers.torch_models import torch_model


class Told(Callback):
    def on_epoch_end(self, net, **kwargs) -> None:
        tell_epoch(net.history[-1, "valid_loss"], net.history[-1, "valid_acc"])


def train(task: Task) -> None:
    torch.manual_seed(SEED)
    (x, y), held_out = task.arrays("train"), task.arrays("validation")
    module = torch_model(task.case)
    module(torch.from_numpy(x[:2]))
    tell_parameters(sum(weight.numel() for weight in module.parameters()))
    kind, of_kind = (
        (NeuralNetBinaryClassifier, {}) if task.is_binary else (NeuralNetClassifier, {"criterion": nn.CrossEntropyLoss})
    )
    net = kind(
        module, optimizer=torch.optim.Adam, lr=LR, batch_size=task.batch_size, max_epochs=task.epochs, verbose=0,
        iterator_train__shuffle=True, train_split=predefined_split(Dataset(*_typed(*held_out, task))), callbacks=[("told", Told())], **of_kind,
    )  # fmt: skip
    net.fit(*_typed(x, y, task))


def _typed(x, y, task: Task):
    return x, y.astype("float32") if task.is_binary else y
