"""Home: templates, own data, projects."""

import numpy as np
import pytest
from PIL import Image

from builder.runs.projects import ProjectStore
from builder.spec.templates import TEMPLATES


def texts(elements) -> str:
    return " ".join(element.value for element in elements)


def test_every_template_has_a_card(app):
    assert not app.exception
    assert {f"template_{name}" for name in TEMPLATES} <= {button.key for button in app.button}


def test_a_template_is_open_in_one_click(app):
    app.button(key="template_iris").click().run()
    (project,) = ProjectStore().list()
    assert project.name == "Iris flowers"
    assert app.query_params["project"] == project.id


def test_a_path_becomes_a_project_with_a_model(app, tmp_path):
    table = tmp_path / "my_table.csv"
    table.write_text("a,b,label\n" + "".join(f"{i / 7:.2f},{i % 5},{'yes' if i % 3 else 'no'}\n" for i in range(120)))
    app.text_input(key="path").input(str(table))
    app.button(key="create_from_path").click().run()
    (info,) = ProjectStore().list()
    project = ProjectStore().load(info.id).present
    assert info.name == "My table" and project.data.target.name == "label"
    assert project.model.nodes and project.training.loss.kind == "BCEWithLogits"


def test_a_folder_of_images_becomes_a_project(app, tmp_path):
    for name, level in (("dark", 30), ("light", 220)):
        (tmp_path / "tones" / name).mkdir(parents=True)
        for number in range(12):
            Image.fromarray(np.full((12, 12), level + number, np.uint8)).save(
                tmp_path / "tones" / name / f"{number}.png"
            )
    app.text_input(key="path").input(str(tmp_path / "tones"))
    app.button(key="create_from_path").click().run()
    page = app.switch_page("pages/views/data.py").run()
    assert not page.exception
    assert page.metric[0].value == "24" and page.metric[1].value == "2"
    assert [element.value for element in page.markdown if "12 images" in element.value] == [
        "**dark** · 12 images",
        "**light** · 12 images",
    ]


def test_a_bad_file_gets_its_sentence_and_no_project(app, tmp_path):
    table = tmp_path / "bad.csv"
    table.write_text("a,b\n1,2\n1,2,3\n")
    app.text_input(key="path").input(str(table))
    app.button(key="create_from_path").click().run()
    assert "line 3" in texts(app.error)
    assert ProjectStore().list() == ()


@pytest.mark.parametrize("name", ["**bold** <b>x</b>", ":red[x] $y$"])
def test_names_with_markup_are_escaped_in_the_list(app, name):
    app.button(key="template_iris").click().run()
    (info,) = ProjectStore().list()
    project = ProjectStore().load(info.id).present
    ProjectStore().create(project.model_copy(update={"name": name}))
    home = app.switch_page("pages/views/home.py").run()
    shown = [element.value for element in home.markdown]
    assert not any(name in text for text in shown)
    assert any(r"\*\*bold\*\* \<b\>" in text or r"\:red\[x\] \$y\$" in text for text in shown)


def test_a_copy_has_a_name_of_its_own(app):
    app.button(key="template_iris").click().run()
    (info,) = ProjectStore().list()
    home = app.switch_page("pages/views/home.py").run()
    home.button(key=f"duplicate_{info.id}").click().run()
    assert {project.name for project in ProjectStore().list()} == {"Iris flowers", "Iris flowers copy"}


def test_deleting_asks_first_and_closes_the_project(app):
    app.button(key="template_iris").click().run()
    (info,) = ProjectStore().list()
    home = app.switch_page("pages/views/home.py").run()
    home.button(key=f"delete_{info.id}").click().run()
    assert ProjectStore().list(), "nothing is deleted before the answer"
    home.button(key="confirm_delete").click().run()
    assert ProjectStore().list() == ()
    assert not home.query_params.get("project")


def test_a_damaged_project_is_named_and_breaks_nothing(app, strata_home):
    folder = strata_home / "projects" / ("a" * 12)
    folder.mkdir(parents=True)
    (folder / "project.json").write_text("{")
    home = app.run()
    assert not home.exception
    assert "is damaged" in texts(home.caption).replace("\\", "")
