"""Prints where and how a script computes: the device, mixed precision, the order of images in memory, the time budget."""

from builder.spec.training import TrainingSpec

_DEVICES = {
    "auto": 'torch.device("cuda" if torch.cuda.is_available() else "cpu")',
    "cuda": 'torch.device("cuda")',
    "cpu": 'torch.device("cpu")',
}
_DTYPE = """\
is_16_bit_safe = DEVICE.type == "cpu" or torch.cuda.is_bf16_supported(including_emulation=False)
DTYPE = torch.bfloat16 if is_16_bit_safe else torch.float16
"""


def is_mixed(training: TrainingSpec) -> bool:
    return training.precision == "mixed"


def names_device(training: TrainingSpec) -> bool:
    """A script for the processor alone need not speak of devices."""
    return training.device != "cpu" or is_mixed(training)


def computing_settings(training: TrainingSpec) -> str:
    """Constants at the top of the script."""
    lines = f"BUDGET_S = {60 * training.time_budget_min!r}\n" if training.time_budget_min else ""
    lines += f"DEVICE = {_DEVICES[training.device]}\n" if names_device(training) else ""
    return lines + (_DTYPE if is_mixed(training) else "")


def there(training: TrainingSpec) -> str:
    """Brings a tensor or module to the device."""
    return ".to(DEVICE)" if names_device(training) else ""


def back(training: TrainingSpec) -> str:
    """Brings a tensor to the processor, where figures are computed."""
    return ".cpu()" if names_device(training) else ""


def copied(training: TrainingSpec) -> str:
    """Keeps a tensor as it is now, where no card is needed to read it again."""
    return '.to("cpu", copy=True)' if names_device(training) else ".clone()"


def in_order(training: TrainingSpec) -> str:
    return ".contiguous(memory_format=torch.channels_last)" if training.channels_last else ".contiguous()"


def forward_lines(training: TrainingSpec, inputs: str) -> list[str]:
    """What computes `outputs`, where that takes a line of its own."""
    if not is_mixed(training):
        return []
    return ["with torch.autocast(DEVICE.type, DTYPE):", f"    outputs = model({inputs})"]


def outputs_text(training: TrainingSpec, inputs: str) -> str:
    return "outputs.float()" if is_mixed(training) else f"model({inputs})"


def backward_text(training: TrainingSpec, loss: str) -> str:
    return f"scaler.scale({loss}).backward()" if is_mixed(training) else f"{loss}.backward()"


def unscale_lines(training: TrainingSpec) -> list[str]:
    return ["scaler.unscale_(optimizer)"] if is_mixed(training) else []


def optimizer_lines(training: TrainingSpec) -> list[str]:
    return ["scaler.step(optimizer)", "scaler.update()"] if is_mixed(training) else ["optimizer.step()"]


def scaler_line(training: TrainingSpec) -> str:
    """Gradients are scaled up for float16 alone, which reaches only down to 6e-8."""
    if not is_mixed(training):
        return ""
    return "\n    scaler = torch.amp.GradScaler(DEVICE.type, enabled=DTYPE == torch.float16)"


def budget_parts(training: TrainingSpec) -> dict[str, str]:
    """What begins, looks at and heeds the time budget, in their places in the loop."""
    if not training.time_budget_min:
        return dict.fromkeys(("budget_start", "budget_step", "budget_before", "budget_after"), "")
    return {
        "budget_start": "    started, is_over = None, False\n",
        "budget_step": """if started is None:
                started = time.monotonic()
            elif time.monotonic() - started >= BUDGET_S:
                is_over = True
                break
            """,
        "budget_before": "        if is_over and kept_state is not None:\n            break\n",
        "budget_after": "if is_over:\n            break\n        ",
    }
