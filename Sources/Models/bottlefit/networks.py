"""The unsplit network (the teacher) and its split form: head, bottleneck, decoder, tail.

Both share the stem and the tail. Shapes for a 224x224 picture:

    stem        3x224x224 -> 64x56x56
    wide block  64x56x56  -> 64x28x28     unsplit only
    bottleneck  64x56x56  -> 12x29x29     the latent, signed, what is sent
    decoder     12x29x29  -> 64x28x28     stands in for the wide block
    tail        64x28x28  -> 43 probabilities

The bottleneck and the decoder are those of BottleFit (Matsubara et al., 2022) with a narrower decoder.
Any input side that is a multiple of 32 works, so that early epochs can use small pictures.
"""

import torch
from torch import nn

LATENT_CHANNELS = 12
WIDTH = 64


def stem():
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
    )


def wide_block():
    return nn.Sequential(
        nn.Conv2d(64, 128, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(128),
        nn.ReLU(),
        nn.Conv2d(128, WIDTH, 3, padding=1, bias=False),
        nn.BatchNorm2d(WIDTH),
    )


def decoder():
    """Two 2x2 convolutions grow the map by one, two and the pool shrink it: 29, 30, 31, 30, 29, 28."""
    return nn.Sequential(
        nn.BatchNorm2d(LATENT_CHANNELS),
        nn.ReLU(),
        nn.Conv2d(LATENT_CHANNELS, WIDTH, 2, padding=1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
        nn.Conv2d(WIDTH, WIDTH, 2, padding=1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
        nn.Conv2d(WIDTH, WIDTH, 2, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
        nn.Conv2d(WIDTH, WIDTH, 2),
        nn.AvgPool2d(2, stride=1),
    )


class InvertedResidual(nn.Module):
    """MobileNetV2's block: widen by 1x1, filter by depthwise 3x3, project by a linear 1x1."""

    def __init__(self, inputs, outputs, stride, expansion=3):
        super().__init__()
        hidden = inputs * expansion
        self.adds_input = stride == 1 and inputs == outputs
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, stride=stride, padding=1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.adds_input else y


class Tail(nn.Module):
    """From 64x28x28 to one logit a class."""

    def __init__(self, classes):
        super().__init__()
        self.middle = nn.Sequential(InvertedResidual(WIDTH, 96, 2), InvertedResidual(96, 96, 1))
        self.late = nn.Sequential(
            InvertedResidual(96, 128, 2),
            nn.Conv2d(128, 320, 1, bias=False),
            nn.BatchNorm2d(320),
            nn.ReLU(),
        )
        self.dropout = nn.Dropout(0.1)
        self.dense = nn.Linear(320, classes)

    def forward(self, x):
        return self.stages(x)[-1]

    def stages(self, x):
        """The outputs of the two stages, for distillation, and the logits."""
        middle = self.middle(x)
        late = self.late(middle)
        pooled = nn.functional.adaptive_avg_pool2d(late, 1).flatten(1)
        return middle, late, self.dense(self.dropout(pooled))


class Unsplit(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = stem()
        self.wide = wide_block()
        self.tail = Tail(classes)

    def forward(self, x):
        return self.tail(self.wide(self.stem(x)))

    def stages(self, x):
        features = self.wide(self.stem(x))
        return features, *self.tail.stages(features)


class Split(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = stem()
        self.bottleneck = nn.Conv2d(64, LATENT_CHANNELS, 2, stride=2, padding=1)
        self.decoder = decoder()
        self.tail = Tail(classes)

    def encode(self, x):
        latent = self.bottleneck(self.stem(x))
        if self.tail.training:
            # Rounding to 8 bits between a picture's minimum and maximum errs by up to half a step.
            values = latent.detach().flatten(1)
            step = (values.amax(1) - values.amin(1)).view(-1, 1, 1, 1) / 255
            latent = latent + (torch.rand_like(latent) - 0.5) * step
        return latent

    def forward(self, x):
        return self.tail(self.decoder(self.encode(x)))

    def stages(self, x):
        features = self.decoder(self.encode(x))
        return features, *self.tail.stages(features)


class Head(nn.Module):
    """What runs on the board: a normalised picture to the latent."""

    def __init__(self, split):
        super().__init__()
        self.stem, self.bottleneck = split.stem, split.bottleneck

    def forward(self, image):
        return self.bottleneck(self.stem(image))


class Remainder(nn.Module):
    """What runs on the server: the latent to probabilities."""

    def __init__(self, split):
        super().__init__()
        self.decoder, self.tail = split.decoder, split.tail

    def forward(self, latent):
        return torch.softmax(self.tail(self.decoder(latent)), dim=1)


class SplitByBytes(nn.Module):
    """The split network in float with its latent sent as bytes: affine, from each picture's minimum and maximum."""

    def __init__(self, split):
        super().__init__()
        self.split = split

    def forward(self, image):
        latent = self.split.encode(image)
        low = latent.amin((1, 2, 3), keepdim=True)
        step = (latent.amax((1, 2, 3), keepdim=True) - low) / 255
        return self.split.tail(self.split.decoder(torch.round((latent - low) / step) * step + low))


class UnsplitProbability(nn.Module):
    def __init__(self, unsplit):
        super().__init__()
        self.unsplit = unsplit

    def forward(self, image):
        return torch.softmax(self.unsplit(image), dim=1)


def cost(module, shape):
    """Multiply-accumulates of convolutions and dense layers, and parameters, for one input of `shape`."""
    macs = 0

    def count(layer, _, output):
        nonlocal macs
        macs += layer.weight[0].numel() * output[0].numel()

    counted = [m for m in module.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    handles = [m.register_forward_hook(count) for m in counted]
    training = module.training
    module.eval()
    with torch.no_grad():
        output = module(torch.zeros(1, *shape, device=next(module.parameters()).device))
    module.train(training)
    for handle in handles:
        handle.remove()
    parameters = sum(p.numel() for p in module.parameters())
    return {"input": list(shape), "output": list(output.shape[1:]), "macs": macs, "parameters": parameters}
