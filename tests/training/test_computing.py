"""Precision, device and order in memory: mixed precision is torch's autocast, examples on a device are the same examples."""

import pytest
import torch
from torch import nn

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import AdaptiveAvgPool2d, Conv2d, Dropout, Flatten, Linear
from builder.catalogue.optimizers import SGD, AdamW, Muon
from builder.catalogue.regularization import GradientClipping, L2Penalty
from builder.errors import RunError
from builder.nn.batches import epoch_batches
from builder.runs.machine import known_machine
from builder.spec.machine import Machine
from builder.training import devices, loop, worker
from builder.training.devices import CPU, DeviceExamples, device_of, on_device, this_machine
from builder.training.examples import OwnInputs
from builder.training.loop import Trainer
from builder.training.memory import require_memory
from builder.training.precision import FullPrecision, MixedPrecision, precision_of
from tests.projects import facts_of, project_of, stacked
from tests.training.examples import MadeExamples, Notes, trainer_of

HIDDEN = Linear(out_features=16, activation=ReLU())


def mixed(**training):
    return stacked(HIDDEN, Linear(), **{"epochs": 3, "batch_size": 16, "precision": "mixed"} | training)


def test_mixed_precision_is_autocast_around_the_layers_alone():
    notes, made, losses = Notes(), MadeExamples(), []
    trainer = trainer_of(mixed(optimizer=SGD(lr=0.1, momentum=0), seed=3), notes=notes)
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    trainer.run()
    for epoch in (1, 2, 3):
        for rows in epoch_batches(made.train_rows, 16, 3, epoch):
            with torch.autocast("cpu", torch.bfloat16):
                outputs = model(made.features[rows])
            loss = nn.functional.cross_entropy(outputs.float(), made.targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert notes.losses == losses


def test_weights_and_figures_stay_in_32_bits():
    trainer = trainer_of(mixed())
    trainer.run()
    assert {value.dtype for value in trainer.model.state_dict().values()} == {torch.float32}
    assert trainer.outputs(trainer.examples.validation_rows).dtype == torch.float32


def half_trainer(*, notes: Notes | None = None, **settings) -> Trainer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "precision_of", lambda training, device: MixedPrecision(device, torch.float16))
        return trainer_of(mixed(**settings), notes=notes)


@pytest.mark.parametrize("optimizer", [SGD(lr=0.1), AdamW(), Muon()], ids=lambda optimizer: optimizer.kind)
def test_scaled_gradients_of_float16_train_nearly_as_full_ones(optimizer):
    settings = {"optimizer": optimizer, "regularization": (L2Penalty(weight=0.01), GradientClipping(max_norm=0.5))}
    full, half = Notes(), Notes()
    trainer_of(mixed(precision="float32", **settings), notes=full).run()
    half_trainer(**settings, notes=half).run()
    assert half.losses == pytest.approx(full.losses, rel=0.02) and half.losses != full.losses


def test_a_step_whose_scaled_gradients_overflow_is_left_out():
    model = nn.Linear(2, 1)
    optimizer, before = torch.optim.SGD(model.parameters(), lr=0.1), model.weight.clone()
    precision = MixedPrecision(CPU, torch.float16)
    scale = precision.state()["scale"]
    precision.backward(precision.forward_of(model)(torch.full((1, 2), 60000.0)).sum())
    precision.unscale(optimizer)
    precision.step(optimizer)
    assert torch.equal(model.weight, before) and precision.state()["scale"] == scale / 2


def test_a_training_in_float16_goes_on_with_the_scale_it_had():
    whole, notes = half_trainer(), Notes(stop_at=5)
    whole.precision.restore(whole.precision.state() | {"scale": 512.0})
    whole.run()
    first = half_trainer(notes=notes)
    first.precision.restore(first.precision.state() | {"scale": 512.0})
    notes.could_save = lambda trainer, must=False: states.append(trainer.state()) if must else None
    notes.should_stop = lambda: "pause" if len(notes.losses) == 5 else None
    states: list[dict] = []
    first.run()
    second = half_trainer()
    second.watcher.losses = list(notes.losses)
    second.restore(states[0])
    second.run()
    assert states[0]["precision"]["scale"] == 512.0 and second.watcher.losses == whole.watcher.losses


def test_full_precision_is_the_model_itself():
    model = nn.Linear(2, 1)
    assert type(precision_of(stacked(Linear()).training, CPU)) is FullPrecision
    assert FullPrecision().forward_of(model) is model and FullPrecision().state() == {}


def test_examples_on_a_device_are_the_same_whether_they_stay_there_or_come_in_parts():
    made = MadeExamples()
    staying, coming = DeviceExamples(made, CPU, room_bytes=10**6), DeviceExamples(made, CPU, room_bytes=0)
    for examples in (staying, coming):
        rows = examples.train_rows[:7]
        assert torch.equal(examples.inputs(rows), made.features[:7])
        assert torch.equal(examples.training_inputs(rows, 1), made.features[:7])
        assert torch.equal(examples.targets[rows], made.targets[:7])
    made.features = made.features + 1
    assert not torch.equal(staying.inputs(staying.train_rows), coming.inputs(coming.train_rows))


def test_augmented_examples_are_changed_anew_each_time_and_own_inputs_stay_their_own_targets():
    made = MadeExamples()
    made.is_augmented, made.targets, made.truth = True, OwnInputs(made.inputs), OwnInputs(made.inputs)
    made.training_inputs = lambda rows, epoch: made.features[rows] + epoch
    examples = DeviceExamples(made, CPU, room_bytes=10**6)
    rows = examples.train_rows[:3]
    assert torch.equal(examples.training_inputs(rows, 2), made.features[:3] + 2)
    assert torch.equal(examples.targets[rows], made.features[:3])


def test_a_run_over_examples_on_a_device_is_the_run_over_the_examples(monkeypatch):
    plain, moved = Notes(), Notes()
    trainer_of(mixed(precision="float32"), notes=plain).run()
    monkeypatch.setattr("builder.training.loop.on_device", lambda made, device: DeviceExamples(made, device, 10**6))
    trainer = trainer_of(mixed(precision="float32"), notes=moved)
    assert isinstance(trainer.examples, DeviceExamples)
    trainer.run()
    assert moved.losses == plain.losses and isinstance(trainer.examples, MadeExamples)


def test_the_processor_trains_on_the_examples_as_they_are():
    made = MadeExamples()
    assert on_device(made, CPU) is made


@pytest.mark.parametrize(
    ("asked", "has_card", "given"), [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")]
)  # fmt: skip
def test_auto_takes_a_card_if_there_is_one(monkeypatch, asked, has_card, given):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_card)
    assert device_of(stacked(Linear(), device=asked).training).type == given


def test_a_card_that_is_not_there_is_told_with_a_way_out(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RunError, match="Set the device to auto"):
        device_of(stacked(Linear(), device="cuda").training)


@pytest.mark.parametrize(("flags", "mixes_well"), [("fma avx512_bf16 amx_bf16 amx_tile", True), ("fma avx2", False)])
def test_the_worker_notes_what_the_machine_has(monkeypatch, tmp_path, flags, mixes_well):
    monkeypatch.setattr(devices, "_PROCESSOR", tmp_path / "cpuinfo")
    devices._PROCESSOR.write_text(f"flags : {flags}\n")
    assert known_machine() is None
    worker.warm_up()
    assert known_machine() == this_machine() and known_machine().mixes_well is mixes_well


def test_what_cannot_be_read_as_a_machine_is_as_if_nobody_had_looked(strata_home):
    worker.warm_up()
    (strata_home / "machine.json").write_text("{")
    assert known_machine() is None


def test_a_damaged_note_is_written_anew(strata_home):
    (strata_home / "machine.json").parent.mkdir(parents=True, exist_ok=True)
    (strata_home / "machine.json").write_text("{")
    worker.warm_up()
    assert isinstance(known_machine(), Machine)


@pytest.mark.parametrize("lays", [True, False])
def test_images_and_filters_lie_in_the_order_that_is_asked_for(lays):
    layers = (
        Conv2d(out_channels=4, activation=ReLU()),
        AdaptiveAvgPool2d(output_size=2),
        Flatten(),
        Dropout(),
        Linear(),
    )
    project = stacked(*layers, channels_last=lays)
    model = Trainer(project, facts_of((3, 8, 8)), MadeExamples(), Notes()).model
    order = torch.channels_last if lays else torch.contiguous_format
    assert model.get_submodule("conv2d_1").weight.is_contiguous(memory_format=order)
    assert project_of(project.model, channels_last=lays).training.lays_channels_last is lays


def test_a_card_is_asked_for_the_same_bits_each_time_and_the_processor_needs_not_be(monkeypatch):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    devices.make_repeatable(CPU)
    assert not torch.are_deterministic_algorithms_enabled()
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    try:
        devices.make_repeatable(torch.device("cuda"))
        assert torch.are_deterministic_algorithms_enabled() and torch.is_deterministic_algorithms_warn_only_enabled()
    finally:
        torch.use_deterministic_algorithms(False)


def test_what_does_not_fit_onto_a_card_is_told_by_the_cards_own_memory(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2 * 10**9, 4 * 10**9))
    with pytest.raises(RunError, match=r"needs about 3.0 GB of memory; 2.0 GB are free"):
        require_memory(3 * 10**9, "It", "Make it smaller.", devices.free_on(torch.device("cuda")))
    assert devices.free_on(CPU) is None
