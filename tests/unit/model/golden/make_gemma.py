"""Writes gemma3.json: logits and greedy tokens of Gemma 3 270M in float32 by transformers, from the GGUF given as argument.

The weights are dequantised by gguf and the tokens made by SentencePiece, so that nothing of transformers' own reading of
GGUF files is in it. For each prompt, one of them longer than the model's sliding window: its tokens; the 8 highest logits
after some of them; 32 tokens chosen greedily, and by how much each was ahead of the next.
"""
import base64
import json
import pathlib
import sys

import gguf
import numpy as np
import sentencepiece
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

HERE = pathlib.Path(__file__).parent
sys.path.append(str(HERE.parent.parent / "text/golden"))
from make_gguf_tokens import of_gguf  # noqa: E402

LONG = "The harbour office wrote down every ship. " + " ".join(
    f"Ship {i} came on day {i % 28 + 1} with {i * 37 % 90 + 5} crates of {'tea salt rope lamps'.split()[i % 4]}."
    for i in range(40)) + " The ship that came last was"
PROMPTS = ["The capital of France is", "def fibonacci(n):\n    if n < 2:\n        return n\n", LONG]
TOP, GREEDY = 8, 32


def pack(array, dtype):
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode()


def load(path):
    reader = gguf.GGUFReader(path)
    field = lambda key: reader.fields[key].contents()
    config = Gemma3TextConfig(
        vocab_size=len(field("tokenizer.ggml.tokens")), hidden_size=field("gemma3.embedding_length"),
        intermediate_size=field("gemma3.feed_forward_length"), num_hidden_layers=field("gemma3.block_count"),
        num_attention_heads=field("gemma3.attention.head_count"),
        num_key_value_heads=field("gemma3.attention.head_count_kv"), head_dim=field("gemma3.attention.key_length"),
        max_position_embeddings=field("gemma3.context_length"), query_pre_attn_scalar=256,
        rms_norm_eps=field("gemma3.attention.layer_norm_rms_epsilon"),
        sliding_window=field("gemma3.attention.sliding_window"))
    config._attn_implementation = "eager"
    with torch.device("meta"):
        model = Gemma3ForCausalLM(config)
    model = model.to_empty(device="cpu").float().eval()
    model.tie_weights()
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GEMMA3, config.num_hidden_layers)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            tensor = tensors.pop(names.get_name(name, try_suffixes=(".weight",)))
            values = torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
            parameter.copy_(values.reshape(parameter.shape) - (1 if name.endswith("norm.weight") else 0))
    assert not tensors, tensors.keys()
    rotary = model.model.rotary_emb
    fresh = type(rotary)(config)  # its buffers are no parameters: to_empty left them without values
    model.model.rotary_emb = fresh
    embedding = model.model.embed_tokens
    embedding.embed_scale = torch.nn.Buffer(torch.tensor(config.hidden_size**0.5), persistent=False)
    return model, field("tokenizer.ggml.bos_token_id")


def main():
    path = sys.argv[1]
    torch.set_num_threads(2)
    model, bos = load(path)
    proto = of_gguf(path)
    proto.normalizer_spec.add_dummy_prefix = False
    processor = sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString())
    cases = []
    with torch.inference_mode():
        for prompt in PROMPTS:
            ids = [bos] + processor.encode(prompt)
            output = model(torch.tensor([ids]), use_cache=True)
            positions = sorted({0, len(ids) // 2, len(ids) - 1})
            top = output.logits[0, positions].topk(TOP)
            greedy, ahead = [], []
            for _ in range(GREEDY):
                best = output.logits[0, -1].topk(2)
                greedy.append(int(best.indices[0]))
                ahead.append(float(best.values[0] - best.values[1]))
                output = model(torch.tensor([[greedy[-1]]]), past_key_values=output.past_key_values, use_cache=True)
            cases.append({"tokens": ids, "positions": positions, "top_ids": pack(top.indices.numpy(), "<i4"),
                          "top_logits": pack(top.values.numpy(), "<f4"), "greedy": greedy,
                          "least_ahead": round(min(ahead), 5)})
            print(len(ids), repr(processor.decode(greedy)), min(ahead), flush=True)
    out = HERE / "gemma3.json"
    lines = ",\n".join(json.dumps(case) for case in cases)
    out.write_text(f'{{"top": {TOP}, "cases": [\n{lines}\n]}}\n')
    print(out, out.stat().st_size)


if __name__ == "__main__":
    main()
