"""Bytes of latents that general compressors make smaller, each latent on its own.

    split_lossless.py FILE COUNT ELEMENT_BYTES CHANNELS

FILE holds the latents one behind the other, channels last. Each compressor gets a latent as it is and in planes of
channels, and what is smaller counts. Prints one JSON object: about, zlib, zstd.
"""
import json
import sys
import zlib

import numpy
import zstandard

ZLIB, ZSTD = 9, 19


def main():
    count, element_bytes, channels = (int(argument) for argument in sys.argv[2:5])
    elements = numpy.fromfile(sys.argv[1], numpy.uint8).reshape(count, -1, channels, element_bytes)
    small = zstandard.ZstdCompressor(level=ZSTD, write_content_size=False, write_checksum=False)
    compressors = {"zlib": lambda data: zlib.compress(data, ZLIB), "zstd": small.compress}
    answer = {"about": f"zlib, level {ZLIB}; zstd {'.'.join(map(str, zstandard.ZSTD_VERSION))}, level {ZSTD}"}
    for name, compress in compressors.items():
        answer[name] = [
            min(len(compress(latent.tobytes())), len(compress(latent.swapaxes(0, 1).tobytes()))) for latent in elements
        ]
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
