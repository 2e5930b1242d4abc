"""Runs bench_one.py, with ONNX Runtime held to exact products of bytes where it would not compute them.

On x86 CPUs without VNNI it adds pairs of products of unsigned and signed bytes in 16 bits by default, which saturate:
outputs are then two to four times as far from those in float32 as the same network's exact ones. With
"session.x64quantprecision" it computes what the network says, as it does on all other CPUs. Those with VNNI have an
instruction for exact sums, which it would then not use.
"""
import pathlib
import runpy
import sys


def sums_saturate():
    flags = pathlib.Path("/proc/cpuinfo").read_text().split()
    return "avx2" in flags and not {"avx512_vnni", "avx_vnni"} & set(flags)


def hold_to_exact_products():
    import onnxruntime  # other runtimes' environments may lack it

    class ExactOptions(onnxruntime.SessionOptions):
        def __init__(self):
            super().__init__()
            self.add_session_config_entry("session.x64quantprecision", "1")

    onnxruntime.SessionOptions = ExactOptions


sys.argv = sys.argv[1:]
if sys.argv[1] == "ort" and sums_saturate():
    hold_to_exact_products()
runpy.run_path(sys.argv[0], run_name="__main__")
