"""Finds the hot loop of each function in disassembled AArch64 objects.

A loop is what lies between a backward branch and its target; it is innermost if no other loop with
multiply-accumulates lies inside it. The innermost one with the most multiply-accumulates is a function's
hot loop.
"""
import re
import subprocess
import typing

OBJDUMP = "llvm-objdump-19"
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*?)\s*$")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
TARGET = re.compile(r"0x([0-9a-f]+) <[^>]*>")
BRANCH = re.compile(r"^(b|b\.\w+|cbn?z|tbn?z)$")
# x29 points to the stack unless it moves on with an access: then it is a register like others.
STACK = re.compile(r"\[(sp[],]|x29(?!\], ))")

# Lanes of a result give the products of an instruction; dot products sum four in each, smmla eight.
PRODUCTS = re.compile(r"^(fmla|fmls|[su]mlal2?|mla|sdot|udot|usdot|smmla|ummla|usmmla)$")
# These multiply only: they count where their loop accumulates in other instructions.
MULTIPLICATIONS = re.compile(r"^(fmul|[su]mull2?|mul)$")
ACCUMULATIONS = re.compile(r"^([su]adalp|[su]addw2?|fadd|add)$")
SUMMED = {"sdot": 4, "udot": 4, "usdot": 4, "smmla": 8, "ummla": 8, "usmmla": 8}
RESULT = re.compile(r"^v\d+\.(\d+)([bhsd])")


class Instruction(typing.NamedTuple):
    address: int
    mnemonic: str
    operands: str

    @property
    def lanes(self):
        """Lanes of a vector result, 1 for a floating-point register, else 0."""
        vector = RESULT.match(self.operands)
        return int(vector.group(1)) if vector else int(self.operands[:1] in "sd")

    @property
    def target(self):
        found = TARGET.search(self.operands)
        return int(found.group(1), 16) if found and BRANCH.match(self.mnemonic) else None

    @property
    def text(self):
        """As an assembler reads it: wherever a branch goes, here it goes to one label."""
        return f"{self.mnemonic} {TARGET.sub('.Lloop', self.operands)}"


class Loop(typing.NamedTuple):
    instructions: list

    @property
    def products(self):
        """Multiply-accumulates of one iteration, by mnemonic."""
        found, multiplied = {}, {}
        for instruction in self.instructions:
            name = instruction.mnemonic
            if name in ("fmadd", "fmsub"):
                found["fmla"] = found.get("fmla", 0) + 1
            elif PRODUCTS.match(name):
                found[name] = found.get(name, 0) + instruction.lanes * SUMMED.get(name, 1)
            elif MULTIPLICATIONS.match(name):
                multiplied[name] = multiplied.get(name, 0) + instruction.lanes
        accumulates = found or any(
            ACCUMULATIONS.match(i.mnemonic) and i.lanes > 1 for i in self.instructions)
        return {**found, **multiplied} if accumulates else {}

    @property
    def macs(self):
        return sum(self.products.values())

    @property
    def stack_accesses(self):
        return sum(
            i.mnemonic.startswith(("ld", "st")) and bool(STACK.search(i.operands))
            for i in self.instructions)

    @property
    def calls(self):
        """Whether it calls functions: what is hot is theirs."""
        return any(i.mnemonic in ("bl", "blr") for i in self.instructions)

    @property
    def branches(self):
        """Beside the one that closes the loop."""
        return sum(
            bool(BRANCH.match(i.mnemonic)) or i.mnemonic in ("bl", "blr")
            for i in self.instructions[:-1])


def functions_of(path):
    """Name and instructions of every function in an object file."""
    text = subprocess.run(
        [OBJDUMP, "--disassemble", "--no-show-raw-insn", path],
        check=True, capture_output=True, text=True).stdout
    functions = {}
    instructions = []
    for line in text.splitlines():
        if header := FUNCTION.match(line):
            instructions = functions.setdefault(header.group(1), [])
        elif found := LINE.match(line):
            address, mnemonic, operands = found.groups()
            instructions.append(Instruction(int(address, 16), mnemonic, operands))
    return functions


def hot_loop(instructions):
    """None if no loop multiplies and accumulates."""
    first = instructions[0].address if instructions else 0
    ranges = {
        (i.target, i.address) for i in instructions
        if i.target is not None and first <= i.target <= i.address}
    loops = {}
    for begin, end in ranges:
        loop = Loop([i for i in instructions if begin <= i.address <= end])
        if loop.macs:
            loops[begin, end] = loop
    innermost = [
        loop for (begin, end), loop in loops.items()
        if not any(begin <= b and e <= end and (b, e) != (begin, end) for b, e in loops)]
    return max(innermost, key=lambda loop: loop.macs, default=None)
