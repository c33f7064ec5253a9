"""Writes families.json: logits of small random models of every family and option, in float32 by transformers.

The weights are not kept: both sides make them from a tensor's name (see `weights`; in C++, hash_weights.h). A case has
the config.json as a model's authors would write it ("config"), the one that transformers saves ("saved"), the tensors'
names, and logits at some positions of TOKENS tokens that are run at once. For lengths to matter, windows and original
contexts are shorter than that. Where positions turn by the sequence's length, "steps" has the logits of one token at a time.
"gguf" says how llama.cpp's convert_hf_to_gguf.py (with gguf's own table of names) would write the same model.
"""
import base64
import json
import math
import pathlib

import gguf
import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM

TOKENS, VOCAB = 80, 128
POSITIONS = [0, 7, 20, 41, 60, 79]
MASK = (1 << 64) - 1


def fnv(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def mix(x):
    """splitmix64 of an array."""
    with np.errstate(over="ignore"):
        x = x * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def weights(name, shape, centre):
    """Uniform numbers of a width that depends on what the tensor is; norms around `centre`."""
    count = math.prod(shape)
    with np.errstate(over="ignore"):
        bits = mix(np.uint64(fnv(name)) + np.arange(count, dtype=np.uint64)) >> np.uint64(40)
    unit = bits.astype(np.float32) * np.float32(2**-24) - np.float32(0.5)
    if name.endswith("norm.weight"):
        return (unit * np.float32(0.5) + np.float32(centre)).reshape(shape)
    if name.endswith(".bias"):
        width = np.float32(0.5)
    elif name == "model.embed_tokens.weight":
        width = np.float32(1)
    else:
        sharp = any(part in name for part in (".q_proj.", ".k_proj.", ".qkv_proj."))
        width = np.float32(6 if sharp else 3.5) / np.sqrt(np.float32(shape[-1]))
    return (unit * width).reshape(shape)


def tokens():
    return [int(x) % VOCAB for x in mix(np.uint64(fnv("tokens")) + np.arange(TOKENS, dtype=np.uint64)) >> np.uint64(40)]


def pack(rows):
    return base64.b64encode(np.ascontiguousarray(rows, dtype="<f4").tobytes()).decode()


def base(model_type, **more):
    config = {"model_type": model_type, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
              "num_key_value_heads": 2, "intermediate_size": 96, "vocab_size": VOCAB, "max_position_embeddings": 256,
              "rms_norm_eps": 1e-5, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
              "tie_word_embeddings": False}
    return config | more


SHORT = [1.0, 1.05, 1.1, 1.2, 1.4, 1.7, 2.0, 2.5]
LONG = [1.1, 1.3, 1.8, 2.5, 4.0, 7.0, 11.0, 16.0]
GEMMA = dict(head_dim=24, hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=40, sliding_window=12,
             tie_word_embeddings=True, rms_norm_eps=1e-6)

CASES = {
    "llama2": base("llama", num_key_value_heads=4, rope_theta=10000.0),
    "llama-biases": base("llama", attention_bias=True, mlp_bias=True, head_dim=24, hidden_act="gelu"),
    "llama-tanh": base("llama", hidden_act="gelu_pytorch_tanh", tie_word_embeddings=True, rope_theta=500000.0),
    "llama3": base("llama", tie_word_embeddings=True, rope_theta=500000.0,
                   rope_scaling={"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                 "original_max_position_embeddings": 48}),
    "llama-linear": base("llama", rope_scaling={"type": "linear", "factor": 4.0}),
    "llama-dynamic": base("llama", max_position_embeddings=48, rope_scaling={"type": "dynamic", "factor": 3.0}),
    "llama-yarn": base("llama", max_position_embeddings=128,
                       rope_scaling={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}),
    "llama-yarn-options": base("llama", rope_parameters={
        "rope_type": "yarn", "rope_theta": 2000.0, "factor": 8.0, "original_max_position_embeddings": 32,
        "beta_fast": 16.0, "beta_slow": 2.0, "truncate": False, "mscale": 0.7, "mscale_all_dim": 1.3}),
    "llama-longrope": base("llama", rope_parameters={
        "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": SHORT, "long_factor": LONG, "factor": 4.0,
        "original_max_position_embeddings": 50}),
    "llama-longrope-short": base("llama", rope_parameters={
        "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": SHORT, "long_factor": LONG,
        "attention_factor": 1.3, "original_max_position_embeddings": 100}),
    "llama-proportional": base("llama", rope_parameters={
        "rope_type": "proportional", "rope_theta": 100.0, "partial_rotary_factor": 0.5, "factor": 2.0}),
    "smollm3": base("smollm3", num_hidden_layers=4, rope_theta=2000000.0, tie_word_embeddings=True),
    "smollm3-windows": base("smollm3", num_hidden_layers=3, no_rope_layers=[1, 0, 1], use_sliding_window=True,
                            sliding_window=14, attention_bias=True),
    "qwen2": base("qwen2", rope_theta=1000000.0, use_sliding_window=False, sliding_window=16, max_window_layers=1,
                  tie_word_embeddings=True),
    "qwen2-windows": base("qwen2", num_hidden_layers=3, use_sliding_window=True, sliding_window=16,
                          max_window_layers=1),
    "qwen3": base("qwen3", head_dim=24, rope_theta=1000000.0, tie_word_embeddings=True),
    "qwen3-yarn": base("qwen3", head_dim=24, attention_bias=True, max_position_embeddings=32,
                       rope_scaling={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}),
    "mistral": base("mistral", sliding_window=16),
    "mistral-whole": base("mistral", head_dim=24, sliding_window=None, rope_theta=1000000.0),
    "gemma2": base("gemma2", num_hidden_layers=3, attn_logit_softcapping=5.0, final_logit_softcapping=3.0, **GEMMA),
    "gemma3": base("gemma3_text", num_hidden_layers=4, sliding_window_pattern=3, rope_theta=1000000.0,
                   rope_local_base_freq=10000.0, final_logit_softcapping=None, attn_logit_softcapping=None, **GEMMA),
    "gemma3-scaled": base("gemma3_text", num_key_value_heads=1, layer_types=["full_attention", "sliding_attention"],
                          rope_parameters={"full_attention": {"rope_type": "linear", "factor": 8.0,
                                                              "rope_theta": 1000000.0},
                                           "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}},
                          **GEMMA),
    "phi3": base("phi3", num_key_value_heads=4, sliding_window=20, rope_theta=10000.0),
    "phi3-longrope": base("phi3", partial_rotary_factor=0.75, original_max_position_embeddings=50, sliding_window=None,
                          rope_scaling={"type": "longrope", "short_factor": SHORT[:6], "long_factor": LONG[:6]}),
}
BY_LENGTH = ("llama-dynamic", "llama-longrope", "phi3-longrope")


def make(raw):
    kind = raw["model_type"]
    more = json.loads(json.dumps({k: v for k, v in raw.items() if k != "model_type"}))
    config = AutoConfig.for_model(kind, **more)
    config._attn_implementation = "eager"
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    centre = 0 if kind.startswith("gemma") else 1
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(weights(name, list(parameter.shape), centre)))
    return config, model


def logits(model, ids, step):
    rows, cache = [], None
    with torch.inference_mode():
        for begin in range(0, len(ids), step):
            out = model(torch.tensor([ids[begin : begin + step]]), past_key_values=cache, use_cache=True)
            rows.append(out.logits[0].numpy())
            cache = out.past_key_values
    return np.concatenate(rows)


def gguf_of(raw, names, architecture, more=(), extra=None):
    """Metadata as (key, type, value), names by gguf's table, and what the converter does to tensors."""
    layers = raw["num_hidden_layers"]
    table = gguf.get_tensor_name_map(gguf.MODEL_ARCH_NAMES and {v: k for k, v in gguf.MODEL_ARCH_NAMES.items()}[architecture],
                                     layers)
    heads = raw["num_attention_heads"]
    metadata = [
        ("block_count", "u32", layers), ("embedding_length", "u32", raw["hidden_size"]),
        ("feed_forward_length", "u32", raw["intermediate_size"]), ("context_length", "u32", raw["max_position_embeddings"]),
        ("attention.head_count", "u32", heads), ("attention.head_count_kv", "u32", raw["num_key_value_heads"]),
        ("attention.layer_norm_rms_epsilon", "f32", raw["rms_norm_eps"]),
    ]
    if "head_dim" in raw:
        metadata += [("attention.key_length", "u32", raw["head_dim"]), ("attention.value_length", "u32", raw["head_dim"])]
    return {
        "architecture": architecture,
        "metadata": metadata + list(more),
        "names": {name: table.get_name(name, try_suffixes=(".weight", ".bias")) for name in names},
        "permuted": architecture in ("llama", "smollm3"),
        "norms_plus_one": architecture.startswith("gemma"),
        "tensors": extra or {},
    }


def llama3_divisors(raw):
    """generate_extra_tensors of the converter's LlamaModel."""
    scaling, dims = raw["rope_scaling"], raw["hidden_size"] // raw["num_attention_heads"]
    low, high, factor = scaling["low_freq_factor"], scaling["high_freq_factor"], scaling["factor"]
    length, divisors = scaling["original_max_position_embeddings"], []
    for frequency in 1.0 / (raw["rope_theta"] ** (torch.arange(0, dims, 2, dtype=torch.float32) / dims)):
        wave = 2 * math.pi / float(frequency)
        if wave < length / high:
            divisors.append(1.0)
        elif wave > length / low:
            divisors.append(factor)
        else:
            smooth = (length / wave - low) / (high - low)
            divisors.append(1 / ((1 - smooth) / factor + smooth))
    return divisors


def gguf_section(case, raw, names):
    theta = ("rope.freq_base", "f32", raw.get("rope_theta", 10000.0))
    if case == "llama2":
        return gguf_of(raw, names, "llama", [theta, ("rope.dimension_count", "u32", 16), ("vocab_size", "u32", VOCAB)])
    if case == "llama-biases":
        return None  # llama.cpp knows no other activation than silu there
    if case == "llama3":
        return gguf_of(raw, names, "llama", [theta, ("rope.dimension_count", "u32", 16)],
                       {"rope_freqs.weight": llama3_divisors(raw)})
    if case == "llama-linear":
        return gguf_of(raw, names, "llama", [("rope.scaling.type", "str", "linear"), ("rope.scaling.factor", "f32", 4.0)])
    if case == "smollm3":
        return gguf_of(raw, names, "smollm3", [theta])
    if case == "qwen2":
        return gguf_of(raw, names, "qwen2", [theta])
    if case == "qwen3":
        return gguf_of(raw, names, "qwen3", [theta])
    if case == "llama-yarn":
        return gguf_of(raw, names, "llama", [
            ("rope.scaling.type", "str", "yarn"), ("rope.scaling.factor", "f32", 4.0),
            ("rope.scaling.original_context_length", "u32", 32)])
    if case == "gemma3":
        return gguf_of(raw, names, "gemma3", [
            theta, ("attention.sliding_window", "u32", 12), ("attention.sliding_window_pattern", "u32", 3),
            ("attention.scale", "f32", 40**-0.5)])
    if case == "gemma2":
        return gguf_of(raw, names, "gemma2", [
            ("attention.sliding_window", "u32", 12), ("attn_logit_softcapping", "f32", 5.0),
            ("final_logit_softcapping", "f32", 3.0), ("attention.scale", "f32", 40**-0.5)])
    if case == "phi3-longrope":
        scale = 256 / 50
        return gguf_of(raw, names, "phi3", [
            theta, ("rope.dimension_count", "u32", 12), ("rope.scaling.original_context_length", "u32", 50),
            ("rope.scaling.attn_factor", "f32", math.sqrt(1 + math.log(scale) / math.log(50))),
            ("attention.sliding_window", "u32", 0)],
            {"rope_factors_long.weight": LONG[:6], "rope_factors_short.weight": SHORT[:6]})
    return None


def main():
    ids, cases = tokens(), []
    for case, raw in CASES.items():
        config, model = make(raw)
        names = [name for name, _ in model.named_parameters()]
        whole, steps = logits(model, ids, TOKENS), logits(make(raw)[1], ids, 1)
        difference = float(np.abs(whole - steps).max())
        print(f"{case}: steps differ by {difference:.1e}, logits within {np.abs(whole).max():.1f}", flush=True)
        assert (difference > 1e-3) == (case in BY_LENGTH), difference
        item = {"name": case, "config": raw, "saved": json.loads(config.to_json_string()), "tensors": names,
                "logits": pack(whole[POSITIONS])}
        if case in BY_LENGTH:
            item["steps"] = pack(steps[POSITIONS])
        if (section := gguf_section(case, raw, names)) is not None:
            item["gguf"] = section
        cases.append(item)
    out = pathlib.Path(__file__).parent / "families.json"
    lines = ",\n".join(json.dumps(case) for case in cases)
    out.write_text(f'{{"tokens": {TOKENS}, "vocab": {VOCAB}, "positions": {POSITIONS}, "cases": [\n{lines}\n]}}\n')
    print(out, out.stat().st_size)


if __name__ == "__main__":
    main()
