"""What is taken for the end of another process, and what is not."""

import pytest

from builder.errors import DataError, RunError
from builder.training.ranks import is_lost


@pytest.mark.parametrize(
    "error", [DataError("connections.csv has a header but no rows."), RunError("igloo.csv is gone.")]
)
def test_a_fault_of_the_users_is_not_taken_for_a_lost_process(error):
    assert not is_lost(error)


def test_torchs_words_are():
    assert is_lost(RuntimeError("[../gloo/transport/tcp/pair.cc:534] Connection closed by peer"))
