"""Figures on the terminal say something at every size."""

from builder.commands.runs import print_report


def test_errors_of_tiny_and_huge_targets_are_not_printed_as_zeros_or_in_forty_digits(capsys):
    values = {"Share": 0.95, "None": None, "Nothing": 0.0, "Tiny": 3.2e-10, "Huge": 4.5e29}
    metrics = [{"label": name, "value": value, "baseline": value, "unit": ""} for name, value in values.items()]
    print_report({"rows": 3, "split": "test", "baseline": "always 1", "metrics": metrics, "per_class": []})
    rows = dict(line.split()[:2] for line in capsys.readouterr().out.splitlines()[2:])
    assert rows == {"Share": "0.9500", "None": "—", "Nothing": "0.0000", "Tiny": "3.2e-10", "Huge": "4.5e+29"}
