"""Trains one network on a pool of scenes for so many seconds, and tells how far off it is on held-out scenes."""

import math
import time

import torch

import batches
import targets

RATE, DECAY, CLIP = 2e-3, 1e-3, 2.0
# Frames of a batch's stretches, in turn.
TURNS = (1, 1, 8, 1, 4, 1, 16, 1)
TESTED = {"64 ms": 1, "250 ms": 8, "1 s": 32}


def held_out(pool, random):
    """Scenes of a pool with sensors' noise as the test has it: sounds, azimuths, what is hard, elevations."""
    sounds = pool.sounds.float()
    ratio = torch.rand(len(sounds), generator=random, device=random.device) * 20
    power = sounds.square().mean((1, 2))
    hiss = torch.randn(sounds.shape, generator=random, device=random.device)
    sounds = sounds + hiss * (power / 10 ** (ratio / 10)).sqrt()[:, None, None]
    return sounds.half(), pool.azimuth, (ratio < 10) & (pool.seconds > .5), pool.elevation


@torch.no_grad()
def answers(windowed, sounds, frames, most=1024):
    """Logits and elevations [n][direction] of the loudest stretch of each sound [n][microphone][sample]."""
    windowed.eval()
    found, chunk = [], max(1, most // frames)
    with torch.compiler.set_stance("force_eager"):  # compiled for training alone
        for first in range(0, len(sounds), chunk):
            part = sounds[first:first + chunk]
            stretch = batches.loudest_of_test(part, batches.STRETCHES[frames])
            found.append(windowed(*batches.normalised(stretch, frames)))
    windowed.train()
    return [torch.cat(part) for part in zip(*found)]


def errors(windowed, sounds, azimuth, frames):
    """Degrees off in the loudest stretch of each sound [n][microphone][sample]."""
    found = targets.direction(answers(windowed, sounds, frames)[0])
    return torch.rad2deg(targets.difference(found, azimuth).abs())


def raised_errors(windowed, sounds, elevation, frames):
    """Degrees by which elevations are off, of talkers more than 20 degrees up or down; signs are not heard."""
    above = elevation.abs() > math.radians(20)
    logits, heights = answers(windowed, sounds[above], frames)
    found = heights.gather(1, logits.argmax(1, keepdim=True))[:, 0]
    return torch.rad2deg((found - elevation[above].abs()).abs())


def report(windowed, held, raised, microphones):
    """Mean errors of azimuth by stretch, of hard scenes too, and of raised talkers' elevation in a quarter second."""
    sounds, azimuth, hard, _ = held
    part = batches.arrays.CHANNELS[microphones]
    found = {"elevation": round(raised_errors(windowed, raised[0][:, part], raised[3], 8).mean().item(), 2)}
    for name, frames in TESTED.items():
        off = errors(windowed, sounds[:, part], azimuth, frames)
        found[name] = [round(off.mean().item(), 2), round(off[hard].mean().item(), 2)]
    return found


def fit(windowed, pool, noise, held, raised, seconds, random, frames=1024, rate=RATE, saved=None, label="", every=30,
        renew=0, steps=None):
    """Returns the trained network with its window, and the curve. `saved` is called now and then. `renew` renders new
    scenes after so many steps. `steps` in place of seconds trains alike on any machine."""
    device, microphones = pool.sounds.device, windowed.network.microphones
    windowed = windowed.to(device)
    turns = batches.turns_of(microphones, device)
    plain = [value for value in windowed.parameters() if value.dim() < 2]
    heavy = [value for value in windowed.parameters() if value.dim() >= 2]
    optimizer = torch.optim.AdamW([{"params": heavy, "weight_decay": DECAY}, {"params": plain, "weight_decay": 0.0}],
                                  rate, betas=(.9, .98), fused=device.type == "cuda")
    history, step, lost, started, told = [], 0, 0, time.time(), time.time()
    totals = torch.zeros(3, device=device)
    while (share := step / steps if steps else (time.time() - started) / max(seconds, 1e-3)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * share)) + 1e-6
        length = TURNS[step % len(TURNS)]
        inputs, level, azimuth, weight, elevation = batches.draw(
            pool, noise, microphones, max(1, frames // length), length, random, turns)
        logits, heights = windowed(inputs, level)
        total, divergence, expected = targets.loss(logits, heights, azimuth, weight, elevation)
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(windowed.parameters(), CLIP)
        finite = bool(torch.isfinite(norm))  # waits for the device too, else the clock runs ahead of the work
        if finite:
            optimizer.step()
        else:
            lost += 1
            if lost > 50:
                raise FloatingPointError("gradients are not finite")
        if length == 1 and finite:
            totals += torch.stack([divergence, expected, torch.ones_like(expected)])
        step += 1
        if renew and step % renew == 0:
            pool.add()
        if time.time() - told > every:
            told = time.time()
            mean = (totals / totals[2].clamp(min=1)).tolist()
            totals.zero_()
            row = {"step": step, "seconds": round(told - started), "divergence": round(mean[0], 4),
                   "expected": round(math.degrees(mean[1]), 2), "held": report(windowed, held, raised, microphones)}
            history.append(row)
            print(label, row, flush=True)
            if saved:
                saved(windowed, history)
    told = report(windowed, held, raised, microphones)
    history.append({"step": step, "seconds": round(time.time() - started), "held": told})
    print(label, history[-1], flush=True)
    if saved:
        saved(windowed, history)
    return windowed, history
