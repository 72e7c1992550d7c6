"""Numbers on the screens."""

import pytest

from builder.ui import formats


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.count(1234), "1,234"),
        (formats.count(None), "–"),
        (formats.compact(9_999), "9,999"),
        (formats.compact(12_300), "12.3 k"),
        (formats.compact(999_999), "1 M"),
        (formats.compact(4_560_000_000), "4.56 G"),
        (formats.size_bytes(0), "0 B"),
        (formats.size_bytes(3_400_000), "3.4 MB"),
        (formats.size_bytes(999_999), "1.0 MB"),
        (formats.duration(0.25), "0.2 s"),
        (formats.duration(80), "1 min 20 s"),
        (formats.duration(59.7), "1 min 0 s"),
        (formats.duration(7_384), "2 h 3 min"),
        (formats.duration(float("nan")), "–"),
        (formats.percent(0.1234), "12.3 %"),
        (formats.number(0.123456), "0.1235"),
        (formats.number(151_234.4), "151,234"),
        (formats.number(0.0000123), "1.230e-05"),
        (formats.number(float("inf")), "–"),
        (formats.number(17_304_144_062_709_760.0), "1.730e+16"),
        (formats.alike(1.0, 0.318), ("1.000", "0.318")),
        (formats.alike(52.688, 77.609), ("52.69", "77.61")),
        (formats.alike(2776.04, 6023.2), ("2,776", "6,023")),
        (formats.alike(0.5, None), ("0.5000", "–")),
        (formats.alike(2e-7, 1e-6), ("2.000e-07", "1.000e-06")),
        (formats.alike(0.0, 0.0), ("0.0000", "0.0000")),
        (formats.fixed(1, 4), "1.0000"),
        (formats.fixed(None, 4), "–"),
        (formats.counted(1, "row"), "1 row"),
        (formats.counted(1234, "class"), "1,234 classes"),
        (formats.latency(0.0174), "17 µs"),
        (formats.latency(0.00996), "10 µs"),
        (formats.latency(0.9996), "1.0 ms"),
        (formats.latency(123.4), "120 ms"),
        (formats.ago(59), "just now"),
        (formats.ago(3_700), "1 h ago"),
        (formats.ago(200_000), "2 days ago"),
    ],
)
def test_numbers_are_written_for_people(written, expected):
    assert written == expected
