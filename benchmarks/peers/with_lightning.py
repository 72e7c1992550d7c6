"""Lightning's trainer over a DataLoader, with all that slows it down switched off."""

import logging
import warnings

import lightning
import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.peers.by_hand import hits, loss_function, tensors
from benchmarks.peers.task import LR, SEED, Task, tell_epoch, tell_parameters
from benchmarks.peers.torch_models import torch_model


class Module(lightning.LightningModule):
    def __init__(self, task: Task):
        super().__init__()
        self.model, self.loss_of = torch_model(task.case), loss_function(task)

    def training_step(self, batch, number):
        return self.loss_of(self.model(batch[0]), batch[1])

    def validation_step(self, batch, number):
        x, y = batch
        outputs = self.model(x)
        self.log("loss", self.loss_of(outputs, y), batch_size=len(y))
        self.log("accuracy", hits(outputs, y) / len(y), batch_size=len(y))

    def on_validation_epoch_end(self):
        found = self.trainer.callback_metrics
        self.validated = found["loss"].item(), found["accuracy"].item()

    def on_train_epoch_end(self):
        tell_epoch(*self.validated)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=LR)


def train(task: Task) -> None:
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    lightning.seed_everything(SEED, verbose=False)
    kept, held_out = (TensorDataset(*tensors(task, part)) for part in ("train", "validation"))
    module = Module(task)
    module.model(kept.tensors[0][:2])
    tell_parameters(sum(weight.numel() for weight in module.parameters()))
    trainer = lightning.Trainer(
        max_epochs=task.epochs, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
    )  # fmt: skip
    trainer.fit(module, DataLoader(kept, task.batch_size, shuffle=True), DataLoader(held_out, 1000))
