"""Writes minilm.json: embeddings of 50 sentences in several languages by sentence-transformers, from the folder given.

Vectors are packed as float16: that costs 1e-7 of cosine.
"""
import base64
import json
import pathlib
import sys

import numpy as np
from sentence_transformers import SentenceTransformer

SENTENCES = """Where is my order A-1042?
I want my money back.
The parcel arrived, but the box was crushed and two of the six glasses are broken.
How do I change my delivery address?
Thanks, that was quick!
Can I pay by bank transfer or only by card?
Please cancel my subscription at the end of this month.
hi
?
WHY DOES NOBODY ANSWER THE PHONE
My card was charged twice for the same purchase on 3 November, once 49.99 and once 49.99.
The quick brown fox jumps over the lazy dog.
Is the blue jacket (size M) back in stock?
I'd like to speak to a manager, please; this isn't acceptable.
What's the difference between the Pro and the Basic plan?
e = mc^2 and a^2 + b^2 = c^2
print("hello, world")  # greets
SELECT name FROM users WHERE id = 42;
https://example.com/a/b?c=d&e=f#g
user@example.com wrote: ok
Wo ist meine Bestellung? Ich warte seit zwei Wochen.
Können Sie mir bitte die Rechnung noch einmal schicken?
Die Straße führt über die Brücke nach Österreich.
Où est mon colis ? Je l'attends depuis une semaine.
Je voudrais échanger ces chaussures contre une pointure plus grande.
¿Dónde está mi pedido? Lo necesito mañana.
El niño comió una piña en la montaña.
Onde fica a estação de comboios mais próxima?
Não consigo entrar na minha conta.
Vorrei restituire questo prodotto perché è difettoso.
Gdzie jest moja paczka? Zażółć gęślą jaźń.
Siparişim nerede? İade etmek istiyorum.
Kde je můj balíček? Příliš žluťoučký kůň.
Hol van a csomagom? Árvíztűrő tükörfúrógép.
Var är min beställning? Jag åker till Malmö.
Missä tilaukseni on? Hyvää yötä.
Đơn hàng của tôi ở đâu?
Где мой заказ? Я жду уже неделю.
Де моє замовлення? Дякую.
Πού είναι η παραγγελία μου;
איפה ההזמנה שלי?
أين طلبي؟ شكرا لكم.
मेरा ऑर्डर कहाँ है?
আমার অর্ডার কোথায়?
คำสั่งซื้อของฉันอยู่ที่ไหน
我的订单在哪里？
注文した商品はどこですか。
제 주문은 어디에 있나요?
Great service 👍🏽 thank you so much 😀🎉
"""

model = SentenceTransformer(sys.argv[1], device="cpu")
sentences = SENTENCES.rstrip("\n").split("\n") + ["The delivery was late and nobody told me anything about it. " * 40]
vectors = model.encode(sentences, batch_size=16, convert_to_numpy=True)
packed = base64.b64encode(np.ascontiguousarray(vectors, dtype="<f2").tobytes()).decode()
out = pathlib.Path(__file__).parent / "minilm.json"
lines = ",\n".join(json.dumps(sentence, ensure_ascii=False) for sentence in sentences)
out.write_text(f'{{"width": {vectors.shape[1]}, "sentences": [\n{lines}\n],\n"vectors": "{packed}"}}\n')
print(len(sentences), out, out.stat().st_size)
