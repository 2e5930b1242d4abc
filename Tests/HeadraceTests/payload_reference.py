"""A payload encoder written from PAYLOAD.md alone, in Python's unbounded integers.

    python3 Tests/HeadraceTests/payload_reference.py

prints the checksums that PayloadTests.swift expects.
"""

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


def encode(elements, dims, low, high, zero_point, rate):
    """What is shorter, and whether that is the code."""
    body = coded(elements, dims, zero_point, rate)
    size = 1 if high == 127 else 2
    if len(body) < len(elements) * size:
        return body, True
    half = (1 << rate) >> 1
    sent = [max(low, min(high, zero_point + (((e - zero_point + half) >> rate) << rate))) for e in elements]
    return struct.pack(f"<{len(sent)}{'b' if size == 1 else 'h'}", *sent), False


def payload(elements, dims, int16, zero_point, rate, scale, model):
    low, high = (-32768, 32767) if int16 else (-128, 127)
    body, is_coded = encode(elements, dims, low, high, zero_point, rate)
    header = b"HRP\x01" + struct.pack("<IIf", model, len(body), scale)
    header += struct.pack("<6H", *dims, 1, 1)
    header += struct.pack("<BBBb", 3 if int16 else 2, 4, rate | (0x80 if is_coded else 0), zero_point)
    return header + body + struct.pack("<I", crc32c(header + body))


def latent(count, span, channels):
    """A rough landscape from a linear congruential generator, as in PayloadTests.swift."""
    state, level, out = 1, 0, []
    for index in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        level = (level * 7 + (state >> 16) % (2 * span + 1) - span) // 8
        out.append(max(-span, min(span, level * (1 + index % channels))))
    return out


if __name__ == "__main__":
    for int16, dims, zero_point in [
        (False, (1, 29, 29, 12), -10), (False, (2, 5, 1, 70), 0), (True, (1, 1, 300, 3), 0)
    ]:
        count = dims[0] * dims[1] * dims[2] * dims[3]
        elements = latent(count, 30000 if int16 else 120, dims[3])
        for rate in (0, 3, 6):
            data = payload(elements, dims, int16, zero_point, rate, 0.125, 0x12345678)
            covered = crc32c(data[8:-4])  # without the model's identity and what depends on it
            print(f"int16 {int16} dims {dims} rate {rate}: {len(data)} bytes, 0x{covered:08x}")
    rows = payload([100] * 16, (1, 4, 4, 1), False, 0, 0, 0.125, 0x12345678)
    print(rows.hex(" "))
