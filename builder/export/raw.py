"""Wraps the exported core so that it takes raw columns or pixels and answers with labels."""

from collections.abc import Sequence

import onnx
from onnx import TensorProto, compose, helper

from builder.data.preprocessing import CategoryColumn, TablePreprocessing
from builder.export.core import CLASS_ID, ERROR, IDS, NUMBERS, OPSET, PREDICTION, PROBABILITIES, RECONSTRUCTION
from builder.spec.facts import DataFacts

ML_DOMAIN, ML_OPSET = "ai.onnx.ml", 4
LABEL = "label"
OUTPUTS = (LABEL, PROBABILITIES, PREDICTION, RECONSTRUCTION, ERROR)


def input_names(columns: Sequence[str]) -> dict[str, str]:
    """Each column's input is named as the column; a column named like an output gets `_input` behind its name."""
    taken, names = set(columns) | set(OUTPUTS), {}
    for column in columns:
        name = column
        while name in OUTPUTS or (name != column and name in taken):
            name += "_input"
        names[column] = name
        taken.add(name)
    return names


def wrap_table(core: onnx.ModelProto, preprocessing: TablePreprocessing, facts: DataFacts) -> onnx.ModelProto:
    """One input `[batch, 1]` for each feature column, float32 or string."""
    names = input_names([column.name for column in facts.raw_inputs])
    core, prefix = _prefixed(core, names)
    nodes, inputs = [], []
    if preprocessing.numbers:
        columns = [names[column.name] for column in preprocessing.numbers]
        inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 1]) for name in columns]
        nodes.append(helper.make_node("Concat", columns, [prefix + NUMBERS], f"{prefix}join_numbers", axis=1))
    if preprocessing.categories:
        encoders = [_encode(column, names[column.name], prefix, place) for place, column in enumerate(preprocessing.categories)]  # fmt: skip
        inputs += [helper.make_tensor_value_info(node.input[0], TensorProto.STRING, ["batch", 1]) for node in encoders]
        ids = [node.output[0] for node in encoders]
        nodes += [*encoders, helper.make_node("Concat", ids, [prefix + IDS], f"{prefix}join_ids", axis=1)]
    ordered = {value.name: value for value in inputs}
    inputs = [ordered[names[column.name]] for column in facts.raw_inputs]
    return _assemble(core, prefix, nodes, inputs, facts)


def wrap_image(core: onnx.ModelProto, facts: DataFacts) -> onnx.ModelProto:
    """One input `image` uint8 `[batch, height, width, channels]` of any size."""
    core, prefix = _prefixed(core, {})
    channels = facts.input_shape[0]
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", "height", "width", channels])
    nodes = [helper.make_node("Identity", ["image"], [f"{prefix}image"], f"{prefix}take_image")]
    return _assemble(core, prefix, nodes, [image], facts)


def _encode(column: CategoryColumn, name: str, prefix: str, place: int) -> onnx.NodeProto:
    """Text to id: 0 unseen, 1 missing, 2 and up the categories."""
    ids = dict.fromkeys((*column.missing, ""), 1)
    ids |= {category: number for number, category in enumerate(column.categories, 2)}
    return helper.make_node(
        "LabelEncoder", [name], [f"{prefix}id_{place}"], f"{prefix}encode_{place}", domain=ML_DOMAIN,
        keys_strings=list(ids), values_int64s=list(ids.values()), default_int64=0,
    )  # fmt: skip


def _prefixed(core: onnx.ModelProto, names: dict[str, str]) -> tuple[onnx.ModelProto, str]:
    """The core with names that no column can have."""
    prefix = "strata/"
    while any(name.startswith(prefix) for name in names.values()):
        prefix = f"_{prefix}"
    return compose.add_prefix(core, prefix), prefix


def _assemble(
    core: onnx.ModelProto, prefix: str, nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto], facts: DataFacts,
) -> onnx.ModelProto:  # fmt: skip
    ends, outputs = _answers(prefix, facts)
    whole = helper.make_graph(
        [*nodes, *core.graph.node, *ends],
        "strata",
        inputs,
        outputs,
        core.graph.initializer,
        value_info=core.graph.value_info,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML_DOMAIN, ML_OPSET)]
    known = {"", ML_DOMAIN}
    opsets += [opset for opset in core.opset_import if opset.domain not in known]
    model = helper.make_model(whole, opset_imports=opsets, ir_version=core.ir_version, functions=core.functions)
    forget_origin(model)
    return model


Ends = tuple[list[onnx.NodeProto], list[onnx.ValueInfoProto]]
"""Nodes that give the answers, and what the answers are."""


def _answers(prefix: str, facts: DataFacts) -> Ends:
    if facts.task == "regression":
        return _given(prefix, {PREDICTION: ["batch", 1]})
    if facts.task == "reconstruction":
        channels, *size = facts.input_shape  # of images, whose channels come last as in the input
        return _given(prefix, {RECONSTRUCTION: ["batch", *size, channels], ERROR: ["batch"]})
    label = helper.make_node(
        "LabelEncoder", [prefix + CLASS_ID], [LABEL], f"{prefix}give_label", domain=ML_DOMAIN,
        keys_int64s=list(range(len(facts.classes))), values_strings=list(facts.classes), default_string="",
    )  # fmt: skip
    nodes, values = _given(prefix, {PROBABILITIES: ["batch", len(facts.classes)]})
    return [label, *nodes], [helper.make_tensor_value_info(LABEL, TensorProto.STRING, ["batch"]), *values]


def _given(prefix: str, shapes: dict[str, list]) -> Ends:
    """What the core gives, under its own name."""
    nodes = [helper.make_node("Identity", [prefix + name], [name], f"{prefix}give_{name}") for name in shapes]
    return nodes, [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]


def forget_origin(model: onnx.ModelProto) -> None:
    """Removes the stack traces and file paths that torch's exporter leaves in the file."""
    for holder in (model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer, *model.functions):
        if hasattr(holder, "metadata_props"):
            del holder.metadata_props[:]
        holder.doc_string = ""
    for function in model.functions:
        for node in function.node:
            del node.metadata_props[:]
            node.doc_string = ""
