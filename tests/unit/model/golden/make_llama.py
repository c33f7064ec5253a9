"""Writes llama.json: logits and greedy tokens of SmolLM2 in float32 by transformers, from the GGUF given as argument.

For each prompt: its tokens; the 8 highest logits after every token; every 97th logit after the last token; 64 tokens
chosen greedily.
"""
import base64
import json
import pathlib
import sys

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

CHAT = [
    "What is the capital of France?",
    "My parcel A-1042 has not arrived. What can I do?",
    "Write a short poem about the sea.",
    "Explain in two sentences why the sky is blue.",
]
PLAIN = [
    "The three primary colours are",
    "def fibonacci(n):\n    if n < 2:\n        return n\n    return",
    "Der Zug nach Hamburg fährt heute um",
    "1, 1, 2, 3, 5, 8, 13,",
]
TOP, STRIDE, GREEDY = 8, 97, 64


def pack(array, dtype):
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode()


path = pathlib.Path(sys.argv[1]).resolve()
tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
cases = []
with torch.inference_mode():
    prompts = [
        tokenizer.apply_chat_template([{"role": "user", "content": text}], add_generation_prompt=True, tokenize=False)
        for text in CHAT
    ] + PLAIN
    for prompt in prompts:
        ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        output = model(torch.tensor([ids]), use_cache=True)
        logits, cache = output.logits[0], output.past_key_values
        top = logits.topk(TOP)
        greedy, last = [], logits[-1]
        for _ in range(GREEDY):
            greedy.append(int(last.argmax()))
            output = model(torch.tensor([[greedy[-1]]]), past_key_values=cache, use_cache=True)
            last, cache = output.logits[0, -1], output.past_key_values
        cases.append({
            "tokens": ids,
            "top_ids": pack(top.indices.numpy(), "<i4"),
            "top_logits": pack(top.values.numpy(), "<f4"),
            "last_logits": pack(logits[-1, ::STRIDE].numpy(), "<f4"),
            "greedy": greedy,
        })
        print(repr(tokenizer.decode(greedy)), flush=True)
out = pathlib.Path(__file__).parent / "llama.json"
lines = ",\n".join(json.dumps(case) for case in cases)
out.write_text(f'{{"top": {TOP}, "stride": {STRIDE}, "cases": [\n{lines}\n]}}\n')
print(out, out.stat().st_size)
