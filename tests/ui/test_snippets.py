"""The snippet that runs an exported file."""

import numpy as np

from builder.ui.snippets import onnx_snippet

LABEL = [
    {"name": "label", "dtype": "string", "shape": ["batch"]},
    {"name": "probabilities", "dtype": "float", "shape": ["batch", 2]},
]


def column(name: str, dtype: str = "float") -> dict:
    return {"name": name, "dtype": dtype, "shape": ["batch", 1]}


def test_names_with_quotes_and_unicode_make_a_snippet_that_compiles():
    snippet = onnx_snippet([column('it\'s "odd"\n'), column("Größe", "string")], LABEL)
    compile(snippet, "snippet", "exec")
    assert "'Größe': np.array([[\"\"]], dtype=object)" in snippet
    assert "label, probabilities = session.run(['label', 'probabilities'], inputs)" in snippet


def test_a_real_row_is_fed_and_its_texts_cannot_break_out_of_the_code():
    odd = "\"]]); import os  # \n'\\"
    example = {"length": 5.1, "job": odd, "age": None, "city": ""}
    tensors = [column("length"), column("job", "string"), column("age"), column("city", "string")]
    snippet = onnx_snippet(tensors, LABEL, example=example)
    start, end = snippet.index("inputs = {"), snippet.index("label, ")
    names = {"np": np}
    exec(snippet[start:end], names)  # noqa: S102
    fed = names["inputs"]
    assert fed["length"].dtype == np.float32 and fed["length"][0, 0] == np.float32(5.1)
    assert fed["job"].tolist() == [[odd]] and fed["city"].tolist() == [[""]]
    assert np.isnan(fed["age"]).all() and "never saw" in snippet


def test_without_an_example_every_value_is_missing():
    assert "np.array([[np.nan]], dtype=np.float32)" in onnx_snippet([column("length")], LABEL)


def test_a_very_wide_table_makes_a_short_snippet():
    snippet = onnx_snippet([column(f"f{i}") for i in range(1000)], LABEL)
    compile(snippet, "snippet", "exec")
    assert len(snippet.splitlines()) < 60 and "session.get_inputs()[40:]" in snippet


def test_an_image_is_read_in_the_colours_the_model_takes():
    snippet = onnx_snippet([{"name": "image", "dtype": "uint8", "shape": ["batch", "height", "width", 1]}], LABEL)
    compile(snippet, "snippet", "exec")
    assert 'convert("L")' in snippet and "inputs = {'image': image}" in snippet
