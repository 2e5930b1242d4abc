"""Where a split begins: a bottleneck and a decoder in closed form, from what the unsplit network does.

The bottleneck is block 5 without 96 of its 240 inner channels: those are left out, one after the other, whose loss the
others make up for best in the linear regression of block 5's features. Its last layer gives the principal components
of these features in a metric that is half identity and half the Fisher information of the answers about them, so that
what the answers hang on comes first and has the finest steps. All components have one step: where quantization noise
is small, that is what transform coding asks for (Goyal, 2001).

The decoder is the linear regression of block 5's features on 3x3 windows of the latent, with the help of random
filters; its residual layers begin as nothing.
"""

import itertools

import torch

from codec import CHANNELS, FEATURES, WIDTH, rounded

STEP = 0.275  # of a component in units of the components' mean deviation; rates drop one bit or more of it


def points(maps):
    """The places of feature maps in rows."""
    return maps.permute(0, 2, 3, 1).flatten(0, 2).double()


class Statistics:
    """Second moments of block 5's inner channels and features, and the features' metric."""

    def __init__(self, unsplit, batches, count=60, sensitive=18):
        inner, count_of_rows, fisher = unsplit.rest.blocks[5].layers[:6], 0, 0
        sums = [0] * 5
        for index, rows in enumerate(itertools.islice(batches, count)):
            x, y = points(inner(rows["features-4"])), points(rows["features-5"])
            sums = [old + new for old, new in zip(sums, (x.sum(0), y.sum(0), x.T @ x, x.T @ y, y.T @ y))]
            count_of_rows += len(x)
            if index < sensitive:
                fisher = fisher + self.fisher(unsplit, rows["features-5"])
        x, y, xx, xy, yy = (value / count_of_rows for value in sums)
        self.mean, self.inner, self.cross, self.features = x, xx - x.outer(x), xy - x.outer(y), yy - y.outer(y)
        self.metric = (fisher / torch.linalg.eigvalsh(fisher).mean() + torch.eye(len(fisher))) / 2

    @staticmethod
    def fisher(unsplit, features):
        """Second moments of the gradient of an answer's logarithm, the answer drawn as the network would give it."""
        with torch.enable_grad():
            x = features.clone().requires_grad_(True)
            maps = x
            for block in unsplit.rest.blocks[6:]:
                maps = block(maps)
            logits = unsplit.rest.classifier(unsplit.rest.top(maps).mean((2, 3))) / 2
            drawn = torch.multinomial(torch.softmax(logits.detach(), 1), 1).squeeze(1)
            (gradient,) = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, drawn, reduction="sum"), x)
        return points(gradient).T @ points(gradient)

    def chosen(self, count):
        """Which inner channels to keep, and the features' regression on these."""
        kept = torch.arange(len(self.inner))
        ridge = 1e-6 * self.inner.trace() / len(kept) * torch.eye(len(kept))
        inverse = torch.linalg.inv(self.inner + ridge)
        while len(kept) > count:
            weights = inverse @ self.cross[kept]
            worst = int((((weights @ self.metric) * weights).sum(1) / inverse.diagonal()).argmin())
            column, others = inverse[:, worst], torch.arange(len(kept)) != worst
            inverse = (inverse - column.outer(column) / column[worst])[others][:, others]
            kept = kept[others]
        return kept, inverse @ self.cross[kept]


@torch.no_grad()
def begin_bottleneck(split, unsplit, batches):
    """Returns the metric of block 5's features."""
    found = Statistics(unsplit, batches)
    kept, weights = found.chosen(WIDTH)
    for place in (0, 1, 3, 4):
        target = split.bottleneck[place].state_dict()
        for name, value in unsplit.rest.blocks[5].layers[place].state_dict().items():
            if value.dim() > 0:
                target[name].copy_(value[kept])
    root = torch.linalg.cholesky(found.metric)
    explained = weights.T @ found.inner[kept][:, kept] @ weights
    values, vectors = torch.linalg.eigh(root.T @ explained @ root)
    components = weights @ root @ vectors.flip(1)[:, :CHANNELS]
    components /= STEP * values.flip(0)[:CHANNELS].mean().sqrt()
    components *= torch.sign(found.mean[kept] @ components)
    last = split.bottleneck[6]
    last.weight.copy_(components.T.float().view_as(last.weight))
    last.bias.copy_(-(found.mean[kept] @ components).float())
    return found.metric.float()


def windows(coded):
    """The 3x3 windows of a latent in rows, as a convolution's weights see them."""
    rows = torch.nn.functional.unfold(coded, 3, padding=1)
    return rows.transpose(1, 2).flatten(0, 1)


def set_convolution(layer, norm, weight, bias):
    """Weights, and a normalization that only adds a bias."""
    layer.weight.copy_(weight.view_as(layer.weight))
    for value, wanted in ((norm.running_mean, 0), (norm.running_var, 1 - norm.eps), (norm.weight, 1)):
        value.fill_(wanted)
    norm.bias.copy_(bias)


@torch.no_grad()
def begin_decoder(split, batches, draw, generator, count=60):
    """The linear part in the middle of ReLU6's range."""
    first, norm, last = split.decoder[0], split.decoder[1], split.decoder[5]
    deviation = split.bottleneck(next(batches)["features-4"]).std((0, 2, 3))
    filters = torch.randn(last.weight.shape[1] - FEATURES, 9 * CHANNELS, generator=generator)
    filters *= 0.1 / deviation.repeat_interleave(9)
    square, product = 0.0, 0.0
    for rows in itertools.islice(batches, count):
        rates = draw(len(rows["features-4"]))
        coded = split.send(rounded(split.bottleneck(rows["features-4"])), rates)
        seen = windows(coded)
        seen = torch.cat([seen, (seen @ filters.T + 1).clamp(0, 6), torch.ones(len(seen), 1)], 1)
        wanted = rows["features-5"].flatten(2).transpose(1, 2).flatten(0, 1)
        square, product = square + (seen.T @ seen).double(), product + (seen.T @ wanted).double()
    size = filters.shape[1]
    best = torch.linalg.solve(square + 10 * torch.eye(len(square)), product).float()
    linear, rest, bias = best[:size].T, best[size:-1].T, best[-1]
    scale = 0.75 / ((linear @ (square[:size, :size] / square[-1, -1]).float()) * linear).sum(1).sqrt()
    set_convolution(first, norm, torch.cat([linear * scale.view(-1, 1), filters]),
                    torch.cat([torch.full((FEATURES,), 3.0), torch.ones(len(filters))]))  # three is four deviations
    set_convolution(last, split.decoder[6], torch.cat([torch.diag(1 / scale), rest], 1), bias - 3 / scale)
    for residual in (split.decoder[3], split.decoder[4]):
        layers = residual.layers
        torch.nn.init.kaiming_normal_(layers[0].weight, generator=generator)
        set_convolution(layers[0], layers[1], layers[0].weight, torch.zeros(len(layers[0].weight)))
        set_convolution(layers[3], layers[4], torch.zeros_like(layers[3].weight), torch.zeros(len(layers[3].weight)))
