"""An encoder of packets written from PACKET.md alone, in Python's unbounded integers.

    python3 Tests/HeadraceTests/packet_reference.py

prints the lengths and checksums that PacketTests.swift expects.
"""

import math
import struct

from payload_reference import Arithmetic, coded, crc32c, latent

TAIL = [math.floor(65536 / (1 + math.exp(i / 32)) + 0.5) for i in range(386)]


def tail(t):
    i = t >> 5
    if i >= 384:
        return 0
    return TAIL[i] + (((TAIL[i + 1] - TAIL[i]) * (t & 31) + 16) >> 5)


class Symbols(Arithmetic):
    def interval(self, low, high):
        step = self.range >> 16
        self.low += step * low
        self.range = step * (high - low)
        while self.range < 1 << 24:
            self.range <<= 8
            self.low <<= 8
            self.bytes += 1


def code(coder, symbol, mean, scale):
    m = (mean + 2048) >> 12
    f = mean - 4096 * m
    inverse = 2**28 // scale
    n = min(255, 2 + (scale >> 9))
    s = 2 * n + 3

    def below(k):
        if k == 0 or k == s:
            return 65536 if k else 0
        t = ((4096 * (k - 1 - n) - 2048 - f) * inverse) >> 18
        share = 65536 - tail(t) if t >= 0 else tail(-t)
        return (share * (65536 - s) >> 16) + k

    j = min(max(symbol - m + n + 1, 0), s - 1)
    coder.interval(below(j), below(j + 1))
    if j in (0, s - 1):
        v = abs(symbol - m) - n
        length = v.bit_length() - 1
        for bit in [1] * length + [0] + [v >> k & 1 for k in reversed(range(length))]:
            coder.bit(bit, 1 << 14)


def learned(symbols, height, width, channels, first, last, prior, precision):
    """Codes channels first ... last - 1 of symbols[channel][row][column]."""
    def x(channel, row, column):
        inside = 0 <= row < height and 0 <= column < width
        return symbols[channel][row][column] << precision if inside else 0

    coder = Symbols()
    for c in range(first, last):
        begin = sum(2 * (5 + k) for k in range(c))
        mean_constants = prior[begin:begin + 5 + c]
        scale_constants = prior[begin + 5 + c:begin + 2 * (5 + c)]
        for row in range(height):
            for column in range(width):
                seen = [x(c, row, column - 1), x(c, row - 1, column), x(c, row - 1, column - 1),
                        x(c, row - 1, column + 1)] + [x(e, row, column) for e in range(c)]
                mean = mean_constants[0] + sum(w * v for w, v in zip(mean_constants[1:], seen))
                scale = scale_constants[0] + sum(w * abs(v) for w, v in zip(scale_constants[1:], seen))
                mean = max(-1048576, min(1048576, mean)) >> precision
                scale = max(328, min(409600, scale) >> precision)
                code(coder, symbols[c][row][column], mean, scale)
    return coder.finish()


def packet(elements, dims, layers, prior, wanted, precision, zero_point, model, sequence, time):
    """elements: row-major, dims: batch, height, width, channels; prior: None, or its numbers."""
    batch, height, width, channels = dims
    half = (1 << precision) >> 1
    codes, first = [], 0
    for layer in layers[:wanted]:
        last = first + layer
        if prior is None:
            some = [elements[place * channels + c] for place in range(batch * height * width)
                    for c in range(first, last)]
            body = coded(some, (batch, height, width, layer), zero_point, precision)
        else:
            symbols = [[[(elements[(row * width + column) * channels + c] - zero_point + half) >> precision
                         for column in range(width)] for row in range(height)] for c in range(channels)]
            body = learned(symbols, height, width, channels, first, last, prior, precision)
        codes.append(body)
        first = last
    body = b"".join(struct.pack("<H", len(c)) for c in codes[:-1]) + b"".join(codes)
    header = b"HR" + bytes([0x11, len(codes) << 4 | precision]) + struct.pack("<II", model, sequence)
    header += time.to_bytes(6, "little") + struct.pack("<H", len(body))
    return header + struct.pack("<I", crc32c(header + body)) + body


def constants(channels):
    """A prior that suits nothing, from a linear congruential generator, as in PacketTests.swift."""
    state, out = 7, []
    for c in range(channels):
        for part in range(2):
            for index in range(5 + c):
                state = (state * 1664525 + 1013904223) % 2**32
                value = (state >> 16) % 1201 - 600
                if part == 1:
                    value = 4000 + abs(value) if index == 0 else abs(value) // 4
                out.append(value)
    return out


if __name__ == "__main__":
    dims, layers = (1, 6, 5, 7), [2, 1, 4]
    elements = latent(6 * 5 * 7, 90, 7)
    for wanted, precision in [(1, 0), (2, 0), (3, 0), (3, 2), (3, 7)]:
        data = packet(elements, dims, layers, constants(7), wanted, precision, -3, 0, 258, 2**40 + 5)
        print(f"prior, {wanted} layers, precision {precision}: {len(data)} bytes, "
              f"0x{crc32c(data[24:]):08x}")
    for wanted in (1, 3):
        data = packet(elements, dims, layers, None, wanted, 0, -3, 0, 258, 2**40 + 5)
        print(f"adaptive, {wanted} layers: {len(data)} bytes, 0x{crc32c(data[24:]):08x}")
    data = packet([-3] * 4, (1, 1, 1, 4), [4], None, 1, 6, -3, 0x12345678, 258, 2**40 + 5)
    print(data.hex(" "))
