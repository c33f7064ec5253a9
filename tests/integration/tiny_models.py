"""Model folders of random weights that programs load like any other: a BERT that knows letters and a Llama that knows
bytes, both small enough to be trained in seconds. The same seed makes the same files."""

import array
import json
import math
import random
import struct

CHAT = ("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>{% endfor %}"
        "<|im_start|>assistant\n")


def write_weights(path, shapes, seed):
    """A safetensors file: uniform numbers, norms of ones, biases of zeros."""
    rng, header, data = random.Random(seed), {}, bytearray()
    for name, shape in shapes.items():
        count = math.prod(shape)
        if name.endswith("bias"):
            values = [0.0] * count
        elif "norm" in name.lower():
            values = [1.0] * count
        else:
            values = [(rng.random() - 0.5) * 0.7 for _ in range(count)]
        packed = array.array("f", values).tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write(path, config, tokenizer, tokenizer_config, shapes, seed):
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps(config))
    (path / "tokenizer.json").write_text(json.dumps(tokenizer))
    (path / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
    write_weights(path / "model.safetensors", shapes, seed)
    return path


def byte_names():
    """GPT-2's name for each byte."""
    own = [byte for byte in range(256) if 33 <= byte <= 126 or 161 <= byte <= 172 or byte >= 174]
    others = iter(range(256, 512))
    return [chr(byte) if byte in own else chr(next(others)) for byte in range(256)]


def llama(path, hidden=32, layers=2, ffn=48, seed=7):
    names = byte_names() + ["<|im_start|>", "<|im_end|>"]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    added = [{"id": names.index(name), "content": name, "special": True, "single_word": False, "lstrip": False,
              "rstrip": False, "normalized": False} for name in names[256:]]
    tokenizer = {"version": "1.0", "added_tokens": added, "pre_tokenizer": byte_level, "decoder": byte_level,
                 "model": {"type": "BPE", "vocab": {name: i for i, name in enumerate(names)}, "merges": []}}
    config = {"model_type": "llama", "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": 4,
              "num_key_value_heads": 2, "head_dim": hidden // 4, "intermediate_size": ffn, "vocab_size": len(names),
              "max_position_embeddings": 512, "eos_token_id": 257}
    shapes = {"model.embed_tokens.weight": [len(names), hidden], "lm_head.weight": [len(names), hidden],
              "model.norm.weight": [hidden]}
    for i in range(layers):
        layer = {"input_layernorm": [hidden], "post_attention_layernorm": [hidden], "self_attn.q_proj": [hidden, hidden],
                 "self_attn.k_proj": [hidden // 2, hidden], "self_attn.v_proj": [hidden // 2, hidden],
                 "self_attn.o_proj": [hidden, hidden], "mlp.gate_proj": [ffn, hidden], "mlp.up_proj": [ffn, hidden],
                 "mlp.down_proj": [hidden, ffn]}
        shapes |= {f"model.layers.{i}.{name}.weight": shape for name, shape in layer.items()}
    return write(path, config, tokenizer, {"eos_token": "<|im_end|>", "chat_template": CHAT}, shapes, seed)


def bert(path, hidden=16, layers=2, ffn=24, seed=7):
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *("##" + letter for letter in letters)]
    special = lambda name: {"SpecialToken": {"id": name, "type_id": 0}}
    named = lambda name: {"id": name, "ids": [names.index(name)], "tokens": [name]}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    tokenizer = {"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "Whitespace"},
                 "post_processor": {"type": "TemplateProcessing", "single": [special("[CLS]"), text, special("[SEP]")],
                                    "pair": [special("[CLS]"), text, special("[SEP]")],
                                    "special_tokens": {name: named(name) for name in ("[CLS]", "[SEP]")}},
                 "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                           "max_input_chars_per_word": 100, "vocab": {name: i for i, name in enumerate(names)}}}
    config = {"model_type": "bert", "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": 4,
              "intermediate_size": ffn, "vocab_size": len(names), "max_position_embeddings": 32}
    shapes = {"embeddings.word_embeddings.weight": [len(names), hidden],
              "embeddings.position_embeddings.weight": [32, hidden],
              "embeddings.token_type_embeddings.weight": [2, hidden]}
    linear = {"attention.self.query": [hidden, hidden], "attention.self.key": [hidden, hidden],
              "attention.self.value": [hidden, hidden], "attention.output.dense": [hidden, hidden],
              "intermediate.dense": [ffn, hidden], "output.dense": [hidden, ffn]}
    norms = ["embeddings.LayerNorm"]
    for i in range(layers):
        prefix = f"encoder.layer.{i}."
        for name, shape in linear.items():
            shapes |= {f"{prefix}{name}.weight": shape, f"{prefix}{name}.bias": shape[:1]}
        norms += [prefix + "attention.output.LayerNorm", prefix + "output.LayerNorm"]
    shapes |= {f"{norm}.{part}": [hidden] for norm in norms for part in ("weight", "bias")}
    return write(path, config, tokenizer, {}, shapes, seed)
