"""pictures.py FOLDER - writes the pictures that system tests use: binary PPM and PGM files whose sizes
and contents are awkward for scaling and colour."""

import sys
from pathlib import Path

folder = Path(sys.argv[1])


def write(name, width, height, pixel):
    """pixel(x, y) gives (red, green, blue), or a number for a gray picture."""
    rows = [pixel(x, y) for y in range(height) for x in range(width)]
    gray = isinstance(rows[0], int)
    body = bytes(rows) if gray else bytes(value for row in rows for value in row)
    header = f"{'P5' if gray else 'P6'}\n{width} {height}\n255\n".encode()
    (folder / f"{name}.{'pgm' if gray else 'ppm'}").write_bytes(header + body)


def noise():
    """A linear congruential generator's upper bits (Numerical Recipes)."""
    state = 1
    while True:
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        yield state >> 24


values = noise()
write("gradient-320x240", 320, 240, lambda x, y: (x * 255 // 319, y * 255 // 239, (x + y) % 256))
write("noise-224x224", 224, 224, lambda x, y: (next(values), next(values), next(values)))
write("checks-641x359", 641, 359, lambda x, y: (255, 255, 255) if (x // 3 + y // 5) % 2 else (0, 0, 64))
write("tall-31x500", 31, 500, lambda x, y: (y % 256, 255 - y % 256, x * 8))
write("gray-97x113", 97, 113, lambda x, y: (x * y) % 256)
