"""Brings documents that an older Strata wrote to what this one reads, so that they mean what they meant."""

from typing import Any

SCHEMA_VERSION = 2


def migrated(document: dict[str, Any]) -> dict[str, Any]:
    """The document in this version; parts of it may be left out."""
    for version in range(document["schema_version"], SCHEMA_VERSION):
        document = _STEPS[version](document) | {"schema_version": version + 1}
    return document


def _decay_everything(document: dict[str, Any]) -> dict[str, Any]:
    """Version 1 knew no decay that spares norms and biases."""
    training = document.get("training")
    if not isinstance(training, dict):
        return document
    optimizer = training.get("optimizer", "AdamW")
    optimizer = {"kind": optimizer} if isinstance(optimizer, str) else optimizer
    if not isinstance(optimizer, dict) or optimizer.get("kind") != "AdamW":
        return document
    return document | {"training": training | {"optimizer": optimizer | {"decays_all": True}}}


_STEPS = {1: _decay_everything}
