"""What a QDQ network's nodes say, evaluated in double precision: no kernel's rounding is in it.

Knows the operators of the networks that against_onnxruntime.py compares.
"""
import numpy as np
import onnx


def per_axis(values, rank, axis):
    """A scalar, or a vector shaped to run along one axis."""
    values = np.asarray(values, np.float64)
    if values.size == 1:
        return values.reshape(-1)[0]
    return values.reshape([-1 if k == axis else 1 for k in range(rank)])


def quantize(x, scale, zero_point, axis=1):
    """In x's own precision, as ONNX says: that of a network's float32 input decides its ties."""
    limits = np.iinfo(zero_point.dtype)
    scales = np.asarray(per_axis(scale, x.ndim, axis), x.dtype)
    y = np.rint(x / scales) + per_axis(zero_point, x.ndim, axis)
    return np.clip(y, limits.min, limits.max)


def dequantize(x, scale, zero_point=np.zeros(1), axis=1):
    x = np.asarray(x, np.float64)
    return (x - per_axis(zero_point, x.ndim, axis)) * per_axis(scale, x.ndim, axis)


def windows(x, kernel, strides, pads, dilations, padding):
    """Views of x, one for each tap of the kernel, as (row, column, view)."""
    top, left, bottom, right = pads
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=padding)
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    extents = [(size - span) // s + 1 for size, span, s in zip(x.shape[2:], spans, strides)]
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            y, z = row * dilations[0], column * dilations[1]
            yield row, column, x[:, :, y : y + (extents[0] - 1) * strides[0] + 1 : strides[0],
                                 z : z + (extents[1] - 1) * strides[1] + 1 : strides[1]]


def convolution(x, weights, bias, *, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1, **_):
    outputs = weights.shape[0] // group
    parts = []
    for g in range(group):
        inputs = x[:, g * weights.shape[1] : (g + 1) * weights.shape[1]]
        own = weights[g * outputs : (g + 1) * outputs]
        parts.append(sum(
            np.einsum("nihw,oi->nohw", view, own[:, :, row, column])
            for row, column, view in windows(inputs, own.shape[2:], strides, pads, dilations, 0)))
    return np.concatenate(parts, 1) + bias.reshape(1, -1, 1, 1)


def max_pool(x, *, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), **_):
    views = [v for _, _, v in windows(x, kernel_shape, strides, pads, dilations, -np.inf)]
    return np.maximum.reduce(views)


def cut(x, starts, ends, axes):
    slices = [slice(None)] * x.ndim
    for start, end, axis in zip(starts, ends, axes):
        slices[axis] = slice(start, end)
    return x[tuple(slices)]


OPERATORS = {
    "QuantizeLinear": quantize,
    "DequantizeLinear": dequantize,
    "Conv": convolution,
    "MaxPool": max_pool,
    "Gemm": lambda a, b, c, *, transB=0, **_: a @ (b.T if transB else b) + c,
    "Relu": lambda x: np.maximum(x, 0),
    "Clip": np.clip,
    "Tanh": np.tanh,
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Concat": lambda *xs, axis: np.concatenate(xs, axis),
    "Slice": cut,
    "GlobalAveragePool": lambda x: x.mean((2, 3), keepdims=True),
    "Flatten": lambda x, *, axis=1: x.reshape(int(np.prod(x.shape[:axis])), -1),
}


def evaluate(path, x):
    model = onnx.load(str(path))
    values = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    values[model.graph.input[0].name] = x
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs = [values[name] for name in node.input if name]
        values[node.output[0]] = OPERATORS[node.op_type](*inputs, **attributes)
    return values[model.graph.output[0].name]
