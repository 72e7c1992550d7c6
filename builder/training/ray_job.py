"""Carries a run out inside a Ray cluster: `ray job submit -- python -m builder.training.ray_job RUN_DIR`.

Ray finds the machines, torchrun trains on them: each takes part by one task, and tasks of machines that are gone are given
to others.
"""

import os
import subprocess
import sys
from pathlib import Path

from builder.errors import RunError
from builder.runs import torchrun
from builder.runs.folder import RunFolder
from builder.runs.scale import Scale, scale_of

MISSING = "Ray is not installed here: pip install 'ray[default]', on all machines of the cluster."
RETRIES = 3
STRATA = ("STRATA_", "TORCH_", "PYTHONPATH")


def train_on_ray(path: Path) -> int:
    """The exit code. Raises: RunError if Ray is not installed."""
    try:
        import ray
        from ray.util.placement_group import placement_group
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy
    except ImportError:
        raise RunError(MISSING) from None
    folder = RunFolder(path)
    scale, device = scale_of(folder), folder.project.training.device
    ray.init(address="auto", log_to_driver=True)
    has_cards = device != "cpu" and ray.cluster_resources().get("GPU", 0) >= scale.total
    share = {"CPU": float(scale.processes)} | ({"GPU": float(scale.processes)} if has_cards else {})
    group = placement_group([share] * scale.nodes, strategy="STRICT_SPREAD" if scale.nodes > 1 else "PACK")
    ray.get(group.ready())
    task = ray.remote(max_retries=RETRIES)(_node)
    address = ray.remote(_address)
    placed = [PlacementGroupSchedulingStrategy(group, node) for node in range(scale.nodes)]
    first = ray.get(address.options(scheduling_strategy=placed[0], num_cpus=0).remote())
    environment = {name: value for name, value in os.environ.items() if name.startswith(STRATA)}
    nodes = [
        task.options(scheduling_strategy=place, num_cpus=share["CPU"], num_gpus=share.get("GPU", 0)).remote(
            folder, scale, first, node == 0, environment
        )
        for node, place in enumerate(placed)
    ]
    codes = ray.get(nodes)
    return max(codes, key=abs)


def _address() -> str:
    import ray

    return ray.util.get_node_ip_address()


def _node(folder: RunFolder, scale: Scale, first: str, is_first: bool, environment: dict[str, str]) -> int:
    """Trains this node's part."""
    words = torchrun.on_node(folder, scale, first, is_first=is_first, address=_address())
    return subprocess.run(words, env={**os.environ, **environment}, check=False).returncode


def main() -> None:
    try:
        sys.exit(train_on_ray(Path(sys.argv[1]).resolve()))
    except RunError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
