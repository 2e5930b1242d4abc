"""PNGs of a folder as PPMs, which the library reads.

    enhance_pictures.py FOLDER OUT

Writes OUT/NAME.png.ppm for each NAME.png: red, green and blue of 8 bits; transparency is left out.
"""
import pathlib
import sys
import warnings

from PIL import Image

# The library's: sides of at most 16,384 pixels.
LONGEST = 16384


def read(path):
    try:
        with Image.open(path) as picture:
            if picture.format != "PNG":
                sys.exit(f"{path}: is a {picture.format} with a PNG's name; rename it, or save it as PNG")
            if max(picture.size) > LONGEST:
                sys.exit(f"{path}: is {picture.width}x{picture.height}; scale it to at most {LONGEST:,} a side")
            if picture.mode.startswith("I"):
                sys.exit(f"{path}: has two bytes a sample; convert it to 8 bits")
            return picture.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):  # what Pillow raises for bad bytes
        sys.exit(f"{path}: is no PNG, or is cut off or damaged; replace the picture or leave it out")


def main():
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    Image.MAX_IMAGE_PIXELS = LONGEST * LONGEST
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() == ".png" and not path.name.startswith("."):
            read(path).save(out / (path.name + ".ppm"))


if __name__ == "__main__":
    main()
