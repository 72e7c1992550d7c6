"""The Data page of tables: target, columns, split, undo, URL."""

import pytest

from builder.runs.projects import ProjectStore


def project_of(app):
    return ProjectStore().load(app.query_params["project"]).present


def test_size_and_source_are_shown(iris):
    assert not iris.exception
    assert [metric.value for metric in iris.metric] == ["150", "5", "4", "4"]


def test_without_a_project_there_is_a_way_on(app):
    page = app.switch_page("pages/views/data.py").run()
    assert page.title[0].value == "No project is open"
    assert page.button(key="go_home")


def test_an_unknown_project_is_said_to_be_unknown(app):
    app.query_params["project"] = "0123456789ab"
    page = app.switch_page("pages/views/data.py").run()
    assert "There is no project" in page.error[0].value.replace("\\", "")


def test_another_target_brings_its_task_loss_and_metrics_and_says_so(iris):
    iris.selectbox(key="target").select("petal width (cm)").run()
    project = project_of(iris)
    assert project.data.target.name == "petal width (cm)" and project.data.task == "regression"
    assert project.training.loss.kind == "MSE"
    assert "predicts a number" in iris.info[0].value
    iris.button(key="data_undo").click().run()
    assert project_of(iris).data.target.name == "species" and iris.selectbox(key="target").value == "species"


def test_a_refused_change_is_explained_and_not_kept(iris):
    iris.selectbox(key="task").select("regression").run()
    assert "'species' needs a number" in iris.error[0].value.replace("\\", "")
    assert project_of(iris).data.task == "classification" and iris.selectbox(key="task").value == "classification"


def test_the_split_is_dealt_anew(iris):
    iris.segmented_control(key="view").set_value("split").run()
    iris.slider(key="split_shares").set_range(60, 80).run()
    split = project_of(iris).data.split
    assert (split.train, split.validation, split.test) == pytest.approx((0.6, 0.2, 0.2))
    assert [metric.value for metric in iris.metric][-3:] == ["90", "30", "30"]


@pytest.mark.parametrize("view", ["explore", "rows"])
def test_every_view_is_drawn(iris, view):
    assert not iris.segmented_control(key="view").set_value(view).run().exception


def test_the_project_stays_open_on_every_page(iris):
    open_id = iris.query_params["project"]
    for page in ("home", "model", "data"):
        iris.switch_page(f"pages/views/{page}.py").run()
        assert iris.query_params["project"] == open_id


def test_the_project_is_renamed_in_the_sidebar(iris):
    iris.text_input(key="project_name").input("Blumen").run()
    assert project_of(iris).name == "Blumen" and iris.title[0].value == "Blumen"


def test_a_class_is_chosen_to_be_the_positive_one(app):
    app.button(key="template_breast-cancer").click().run()
    page = app.switch_page("pages/views/data.py").run()
    first = page.selectbox(key="positive").options[0]
    page.selectbox(key="positive").select(first).run()
    assert project_of(page).data.positive == first
    assert page.selectbox(key="positive").value == first


def test_another_delimiter_proposes_the_columns_afresh(app, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("a;b;label\n" + "".join(f"{i / 7:.2f};{i % 5};{'yes' if i % 3 else 'no'}\n" for i in range(60)))
    app.text_input(key="path").input(str(table))
    app.button(key="create_from_path").click().run()
    page = app.switch_page("pages/views/data.py").run()
    page.selectbox(key="reading_header").select(False).run()
    data = project_of(page).data
    assert data.reading.header is False and "label" not in [column.name for column in data.columns]
    page.selectbox(key="reading_header").select(True).run()
    assert project_of(page).data.target.name == "label"


def test_dates_are_shown_as_dates(app, tmp_path):
    table = tmp_path / "days.csv"
    table.write_text(
        "day,size,label\n" + "".join(f"2024-03-{i % 28 + 1:02d},{i / 7:.2f},{'ab'[i % 2]}\n" for i in range(90))
    )
    app.text_input(key="path").input(str(table))
    app.button(key="create_from_path").click().run()
    page = app.switch_page("pages/views/data.py").run()
    page.segmented_control(key="view").set_value("rows").run()
    assert str(page.dataframe[0].value["day"].iloc[0]).startswith("2024-03-01")
