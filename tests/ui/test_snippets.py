"""The snippet that runs an exported file."""

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


def test_a_very_wide_table_makes_a_short_snippet():
    snippet = onnx_snippet([column(f"f{i}") for i in range(1000)], LABEL)
    compile(snippet, "snippet", "exec")
    assert len(snippet.splitlines()) < 60 and "session.get_inputs()[40:]" in snippet


def test_an_image_is_read_in_the_colours_the_model_takes():
    snippet = onnx_snippet([{"name": "image", "dtype": "uint8", "shape": ["batch", "height", "width", 1]}], LABEL)
    compile(snippet, "snippet", "exec")
    assert 'convert("L")' in snippet and "inputs = {'image': image}" in snippet
