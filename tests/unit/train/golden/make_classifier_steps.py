"""Writes classifier_steps.json: what a small BERT's weights are after some steps of training as a classifier, by PyTorch
in float64, from labels and from a teacher's scores and states. As make_decoder_steps.py, which see.
"""
import json
import pathlib
import sys

import torch
import torch.nn.functional as F
from transformers import BertConfig, BertForSequenceClassification

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "model/golden"))
from make_families import fnv, mix, np, weights  # noqa: E402
from steps import OPTIONS, STEPS, WARMUP, take  # noqa: E402

# as TinyBertConfig of ../../model/tiny_bert.h
CONFIG = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24, "vocab_size": 50,
          "max_position_embeddings": 32, "layer_norm_eps": 1e-12, "num_labels": 3}
CASES = [
    {"name": "labels"},
    {"name": "labels, smoothed", "smoothing": 0.1},
    {"name": "scores and labels", "scores": 0.7, "temperature": 2.0},
    {"name": "scores and states", "scores": 1.0, "temperature": 1.0, "states": 0.5},
]


def texts():
    numbers = [int(x) for x in mix(np.uint64(fnv("texts")) + np.arange(200, dtype=np.uint64)) >> np.uint64(40)]
    made, at = [], 0
    for i in range(6):
        made.append({"ids": [4 + number % 46 for number in numbers[at : at + 2 + i]], "label": numbers[at] % 3})
        at += 2 + i
    return made


def model(prefix):
    """Types are a part of positions, which are what is trained: all texts are of the first type."""
    config = BertConfig(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, **CONFIG)
    config._attn_implementation = "eager"
    made = BertForSequenceClassification(config).double()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.copy_(torch.from_numpy(weights(prefix + name, list(parameter.shape), 1)))
        embeddings = made.bert.embeddings
        embeddings.position_embeddings.weight += embeddings.token_type_embeddings.weight[0]
        embeddings.token_type_embeddings.weight.zero_()
    embeddings.token_type_embeddings.weight.requires_grad_(False)
    return made


def loss_of(case, student, teacher, data):
    logits, known, squares = [], [], [[], []]
    for text in data:
        ids = torch.tensor([text["ids"]])
        own = student(ids, output_hidden_states=True)
        with torch.no_grad():
            other = teacher(ids, output_hidden_states=True)
        logits.append(own.logits)
        known.append(other.logits)
        for layer in range(2):
            squares[layer].append((own.hidden_states[layer + 1] - other.hidden_states[layer + 1]).pow(2).mean(-1)[0])
    logits, known = torch.cat(logits), torch.cat(known)
    labels = torch.tensor([text["label"] for text in data])
    loss = F.cross_entropy(logits, labels, label_smoothing=case.get("smoothing", 0.0))
    if "scores" not in case:
        return loss
    temperature = case["temperature"]
    scores = temperature**2 * F.kl_div(F.log_softmax(logits / temperature, -1), F.log_softmax(known / temperature, -1),
                                       reduction="batchmean", log_target=True)
    states = sum(torch.cat(layer).mean() for layer in squares) / 2
    return (1 - case["scores"]) * loss + case["scores"] * scores + case.get("states", 0.0) * states


def train(case, data):
    student, teacher = model(""), model("teacher.")
    trained = {name: value for name, value in student.named_parameters() if value.requires_grad}
    done = take(case, trained, lambda: loss_of(case, student, teacher, data))
    done["weights"] = {name.removeprefix("bert."): packed for name, packed in done["weights"].items()}
    return done


def main():
    data = texts()
    lines = ",\n".join(json.dumps(train(case, data)) for case in CASES)
    out = HERE / "classifier_steps.json"
    out.write_text(f'{{"steps": {STEPS}, "warmup": {WARMUP}, "options": {json.dumps(OPTIONS)},\n'
                   f'"texts": {json.dumps(data)},\n"cases": [\n{lines}\n]}}\n')
    print(out, out.stat().st_size)


if __name__ == "__main__":
    main()
