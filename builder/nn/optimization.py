"""What the optimizers take of a model. This text is printed into generated scripts, so it depends on torch alone."""

import torch
from torch import Tensor, nn


def shrinking_weights(model: nn.Module) -> list[Tensor]:
    """Matrices, filters and tables: all but biases and normalizations."""
    norms = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
    spared = {id(weight) for module in model.modules() if isinstance(module, norms) for weight in module.parameters()}
    return [weight for weight in model.parameters() if weight.dim() > 1 and id(weight) not in spared]


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Weights, which decay, and norms and biases, which do not."""
    weights = shrinking_weights(model)
    known = set(map(id, weights))
    spared = [weight for weight in model.parameters() if id(weight) not in known]
    groups = [{"params": weights, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


class MuonWithAdamW:
    """Muon for weight matrices, AdamW for all else; Muon's steps are made as long as AdamW's (arXiv:2502.16982)."""

    needs = (shrinking_weights,)

    def __init__(
        self, model: nn.Module, lr: float, momentum: float, nesterov: bool, weight_decay: float, decays_all: bool
    ):
        tables = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
        weights = shrinking_weights(model)
        matrices = [weight for weight in weights if weight.dim() == 2 and id(weight) not in tables]
        known, taken = set(map(id, weights)), set(map(id, matrices))
        rest = [
            {"params": [weight for weight in weights if id(weight) not in taken], "weight_decay": weight_decay},
            {
                "params": [weight for weight in model.parameters() if id(weight) not in known],
                "weight_decay": weight_decay if decays_all else 0.0,
            },
        ]
        rest, self.parts = [group for group in rest if group["params"]], []
        if matrices:
            settings = {"momentum": momentum, "nesterov": nesterov, "adjust_lr_fn": "match_rms_adamw"}
            self.parts.append(torch.optim.Muon(matrices, lr=lr, weight_decay=weight_decay, **settings))
        if rest:
            self.parts.append(torch.optim.AdamW(rest, lr=lr))

    @property
    def param_groups(self) -> list[dict]:
        return [group for part in self.parts for group in part.param_groups]

    @property
    def state(self) -> dict:
        return {weight: kept for part in self.parts for weight, kept in part.state.items()}

    def zero_grad(self, set_to_none: bool = True) -> None:
        for part in self.parts:
            part.zero_grad(set_to_none)

    def step(self) -> None:
        for part in self.parts:
            part.step()
