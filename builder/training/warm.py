"""Imported once by the fork server, so that a run starts and exports with everything loaded.

No torch kernel may run on several threads here: a forked child would wait for threads that it does not have.
"""

import pandas  # noqa: F401
import pyarrow.parquet  # noqa: F401
import torch
import torch._dynamo
import torch._inductor
import torch.fx.experimental.proxy_tensor

import builder.training.session  # noqa: F401
from builder.export.core import warm_up_exporter

torch.set_num_threads(1)  # in this process alone: each run chooses for itself
warm_up_exporter()
