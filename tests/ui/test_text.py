"""User text inside Streamlit's markdown."""

import pytest
from markdown_it import MarkdownIt

from builder.ui.text import plain, shortened


@pytest.mark.parametrize(
    "text",
    [
        "**bold** _it_ `code`",
        "<script>alert(1)</script>",
        "[link](javascript:alert(1))",
        "# heading",
        "1. item",
        "- item",
        "> quote",
        "a & b &lt;",
        "back\\slash",
        "~~gone~~ | table |",
        "Größe €, 長さ",
        "mass_g of snake_case_name and _a_b_ or a__b__c",
        "---",
        "x-y - z-",
    ],
)
def test_markup_in_names_comes_out_as_the_same_letters(text):
    tokens = MarkdownIt("commonmark").enable("strikethrough").parse(plain(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} <= {"text", "text_special"}
    assert "".join(child.content for child in tokens[1].children) == text


def test_streamlits_own_marks_are_escaped():
    assert plain(":red[x] :material/home: $x$") == r"\:red\[x\] \:material\/home\: \$x\$"


def test_names_are_read_out_without_backslashes():
    assert plain("mass_g") == "mass_g" and plain("ROC-AUC") == "ROC-AUC"


def test_long_text_is_cut_with_a_mark():
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"


def test_what_only_a_terminal_understands_is_left_out():
    assert plain("\x1b[31mToo deep\x1b[0m\r\x07 at 3") == "Too deep at 3"
