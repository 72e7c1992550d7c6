"""The user's own blocks on disk."""

from pathlib import Path

import pytest

from builder.catalogue.layers import Linear
from builder.errors import RunError
from builder.runs.blocks import BlockStore
from builder.spec.blocks import Block
from builder.spec.model import INPUT, Node


@pytest.fixture
def store(strata_home) -> BlockStore:
    return BlockStore()


def block(title: str) -> Block:
    return Block(title=title, nodes=(Node(id="one", layer=Linear(out_features=3), inputs=(INPUT,)),), repeat=2)


def test_a_block_comes_back_as_it_was_saved_until_it_is_deleted(store):
    name = store.save(block("Mine"))
    assert BlockStore().load(name) == block("Mine")
    store.delete(name)
    assert store.list() == ()
    with pytest.raises(RunError, match="There is no block"):
        store.load(name)


def test_blocks_are_listed_by_title_and_a_damaged_file_hides_none(store, strata_home):
    for title in ("b", "A", "c"):
        store.save(block(title))
    (strata_home / "blocks" / "0123456789ab.json").write_text("{")
    assert [own.block.title for own in store.list()] == ["A", "b", "c"]


def test_a_block_is_read_again_only_when_its_file_has_changed(store, strata_home, monkeypatch):
    name = store.save(block("Mine"))
    path = strata_home / "blocks" / f"{name}.json"
    store.list()
    read, read_bytes = [], Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.append(self) or read_bytes(self))
    assert [own.block for own in store.list()] == [store.load(name)] == [block("Mine")] and read == []
    path.write_text(block("Another").model_dump_json())
    assert store.load(name) == block("Another") and read == [path]
    path.unlink()
    assert store.list() == ()


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "0123456789AB", "0123456789ab\n"])
def test_a_name_from_outside_opens_no_path(store, name):
    for ask in (store.load, store.delete):
        with pytest.raises(RunError):
            ask(name)
