#!/usr/bin/env python3
"""Makes small ONNX networks for every operator and variant that the importer takes, and what ONNX
Runtime computes from them.

    python make_onnx_cases.py [FOLDER]     needs onnx, onnxruntime and numpy

Writes NAME.onnx and NAME.expected (a serialized GraphProto whose initializers are the inputs, named
"in:NAME", and the outputs, named "out:NAME"). Everything is drawn from fixed seeds.
"""

import pathlib
import sys
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "onnx")
ELEMENT = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.float16): TensorProto.FLOAT16,
    np.dtype(np.int64): TensorProto.INT64,
}
names = set()


def ints(*values):
    return np.array(values, dtype=np.int64)


def node(operator, inputs, outputs="y", **attributes):
    outputs = outputs.split() if isinstance(outputs, str) else outputs
    return helper.make_node(operator, inputs.split(" "), outputs, **attributes)


class Case:
    def __init__(self, name, opset):
        assert name not in names, name
        names.add(name)
        self.name, self.opset = name, opset
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.feeds, self.constants, self.nodes = {}, [], []

    def x(self, *shape, name="x", low=-2, high=2):
        self.feeds[name] = self.random.uniform(low, high, shape).astype(np.float32)
        return self

    def w(self, name, *shape, low=-1, high=1):
        return self.constant(name, self.random.uniform(low, high, shape).astype(np.float32))

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return self

    def add(self, *nodes):
        self.nodes += nodes
        return self

    def write(self, outputs="y", metadata=None):
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [
                helper.make_tensor_value_info(n, ELEMENT[a.dtype], a.shape)
                for n, a in self.feeds.items()
            ],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs.split()],
            self.constants,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8,
            producer_name="headrace",
        )
        if metadata:
            helper.set_model_props(model, metadata)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        data = model.SerializeToString()
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        results = session.run(outputs.split(), self.feeds)
        tensors = [numpy_helper.from_array(a, "in:" + n) for n, a in self.feeds.items()]
        tensors += [
            numpy_helper.from_array(a, "out:" + n) for n, a in zip(outputs.split(), results)
        ]
        (FOLDER / f"{self.name}.onnx").write_bytes(data)
        (FOLDER / f"{self.name}.expected").write_bytes(
            helper.make_graph([], self.name, [], [], tensors).SerializeToString()
        )


def case(name, opset=17):
    return Case(name, opset)


def convolutions():
    def conv(name, x, w, bias=True, opset=17, weight=1, **attributes):
        c = case(name, opset).x(*x).w("w", *w, low=-weight, high=weight)
        if bias:
            c.w("b", w[0])
        c.add(node("Conv", "x w b" if bias else "x w", **attributes)).write()

    conv("conv_plain", (1, 3, 6, 7), (5, 3, 3, 3), kernel_shape=[3, 3])
    conv("conv_opset11", (1, 3, 6, 7), (5, 3, 3, 3), opset=11, pads=[1, 1, 1, 1])
    conv("conv_opset21", (1, 3, 6, 7), (5, 3, 3, 3), opset=21, pads=[1, 1, 1, 1])
    conv("conv_no_bias", (1, 2, 5, 5), (4, 2, 1, 1), bias=False)
    conv("conv_uneven_pads", (1, 2, 6, 5), (3, 2, 3, 3), pads=[0, 1, 2, 1], strides=[2, 1])
    conv("conv_dilated", (1, 2, 9, 9), (3, 2, 3, 3), dilations=[2, 3], pads=[2, 3, 2, 3])
    conv("conv_grouped", (1, 4, 5, 5), (6, 2, 3, 3), group=2)
    conv("conv_depthwise", (1, 4, 6, 6), (4, 1, 3, 3), group=4, pads=[1, 1, 1, 1], strides=[2, 2])
    conv("conv_multiplier", (1, 3, 5, 5), (6, 1, 3, 3), group=3)
    conv("conv_same_upper", (1, 2, 7, 6), (3, 2, 2, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    conv("conv_same_lower", (1, 2, 7, 6), (3, 2, 2, 3), auto_pad="SAME_LOWER", strides=[2, 2])
    conv("conv_valid", (1, 2, 7, 6), (3, 2, 2, 3), auto_pad="VALID")
    # Other sums of the same products: their error is of the products' size, which trained weights keep small.
    conv("conv_winograd", (1, 8, 16, 13), (8, 8, 3, 3), weight=0.2, pads=[1, 1, 1, 1])
    conv("conv_batch", (2, 2, 4, 4), (3, 2, 3, 3))
    conv("conv1d", (1, 3, 12), (4, 3, 3), pads=[2, 2], dilations=[2])
    conv("conv1d_same", (1, 3, 11), (4, 3, 4), auto_pad="SAME_UPPER", strides=[2])

    def transposed(name, x, w, channels, bias=True, **attributes):
        c = case(name).x(*x).w("w", *w)
        if bias:
            c.w("b", channels)
        c.add(node("ConvTranspose", "x w b" if bias else "x w", **attributes)).write()

    transposed("deconv_plain", (1, 3, 4, 5), (3, 4, 3, 3), 4)
    transposed("deconv_stride", (1, 3, 4, 5), (3, 4, 3, 3), 4, strides=[2, 2], pads=[1, 1, 1, 1],
               output_padding=[1, 1])
    transposed("deconv_grouped", (1, 4, 3, 3), (4, 2, 2, 2), 4, group=2, strides=[2, 2])
    transposed("deconv_dilated", (1, 2, 4, 4), (2, 3, 3, 3), 3, dilations=[2, 2])
    transposed("deconv_output_shape", (1, 2, 4, 4), (2, 3, 3, 3), 3, strides=[2, 2],
               output_shape=[8, 8])
    transposed("deconv_same_upper", (1, 2, 4, 4), (2, 3, 3, 3), 3, strides=[2, 2],
               auto_pad="SAME_UPPER")
    transposed("deconv_same_lower", (1, 2, 4, 4), (2, 3, 3, 3), 3, strides=[2, 2],
               auto_pad="SAME_LOWER")
    transposed("deconv1d", (1, 2, 6), (2, 3, 4), 3, bias=False, strides=[2], pads=[1, 1])


def pools():
    def pool(name, operator, x, opset=17, **attributes):
        case(name, opset).x(*x).add(node(operator, "x", **attributes)).write()

    k = dict(kernel_shape=[3, 3])
    pool("maxpool_plain", "MaxPool", (1, 3, 7, 7), **k)
    pool("maxpool_pads", "MaxPool", (1, 3, 7, 7), strides=[2, 2], pads=[1, 1, 1, 1], **k)
    pool("maxpool_ceil", "MaxPool", (1, 3, 8, 8), strides=[2, 2], ceil_mode=1, **k)
    pool("maxpool_ceil_pads", "MaxPool", (1, 3, 8, 7), strides=[2, 2], ceil_mode=1,
         pads=[1, 1, 1, 1], **k)
    pool("maxpool_dilated", "MaxPool", (1, 2, 8, 8), dilations=[2, 2], **k)
    pool("maxpool_same", "MaxPool", (1, 2, 7, 8), auto_pad="SAME_UPPER", strides=[2, 2], **k)
    pool("maxpool1d", "MaxPool", (1, 3, 9), kernel_shape=[3], strides=[2], opset=11)
    pool("avgpool_plain", "AveragePool", (1, 3, 7, 7), **k)
    pool("avgpool_pads", "AveragePool", (1, 3, 7, 7), pads=[1, 1, 1, 1], strides=[2, 2], **k)
    pool("avgpool_include", "AveragePool", (1, 3, 7, 7), pads=[1, 0, 1, 2], count_include_pad=1, **k)
    pool("avgpool_ceil", "AveragePool", (1, 3, 8, 8), strides=[2, 2], ceil_mode=1, **k)
    pool("avgpool_ceil_include", "AveragePool", (1, 2, 8, 8), strides=[2, 2], ceil_mode=1,
         count_include_pad=1, pads=[1, 1, 0, 0], opset=19, **k)
    pool("avgpool_same_lower", "AveragePool", (1, 3, 8, 7), auto_pad="SAME_LOWER", strides=[2, 2],
         **k)
    pool("avgpool1d", "AveragePool", (1, 3, 9), kernel_shape=[4], strides=[2])
    pool("global_average", "GlobalAveragePool", (1, 5, 4, 3))
    pool("global_max", "GlobalMaxPool", (1, 5, 4, 3))
    pool("global_average1d", "GlobalAveragePool", (1, 5, 7))


def matrices():
    def gemm(name, a, b, c, **attributes):
        n = case(name).x(*a).w("w", *b)
        if c is not None:
            n.w("c", *c)
        n.add(node("Gemm", "x w c" if c is not None else "x w", **attributes)).write()

    gemm("gemm_plain", (2, 5), (5, 4), (4,))
    gemm("gemm_trans_b", (1, 5), (4, 5), (1, 4), transB=1)
    gemm("gemm_trans_a", (5, 2), (5, 4), None, transA=1)
    gemm("gemm_alpha_beta", (2, 5), (5, 4), (4,), alpha=0.5, beta=2.0)
    gemm("gemm_full_c", (2, 5), (5, 4), (2, 4), beta=0.5)
    gemm("gemm_scalar_c", (2, 5), (5, 4), ())
    case("gemm_activations").x(2, 5).x(4, 5, name="z").add(
        node("Gemm", "x z", transB=1, alpha=0.5)).write()
    case("matmul_constant").x(2, 3, 5).w("w", 5, 4).add(node("MatMul", "x w")).write()
    case("matmul_vector").x(5).w("w", 5, 4).add(node("MatMul", "x w")).write()
    case("matmul_by_vector").x(3, 5).w("w", 5).add(node("MatMul", "x w")).write()
    case("matmul_bias").x(1, 3, 5).w("w", 5, 4).w("b", 4).add(
        node("MatMul", "x w", "t"), node("Add", "t b")).write()
    case("matmul_activations").x(1, 2, 3, 5).x(1, 2, 5, 4, name="z").add(
        node("MatMul", "x z")).write()
    case("matmul_broadcast").x(2, 3, 5).x(5, 4, name="z").add(node("MatMul", "x z")).write()
    case("matmul_transposed").x(1, 2, 3, 5).x(1, 2, 4, 5, name="z").add(
        node("Transpose", "z", "t", perm=[0, 1, 3, 2]), node("MatMul", "x t")).write()
    case("matmul_left_constant").x(1, 5, 4).w("w", 3, 5).add(node("MatMul", "w x")).write()


def unary():
    def f(name, operator, opset=17, low=-4, high=4, **attributes):
        case(name, opset).x(1, 3, 4, 5, low=low, high=high).add(
            node(operator, "x", **attributes)).write()

    for operator in ["Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Erf", "Exp", "Abs", "Neg",
                     "Floor", "Ceil", "Round", "Sin", "Cos", "HardSwish", "HardSigmoid", "Elu",
                     "Selu", "LeakyRelu"]:
        f("unary_" + operator.lower(), operator)
    f("unary_log", "Log", low=0.1)
    f("unary_sqrt", "Sqrt", low=0.1)
    f("unary_reciprocal", "Reciprocal", low=0.5)
    f("unary_elu_alpha", "Elu", alpha=0.5)
    f("unary_selu_alpha", "Selu", alpha=1.5, gamma=1.2)
    f("unary_leaky_alpha", "LeakyRelu", opset=11, alpha=0.3)
    f("unary_hardsigmoid_alpha", "HardSigmoid", alpha=0.3, beta=0.4)
    f("gelu_opset20", "Gelu", opset=20)
    f("gelu_tanh_opset20", "Gelu", opset=20, approximate="tanh")
    case("clip_inputs").x(1, 2, 3, 3).constant("lo", np.float32(-0.5)).constant(
        "hi", np.float32(1)).add(node("Clip", "x lo hi")).write()
    case("clip_max_only", 13).x(1, 2, 3, 3).constant("hi", np.float32(0.5)).add(
        node("Clip", "x  hi")).write()
    case("prelu_channels").x(1, 3, 4, 4).w("s", 3, 1, 1).add(node("PRelu", "x s")).write()
    case("prelu_one").x(1, 3, 4, 4).w("s", 1).add(node("PRelu", "x s")).write()
    case("prelu_elements").x(1, 3, 4, 4).w("s", 4).add(node("PRelu", "x s")).write()
    case("prelu_dense").x(2, 5).w("s", 5).add(node("PRelu", "x s")).write()
    case("prelu1d").x(1, 3, 6).w("s", 3, 1).add(node("PRelu", "x s")).write()

    half, one = np.float32(0.5), np.float32(1)
    case("gelu_erf_pattern").x(1, 4, 6).constant("r", np.float32(2**0.5)).constant(
        "h", half).constant("o", one).add(
        node("Div", "x r", "a"), node("Erf", "a", "b"), node("Add", "b o", "c"),
        node("Mul", "x c", "d"), node("Mul", "d h")).write()
    case("gelu_erf_half_first").x(1, 4, 6).constant("r", np.float32(0.5**0.5)).constant(
        "h", half).constant("o", one).add(
        node("Mul", "x h", "e"), node("Mul", "x r", "a"), node("Erf", "a", "b"),
        node("Add", "o b", "c"), node("Mul", "e c")).write()
    case("gelu_tanh_pattern").x(1, 4, 6).constant("p", np.float32(3)).constant(
        "k", np.float32(0.044715)).constant("q", np.float32((2 / np.pi) ** 0.5)).constant(
        "h", half).constant("o", one).add(
        node("Pow", "x p", "a"), node("Mul", "k a", "b"), node("Add", "x b", "c"),
        node("Mul", "q c", "d"), node("Tanh", "d", "e"), node("Add", "e o", "f"),
        node("Mul", "x f", "g"), node("Mul", "h g")).write()
    case("hardswish_pattern").x(1, 3, 4, 4, low=-5, high=5).constant("t", np.float32(3)).constant(
        "l", np.float32(0)).constant("u", np.float32(6)).add(
        node("Add", "x t", "a"), node("Clip", "a l u", "b"), node("Div", "b u", "c"),
        node("Mul", "x c")).write()
    case("hardsigmoid_pattern").x(1, 3, 4, 4, low=-5, high=5).constant("t", np.float32(3)).constant(
        "l", np.float32(0)).constant("u", np.float32(6)).add(
        node("Add", "x t", "a"), node("Clip", "a l u", "b"), node("Div", "b u")).write()
    case("swish_pattern").x(1, 3, 4, 4).add(
        node("Sigmoid", "x", "s"), node("Mul", "x s")).write()
    case("mish_pattern").x(1, 3, 4, 4).add(
        node("Softplus", "x", "s"), node("Tanh", "s", "t"), node("Mul", "x t")).write()


def arithmetic():
    for operator in ["Add", "Sub", "Mul", "Div"]:
        n = operator.lower()
        case(f"{n}_two").x(1, 3, 4, 5).x(1, 3, 4, 5, name="z", low=0.5).add(
            node(operator, "x z")).write()
        case(f"{n}_channels").x(1, 3, 4, 5).w("w", 3, 1, 1, low=0.5).add(
            node(operator, "x w")).write()
        case(f"{n}_scalar_left").x(1, 3, 4, 5, low=0.5).constant("w", np.float32(1.5)).add(
            node(operator, "w x")).write()
        case(f"{n}_scalar_right").x(1, 3, 4, 5).constant("w", np.float32(1.5)).add(
            node(operator, "x w")).write()
    case("add_row").x(1, 3, 4, 5).w("w", 5).add(node("Add", "x w")).write()
    case("mul_gate").x(1, 3, 4, 5).x(1, 3, 1, 1, name="z").add(node("Mul", "x z")).write()
    case("min_many").x(2, 3).x(2, 3, name="z").w("w", 3).add(node("Min", "x z w")).write()
    case("max_many").x(2, 3).x(2, 3, name="z").constant("w", np.float32(0.1)).add(
        node("Max", "x z w")).write()
    case("sum_many").x(2, 3).x(2, 3, name="z").w("w", 1, 3).add(node("Sum", "x z w")).write()
    case("mean_many").x(2, 3).x(2, 3, name="z").add(node("Mean", "x z")).write()
    for exponent in [2, 0.5, 3, -1, 1.7]:
        case(f"pow_{exponent}".replace(".", "_").replace("-", "minus")).x(1, 2, 3, 3, low=0.2).constant(
            "e", np.float32(exponent)).add(node("Pow", "x e")).write()
    case("pow_integer").x(1, 2, 3, 3).constant("e", np.int64(2)).add(node("Pow", "x e")).write()
    case("pow_tensor").x(2, 3, low=0.2).x(2, 3, name="z").add(node("Pow", "x z")).write()


def movement():
    c = lambda name, opset=17: case(name, opset).x(1, 4, 3, 5)
    conv = node("Conv", "x w", "t")
    c("concat_channels").x(1, 2, 3, 5, name="z").add(node("Concat", "x z", axis=1)).write()
    c("concat_negative").x(1, 4, 3, 2, name="z").add(node("Concat", "x z", axis=-1)).write()
    c("concat_constant").w("w", 1, 1, 3, 5).add(node("Concat", "x w x", axis=1)).write()
    c("split_attribute", 11).add(
        node("Split", "x", "a y", axis=1, split=[1, 3]), ).write("a y")
    c("split_input").constant("s", ints(3, 1)).add(node("Split", "x s", "a y", axis=1)).write("y a")
    c("split_even").add(node("Split", "x", "a y", axis=1)).write("a y")
    c("split_num_outputs", 18).add(
        node("Split", "x", "a b y", axis=3, num_outputs=3)).write("a b y")
    c("slice_steps").constant("s", ints(3, -1)).constant("e", ints(0, -6)).constant(
        "a", ints(1, 3)).constant("p", ints(-2, -1)).add(node("Slice", "x s e a p")).write()
    c("slice_open").constant("s", ints(1)).constant("e", ints(2**62)).constant(
        "a", ints(-1)).add(node("Slice", "x s e a")).write()
    c("slice_no_axes", 11).constant("s", ints(0, 1)).constant("e", ints(1, 3)).add(
        node("Slice", "x s e")).write()
    c("gather_one").constant("i", np.int64(-2)).add(node("Gather", "x i", axis=1)).write()
    c("gather_flip").constant("i", ints(3, 2, 1, 0)).add(node("Gather", "x i", axis=1)).write()
    c("gather_scattered").constant("i", ints(3, 0, 0)).add(node("Gather", "x i", axis=1)).write()
    c("pad_input").constant("p", ints(0, 0, 1, 2, 0, 1, 0, 1)).constant("v", np.float32(0.7)).add(
        node("Pad", "x p v")).write()
    c("pad_reflect").constant("p", ints(0, 0, 1, 2, 0, 0, 2, 1)).add(
        node("Pad", "x p", mode="reflect")).write()
    c("pad_edge").constant("p", ints(0, 0, 1, 2, 0, 0, 2, 1)).add(
        node("Pad", "x p", mode="edge")).write()
    c("pad_negative").constant("p", ints(0, 0, 1, -1, 0, -1, 0, 2)).add(node("Pad", "x p")).write()
    c("pad_axes", 18).constant("p", ints(1, 2)).constant("a", ints(-1)).add(
        node("Pad", "x p  a")).write()
    c("pad_before_conv").constant("p", ints(0, 0, 1, 2, 0, 0, 0, 1)).w("w", 3, 4, 3, 3).add(
        node("Pad", "x p", "t"), node("Conv", "t w")).write()
    c("reshape_copy").constant("s", ints(0, -1, 3)).add(node("Reshape", "x s")).write()
    c("reshape_allowzero", 14).constant("s", ints(4, 15)).add(
        node("Reshape", "x s", allowzero=1)).write()
    c("flatten_one").add(node("Flatten", "x")).write()
    c("flatten_two").add(node("Flatten", "x", axis=2)).write()
    c("squeeze_attribute", 11).add(node("Squeeze", "x", axes=[0])).write()
    c("squeeze_input").constant("a", ints(0)).add(node("Squeeze", "x a")).write()
    c("squeeze_all").add(node("Squeeze", "x")).write()
    c("unsqueeze_attribute", 11).add(node("Unsqueeze", "x", axes=[1])).write()
    c("unsqueeze_input").constant("a", ints(-1, 0)).add(node("Unsqueeze", "x a")).write()
    c("transpose_perm").add(node("Transpose", "x", perm=[0, 2, 3, 1])).write()
    c("transpose_default").add(node("Transpose", "x")).write()
    c("identity_dropout").add(node("Identity", "x", "a"), node("Dropout", "a", "b"),
                              node("Relu", "b")).write()
    case("expand").x(1, 3, 1).constant("s", ints(2, 1, 4)).add(node("Expand", "x s")).write()
    case("tile").x(1, 2, 3).constant("r", ints(1, 2, 2)).add(node("Tile", "x r")).write()
    c("float_cast").add(node("Cast", "x", "a", to=TensorProto.DOUBLE),
                        node("Cast", "a", "b", to=TensorProto.FLOAT), node("Relu", "b")).write()
    c("shuffle").w("w", 4, 4, 1, 1).constant("s", ints(1, 2, 2, 3, 5)).constant(
        "r", ints(1, 4, 3, 5)).add(
        conv, node("Reshape", "t s", "a"), node("Transpose", "a", "b", perm=[0, 2, 1, 3, 4]),
        node("Reshape", "b r")).write()
    c("conv_flatten_gemm").w("w", 4, 4, 1, 1).w("g", 6, 60).w("b", 6).add(
        conv, node("Relu", "t", "a"), node("Flatten", "a", "f"),
        node("Gemm", "f g b", transB=1)).write()
    c("tokens").w("w", 6, 4, 1, 1).w("m", 6, 3).w("s", 6).w("o", 6).constant(
        "r", ints(1, 6, 15)).add(
        conv, node("Reshape", "t r", "a"), node("Transpose", "a", "b", perm=[0, 2, 1]),
        node("LayerNormalization", "b s o", "c", axis=-1), node("MatMul", "c m")).write()
    case("nhwc_source").x(1, 5, 6, 3).w("w", 4, 3, 3, 3).add(
        node("Transpose", "x", "a", perm=[0, 3, 1, 2]), node("Conv", "a w", "b"),
        node("Transpose", "b", perm=[0, 2, 3, 1])).write()
    c("shape_arithmetic").w("w", 4, 4, 1, 1).constant("i", np.int64(0)).constant(
        "m", ints(-1)).constant("z", ints(0)).add(
        conv, node("Shape", "t", "s"), node("Gather", "s i", "n", axis=0),
        node("Unsqueeze", "n z", "u"), node("Concat", "u m", "k", axis=0),
        node("Reshape", "t k")).write()
    c("constant_chain").constant("s", ints(2)).constant("d", ints(2)).add(
        node("ConstantOfShape", "s", "a", value=numpy_helper.from_array(ints(3))),
        node("Mul", "a d", "b"), node("Cast", "b", "e", to=TensorProto.FLOAT),
        node("ReduceSum", "e", "g", keepdims=0), node("Mul", "x g")).write()
    c("two_readers").w("w", 4, 4, 1, 1).add(
        conv, node("Relu", "t", "a"), node("Add", "a t")).write("y t")
    c("alias_output").add(node("Relu", "x", "a"), node("Identity", "a", "b"),
                          node("Identity", "a")).write("y b")


def reductions():
    for operator in ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2"]:
        n = operator.lower()
        case(f"{n}_spatial", 11).x(1, 3, 4, 5).add(
            node(operator, "x", axes=[2, 3], keepdims=1)).write()
        case(f"{n}_channel", 11).x(1, 3, 4, 5).add(node(operator, "x", axes=[1], keepdims=0)).write()
        case(f"{n}_input", 18).x(1, 3, 4, 5).constant("a", ints(-1)).add(
            node(operator, "x a", keepdims=0)).write()
    case("reducemean_all", 13).x(2, 3).add(node("ReduceMean", "x", keepdims=1)).write()
    case("reducesum_noop", 13).x(2, 3).add(
        node("ReduceSum", "x", "a", noop_with_empty_axes=1), node("Relu", "a")).write()
    case("softmax_last").x(2, 5).add(node("Softmax", "x")).write()
    case("softmax_channels").x(1, 4, 3, 3).add(node("Softmax", "x", axis=1)).write()
    case("softmax_opset11", 11).x(2, 3, 4).add(node("Softmax", "x", axis=1)).write()
    case("softmax_width").x(1, 3, 2, 5).add(node("Softmax", "x", axis=-1)).write()
    case("logsoftmax").x(2, 5).add(node("LogSoftmax", "x", axis=-1)).write()


def normalisations():
    def batch(c, channels):
        return c.w("s", channels, low=0.5).w("o", channels).w("m", channels).w(
            "v", channels, low=0.5)

    batch(case("batchnorm").x(1, 3, 4, 4), 3).add(
        node("BatchNormalization", "x s o m v", epsilon=1e-3)).write()
    batch(case("batchnorm_dense").x(2, 3), 3).add(node("BatchNormalization", "x s o m v")).write()
    batch(case("batchnorm1d").x(1, 3, 5), 3).add(node("BatchNormalization", "x s o m v")).write()
    batch(case("conv_batchnorm_relu").x(1, 2, 4, 4).w("w", 3, 2, 3, 3).w("b", 3), 3).add(
        node("Conv", "x w b", "t", pads=[1, 1, 1, 1]), node("BatchNormalization", "t s o m v", "u"),
        node("Relu", "u")).write()
    batch(case("deconv_batchnorm").x(1, 4, 3, 3).w("w", 4, 3, 2, 2), 6).add(
        node("ConvTranspose", "x w", "t", group=2, strides=[2, 2]),
        node("BatchNormalization", "t s o m v")).write()
    batch(case("gemm_batchnorm").x(2, 4).w("w", 4, 3), 3).add(
        node("Gemm", "x w", "t"), node("BatchNormalization", "t s o m v")).write()
    case("conv_scale_shift").x(1, 2, 4, 4).w("w", 3, 2, 3, 3).w("k", 1, 3, 1, 1).w(
        "d", 3, 1, 1).add(node("Conv", "x w", "t"), node("Mul", "t k", "u"), node("Add", "u d", "v"),
                          node("Relu", "v")).write()
    case("instancenorm").x(1, 3, 4, 5).w("s", 3).w("o", 3).add(
        node("InstanceNormalization", "x s o")).write()
    case("instancenorm1d").x(1, 3, 7).w("s", 3).w("o", 3).add(
        node("InstanceNormalization", "x s o")).write()
    case("groupnorm_opset18", 18).x(1, 4, 3, 3).w("s", 2).w("o", 2).add(
        node("GroupNormalization", "x s o", num_groups=2)).write()
    case("groupnorm_opset21", 21).x(1, 4, 3, 3).w("s", 4).w("o", 4).add(
        node("GroupNormalization", "x s o", num_groups=2)).write()
    case("layernorm").x(1, 4, 6).w("s", 6).w("o", 6).add(
        node("LayerNormalization", "x s o")).write()
    case("layernorm_no_bias").x(1, 4, 6).w("s", 6).add(
        node("LayerNormalization", "x s", epsilon=1e-3)).write()
    case("layernorm_image").x(1, 3, 4, 2).w("w", 3, 3, 1, 1).w("s", 3, 4, 2).w("o", 3, 4, 2).add(
        node("Conv", "x w", "t"), node("LayerNormalization", "t s o", axis=1)).write()


def resizes():
    def resize(name, opset=17, scales=None, sizes=None, x=(1, 2, 4, 5), **attributes):
        c = case(name, opset).x(*x)
        roi = ""
        if opset < 13:  # an operand that may not yet be left out
            roi = "r"
            c.constant(roi, np.zeros(0, np.float32))
        if scales:
            c.constant("s", np.array(scales, dtype=np.float32)).add(
                node("Resize", f"x {roi} s", **attributes))
        else:
            c.constant("s", ints(*sizes)).add(node("Resize", "x   s", **attributes))
        c.write()

    up = [1, 1, 2, 2]
    resize("resize_nearest", 11, scales=up, mode="nearest",
           coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    resize("resize_linear", 11, scales=up, mode="linear")
    resize("resize_align", scales=up, mode="linear", coordinate_transformation_mode="align_corners")
    resize("resize_pytorch", sizes=[1, 2, 7, 9], mode="linear",
           coordinate_transformation_mode="pytorch_half_pixel")
    resize("resize_down", sizes=[1, 2, 2, 3], mode="linear")
    resize("resize_fraction", scales=[1, 1, 1.3, 0.7], mode="linear",
           coordinate_transformation_mode="asymmetric")
    for rounding in ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]:
        resize(f"resize_{rounding}", sizes=[1, 2, 6, 8], mode="nearest", nearest_mode=rounding)
    resize("resize_axes", 18, sizes=[8, 10], mode="linear", axes=[2, 3])
    resize("resize_not_larger", 18, sizes=[8, 9], mode="linear", axes=[2, 3],
           keep_aspect_ratio_policy="not_larger")
    resize("resize_sequence", scales=[1, 1, 2], x=(1, 2, 5), mode="linear")
    case("depth_to_space_dcr").x(1, 8, 2, 3).add(node("DepthToSpace", "x", blocksize=2)).write()
    case("depth_to_space_crd").x(1, 8, 2, 3).add(
        node("DepthToSpace", "x", blocksize=2, mode="CRD")).write()
    case("space_to_depth").x(1, 2, 4, 6).add(node("SpaceToDepth", "x", blocksize=2)).write()


def networks():
    """Several operators together, as exporters write them."""
    c = case("squeeze_excite").x(1, 4, 5, 5).w("w", 4, 4, 3, 3).w("p", 2, 4, 1, 1).w("q", 4, 2, 1, 1)
    c.add(
        node("Conv", "x w", "t", pads=[1, 1, 1, 1]), node("GlobalAveragePool", "t", "a"),
        node("Conv", "a p", "b"), node("Relu", "b", "c"), node("Conv", "c q", "d"),
        node("Sigmoid", "d", "e"), node("Mul", "t e", "f"), node("Add", "f x")).write()
    c = case("sequence_net").x(1, 3, 16).w("w", 4, 3, 3).w("v", 4, 4, 3).w("g", 2, 4)
    c.add(
        node("Conv", "x w", "a", pads=[1, 1]), node("Relu", "a", "b"),
        node("Conv", "b v", "d", pads=[2, 2], dilations=[2]), node("Add", "d a", "e"),
        node("Tanh", "e", "f"), node("GlobalAveragePool", "f", "h"), node("Flatten", "h", "i"),
        node("Gemm", "i g", transB=1)).write()
    c = case("attention").x(1, 4, 6).w("q", 6, 6).w("k", 6, 6).w("v", 6, 6).constant(
        "r", ints(1, 4, 2, 3)).constant("z", ints(1, 4, 6)).constant("n", np.float32(3**0.5))
    for letter in "qkv":
        c.add(node("MatMul", f"x {letter}", f"{letter}1"),
              node("Reshape", f"{letter}1 r", f"{letter}2"))
    c.add(
        node("Transpose", "q2", "q3", perm=[0, 2, 1, 3]),
        node("Transpose", "k2", "k3", perm=[0, 2, 3, 1]),
        node("Transpose", "v2", "v3", perm=[0, 2, 1, 3]), node("MatMul", "q3 k3", "a"),
        node("Div", "a n", "b"), node("Softmax", "b", "d", axis=-1), node("MatMul", "d v3", "e"),
        node("Transpose", "e", "f", perm=[0, 2, 1, 3]), node("Reshape", "f z")).write()
    c = case("unet").x(1, 3, 6, 8).w("w", 4, 3, 3, 3).w("v", 4, 4, 3, 3).w("u", 3, 8, 1, 1).constant(
        "s", np.array([1, 1, 2, 2], dtype=np.float32))
    c.add(
        node("Conv", "x w", "a", pads=[1, 1, 1, 1]), node("Relu", "a", "b"),
        node("MaxPool", "b", "d", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", "d v", "e", pads=[1, 1, 1, 1]), node("Relu", "e", "f"),
        node("Resize", "f  s", "g", mode="nearest", nearest_mode="floor",
             coordinate_transformation_mode="asymmetric"),
        node("Concat", "b g", "h", axis=1), node("Conv", "h u")).write()
    half = case("half_weights").x(1, 3, 4, 4)
    half.constant("w16", half.random.uniform(-1, 1, (2, 3, 1, 1)).astype(np.float16)).add(
        node("Cast", "w16", "w", to=TensorProto.FLOAT), node("Conv", "x w")).write()
    case("described").x(1, 3, 4, 4).w("w", 2, 3, 1, 1).add(node("Conv", "x w")).write(metadata={
        "headrace.name": "Described", "headrace.labels": "cat\ndog", "headrace.color": "bgr",
        "headrace.mean": "0.5, 0.25,0.125", "headrace.std": "1,2,4", "headrace.resize": "letterbox"})


def quantized():
    def quantize(c, x, y, scale, zero):
        c.constant(y + "_s", np.float32(scale)).constant(y + "_z", zero)
        return c.add(node("QuantizeLinear", f"{x} {y}_s {y}_z", y + "_q"),
                     node("DequantizeLinear", f"{y}_q {y}_s {y}_z", y))

    for name, kind, zero in [("qdq_int8", np.int8, -3), ("qdq_uint8", np.uint8, 120)]:
        c = case(name).x(1, 3, 6, 6)
        quantize(c, "x", "xd", 0.016, kind(zero))
        c.constant("wq", c.random.integers(-127, 128, (4, 3, 3, 3)).astype(np.int8))
        c.constant("ws", c.random.uniform(0.002, 0.008, 4).astype(np.float32))
        c.constant("wz", np.zeros(4, np.int8))
        c.constant("bq", c.random.integers(-500, 500, 4).astype(np.int32))
        c.constant("bs", (0.016 * numpy_helper.to_array(c.constants[-3])).astype(np.float32))
        c.constant("bz", np.zeros(4, np.int32))
        c.add(node("DequantizeLinear", "wq ws wz", "w", axis=0),
              node("DequantizeLinear", "bq bs bz", "b", axis=0),
              node("Conv", "xd w b", "t"), node("Relu", "t", "u"))
        quantize(c, "u", "v", 0.03, kind(-128 if kind is np.int8 else 0))
        c.add(node("MaxPool", "v", "p", kernel_shape=[2, 2], strides=[2, 2]))
        quantize(c, "p", "y", 0.03, kind(-128 if kind is np.int8 else 0))
        c.write()


FOLDER.mkdir(parents=True, exist_ok=True)
for old in [*FOLDER.glob("*.onnx"), *FOLDER.glob("*.expected")]:
    old.unlink()
for group in [convolutions, pools, matrices, unary, arithmetic, movement, reductions,
              normalisations, resizes, networks, quantized]:
    group()
print(f"{len(names)} cases, {sum(f.stat().st_size for f in FOLDER.iterdir()) / 1024:.0f} KiB")
