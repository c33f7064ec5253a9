"""vLLM on the CPU behind lines of JSON, counted as timing.h counts. Runs in the peer's own Python."""

import json
import os
import sys
import time

os.environ.update(HF_HUB_OFFLINE="1", VLLM_CPU_KVCACHE_SPACE="1", VLLM_NO_USAGE_STATS="1", DO_NOT_TRACK="1",
                  VLLM_LOGGING_LEVEL="WARNING", VLLM_HOST_IP="127.0.0.1", GLOO_SOCKET_IFNAME="lo")
import vllm  # noqa: E402


def visit(engine, prompts, new_tokens):
    params = vllm.SamplingParams(max_tokens=new_tokens, min_tokens=new_tokens, ignore_eos=True, temperature=0,
                                 detokenize=False)
    begin = time.perf_counter()
    for number, prompt in enumerate(prompts):
        engine.add_request(f"{begin}-{number}", {"prompt_token_ids": prompt}, params)
    first, seen, arrivals = {}, {}, []
    while engine.has_unfinished_requests():
        outputs = engine.step()
        now = time.perf_counter()
        for output in outputs:
            count = len(output.outputs[0].token_ids)
            if count > seen.get(output.request_id, 0):
                arrivals.append((now, count - seen.get(output.request_id, 0)))
                seen[output.request_id] = count
                first.setdefault(output.request_id, now)
    assert len(seen) == len(prompts) and all(count == new_tokens for count in seen.values()), seen
    read, end = max(first.values()), arrivals[-1][0]
    after = sum(count for at, count in arrivals if at > read)
    return {
        "pp_tok_s": sum(map(len, prompts)) / (read - begin),
        "tg_tok_s": after / (end - read) if after else None,
        "out_tok_s": sum(seen.values()) / (end - begin),
        "ttft_ms": sorted(first.values())[len(first) // 2] * 1000 - begin * 1000,
    }


def main():
    llm = vllm.LLM(model=sys.argv[1], dtype="bfloat16", max_model_len=2048, max_num_seqs=16,
                   enable_prefix_caching=False, seed=0)
    engine = llm.llm_engine
    for sequences, tokens in ((2, 64), (16, 128), (1, 512)):
        visit(engine, [[100 + number] * tokens for number in range(sequences)], 4)
    print(json.dumps({"ready": True, "version": vllm.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(visit(engine, request["prompts"], request["new_tokens"])), flush=True)


if __name__ == "__main__":
    main()
