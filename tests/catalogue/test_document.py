"""docs/catalogue.md says what the declarations say."""

import pytest

from builder.catalogue.document import PLACE, catalogue_text
from tests.catalogue.test_every_component import EVERY


def test_the_document_is_current():
    written = PLACE.read_text(encoding="utf-8")
    assert written == catalogue_text(), "docs/catalogue.md is out of date. Run: python -m builder.catalogue.document"


@pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY)
def test_every_component_and_each_of_its_fields_is_told(kind):
    section = PLACE.read_text(encoding="utf-8").split(f"\n### {kind.__name__}\n")[1].split("\n### ")[0]
    assert kind.help in section and kind.source in section
    assert all(f"| `{name}` |" in section for name in kind.model_fields if name != "kind")


def test_a_table_row_tells_title_default_bounds_unit_and_help():
    row = "| `hidden_size` | Hidden size | `64` | 1 to 8192 | features | Features of the state. |"
    assert row in catalogue_text()
