"""A model that gives back its own input, from the Data page to what came back on the Evaluate page."""

from streamlit.testing.v1 import AppTest

from builder.catalogue.layers import Conv2d, Linear
from builder.data.propose import propose
from builder.predict.tables import write_predictions
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack, training
from builder.training.session import carry_out
from tests.ui.conftest import APP


def project_on(sample: str, *layers) -> Project:
    data = propose(SampleSource(name=sample)).model_copy(update={"task": "reconstruction"})
    settings = training("reconstruction", epochs=2, batch_size=64, lr=0.01, patience=2)
    return Project(name="Given back", data=data, model=stack(*layers), training=settings)


def evaluated(project: Project, monkeypatch) -> tuple[AppTest, RunFolder]:
    """The Evaluate page of a run that is done and exported."""
    from builder.export.finish import export_run

    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    id = ProjectStore().create(project)
    store = open_store()
    run = carry_out(store, store.create(project, id, status="running"), finish=export_run, reraise=True)
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["project"] = id
    return app.run().switch_page("pages/views/evaluate.py").run(), RunFolder(run.folder)


def test_the_data_page_turns_a_classification_into_a_reconstruction_and_back(iris):
    iris.selectbox(key="task").select("reconstruction").run()
    project = ProjectStore().load(iris.query_params["project"]).present
    assert not iris.exception and project.data.task == "reconstruction" and project.training.loss.kind == "MSE"
    assert "gives back its own input" in iris.info[0].value and iris.selectbox(key="target").disabled
    iris.selectbox(key="task").select("classification").run()
    project = ProjectStore().load(iris.query_params["project"]).present
    assert project.data.target.name == "species" and project.training.loss.kind == "CrossEntropy"


def test_images_are_given_back_by_a_choice_among_their_settings(app):
    app.button(key="template_digits-mlp").click().run()
    page = app.switch_page("pages/views/data.py").run()
    page.segmented_control(key="view").set_value("format").run()
    page.selectbox(key="image_task").select("reconstruction").run()
    assert not page.exception
    assert ProjectStore().load(page.query_params["project"]).present.data.task == "reconstruction"


def test_a_row_is_shown_beside_what_came_back_with_its_error(strata_home, monkeypatch, tmp_path):
    page, folder = evaluated(project_on("wine", Linear(out_features=3), Linear()), monkeypatch)
    assert not page.exception
    assert {"Error", "MSE in scaled input²", "R²"} <= {metric.label for metric in page.metric}
    given_back = next(table.value for table in page.dataframe if "Given back" in table.value)
    assert given_back["Column"].tolist()[:2] == ["alcohol", "malic_acid"] and given_back["Given back"].notna().all()
    assert any("of the test rows have a smaller one" in caption.value for caption in page.caption)
    rows, answers = tmp_path / "rows.csv", tmp_path / "answers.csv"
    columns = [column.name for column in folder.project.data.features]
    rows.write_text(",".join(columns) + "\n" + ",".join(["1"] * len(columns)) + "\n")
    assert write_predictions(folder, rows, answers) == 1
    titles = answers.read_text().splitlines()[0].split(",")
    assert titles == [*columns, *(f"reconstructed {name}" for name in columns), "error"]


def test_images_are_shown_above_what_came_back(strata_home, monkeypatch):
    page, folder = evaluated(project_on("digits", Conv2d(out_channels=1)), monkeypatch)
    assert folder.onnx.exists() and not page.exception
    of_every_kind = gallery(page)
    page.segmented_control(key="shown_images").set_value("Worst").run()
    assert not page.exception and gallery(page) != of_every_kind
    assert [text for image in page.image for text in image.captions if text] == ["Given", "Given back"]


def gallery(page: AppTest) -> str:
    """The address of its picture, which follows from its content."""
    return page.image[-1].value[0]
