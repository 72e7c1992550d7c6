"""Takes each click once: the browser may send one with the next poll as well as by itself.

Streamlit's browser side holds a click back for a moment, so that several become one message. A part of the page that
polls just then sends all it finds, the click too, and a run would be launched twice, or its learning rate halved twice.
"""

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.app_session import AppSession

_CLICKS = {"trigger_value", "string_trigger_value", "json_trigger_value", "chat_input_value"}
_request_rerun = AppSession.request_rerun


def take_clicks_once() -> None:
    """Of all sessions that this process will serve."""
    AppSession.request_rerun = _request_rerun_once


def _request_rerun_once(session: AppSession, state: ClientState | None) -> None:
    if state is not None and state.is_auto_rerun:
        drop_clicks(state.widget_states)  # they come by themselves right after
    _request_rerun(session, state)


def drop_clicks(states: WidgetStates) -> None:
    """Leaves what is written and chosen."""
    kept = [state for state in states.widgets if state.WhichOneof("value") not in _CLICKS]
    del states.widgets[:]
    states.widgets.extend(kept)
