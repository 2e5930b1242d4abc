"""The networks that are measured, and where things lie."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "bench"
MODELS = SHARED / "models"
BUILD = ROOT / "build" / "bench"

NETWORKS = [
    "mbv1_025_96", "mbv2_100_224", "bottlefit_224", "zerodce_64", "zerodce_256", "beam1d_1024"]
# zerodce_256 is zerodce_64 with 16 times the pixels: emulating it says nothing new and takes minutes.
COUNTED = [name for name in NETWORKS if name != "zerodce_256"]
TYPES = ["f32", "int8"]

COMPILER = ROOT / "build" / "host" / "bin" / "headrace"
DEMO = ROOT / "build" / "host" / "bin" / "headrace-demo"
ARM64_DEMO = ROOT / "build" / "rpi4" / "bin" / "headrace-demo"


def input_of(network):
    return MODELS / f"{network}.in.npy"


def model_of(network, type_name):
    """The .hrm file, compiled anew if its network or the compiler changed."""
    source = MODELS / f"{network}.{type_name}.onnx"
    model = BUILD / "models" / f"{network}.{type_name}.hrm"
    newest = max(source.stat().st_mtime, COMPILER.stat().st_mtime)
    if not model.exists() or model.stat().st_mtime < newest:
        model.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([COMPILER, "compile", source, "-o", model, "--quiet"], check=True)
    return model
