#!/usr/bin/env python3
"""Makes what the tests of GGUF tokenisers compare with, from corpus.jsonl (make_tokens.py), with nothing of tokenizers'
cutting and normalising in it:

    python3 -m venv v && v/bin/pip install tokenizers==0.23.3 gguf==0.19.0 numpy regex sentencepiece protobuf
    v/bin/python make_gguf_tokens.py SMOLLM2_GGUF [GEMMA3_GGUF]

qwen2, llama-bpe, gpt-2, default.tokens: SmolLM2's vocabulary, cut as those models (and llama.cpp's "default") do, with the
regex package. sentencepiece.json: a small SentencePiece vocabulary with byte fallback, trained on the corpus, in the order
of its scores; sentencepiece.tokens: its ids by SentencePiece itself; sentencepiece-prefix.tokens: the same with a blank put
before each line, of the lines without user-defined tokens, and that begin with no blank (for two blanks are one; behind
user-defined tokens, llama.cpp and Hugging Face put another blank, SentencePiece does not). gemma3.tokens: the same for Gemma 3's vocabulary, with SentencePiece's model made from the GGUF.
A line of a *.tokens file is for BLOCK lines of the corpus: the number of their ids and the FNV-1a hash of all.
"""
import io
import json
import pathlib
import sys
import unicodedata

import regex
import sentencepiece
from gguf import GGUFReader
from sentencepiece import sentencepiece_model_pb2 as model_pb2
from tokenizers import models

from make_tokens import field, fnv

HERE = pathlib.Path(__file__).parent
BLOCK = 10

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
HEAD = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+"
CUTS = {
    "gpt-2": [GPT2],
    "qwen2": [HEAD + r"|\p{N}" + TAIL],
    "llama-bpe": [HEAD + r"|\p{N}{1,3}" + TAIL],
    "default": [r"[\p{P}\$\+<=>\^~\|]+",
                r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)", r"\p{N}+", r"[0-9][0-9][0-9]"],
}


def byte_names():
    own = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174]
    others = [b for b in range(256) if b not in own]
    return {b: chr(b) for b in own} | {b: chr(256 + i) for i, b in enumerate(others)}


def cut(text, pattern):
    """Matches, and what lies between them."""
    pieces, end = [], 0
    for match in regex.finditer(pattern, text):
        if match.start() == match.end():
            continue
        pieces += [text[end : match.start()], match.group()]
        end = match.end()
    return [piece for piece in pieces + [text[end:]] if piece]


def byte_level(path, name, texts):
    reader = GGUFReader(path)
    tokens, types, merges = (field(reader, k) for k in ("tokens", "token_type", "merges"))
    vocab = {t: i for i, t in enumerate(tokens)}
    bpe = models.BPE(vocab, [tuple(m.split(" ", 1)) for m in merges])
    control = "|".join(regex.escape(t) for t in sorted((t for t, k in zip(tokens, types) if k == 3), key=len, reverse=True))
    names = byte_names()
    for text in texts:
        ids = []
        for part in cut(text, control):
            if part in vocab and types[vocab[part]] == 3:
                ids.append(vocab[part])
                continue
            pieces = [unicodedata.normalize("NFC", part) if name == "qwen2" else part]
            for pattern in CUTS[name]:
                pieces = [small for piece in pieces for small in cut(piece, pattern)]
            for piece in pieces:
                spelled = "".join(names[b] for b in piece.encode())
                if name == "llama-bpe" and spelled in vocab:
                    ids.append(vocab[spelled])
                else:
                    ids += [token.id for token in bpe.tokenize(spelled)]
        yield ids


def train(texts):
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(t for t in texts[:95] if "\0" not in t), model_writer=out, model_type="bpe",
        vocab_size=900, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        character_coverage=0.98,
        user_defined_symbols=["\u2581\u2581", "\u2581\u2581\u2581", "\n", "\n\n", "<b>"], num_threads=1, minloglevel=2)
    model = model_pb2.ModelProto()
    model.ParseFromString(out.getvalue())
    return model


def of_gguf(path):
    """The SentencePiece model that the vocabulary in a GGUF comes from. The converter has user-defined blanks as blanks."""
    reader, model = GGUFReader(path), model_pb2.ModelProto()
    tokens, scores, types = (field(reader, k) for k in ("tokens", "scores", "token_type"))
    for i, (token, score, kind) in enumerate(zip(tokens, scores, types)):
        piece = model.pieces.add()
        piece.piece, piece.score = token.replace(" ", "\u2581") if kind == 4 else token, score
        piece.type = 2 if token == "<unk>" else kind
    model.trainer_spec.model_type = 2
    model.trainer_spec.byte_fallback = True
    model.trainer_spec.unk_id = tokens.index("<unk>")
    model.trainer_spec.bos_id, model.trainer_spec.eos_id, model.trainer_spec.pad_id = -1, -1, -1
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.remove_extra_whitespaces = False
    model.normalizer_spec.escape_whitespaces = True
    return model


def by_sentencepiece(model, prefix, texts):
    model.normalizer_spec.add_dummy_prefix = prefix
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.SerializeToString())
    return [processor.encode(text) for text in texts]


def write(name, lists):
    lists = list(lists)
    with open(HERE / f"{name}.tokens", "w", encoding="utf-8") as f:
        for begin in range(0, len(lists), BLOCK):
            ids = [i for line in lists[begin : begin + BLOCK] for i in line]
            f.write(f"{len(ids)} {fnv(ids):08x}\n")
    print(name, sum(map(len, lists)), "ids")


def main():
    smollm2, *gemma = sys.argv[1:]
    texts = [json.loads(line) for line in open(HERE / "corpus.jsonl", encoding="utf-8")]
    for name in CUTS:
        write(name, byte_level(smollm2, name, texts))
    model = train(texts)
    vocab = [[p.piece, round(p.score), p.type] for p in model.pieces]
    (HERE / "sentencepiece.json").write_text(
        "[" + ",\n".join(json.dumps(p, ensure_ascii=False) for p in vocab).replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029").replace("\u0085", "\\u0085") + "]\n")
    write("sentencepiece", by_sentencepiece(model, False, texts))
    plain = [t for t in texts if not any(part in " " + t for part in ("  ", "\n", "<b>"))]
    write("sentencepiece-prefix", by_sentencepiece(model, True, plain))
    if gemma:
        write("gemma3", by_sentencepiece(of_gguf(gemma[0]), False, texts))


if __name__ == "__main__":
    main()
