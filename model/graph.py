"""The network as an ONNX graph, written operator by operator, in float32 or with 8-bit products.

One builder makes both, so they differ in nothing but rounding, and exits, which only the 8-bit graph has. There is no
attention mask: all texts of a batch have the same number of tokens, and nothing is padded. In the 8-bit graph every
product with weights has one fixed scale for its inputs, found beforehand on real sentences, and one scale for each
output; sums of whole numbers do not depend on the order or the number of rows. What attention multiplies stays in
float32, each text by itself. So an answer never depends on the texts that share a batch.

Where rounding loses too much, inputs can be smoothed before it (Xiao et al. 2023, "SmoothQuant", arXiv:2211.10438): a
channel with large values is divided by a factor, and the weights that read it are multiplied by the same. That costs a
tenth of the time.

Sentences that are easy can leave on the way, behind a head of their own (Teerapittayanon et al. 2016, "BranchyNet",
arXiv:1709.01686): the layers above then see the others only. Whether one leaves depends on it alone. How sure an exit
must be is a constant that a session may be given another value for; with infinity nobody leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from svodka.rounding import (
    ACTIVE_SMOOTHING,
    LARGEST_INPUT,
    LARGEST_STEP,
    LARGEST_WEIGHT,
    SMOOTHING,
    Range,
    coarse,
    input_scale,
    smoothing,
)

if TYPE_CHECKING:
    import onnx

__all__ = [
    "ACTIVATIONS",
    "AVERAGING_WEIGHT",
    "COARSE_KEY",
    "EXIT_RANGE",
    "EncoderShape",
    "Exit",
    "build_graph",
]

Array = npt.NDArray[np.float32]
OPSET = 18
IR_VERSION = 9
MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators
ACTIVATIONS = {"gelu": ("Gelu", MICROSOFT), "relu": ("Relu", "")}
# What an exit reads is about that many standard deviations from its mean at most.
EXIT_RANGE = 6.0
# What the constants are called that tell how sure an exit must be; the number of its layer follows.
EXIT_BAR = "exit_bar_"
# Of config.json: whether the word vectors are such as 4 bits hold.
COARSE_KEY = "svodka_coarse_words"
# The share of the first token in the tokens' mean is 1 to this; see `svodka.training.classifier`.
AVERAGING_WEIGHT = 1024.0


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """The shape of a BERT encoder.

    Attributes:
        layers: number of layers.
        heads: attention heads in a layer.
        epsilon: of the layer norms.
        activation: of the feed-forward part, `gelu` or `relu`.
        coarse_words: the 8-bit graph holds the word vectors in 4 bits; see `svodka.rounding.coarse`.
        first_token: the head reads the first token's vector, not the mean of all, and the last layer computes no other.
    """

    layers: int
    heads: int
    epsilon: float
    activation: str = "gelu"
    coarse_words: bool = False
    first_token: bool = False

    @classmethod
    def from_config(cls, config: Mapping[str, Any], layers: int, *, first_token: bool) -> Self:
        """Return the shape of so many of the layers of the encoder that `config.json` describes.

        Raises:
            KeyError: a setting is missing.
        """
        return cls(
            layers,
            config["num_attention_heads"],
            config["layer_norm_eps"],
            config["hidden_act"],
            coarse_words=bool(config.get(COARSE_KEY, False)),
            first_token=first_token,
        )


@dataclass(frozen=True, slots=True)
class Exit:
    """A head on the way, over mean and maximum of a layer's token vectors, with one hidden layer of GELU.

    Attributes:
        layer: it stands behind that many layers.
        center: taken from the pooled vector `(2 * hidden,)`, the mean's channels first.
        scale: what is left is divided by it `(2 * hidden,)`, and cut at `EXIT_RANGE` either way.
        inner: weight `(width, 2 * hidden)` and bias `(width,)` of the hidden layer.
        outer: weight `(topics, width)` and bias `(topics,)` of the logits.
        cut: logit of each topic's threshold `(topics,)`.
        bar: a sentence leaves with these logits if each of them is further from its threshold's than that.
    """

    layer: int
    center: Array
    scale: Array
    inner: tuple[Array, Array]
    outer: tuple[Array, Array]
    cut: Array
    bar: float


def build_graph(
    weights: Mapping[str, Array],
    shape: EncoderShape,
    head: tuple[Array, Array],
    *,
    ranges: Mapping[str, Range] | None = None,
    smooth: bool = False,
    probes: bool = False,
    exits: Sequence[Exit] = (),
) -> onnx.ModelProto:
    """Return the graph from `input_ids` (texts, tokens) to calibrated `logits` (texts, topics).

    Args:
        weights: a `BertModel`'s state, names as in transformers.
        shape: the encoder's shape.
        head: weight `(topics, hidden)` and bias `(topics,)` of the topic head, over the normalised mean of the tokens
            or the first of them.
        ranges: what each product's inputs were on real text, by the product's name; given, the products are 8-bit.
        smooth: even out the inputs of 8-bit products before they are rounded.
        probes: the inputs of the products become outputs too, by which `ranges` are measured.
        exits: where sentences may leave an 8-bit network, at most one behind each layer but the last.

    Raises:
        ValueError: there are exits without `ranges`, or in wrong places.
    """
    exit_behind = {one.layer: one for one in exits}
    if exits and ranges is None:
        raise ValueError("exits are for 8-bit networks only")
    if len(exit_behind) < len(exits) or not set(exit_behind) <= set(range(1, shape.layers)):
        raise ValueError(f"exits behind layers {[one.layer for one in exits]} of {shape.layers}")
    builder = _Builder(weights, shape, ranges, smooth=smooth)
    left: list[tuple[str, str]] = []
    hidden = builder.embed()
    for layer in range(shape.layers):
        last = layer + 1 == shape.layers
        hidden = builder.layer(hidden, f"encoder.layer.{layer}.", first_token=last and shape.first_token)
        if layer + 1 in exit_behind:
            hidden, early, going_on = builder.leave(hidden, exit_behind[layer + 1])
            left.append((early, going_on))
    builder.gather(builder.classify(hidden, head), left)
    return builder.model(len(head[1]), probes=probes)


class _Builder:
    """Collects nodes and constants; each method adds a part of the network and returns the name of its output."""

    def __init__(
        self,
        weights: Mapping[str, Array],
        shape: EncoderShape,
        ranges: Mapping[str, Range] | None,
        *,
        smooth: bool,
    ) -> None:
        from onnx import helper, numpy_helper

        self._helper, self._numpy_helper = helper, numpy_helper
        self._weights, self._shape, self._ranges, self._smooth = weights, shape, ranges, smooth
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._probes: list[tuple[str, str]] = []
        self._bars: list[str] = []

    def model(self, n_topics: int, *, probes: bool) -> onnx.ModelProto:
        """Return what was built as a model."""
        from onnx import TensorProto

        tensor = self._helper.make_tensor_value_info
        outputs = [tensor("logits", TensorProto.FLOAT, ["texts", n_topics])]
        if probes:
            for name, source in self._probes:
                self._nodes.append(self._helper.make_node("Identity", [source], [name]))
                outputs.append(tensor(name, TensorProto.FLOAT, ["texts", None, None]))
        inputs = [tensor("input_ids", TensorProto.INT64, ["texts", "tokens"])]
        inputs += [tensor(name, TensorProto.FLOAT, []) for name in self._bars]
        graph = self._helper.make_graph(self._nodes, "svodka", inputs, outputs, self._constants)
        opsets = [self._helper.make_opsetid("", OPSET), self._helper.make_opsetid(MICROSOFT, 1)]
        return self._helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)

    def embed(self) -> str:
        """Add the vectors of words, places and the one token type."""
        words = self._weights["embeddings.word_embeddings.weight"]
        places = self._weights["embeddings.position_embeddings.weight"]
        types = self._weights["embeddings.token_type_embeddings.weight"]
        table = self._constant((places + types[0]).astype(np.float32))
        zero = self._constant(np.array([0]))
        count = self._add("Shape", ["input_ids"], start=1, end=2)
        place = self._add("Slice", [table, zero, count, zero])
        return self._norm(self._add("Add", [self._look_up(words), place]), "embeddings.LayerNorm")

    def layer(self, hidden: str, prefix: str, *, first_token: bool) -> str:
        """Add the attention and the feed-forward part of one encoder layer, for all tokens or the first."""
        own, out = f"{prefix}attention.self.", f"{prefix}attention.output."
        if first_token:
            hidden, mixed = self._attend_first(hidden, own, f"{prefix}query")
        else:
            parts = self._products(hidden, [f"{own}{name}" for name in ("query", "key", "value")], f"{prefix}attention")
            mixed = self._add("MultiHeadAttention", parts, domain=MICROSOFT, num_heads=self._shape.heads)
        (back,) = self._products(mixed, [f"{out}dense"], f"{prefix}mixed")
        hidden = self._norm(self._add("Add", [back, hidden]), f"{out}LayerNorm")
        (inner,) = self._products(hidden, [f"{prefix}intermediate.dense"], f"{prefix}hidden")
        operator, domain = ACTIVATIONS[self._shape.activation]
        active = self._add(operator, [inner], domain=domain)
        (back,) = self._products(active, [f"{prefix}output.dense"], f"{prefix}active", ACTIVE_SMOOTHING)
        return self._norm(self._add("Add", [back, hidden]), f"{prefix}output.LayerNorm")

    def _attend_first(self, hidden: str, own: str, probe: str) -> tuple[str, str]:
        """Add the first token's attention; return its vector and what it takes from all tokens (texts, 1, hidden).

        A single query needs no keys and values. What it gives each key is a sum over the key's weights and the token's
        channels, and the weights may come first, once a text; so they may behind the mean of the values. The keys' bias
        adds the same to all scores of a query, which makes no difference to their softmax. These products are in
        float32 in the 8-bit graph too: they are few, and each text has its own.
        """
        begin, end, axis = (self._constant(np.array([i])) for i in (0, 1, 1))
        first = self._add("Slice", [hidden, begin, end, axis])
        (query,) = self._products(first, [f"{own}query"], probe)
        heads, width = self._shape.heads, self._weights[f"{own}key.weight"].shape[1]
        keys, values = (self._weights[f"{own}{name}.weight"].reshape(heads, -1, width) for name in ("key", "value"))
        size = keys.shape[1]
        asked = self._add("MatMul", [self._reshape(query, heads, 1, size), self._constant(keys)])
        scores = self._add(
            "FusedMatMul", [self._reshape(asked, heads, width), hidden], MICROSOFT, transB=1, alpha=size**-0.5
        )
        mean = self._add("MatMul", [self._add("Softmax", [scores], axis=-1), hidden])
        turned = self._constant(np.ascontiguousarray(values.transpose(0, 2, 1)))
        taken = self._add("MatMul", [self._reshape(mean, heads, 1, width), turned])
        mixed = self._reshape(taken, 1, heads * size)
        return first, self._add("Add", [mixed, self._constant(self._weights[f"{own}value.bias"])])

    def leave(self, hidden: str, one: Exit) -> tuple[str, str, str]:
        """Add an exit; return the token vectors of who goes on, the exit's logits of all, and who goes on."""
        middle = self._constant(np.array([1]))
        pooled = self._add("Concat", [self._mean(hidden), self._add("ReduceMax", [hidden, middle], keepdims=0)], axis=1)
        moved = self._add("Sub", [pooled, self._constant(one.center)])
        even = self._add("Mul", [moved, self._constant(1 / one.scale)])
        step = np.array(2 * EXIT_RANGE / LARGEST_INPUT, np.float32)
        limits = [self._constant(step), self._constant(np.array(LARGEST_INPUT // 2 + 1, np.uint8))]
        weight, bias = one.inner
        rounded = self._add("QuantizeLinear", [even, *limits])
        inner = self._integer_product(rounded, limits, np.ascontiguousarray(weight.T), self._constant(bias))
        logits = self._row_product(self._add("Gelu", [inner], domain=MICROSOFT), *one.outer)
        distance = self._add("Abs", [self._add("Sub", [logits, self._constant(one.cut)])])
        sureness = self._add("ReduceMin", [distance, middle], keepdims=0)
        bar = self._constant(np.array(one.bar, np.float32), f"{EXIT_BAR}{one.layer}")
        self._bars.append(bar)
        places = self._add("NonZero", [self._add("Not", [self._add("Greater", [sureness, bar])])])
        going_on = self._add("Squeeze", [places, self._constant(np.array([0]))])
        return self._add("Gather", [hidden, going_on], axis=0), logits, going_on

    def gather(self, logits: str, left: Sequence[tuple[str, str]]) -> None:
        """Put the logits of who went on in the place of those that each exit gave, from the last exit to the first."""
        for early, going_on in reversed(left):
            places = self._add("Unsqueeze", [going_on, self._constant(np.array([1]))])
            logits = self._add("ScatterND", [early, places, logits])
        self._nodes[-1].output[0] = "logits"

    def classify(self, hidden: str, head: tuple[Array, Array]) -> str:
        """Add the normalised mean of the tokens, or the first of them, then one linear layer."""
        read = self._add("Gather", [hidden, self._constant(np.array(0))], axis=1)
        if not self._shape.first_token:
            share = self._add("Mul", [read, self._constant(np.array(1 / AVERAGING_WEIGHT, dtype=np.float32))])
            read = self._add("Add", [self._mean(hidden), share])
        width = head[0].shape[1]
        plain = [self._constant(np.ones(width, np.float32)), self._constant(np.zeros(width, np.float32))]
        pooled = self._add("LayerNormalization", [read, *plain], epsilon=self._shape.epsilon)
        return self._row_product(pooled, *head)

    def _mean(self, hidden: str) -> str:
        """Add the mean of the tokens.

        Along the last axis: along a middle one ONNX Runtime adds in another order for one text than for several.
        """
        turned = self._add("Transpose", [hidden], perm=[0, 2, 1])
        return self._add("ReduceMean", [turned, self._constant(np.array([2]))], keepdims=0)

    def _row_product(self, rows: str, weight: Array, bias: Array) -> str:
        """Add a small linear layer over `(texts, channels)`.

        No matrix product: with one row ONNX Runtime adds in another order than with several.
        """
        each = self._add("Unsqueeze", [rows, self._constant(np.array([1]))])
        terms = self._add("Mul", [each, self._constant(weight)])
        summed = self._add("ReduceSum", [terms, self._constant(np.array([2]))], keepdims=0)
        return self._add("Add", [summed, self._constant(bias)])

    def _look_up(self, table: Array) -> str:
        """Word vectors; 8 bits and a scale for each word in the 8-bit graph."""
        if self._ranges is None:
            return self._add("Gather", [self._constant(table), "input_ids"])
        if self._shape.coarse_words:
            return self._look_up_coarse(table)
        scales = np.abs(table).max(axis=1, keepdims=True) / 127
        scales[scales == 0] = 1
        rows = self._add("Gather", [self._constant(np.round(table / scales).astype(np.int8)), "input_ids"])
        scale = self._add("Gather", [self._constant(scales.astype(np.float32)), "input_ids"])
        return self._add("Mul", [self._add("Cast", [rows], to=1), scale])

    def _look_up_coarse(self, table: Array) -> str:
        """Word vectors of 4 bits: one byte holds a channel of the first half and one of the second."""
        steps, scales = coarse(table)
        first, second = np.split((steps + LARGEST_STEP).astype(np.uint8), 2, axis=1)
        pairs = self._add("Gather", [self._constant(first | second << 4), "input_ids"])
        low = self._add("BitwiseAnd", [pairs, self._constant(np.array(15, np.uint8))])
        high = self._add("BitShift", [pairs, self._constant(np.array(4, np.uint8))], direction="RIGHT")
        whole = self._add("Cast", [self._add("Concat", [low, high], axis=2)], to=1)
        even = self._add("Sub", [whole, self._constant(np.array(LARGEST_STEP, np.float32))])
        return self._add("Mul", [even, self._add("Gather", [self._constant(scales), "input_ids"])])

    def _norm(self, source: str, name: str) -> str:
        affine = [self._constant(self._weights[f"{name}.{part}"]) for part in ("weight", "bias")]
        return self._add("LayerNormalization", [source, *affine], epsilon=self._shape.epsilon)

    def _products(self, source: str, names: Sequence[str], probe: str, share: float = SMOOTHING) -> list[str]:
        """Linear layers that read the same input."""
        matrices = [np.ascontiguousarray(self._weights[f"{name}.weight"].T) for name in names]
        biases = [self._constant(self._weights[f"{name}.bias"]) for name in names]
        self._probes.append((probe, source))
        if self._ranges is None:
            plain = (self._add("MatMul", [source, self._constant(matrix)]) for matrix in matrices)
            return [self._add("Add", [product, bias]) for product, bias in zip(plain, biases, strict=True)]
        factors = np.ones(len(matrices[0]), np.float32)
        if self._smooth:
            factors = smoothing(self._ranges[probe], matrices, share)
            source = self._add("Mul", [source, self._constant(1 / factors)])
        scale, zero = input_scale(self._ranges[probe], factors)
        limits = [self._constant(scale), self._constant(zero)]
        rounded = self._add("QuantizeLinear", [source, *limits])
        return [
            self._integer_product(rounded, limits, matrix * factors[:, None], bias)
            for matrix, bias in zip(matrices, biases, strict=True)
        ]

    def _integer_product(self, rounded: str, limits: Sequence[str], matrix: Array, bias: str) -> str:
        scales = np.abs(matrix).max(axis=0) / LARGEST_WEIGHT
        scales[scales == 0] = 1
        whole = self._constant(np.round(matrix / scales).astype(np.int8))
        parts = [rounded, whole, limits[0], self._constant(scales.astype(np.float32)), limits[1], "", bias]
        return self._add("MatMulIntegerToFloat", parts, domain=MICROSOFT)

    def _reshape(self, source: str, *shape: int) -> str:
        """Give each text another shape."""
        return self._add("Reshape", [source, self._constant(np.array([-1, *shape]))])

    def _constant(self, value: npt.NDArray[Any], name: str = "") -> str:
        name = name or f"constant_{len(self._constants)}"
        self._constants.append(self._numpy_helper.from_array(value, name))
        return name

    def _add(self, operator: str, inputs: Sequence[str], domain: str = "", **attributes: Any) -> str:
        output = f"{operator}_{len(self._nodes)}"
        self._nodes.append(self._helper.make_node(operator, list(inputs), [output], domain=domain, **attributes))
        return output
