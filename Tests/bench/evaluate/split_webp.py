"""What comes back of pictures as WebP files, and the files' bytes.

    split_webp.py FOLDER COUNT QUALITY,QUALITY,...

Reads picture-0.ppm and so on from the folder and writes a PPM for each quality beside it. Prints one JSON object a
line: picture, quality, bytes, file.
"""
import io
import json
import pathlib
import sys

from PIL import Image


def main():
    folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    qualities = [int(quality) for quality in sys.argv[3].split(",")]
    for index in range(count):
        with Image.open(folder / f"picture-{index}.ppm") as picture:
            picture.load()
        for quality in qualities:
            coded = io.BytesIO()
            picture.save(coded, format="WEBP", quality=quality, method=6)
            path = folder / f"picture-{index}-{quality}.ppm"
            with Image.open(coded) as decoded:
                decoded.convert("RGB").save(path)
            answer = {"picture": index, "quality": quality, "bytes": coded.getbuffer().nbytes, "file": str(path)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
