"""Writes gemma3_llama_cpp.json: greedy tokens of Gemma 3 270M by llama.cpp, from the GGUF given as argument.

llama.cpp rounds activations to 8 bits where weights are quantised, which no other implementation does. So it is given the
same weights dequantised to float32 (by gguf), with a cache in float32. Prompts are the tokens of gemma3.json. For each: 32
tokens chosen greedily, and by how much each one's log-probability was ahead of the next: what is nearly equal is a tie.
"""
import json
import pathlib
import sys
import tempfile

import gguf
import numpy as np
import xllamacpp

HERE = pathlib.Path(__file__).parent
GREEDY = 32


def write_float32(path, out):
    reader = gguf.GGUFReader(path)
    writer = gguf.GGUFWriter(out, reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name == "general.architecture" or field.name.startswith("GGUF."):
            continue
        of = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), field.types[0], of)
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        writer.add_tensor(tensor.name, values.reshape([int(n) for n in reversed(tensor.shape)]))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def serve(path):
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx = 2048
    params.n_parallel = 1
    params.cpuparams.n_threads = 2
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.warmup = False
    return xllamacpp.Server(params)


def main():
    prompts = [case["tokens"] for case in json.loads((HERE / "gemma3.json").read_text())["cases"]]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/float32.gguf"
        write_float32(sys.argv[1], path)
        server = serve(path)
        cases = []
        for tokens in prompts:
            answer = server.handle_completions({
                "prompt": tokens, "n_predict": GREEDY, "temperature": 0.0, "top_k": 1, "logprobs": 2, "ignore_eos": True,
                "cache_prompt": False})
            answer = answer if isinstance(answer, dict) else json.loads(answer)
            said = answer["choices"][0]["logprobs"]["content"]
            ahead = [entry["top_logprobs"][0]["logprob"] - entry["top_logprobs"][1]["logprob"] for entry in said]
            cases.append({"prompt_tokens": len(tokens), "greedy": [entry["id"] for entry in said],
                          "ahead": [round(value, 5) for value in ahead]})
            print(len(tokens), repr(answer["choices"][0]["text"]), min(ahead), flush=True)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "gemma3_llama_cpp.json").write_text(
        f'{{"xllamacpp": "{xllamacpp.__version__}", "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
