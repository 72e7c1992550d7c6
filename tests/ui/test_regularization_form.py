"""Each kind has a switch; what does not fit cannot be switched on, and says why."""

from builder.catalogue.metrics import Accuracy
from builder.catalogue.regularization import REGULARIZATION, SWA, CutMix, EarlyStopping
from builder.data.templates import make_project
from builder.spec.templates import TEMPLATES
from tests.ui.panels import panel, saved


def form():
    from builder.ui import session
    from builder.ui.regularization_form import draw_regularization

    with session.opened():
        draw_regularization(session.current_project().training, session.facts())


def shown(*regularization):
    iris = make_project(TEMPLATES["iris"])
    training = iris.training.model_copy(update={"metrics": (Accuracy(),), "regularization": regularization})
    return panel(form, iris.model_copy(update={"training": training}))


def test_every_kind_can_be_switched_on_but_what_the_data_does_not_fit():
    app = shown()
    switches = {toggle.key: toggle for toggle in app.toggle}
    assert list(switches) == list(REGULARIZATION)
    assert [name for name, toggle in switches.items() if toggle.disabled] == ["CutMix"]
    assert "Does not fit: it pastes boxes out of other images, and a table has none." in switches["CutMix"].help


def test_what_does_not_fit_but_is_on_can_be_switched_off():
    app = shown(CutMix())
    assert not app.toggle(key="CutMix").disabled
    app.toggle(key="CutMix").set_value(False).run()
    assert not app.exception and saved().training.regularization == ()


def test_early_stopping_watches_the_loss_or_a_metric_of_the_project():
    app = shown(EarlyStopping())
    watched = app.selectbox(key="EarlyStopping_metric")
    assert watched.options == ["as the best epoch", "Validation loss", "Validation Accuracy"]
    watched.set_value("Accuracy").run()
    assert saved().training.regularizer(EarlyStopping).metric == "Accuracy"
    app.selectbox(key="EarlyStopping_metric").set_value("").run()
    assert saved().training.regularizer(EarlyStopping).metric is None


def test_a_watched_figure_that_is_gone_is_still_to_be_seen():
    app = shown(EarlyStopping(metric="F1"))
    assert not app.exception and app.selectbox(key="EarlyStopping_metric").value == "F1"


def test_a_rate_while_averaging_may_be_set_and_left_open_again():
    app = shown(SWA())
    assert app.number_input(key="SWA_lr").value is None
    app.number_input(key="SWA_lr").set_value(0.05).run()
    assert not app.exception and saved().training.regularizer(SWA).lr == 0.05
    app.number_input(key="SWA_lr").set_value(None).run()
    assert not app.exception and saved().training.regularizer(SWA).lr is None
