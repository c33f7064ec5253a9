"""Writes formats.gguf: for each tensor format random blocks, and beside them what gguf's own dequantisation makes of them.

Tensor "blocks.Q4_K" holds the blocks, "expected.Q4_K" the values in float32. Blocks are random bytes with the
half-precision scales replaced by reasonable ones, so that every bit of the packing is used.
"""
import pathlib

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T
from gguf.quants import dequantize

# Offsets of the float16 scales in a block.
SCALES = {T.Q8_0: [0], T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q4_K: [0, 2], T.Q5_K: [0, 2],
          T.Q6_K: [208]}
ROWS, COLUMNS = 2, 512

rng = np.random.default_rng(20261123)
out = pathlib.Path(__file__).parent / "formats.gguf"
writer = gguf.GGUFWriter(out, "formats")


def add(kind, raw):
    values = np.ascontiguousarray(dequantize(raw, kind), dtype=np.float32).reshape(ROWS, COLUMNS)
    writer.add_tensor(f"blocks.{kind.name}", raw, raw_dtype=kind)
    writer.add_tensor(f"expected.{kind.name}", values)


for kind, scales in SCALES.items():
    per_block, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (ROWS * COLUMNS // per_block, size), dtype=np.uint8)
    for offset in scales:
        scale = rng.uniform(-0.1, 0.1, len(blocks)).astype(np.float16)
        blocks[:, offset : offset + 2] = scale.view(np.uint8).reshape(-1, 2)
    add(kind, blocks.reshape(ROWS, -1))

plain = rng.normal(size=(ROWS, COLUMNS)).astype(np.float32)
plain[0, :8] = [0, -0.0, 1, -1, 65504, 6e-8, 1e-5, -6.1e-5]
writer.add_tensor("blocks.F32", plain)
writer.add_tensor("expected.F32", plain.copy())
half = plain.astype(np.float16)
writer.add_tensor("blocks.F16", half)
writer.add_tensor("expected.F16", half.astype(np.float32))
brain = gguf.quants.quantize(plain, T.BF16)
add(T.BF16, brain)

writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
print(out, out.stat().st_size)
