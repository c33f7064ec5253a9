"""sentence-transformers or ONNX Runtime behind lines of JSON, as main.cc answers them. Runs in the peers' own Python."""

import argparse
import json
import os
import pathlib
import sys
import time

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="true", DO_NOT_TRACK="1")


class SentenceTransformers:
    def __init__(self, options):
        import sentence_transformers
        import torch
        torch.set_num_threads(options.threads)
        self.model = sentence_transformers.SentenceTransformer(options.model, device="cpu")
        self.version = sentence_transformers.__version__

    def embed(self, texts):
        return self.model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)


class Onnx:
    """The exported model with ONNX Runtime's own fusions, in float32 or with weights and activations in int8."""

    def __init__(self, options):
        import numpy
        import onnxruntime
        import tokenizers
        self.numpy = numpy
        self.version = onnxruntime.__version__
        self.tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(options.model) / "tokenizer.json"))
        self.tokenizer.enable_padding()
        self.tokenizer.enable_truncation(256)
        session = onnxruntime.SessionOptions()
        session.intra_op_num_threads = options.threads
        session.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = onnxruntime.InferenceSession(str(self.file(options)), session, ["CPUExecutionProvider"])
        self.inputs = {one.name for one in self.session.get_inputs()}

    def file(self, options):
        folder = pathlib.Path(options.work)
        folder.mkdir(parents=True, exist_ok=True)
        fused = folder / "minilm-fused.onnx"
        if not fused.exists():
            export(options.model, folder / "minilm.onnx")
            from onnxruntime.transformers import optimizer
            optimizer.optimize_model(str(folder / "minilm.onnx"), model_type="bert", num_heads=12, hidden_size=384,
                                     opt_level=1).save_model_to_file(str(fused))
        if options.peer == "onnx":
            return fused
        small = folder / "minilm-int8.onnx"
        if not small.exists():
            from onnx import TensorProto
            from onnxruntime.quantization import QuantType, quantize_dynamic
            quantize_dynamic(str(fused), str(small), per_channel=True, weight_type=QuantType.QInt8,
                             extra_options={"DefaultTensorType": TensorProto.FLOAT})
        return small

    def embed(self, texts):
        return self.numpy.concatenate([self.call(texts[at:at + 32]) for at in range(0, len(texts), 32)])

    def call(self, texts):
        numpy = self.numpy
        encoded = self.tokenizer.encode_batch(texts)
        mask = numpy.array([one.attention_mask for one in encoded], dtype=numpy.int64)
        feed = {"input_ids": numpy.array([one.ids for one in encoded], dtype=numpy.int64), "attention_mask": mask,
                "token_type_ids": numpy.zeros_like(mask)}
        states = self.session.run(None, {name: value for name, value in feed.items() if name in self.inputs})[0]
        sums = (states * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
        return sums / numpy.linalg.norm(sums, axis=1, keepdims=True)


def export(model, path):
    import torch
    import transformers
    bert = transformers.AutoModel.from_pretrained(model, attn_implementation="eager").eval()
    ids = torch.ones(2, 8, dtype=torch.int64)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with torch.no_grad():
        torch.onnx.export(bert, (ids, ids, ids * 0), str(path), input_names=names, output_names=["states"],
                          dynamic_axes={name: {0: "texts", 1: "tokens"} for name in [*names, "states"]},
                          opset_version=17, dynamo=False)


PEERS = {"sentence-transformers": SentenceTransformers, "onnx": Onnx, "onnx-int8": Onnx}


def measure(peer, texts, batch, seconds):
    begin, count, at = time.perf_counter(), 0, 0
    while time.perf_counter() - begin < seconds:
        peer.embed([texts[(at + i) % len(texts)] for i in range(batch)])
        at += batch
        count += batch
    return {"texts_s": count / (time.perf_counter() - begin)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--model", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    answers, sys.stdout = sys.stdout, sys.stderr  # libraries talk on stdout
    peer = PEERS[options.peer](options)
    peer.embed(["memory and threads are there when the first line comes"])
    print(json.dumps({"version": peer.version}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "batch" in request:
            answer = measure(peer, request["texts"], request["batch"], request.get("seconds", 5.0))
        else:
            answer = {"vectors": [[float(value) for value in row] for row in peer.embed(request["texts"])]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
