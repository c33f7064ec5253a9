"""Writes decoder_steps.json: what a small Llama's weights are after some steps of training, by PyTorch in float64.

The model is transformers', losses are torch.nn.functional's (the generalised Jensen-Shannon divergence is written out
after Agarwal et al., 2024), gradients autograd's, and the step is torch.optim.AdamW's behind clip_grad_norm_. Nothing
is batched or padded: each text goes through the model alone. Weights that training begins with are not kept: both sides
make them from a tensor's name (../../model/golden/make_families.py; in C++, hash_weights.h), a teacher's from
"teacher." and its name, an adapter's from its own.
"""
import json
import pathlib
import sys

import torch
import torch.nn.functional as F
from transformers import LlamaConfig, LlamaForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "model/golden"))
from make_families import base, fnv, mix, np, weights  # noqa: E402
from steps import OPTIONS, STEPS, WARMUP, take  # noqa: E402

VOCAB = 32
CONFIG = base("llama", hidden_size=16, intermediate_size=20, vocab_size=VOCAB, max_position_embeddings=64)
del CONFIG["pad_token_id"]  # transformers gives that token's embedding no gradient

CASES = [
    {"name": "text"},
    {"name": "text, hardly clipped", "clip": 50.0},
    {"name": "forward", "divergence": "forward"},
    {"name": "forward and text, warm", "divergence": "forward", "scores": 0.7, "temperature": 2.0},
    {"name": "reverse", "divergence": "reverse"},
    {"name": "jsd", "divergence": "jsd", "beta": 0.3},
    {"name": "jsd, stored", "divergence": "jsd", "beta": 0.3, "top": 5, "temperature": 1.5},
    {"name": "adapter, text", "rank": 3, "alpha": 0.9},
    {"name": "adapter, jsd", "rank": 3, "alpha": 0.9, "divergence": "jsd", "beta": 0.5},
]


def texts():
    numbers = iter(int(x) % VOCAB for x in mix(np.uint64(fnv("texts")) + np.arange(200, dtype=np.uint64)) >> np.uint64(40))
    some = lambda count: [next(numbers) for _ in range(count)]
    made = [{"prompt": some(1 + i), "answer": some(1 + (i * 3) % 4)} for i in range(6)]
    for text in made[::2]:  # a teacher is shown more of these
        text["shown"] = some(3) + text["prompt"]
    return made


def model(prefix):
    config = LlamaConfig(**{key: value for key, value in CONFIG.items() if key != "model_type"})
    config._attn_implementation = "eager"
    made = LlamaForCausalLM(config).double()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.copy_(torch.from_numpy(weights(prefix + name, list(parameter.shape), 1)))
    return made


def add_adapter(student, rank, alpha):
    """y = W x + alpha / rank * B (A x) for every linear layer but the head; what is trained, by the names PEFT gives."""
    trained = {}
    for name, layer in student.named_modules():
        if not isinstance(layer, torch.nn.Linear) or name == "lm_head":
            continue
        sides = []
        for side, shape in (("A", [rank, layer.in_features]), ("B", [layer.out_features, rank])):
            full = f"base_model.model.{name}.lora_{side}.weight"
            value = torch.nn.Parameter(torch.from_numpy(weights(full, shape, 1)).double())
            trained[full] = value
            sides.append(value)
        a, b = sides
        layer.register_forward_hook(lambda _, x, y, a=a, b=b: y + alpha / rank * F.linear(F.linear(x[0], a), b))
    return trained


def answer_logits(reader, text, prompt):
    ids = prompt + text["answer"]
    logits = reader(torch.tensor([ids]), use_cache=False).logits[0]
    return logits[len(prompt) - 1 : len(ids) - 1]


def with_rest(log_probs, ids):
    """The tokens `ids`, and all others as one outcome."""
    known = log_probs.gather(-1, ids)
    return torch.cat([known, torch.log1p(-known.exp().sum(-1, keepdim=True))], -1)


def divergence(case, own, known):
    temperature, beta = case.get("temperature", 1.0), case.get("beta", 0.5)
    q, p = F.log_softmax(own / temperature, -1), F.log_softmax(known / temperature, -1)
    if "top" in case:
        ids = known.topk(case["top"], -1).indices
        q, p = with_rest(q, ids), with_rest(p, ids)
    kl = lambda of, to: F.kl_div(to, of, reduction="batchmean", log_target=True)  # KL(of || to), mean over tokens
    if case["divergence"] == "forward":
        loss = kl(p, q)
    elif case["divergence"] == "reverse":
        loss = kl(q, p)
    else:
        mixed = torch.log(beta * p.exp() + (1 - beta) * q.exp())
        loss = beta * kl(p, mixed) + (1 - beta) * kl(q, mixed)
    return temperature**2 * loss


def loss_of(case, student, teacher, data):
    own = torch.cat([answer_logits(student, text, text["prompt"]) for text in data])
    targets = torch.tensor([token for text in data for token in text["answer"]])
    by_text = F.cross_entropy(own, targets)
    if "divergence" not in case:
        return by_text
    with torch.no_grad():
        known = torch.cat([answer_logits(teacher, text, text.get("shown", text["prompt"])) for text in data])
    scores = case.get("scores", 1.0)
    return scores * divergence(case, own, known) + (1 - scores) * by_text


def train(case, data):
    student, teacher = model(""), model("teacher.")
    trained = add_adapter(student, case["rank"], case["alpha"]) if "rank" in case else dict(student.named_parameters())
    return take(case, trained, lambda: loss_of(case, student, teacher, data), decays="rank" not in case)


def main():
    data = texts()
    lines = ",\n".join(json.dumps(train(case, data)) for case in CASES)
    out = HERE / "decoder_steps.json"
    out.write_text(f'{{"config": {json.dumps(CONFIG)}, "steps": {STEPS}, "warmup": {WARMUP}, '
                   f'"options": {json.dumps(OPTIONS)},\n"texts": {json.dumps(data)},\n"cases": [\n{lines}\n]}}\n')
    print(out, out.stat().st_size)


if __name__ == "__main__":
    main()
