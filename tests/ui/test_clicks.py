"""What the server makes of a click that a poll brings along."""

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

from builder.ui import clicks


def sent(*, by_poll: bool) -> list[str]:
    """Names of what reaches the session of a click on `pause` and a menu, with a rate that is being written."""
    state = ClientState(is_auto_rerun=by_poll)
    state.widget_states.widgets.add(id="rate", double_value=0.5)
    state.widget_states.widgets.add(id="pause", trigger_value=True)
    state.widget_states.widgets.add(id="stop").string_trigger_value.data = "keep"
    AppSession.request_rerun(None, state)
    return [widget.id for widget in state.widget_states.widgets]


def test_a_click_counts_by_itself_and_not_once_more_with_a_poll(monkeypatch):
    passed_on = []
    monkeypatch.setattr(clicks, "_request_rerun", lambda session, state: passed_on.append(state))
    monkeypatch.setattr(AppSession, "request_rerun", AppSession.request_rerun)
    clicks.take_clicks_once()
    assert sent(by_poll=True) == ["rate"]
    assert sent(by_poll=False) == ["rate", "pause", "stop"]
    AppSession.request_rerun(None, None)  # as at the start of a session
    assert len(passed_on) == 3
