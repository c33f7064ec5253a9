#!/usr/bin/env python3
"""Makes corpus.jsonl, minilm.tokens and smollm2.tokens: what Hugging Face's tokenizers says about lines of many scripts.

    python3 -m venv v && v/bin/pip install tokenizers==0.23.3 gguf==0.19.0 numpy
    v/bin/python make_tokens.py MINILM_FOLDER SMOLLM2_GGUF

corpus.jsonl: one JSON string a line. *.tokens: for each line the number of ids and the FNV-1a hash (32 bits) of the ids,
each as 4 bytes, lowest first. MiniLM's tokenizer.json is read as it is, without its padding and truncation. SmolLM2's is
made from the GGUF's vocabulary and merges with the steps of HuggingFaceTB/SmolLM2-135M-Instruct's tokenizer.json (digits
one by one, then GPT-2's byte-level cut). Where llama_cpp can be imported, SmolLM2's ids are compared with llama.cpp's too.
(transformers' own reading of a GGUF leaves the digits' step out: it differs on the 96 lines with digits beyond ASCII.)
"""
import json
import pathlib
import random
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

HERE = pathlib.Path(__file__).parent

SENTENCES = [
    "The parcel hasn't arrived yet, and it's been 12 days since I've paid.",
    "Where's my order A-1042? I'd like $49.99 back; they'll know why.",
    "WE'RE OPEN 24/7, DON'T CALL BEFORE 08:30!",
    "Größe 38 passt nicht; können Sie es für 5,90 € umtauschen? Straße, Öl, Übung.",
    "Où est mon colis ? Ça fait déjà trois semaines, l'été est fini… « merci »",
    "¿Dónde está mi pedido? ¡Llegó roto! Mañana llamaré al señor Núñez.",
    "Não recebi o código; a ligação caiu às 15h e não voltou.",
    "Perché la città è così? Il caffè costa già 1,20 €.",
    "Mijn bestelling is zoekgeraakt, kunt u 't nakijken?",
    "Jag har inte fått någon återbetalning på över två veckor.",
    "Çok teşekkür ederim, İstanbul'a ne zaman gelecek? ığüşöç",
    "Zażółć gęślą jaźń; łódź płynie po Wiśle.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Árvíztűrő tükörfúrógép, kérem küldjék vissza.",
    "Xin chào, tôi muốn trả lại đơn hàng này vì nó bị hỏng.",
    "Где мой заказ? Я заплатил 1500 ₽ ещё в прошлый вторник, а посылки нет.",
    "Де моє замовлення? Їжак і ґанок, п'ять гривень.",
    "Πού είναι η παραγγελία μου; Πλήρωσα την περασμένη Τρίτη.",
    "איפה ההזמנה שלי? שילמתי לפני שבועיים. שָׁלוֹם",
    "أين طلبي؟ دفعت ثمنه قبل أسبوعين ولم يصل. مُحَمَّد ١٢٣٤٥",
    "سفارش من کجاست؟ می‌خواهم پولم را پس بگیرم. ۱۲۳",
    "मेरा ऑर्डर कहाँ है? मैंने पिछले मंगलवार को भुगतान किया था। १२३",
    "আমার অর্ডার কোথায়? আমি টাকা ফেরত চাই।",
    "என் ஆர்டர் எங்கே? நான் பணத்தைத் திரும்பப் பெற விரும்புகிறேன்.",
    "నా ఆర్డర్ ఎక్కడ ఉంది? దయచేసి సహాయం చేయండి.",
    "ഞാൻ എന്റെ ഓർഡർ കാത്തിരിക്കുന്നു.",
    "คำสั่งซื้อของฉันอยู่ที่ไหน ฉันจ่ายเงินไปแล้วสองสัปดาห์ ๑๒๓",
    "ຂ້ອຍຢາກໄດ້ເງິນຄືນ",
    "ကျွန်ုပ်၏ အော်ဒါ ဘယ်မှာလဲ",
    "ការបញ្ជាទិញរបស់ខ្ញុំនៅឯណា",
    "我的订单在哪里？我上周二就付款了，到现在还没有收到。",
    "我的訂單在哪裡？請幫我查一下「編號１２３４」。",
    "私の注文はどこですか？先週の火曜日に支払いました。ｶﾀｶﾅ ガギグ",
    "제 주문은 어디에 있나요? 지난 화요일에 결제했어요. 한국어",
    "სად არის ჩემი შეკვეთა? გადავიხადე.",
    "Որտե՞ղ է իմ պատվերը։",
    "ትዕዛዜ የት ነው? ገንዘቤን መልሱልኝ።",
    "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ",
    "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ",
    "བོད་ཡིག་ནི་སྙན་ངག་གོ",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒎𝒂𝒕𝒉 𝟙𝟚𝟛 ﬁnd oﬃce ™ № ½ ² ₃ Ⅷ ㊿",
    "🙂 ok 👍🏽 thanks 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 ❤️‍🔥 1️⃣ #️⃣ ☕",
    "e\u0301 vs \u00e9, a\u0308 vs \u00e4, Z\u0351\u036b\u0343\u036aa\u0302\u0346l\u030ag\u0360o\u0321",
    "zero\u200bwidth \u200djoin \ufeffbom \u00adsoft \u2060word \u202emirror\u202c \u00a0nbsp \u3000wide \u2003em",
    "https://shop.example.com/orders?id=20417&lang=de#top or mail ann.lee+help@example.co.uk",
    "def add(a: int, b: int = 0) -> int:\n    \"\"\"Adds.\"\"\"\n    return a + b  # 0x1F, 1e-9\n",
    "for (size_t i = 0; i < n; ++i) { sum += values[i] * 0.5f; }\t// loop",
    "SELECT id, total FROM orders WHERE status <> 'paid' AND total >= 19.90;",
    "{\"order\": \"20417\", \"items\": [1, 2.50, -3e10, null, true], \"note\": \"a\\\"b\\\\c\"}",
    "<p class=\"x\">a &amp; b</p><!-- c --> <br/>",
    "fn main() { println!(\"{:?}\", vec![1u8; 3].iter().map(|x| x<<1).collect::<Vec<_>>()); }",
    "#!/bin/sh\nset -eu; for f in *.txt; do sed -i 's/a\\/b/c/g' \"$f\"; done\r\n",
    "\\frac{a^2+b^2}{\\sqrt{c_1}} \\leq \\sum_{i=0}^{\\infty} x_i",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n* **bold** _it_ `code`",
    "1 22 333 4444 55555 1234567890 3.14159 1,000,000 1'000 12:34:56 2026-11-23 0b1010 007",
    "<|im_start|>user\nhi<|im_end|>\n<|endoftext|><repo_name>[CLS] [SEP] [MASK] [UNK] [PAD] ##ing <s></s>",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "antidisestablishmentarianism Donaudampfschifffahrtsgesellschaftskapitän",
    "'s 't 're 've 'm 'll 'd 'S 'T 'RE ’s ’t it''s '''",
    "!!! ??? ... ,,, ;;; ::: --- ___ *** /// \\\\\\ (((()))) [[]] {{}} <<>> @@@ ### $$$ %%% ^^^ &&& ~~~ ```",
]
BLANKS = ["", " ", "  ", "   ", "\t", "\t\t ", "\n", "\n\n\n", "\r\n", " \n ", "\u00a0", "\u2003\u2003", "\u3000", "\u200b",
          "a  b", "a   b", "  a", "a  ", "\ta\t\tb\n", "a\n\n b", "a \n\n\n   b", "     def f():\n          x", "\u0085\u2028\u2029",
          "\x00", "a\x00b", "\x01\x02\x1f\x7f", "\ufffd", "\ufeff", "\u0301", "\U0010ffff", "\ue000"]


def lines():
    random.seed(20261123)
    out = BLANKS + SENTENCES
    out += [s.upper() for s in SENTENCES[:24]] + [" " + s for s in SENTENCES[::3]] + [s.lower() for s in SENTENCES[1::3]]
    words = [w for s in SENTENCES for w in s.split(" ") if w]
    glue = [" "] * 12 + ["  ", "", ", ", "\n", "\t", " - ", "...", "\n\n", "\u00a0"]
    while len(out) < 1700:
        n = random.randint(1, 9)
        text = "".join(random.choice(words) + random.choice(glue) for _ in range(n))
        out.append(text if random.random() < 0.5 else text.strip())
    ranges = [(0x20, 0x7e), (0xa0, 0x24f), (0x250, 0x36f), (0x370, 0x52f), (0x590, 0x6ff), (0x900, 0xdff), (0xe00, 0xfff),
              (0x1000, 0x1fff), (0x2000, 0x2bff), (0x3000, 0x30ff), (0x4e00, 0x9fff), (0xac00, 0xd7a3), (0xf900, 0xfffd),
              (0x10000, 0x103ff), (0x1d400, 0x1d7ff), (0x1f300, 0x1faff), (0x20000, 0x20100)]
    while len(out) < 2300:
        low, high = random.choice(ranges)
        text = "".join(chr(random.randint(low, high)) if random.random() < 0.85 else random.choice(" 07aZ.\n")
                       for _ in range(random.randint(1, 14)))
        out.append("".join(c for c in text if not 0xd800 <= ord(c) <= 0xdfff))
    return out


def fnv(ids):
    h = 0x811c9dc5
    for i in ids:
        for b in i.to_bytes(4, "little"):
            h = ((h ^ b) * 0x01000193) & 0xffffffff
    return h


def field(reader, key):
    return reader.fields["tokenizer.ggml." + key].contents()


def smollm2(path):
    from gguf import GGUFReader
    reader = GGUFReader(path)
    tokens, types, merges = (field(reader, k) for k in ("tokens", "token_type", "merges"))
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, [tuple(m.split(" ", 1)) for m in merges]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    control = [t for t, kind in zip(tokens, types) if kind == 3]
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in control])
    return tokenizer


def compare_with_llama(path, texts, tokenizer):
    try:
        from llama_cpp import Llama
    except ImportError:
        print("llama_cpp is not there: SmolLM2's ids are not compared with llama.cpp's")
        return
    llama = Llama(path, vocab_only=True, verbose=False)
    other = [t for t in texts
             if "\0" not in t and llama.tokenize(t.encode(), add_bos=False, special=True) != tokenizer.encode(t).ids]
    print(f"llama.cpp differs on {len(other)} of {len(texts)} lines", *map(repr, other[:20]), sep="\n  ")


def main():
    minilm, gguf = sys.argv[1:]
    texts = lines()
    with open(HERE / "corpus.jsonl", "w", encoding="utf-8") as f:
        f.writelines(json.dumps(t, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
                     .replace("\u0085", "\\u0085") + "\n" for t in texts)
    bert = Tokenizer.from_file(str(pathlib.Path(minilm) / "tokenizer.json"))
    bert.no_padding()
    bert.no_truncation()
    for name, tokenizer in (("minilm", bert), ("smollm2", smollm2(gguf))):
        with open(HERE / f"{name}.tokens", "w", encoding="utf-8") as f:
            for text in texts:
                ids = tokenizer.encode(text).ids
                f.write(f"{len(ids)} {fnv(ids):08x}\n")
    compare_with_llama(gguf, texts, smollm2(gguf))


if __name__ == "__main__":
    main()
