// Fills texts in with the browser module, for content_test.py: reads {"module", "from", "base", "wishes": [{"audience",
// "user", "slots"}]} and answers a list of {"text"} or {"error"}. `from` is what the base is: a server ("text") or a
// bucket ("textOfBucket").
const input = JSON.parse(await new Promise((resolve) => {
  let text = '';
  process.stdin.on('data', (piece) => text += piece).on('end', () => resolve(text));
}));
const content = (await import(input.module)).default;
if (input.vectors) {
  for (const [key, hash] of input.vectors.hashes) {
    if (content.hashOf(key) !== hash) throw new Error('hash of ' + key + ' is ' + content.hashOf(key));
  }
  for (const one of input.vectors.picks) {
    const variants = one.texts.map(([id, weight]) => ({id, weight}));
    const pick = content.pick({set: one.set, variants}, one.user);
    if (pick !== one.pick) throw new Error(JSON.stringify(one) + ' is ' + pick);
  }
}
const answers = [];
for (const wish of input.wishes) {
  try {
    answers.push({text: await content[input.from](input.base, wish.audience, wish.user, wish.slots)});
  } catch (error) {
    answers.push({error: error.message});
  }
}
console.log(JSON.stringify(answers));
