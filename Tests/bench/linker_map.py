"""Reads from a linker's map how many bytes of each input file are in its output."""
import pathlib
import re

SECTION = re.compile(r"^ (\.[^\s]+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+) (.+)$", re.MULTILINE)
KINDS = {"text": (".text",), "constants": (".rodata", ".data.rel.ro"), "data": (".data", ".bss")}


def kind_of(section):
    for kind, prefixes in KINDS.items():
        if section.startswith(prefixes):
            return kind
    return None


def sizes(path):
    """{input file: {"text": bytes, "constants": bytes, "data": bytes}}"""
    text = pathlib.Path(path).read_text(errors="replace")
    text = text[text.index("Linker script and memory map"):]  # before it: what was dropped
    found = {}
    for section, size, source in SECTION.findall(text):
        if kind := kind_of(section):
            kinds = found.setdefault(source, dict.fromkeys(KINDS, 0))
            kinds[kind] += int(size, 16)
    return found
