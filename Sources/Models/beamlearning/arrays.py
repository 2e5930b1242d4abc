"""Microphones' places, and how turning an array maps its microphones onto one another."""

import math

import torch

RESPEAKER_4 = [[-.0405, 0], [0, .0405], [.0405, 0], [0, -.0405]]
UMA_8 = [[0, 0], [0, .043], [.037, .021], [.037, -.021], [0, -.043], [-.037, -.021], [-.037, .021]]
# Both stand around one point, so that one simulation serves both: channels 0 to 3 and 4 to 10.
CHANNELS = {4: slice(0, 4), 7: slice(4, 11)}
PLACES = torch.tensor([[x, y, 0.0] for x, y in RESPEAKER_4 + UMA_8])
FOLD = {4: 4, 7: 6}  # turns by a FOLD-th of a circle leave the array as it is


def places(microphones):
    """[microphone][3] in metres."""
    return PLACES[CHANNELS[microphones]]


def symmetries(microphones):
    """Pairs (turn in degrees, mirrored) and orders of channels: channel order[i] of a sound is channel i of the
    same sound mirrored at the x axis, if it is, and then turned."""
    here = places(microphones)[:, :2]
    turns, orders = [], []
    for mirrored in (False, True):
        for step in range(FOLD[microphones]):
            angle = 2 * math.pi * step / FOLD[microphones]
            moved = here * torch.tensor([1.0, -1.0 if mirrored else 1.0])
            matrix = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
            moved = moved @ matrix.T
            # Channel j moved to where channel i stands.
            distance = torch.cdist(here, moved)
            order = distance.argmin(1)
            assert distance.min(1).values.max() < 2e-3 and len(set(order.tolist())) == microphones
            turns.append((360.0 * step / FOLD[microphones], mirrored))
            orders.append(order)
    return turns, torch.stack(orders)
