"""hostile_names.py IN.hrm OUT.hrm - the same model, but every tensor's name and every label begins with
what clears a terminal: ESC c, and CSI as one character."""

import re
import struct
import sys


def crc32c(data):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def spoil(start, end):
    """Keeps the length: the file's layout stays."""
    text = b"\x1bc\xc2\x9b"[: end - start]
    model[start : start + len(text)] = text


with open(sys.argv[1], "rb") as file:
    model = bytearray(file.read())
(tensors,) = struct.unpack_from("<I", model, 64)
(metadata,) = struct.unpack_from("<I", model, 84)
(tensors_at,) = struct.unpack_from("<I", model, 96)
(metadata_at,) = struct.unpack_from("<I", model, 112)
(strings_at,) = struct.unpack_from("<I", model, 120)
for index in range(tensors):
    (name,) = struct.unpack_from("<I", model, tensors_at + 64 * index + 40)
    spoil(strings_at + name, model.index(0, strings_at + name))
for index in range(metadata):
    key, value, length, _ = struct.unpack_from("<4I", model, metadata_at + 16 * index)
    if model[strings_at + key :].startswith(b"labels\0"):
        value += strings_at
        for line in re.finditer(rb"[^\n]+", bytes(model[value : value + length])):
            spoil(value + line.start(), value + line.end())
struct.pack_into("<I", model, 20, crc32c(model[256:]))
struct.pack_into("<I", model, 16, 0)
struct.pack_into("<I", model, 16, crc32c(model[:256]))
with open(sys.argv[2], "wb") as file:
    file.write(model)
