"""Averages the weights that training passes through; the average is what is validated, kept and exported."""

from math import floor
from typing import Literal

from builder.catalogue.component import choice, real
from builder.catalogue.regularization.base import Regularization


class Averaging(Regularization):
    """One of a kind at a time: validation, best epoch, test and export are those of the averaged weights."""

    takes_shards = False

    def first_epoch(self, epochs: int) -> int:
        """The epoch, counted from 1, from whose end on there is an average."""
        return 1


class EMA(Averaging):
    kind: Literal["EMA"] = "EMA"
    label = "Weight averaging (EMA)"
    help = "Validates, keeps and exports a moving average of the weights over the steps, which is steadier than the weights of any one."
    source = "Polyak and Juditsky 1992; torch.optim.swa_utils.get_ema_multi_avg_fn"
    decay: float = real(
        0.999, "Decay", "Share of the average that stays at each step: 0.999 averages over about the last 1,000 steps.", ge=0, lt=1
    )  # fmt: skip
    warm_up: bool = choice(
        True, "Warm-up", "At step n decays by no more than (1 + n) / (10 + n), so that the first weights are soon forgotten."
    )  # fmt: skip


class SWA(Averaging):
    kind: Literal["SWA"] = "SWA"
    label = "Weight averaging (SWA)"
    help = "Stochastic weight averaging: validates, keeps and exports the mean of the weights after each of the last epochs, which tends to do better on new rows than any of them."
    source = "Izmailov et al. 2018, arXiv:1803.05407"
    start: float = real(0.75, "Start", "Share of the epochs after which averaging begins.", ge=0, lt=1)
    lr: float | None = real(
        None, "Rate while averaging", "Learning rate that is held from the first averaged epoch on, higher than usual so that the weights differ; empty leaves it to the schedule.", gt=0, le=1000,
        json_schema_extra={"empty": "as scheduled", "step": 0.01},
    )  # fmt: skip

    def first_epoch(self, epochs: int) -> int:
        return floor(self.start * epochs + 1e-9) + 1  # 0.29 · 100 is a little below 29
