"""An encoder of packets written from PACKET.md alone, in Python's unbounded integers.

    python3 Tests/HeadraceTests/packet_reference.py

prints the lengths and checksums that PacketTests.swift expects.
"""

import math
import struct

def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Arithmetic:
    """Exact: the code is a number in [0, 1), kept as an integer of as many bits as it takes."""

    def __init__(self):
        self.low, self.range, self.bytes = 0, 2**32 - 1, 0

    def bit(self, bit, zero):
        bound = (self.range >> 15) * zero
        if bit:
            self.low += bound
            self.range -= bound
        else:
            self.range = bound
        while self.range < 1 << 24:
            self.range <<= 8
            self.low <<= 8
            self.bytes += 1

    def finish(self):
        low = (self.low + 0xFFFFFF) & ~0xFFFFFF
        return low.to_bytes(self.bytes + 4, "big").rstrip(b"\0")


class Probability:
    def __init__(self):
        self.fast = self.slow = 1 << 14

    def code(self, coder, bit):
        coder.bit(bit, (self.fast + self.slow) // 2)
        if bit:
            self.fast -= self.fast >> 4
            self.slow -= self.slow >> 7
        else:
            self.fast += (32768 - self.fast) >> 4
            self.slow += (32768 - self.slow) >> 7


def activity_class(activity):
    if activity <= 3:
        return activity
    octave = activity.bit_length() - 1
    return min(16, 2 * octave + (activity >> (octave - 1) & 1))


class Predictor:
    def __init__(self):
        self.errors, self.mean, self.spread = [0] * 7, 0, 128

    def candidates(self, l, u, ul, ur):
        low, high = min(l, u), max(l, u)
        median = low if ul >= high else high if ul <= low else low + high - ul
        return [0, l, u, (l + u) >> 1, median, (self.mean + 8) >> 4, (l + u + ul + ur + 2) >> 2]


def coded(elements, dims, zero_point, rate):
    """elements: row-major, of extents dims (rank 4)."""
    batch, height, width, channels = dims
    half = (1 << rate) >> 1
    symbols = [(e - zero_point + half) >> rate for e in elements]
    coder = Arithmetic()
    table = {}
    predictors = [Predictor() for _ in range(64)]

    def code(name, bit):
        table.setdefault(name, Probability()).code(coder, bit)
        return bit

    def at(row, column, channel):
        return symbols[(row * width + column) * channels + channel]

    for row in range(batch * height):
        for column in range(width):
            near_residual = 0
            for channel in range(channels):
                left = at(row, column - 1, channel) if column else None
                if row % height == 0:
                    l = u = ul = ur = left if left is not None else 0
                else:
                    u = at(row - 1, column, channel)
                    l = left if left is not None else u
                    ul = at(row - 1, column - 1, channel) if column else u
                    ur = at(row - 1, column + 1, channel) if column + 1 < width else u
                p = predictors[channel % 64]
                values = p.candidates(l, u, ul, ur)
                best = min(p.errors)
                chosen = [v for v, e in zip(values, p.errors) if e <= best + (best >> 2)]
                fine = 16 * sum(chosen) // len(chosen)
                prediction = (fine + 8) >> 4
                fraction = fine - 16 * prediction
                activity = activity_class(
                    abs(l - ul) + abs(u - ul) + abs(ur - u) + (p.spread >> 3) + abs(near_residual))
                symbol = at(row, column, channel)
                residual = symbol - prediction
                distance = abs(fraction)
                third = 0 if distance < 3 else 1 if distance < 6 else 2
                if code(("zero", activity, third), int(residual != 0)):
                    side = sum(fraction > limit for limit in (-6, -3, 2, 5))
                    code(("sign", min(activity, 9), side), int(residual < 0))
                    magnitude = abs(residual)
                    exponent = magnitude.bit_length() - 1
                    for length in range(16):
                        if not code(("length", activity, length), int(length < exponent)):
                            break
                    prefix = 1
                    for shift in reversed(range(exponent)):
                        bit = magnitude >> shift & 1
                        if prefix < 4:
                            code(("mantissa", exponent, prefix), bit)
                        else:
                            coder.bit(bit, 1 << 14)
                        prefix = prefix << 1 | bit
                for index, value in enumerate(values):
                    p.errors[index] += 16 * abs(symbol - value) - (p.errors[index] >> 5)
                p.mean += symbol - ((p.mean + 8) >> 4)
                p.spread += abs(residual) - ((p.spread + 8) >> 4)
                near_residual = residual
    return coder.finish()


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


def latent(count, span, channels):
    """A rough landscape from a linear congruential generator, as in PacketTests.swift."""
    state, level, out = 1, 0, []
    for index in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        level = (level * 7 + (state >> 16) % (2 * span + 1) - span) // 8
        out.append(max(-span, min(span, level * (1 + index % channels))))
    return out


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
    for int16, dims_, zero_point in [
        (False, (1, 29, 29, 12), -10), (False, (2, 5, 1, 70), 0), (True, (1, 1, 300, 3), 0)
    ]:
        some = latent(math.prod(dims_), 30000 if int16 else 120, dims_[3])
        for precision in (0, 3, 6):
            data = packet(some, dims_, [dims_[3]], None, 1, precision, zero_point, 0, 258, 2**40 + 5)
            print(f"int16 {int16} dims {dims_} precision {precision}: {len(data)} bytes, "
                  f"0x{crc32c(data[24:]):08x}")
    for wanted in (1, 3):
        data = packet(elements, dims, layers, None, wanted, 0, -3, 0, 258, 2**40 + 5)
        print(f"adaptive, {wanted} layers: {len(data)} bytes, 0x{crc32c(data[24:]):08x}")
    data = packet([-3] * 4, (1, 1, 1, 4), [4], None, 1, 6, -3, 0x12345678, 258, 2**40 + 5)
    print(data.hex(" "))
