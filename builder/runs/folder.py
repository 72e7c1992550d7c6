"""Names the files of a run's folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from builder.files import forget_torn
from builder.spec.project import Project, load_project
from builder.spec.sources import FileSource


@dataclass(frozen=True)
class RunFolder:
    """All that one run reads and writes: it can be copied to another machine as it is, but for the data itself."""

    path: Path

    @property
    def project(self) -> Project:
        """Raises: SpecError if project.json is missing or damaged."""
        return load_project(self.project_json)

    @property
    def project_json(self) -> Path:
        return self.path / "project.json"

    @property
    def plan(self) -> Path:
        """How many epochs and steps there will be."""
        return self.path / "plan.json"

    @property
    def steps(self) -> Path:
        """One record of fixed length for each training step."""
        return self.path / "steps.bin"

    @property
    def step_metrics(self) -> Path:
        """Metrics of each training step, where they were asked for."""
        return self.path / "step_metrics.bin"

    @property
    def epochs(self) -> Path:
        """One line of JSON for each epoch."""
        return self.path / "epochs.jsonl"

    @property
    def telemetry(self) -> Path:
        """One line of JSON for each look inside the training."""
        return self.path / "telemetry.jsonl"

    @property
    def facts(self) -> Path:
        """What the data said about itself when the run began."""
        return self.path / "facts.json"

    @property
    def data_content(self) -> Path:
        """Names the content that the run was trained on, so that a file changed since is not taken for it."""
        return self.path / "data_content.txt"

    @property
    def row_order(self) -> Path:
        """Whether the rows were dealt from memory or from disk, which is another order."""
        return self.path / "row_order.txt"

    @property
    def preprocessing(self) -> Path:
        return self.path / "preprocessing.json"

    @property
    def weights(self) -> Path:
        return self.path / "best.safetensors"

    @property
    def checkpoints(self) -> Path:
        """Folder of everything needed to go on from a step, one file for each."""
        return self.path / "checkpoints"

    @property
    def start(self) -> Path:
        """The checkpoint of another run that this one started from."""
        return self.path / "start.safetensors"

    @property
    def origin(self) -> Path:
        """Names the run and the step of `start`."""
        return self.path / "origin.json"

    @property
    def asked_lr(self) -> Path:
        """A learning rate that the training shall take on at its next step."""
        return self.path / "asked_lr.json"

    @property
    def changes(self) -> Path:
        """One line of JSON for each learning rate that was taken on, with the first step that had it."""
        return self.path / "changes.jsonl"

    @property
    def resumes(self) -> Path:
        """One line of JSON for each time that the training was gone on with, with the last step before."""
        return self.path / "resumes.jsonl"

    @property
    def evaluation(self) -> Path:
        return self.path / "evaluation.json"

    @property
    def predictions(self) -> Path:
        return self.path / "predictions.parquet"

    @property
    def mean_input(self) -> Path:
        """Of a reconstruction: the mean of the training inputs, which is what it has to beat."""
        return self.path / "mean_input.npy"

    @property
    def onnx(self) -> Path:
        return self.path / "model.onnx"

    @property
    def certificate(self) -> Path:
        return self.path / "certificate.json"

    @property
    def source(self) -> Path:
        """The stand-alone training script."""
        return self.path / "train_model.py"

    @property
    def launch(self) -> Path:
        """On how many processes it trains, if on several."""
        return self.path / "launch.json"

    @property
    def heartbeat(self) -> Path:
        """Touched again and again while it trains on several machines."""
        return self.path / "heartbeat"

    @property
    def room(self) -> Path:
        """Keeps room for what has to be written in the end, while the run goes on."""
        return self.path / "room"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    def discard(self) -> None:
        """Deletes all that was learned; what was asked and the curves stay."""
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        for learned in (self.weights, self.start, self.room):
            learned.unlink(missing_ok=True)
        self.forget_results()
        self.forget_torn()

    def forget_torn(self) -> None:
        """Deletes what a killed process left half written; a learning rate may be asked for at any time."""
        for folder in (self.path, self.checkpoints):
            forget_torn(folder, but=self.asked_lr)

    def forget_results(self) -> None:
        """Deletes what was made of the best weights, for there will be others."""
        for result in (self.evaluation, self.predictions, self.mean_input, self.onnx, self.certificate, self.source):
            result.unlink(missing_ok=True)


def with_absolute_source(project: Project, base: Path | None) -> Project:
    """The project with its file found from anywhere: a relative path starts at `base`, by default here."""
    source = project.data.source
    if not isinstance(source, FileSource):
        return project
    path = ((base or Path.cwd()) / Path(source.path).expanduser()).resolve()
    data = project.data.model_copy(update={"source": FileSource(path=str(path))})
    return project.model_copy(update={"data": data})
