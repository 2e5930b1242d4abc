"""EfficientNet-lite0 (Tan and Le, 2019; the variant for integer devices: ReLU6, no squeeze-and-excitation).

Layers are padded as TensorFlow's SAME does, on which the published weights were trained: a stride-2 layer on an
even map is padded more at the bottom and right. Pictures are RGB, (byte - 127) / 128.

    stem        3x224x224 -> 32x112x112
    block 0               -> 16x112x112
    blocks 1-2            -> 24x56x56
    blocks 3-4            -> 40x28x28     the end of a head that runs on a board
    blocks 5-7            -> 80x14x14
    blocks 8-10           -> 112x14x14
    blocks 11-14          -> 192x7x7
    block 15              -> 320x7x7
    top                   -> 1280x7x7, averaged
    classifier            -> one logit a class
"""

import torch
from torch import nn

MEAN, SCALE = 127.0, 128.0

# expansion, kernel, stride, inputs, outputs
BLOCKS = [
    (1, 3, 1, 32, 16),
    (6, 3, 2, 16, 24),
    (6, 3, 1, 24, 24),
    (6, 5, 2, 24, 40),
    (6, 5, 1, 40, 40),
    (6, 3, 2, 40, 80),
    (6, 3, 1, 80, 80),
    (6, 3, 1, 80, 80),
    (6, 5, 1, 80, 112),
    (6, 5, 1, 112, 112),
    (6, 5, 1, 112, 112),
    (6, 5, 2, 112, 192),
    (6, 5, 1, 192, 192),
    (6, 5, 1, 192, 192),
    (6, 5, 1, 192, 192),
    (6, 3, 1, 192, 320),
]


class SameConv(nn.Conv2d):
    """A convolution whose output has ceil(side / stride) rows; the odd row or column of padding goes last."""

    def forward(self, x):
        kernel, stride = self.kernel_size[0], self.stride[0]
        if stride == 1:
            return nn.functional.conv2d(x, self.weight, self.bias, 1, kernel // 2, 1, self.groups)
        vertical, horizontal = (max(kernel - stride if side % stride == 0 else kernel - side % stride, 0)
                                for side in x.shape[2:])
        padding = (horizontal // 2, horizontal - horizontal // 2, vertical // 2, vertical - vertical // 2)
        x = nn.functional.pad(x, padding)
        return nn.functional.conv2d(x, self.weight, self.bias, stride, 0, 1, self.groups)


def convolution(inputs, outputs, kernel, stride=1, groups=1):
    return SameConv(inputs, outputs, kernel, stride=stride, groups=groups, bias=False)


def normalization(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.05)


class Block(nn.Module):
    """An inverted residual: widen by 1x1, filter by a depthwise convolution, project by a linear 1x1."""

    def __init__(self, expansion, kernel, stride, inputs, outputs):
        super().__init__()
        hidden = inputs * expansion
        self.adds_input = stride == 1 and inputs == outputs
        layers = []
        if expansion > 1:
            layers += [convolution(inputs, hidden, 1), normalization(hidden), nn.ReLU6()]
        layers += [convolution(hidden, hidden, kernel, stride, hidden), normalization(hidden), nn.ReLU6()]
        layers += [convolution(hidden, outputs, 1), normalization(outputs)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.adds_input else y


def front(blocks):
    """Stem and the first `blocks` blocks."""
    stem = nn.Sequential(convolution(3, 32, 3, 2), normalization(32), nn.ReLU6())
    return nn.Sequential(stem, *(Block(*shape) for shape in BLOCKS[:blocks]))


class Rest(nn.Module):
    """Blocks `first` to 15, top and classifier."""

    # After these blocks the features are compared in distillation.
    WATCHED = (2, 4, 5, 7, 10, 14, 15)

    def __init__(self, first, classes, dropout=0.2):
        super().__init__()
        self.first = first
        self.blocks = nn.ModuleList(Block(*shape) for shape in BLOCKS[first:])
        self.top = nn.Sequential(convolution(320, 1280, 1), normalization(1280), nn.ReLU6())
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(1280, classes)

    def forward(self, x):
        return self.stages(x)[1]

    def stages(self, x):
        """Features after the watched blocks, by block, and the logits."""
        features = {}
        if self.first - 1 in self.WATCHED:
            features[self.first - 1] = x
        for index, block in enumerate(self.blocks, self.first):
            x = block(x)
            if index in self.WATCHED:
                features[index] = x
        pooled = self.top(x).mean((2, 3))
        return features, self.classifier(self.dropout(pooled))


class Lite0(nn.Module):
    """The unsplit classifier."""

    def __init__(self, classes):
        super().__init__()
        self.front = front(0)
        self.rest = Rest(0, classes)

    def forward(self, x):
        return self.rest(self.front(x))

    def stages(self, x):
        return self.rest.stages(self.front(x))


def published_name(name):
    """The name under which the published PyTorch file keeps a parameter of Lite0."""
    parts = name.split(".")
    if parts[0] == "front":
        return {"0": "_conv_stem", "1": "_bn0"}[parts[2]] + "." + parts[3]
    if parts[1] == "top":
        return {"0": "_conv_head", "1": "_bn1"}[parts[2]] + "." + parts[3]
    if parts[1] == "classifier":
        return "_fc." + parts[2]
    layers = ["_depthwise_conv", "_bn1", "", "_project_conv", "_bn2"]
    if parts[2] != "0":
        layers = ["_expand_conv", "_bn0", "", *layers]
    return f"_blocks.{parts[2]}.{layers[int(parts[4])]}.{parts[5]}"


def load_published(model, tensors, classifier=False):
    """Copies published tensors (name -> tensor) into `model`; every tensor on both sides must be used."""
    left = {name for name in tensors if not name.endswith("num_batches_tracked")}
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if name.endswith("num_batches_tracked") or (not classifier and ".classifier." in name):
                continue
            published = published_name(name)
            value.copy_(torch.as_tensor(tensors[published]).to(value.dtype))
            left.discard(published)
    if left:
        raise ValueError(f"unused tensors: {sorted(left)}")
