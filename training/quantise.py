"""Weights of an ONNX graph in 8 bits."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import onnx

__all__ = ["quantise_linear", "quantise_rows", "quantise_word_vectors"]

BLOCK = 32
INT8_COMPUTE = 4  # ONNX Runtime's accuracy level in which inputs of a product are rounded to int8, block by block


def quantise_linear(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with the constant matrices of its products in blocks of 8-bit weights (`MatMulNBits`)."""
    from onnxruntime.quantization import matmul_nbits_quantizer as nbits

    logging.getLogger(nbits.__name__).setLevel(logging.WARNING)
    config = nbits.DefaultWeightOnlyQuantConfig(
        block_size=BLOCK, is_symmetric=True, accuracy_level=INT8_COMPUTE, bits=8
    )
    quantiser = nbits.MatMulNBitsQuantizer(graph, algo_config=config)
    quantiser.process()
    quantised: onnx.ModelProto = quantiser.model.model
    return quantised


def quantise_word_vectors(graph: onnx.ModelProto, least_rows: int = 100) -> None:
    """Replace look-ups in constant tables of at least `least_rows` rows by look-ups in int8 tables, in place."""
    from onnx import TensorProto, helper, numpy_helper

    constants = {tensor.name: tensor for tensor in graph.graph.initializer}
    nodes = list(graph.graph.node)
    for node in nodes:
        table = constants.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.data_type != TensorProto.FLOAT or table.dims[0] < least_rows:
            continue
        values, scales = quantise_rows(numpy_helper.to_array(table))
        graph.graph.initializer.remove(table)
        name, out = table.name, node.output[0]
        graph.graph.initializer.extend(
            [numpy_helper.from_array(values, f"{name}_int8"), numpy_helper.from_array(scales, f"{name}_scale")]
        )
        place = list(graph.graph.node).index(node)
        graph.graph.node.remove(node)
        steps = [
            helper.make_node("Gather", [f"{name}_int8", node.input[1]], [f"{out}_int8"], axis=0),
            helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=TensorProto.FLOAT),
            helper.make_node("Gather", [f"{name}_scale", node.input[1]], [f"{out}_scale"], axis=0),
            helper.make_node("Mul", [f"{out}_float", f"{out}_scale"], [out]),
        ]
        for offset, step in enumerate(steps):
            graph.graph.node.insert(place + offset, step)


def quantise_rows(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return int8 values `(n, width)` and scales `(n, 1)` whose product is the table to within half a scale."""
    scales = np.abs(table).max(axis=1, keepdims=True) / 127
    scales[scales == 0] = 1
    return np.round(table / scales).astype(np.int8), scales.astype(np.float32)
