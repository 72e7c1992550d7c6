"""A fork stands for a new interpreter: its words, folder and environment, what it says and how it ends."""

import pytest

from tests.forks import run_python


@pytest.fixture
def script(tmp_path):
    def written(text: str) -> str:
        (tmp_path / "program.py").write_text(text)
        return "program.py"

    return written


def test_it_has_the_words_the_folder_and_the_environment_it_is_given(script, tmp_path):
    program = script("import os, sys; print(sys.argv[1:], os.getcwd(), dict(os.environ), sys.stdin.read())")
    answer = run_python([program, "a b", "ü"], tmp_path, {"ONLY": "this"})
    assert answer.stdout == f"['a b', 'ü'] {tmp_path} {{'ONLY': 'this'}} \n"
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no such file')", 1, "no such file\n"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero\n"),
        ("os.kill(os.getpid(), 9)", -9, ""),
        ("import atexit; atexit.register(print, 'bye', file=sys.stderr)", 0, "bye\n"),
    ],
)
def test_it_ends_as_it_would_alone(script, tmp_path, ending, code, said):
    answer = run_python([script(f"import os, sys\nprint('begun', flush=True)\n{ending}\n")], tmp_path)
    assert (answer.returncode, answer.stdout) == (code, "begun\n")
    assert answer.stderr.endswith(said) and bool(answer.stderr) == bool(said)


def test_it_knows_nothing_of_ours_nor_of_the_fork_before(script, tmp_path):
    program = script("import importlib.util, sys; print(importlib.util.find_spec('builder'), hasattr(sys, 'was_here')); sys.was_here = 1")  # fmt: skip
    for _ in range(2):
        assert run_python([program], tmp_path, {}).stdout == "None False\n"


def test_a_module_is_found_where_python_would_look_for_it(script, tmp_path):
    script("import sys; print(__name__, sys.argv[1:], __file__)")
    for environment, folder in (({}, tmp_path), ({"PYTHONPATH": str(tmp_path)}, tmp_path.parent)):
        answer = run_python(["-m", "program", "word"], folder, environment)
        assert answer.stdout == f"__main__ ['word'] {tmp_path / 'program.py'}\n"
