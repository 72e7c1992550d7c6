"""What a machine says about itself: all that checking a training against it needs."""

from builder.spec.base import Spec


class Accelerator(Spec):
    """A graphics card that can train."""

    name: str
    memory_bytes: int


class Machine(Spec):
    """`mixes_well`: whether its processor has the instructions with which mixed precision is quicker, not slower."""

    cores: int
    mixes_well: bool = False
    accelerators: tuple[Accelerator, ...] = ()
