// Content made ahead, picked and filled in where it is read: in a browser or at the edge (nginx njs). The same user gets
// the same text here as from the router (router/content/pick.cc), and a value is checked and escaped the same way
// (router/content/slot_rule.cc). No dependencies. Written in the JavaScript that njs 0.7 knows, hence the loops.
//
//   import content from './troupe-content.js';
//   element.innerHTML = await content.text('https://cdn.example/v1/content/birthday', 'loyal.en', 'user-17',
//                                          {first_name: 'Ann', amount: '12.50'});
//
// Throws an Error that names the slot where a value is not what its slot takes.

// FNV-1a of the key's UTF-8, then MurmurHash3's last mixing.
function mixed(hash) {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hashOf(key) {
  const bytes = new TextEncoder().encode(key);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return mixed(hash >>> 0);
}

// -ln((hash + 0.5) / 2^32) by the steps of pick.cc, which give the same bits everywhere.
function negativeLog(hash) {
  const ln2 = 0.6931471805599453;
  if (hash === 0) return 33 * ln2;
  const exponent = 31 - Math.clz32(hash);
  const mantissa = (hash + 0.5) / ((1 << exponent) >>> 0);
  const t = (mantissa - 1) / (mantissa + 1);
  const s = t * t;
  let sum = 1.0 / 13;
  for (let odd = 11; odd >= 1; odd -= 2) sum = sum * s + 1.0 / odd;
  return (32 - exponent) * ln2 - 2 * t * sum;
}

// The index of the manifest's variant that the user gets.
function pick(manifest, user) {
  if (typeof user !== 'string') throw new Error("'user' must be a text");
  const userHash = hashOf(user);
  let best = -1;
  let lowest = 0;
  for (let i = 0; i < manifest.variants.length; i++) {
    const variant = manifest.variants[i];
    if (variant.weight <= 0) continue;
    const seed = hashOf(manifest.set + '/' + variant.id);
    const score = negativeLog(mixed((seed ^ userHash) >>> 0)) / variant.weight;
    if (best < 0 || score < lowest) {
      best = i;
      lowest = score;
    }
  }
  if (best < 0) throw new Error('the manifest has no text that could be picked');
  return best;
}

function refuse(slot, why) {
  throw new Error("slot '" + slot.name + "': " + why);
}

function isControl(c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c === 0x2028 || c === 0x2029;
}

function isBidiControl(c) {
  return c === 0x061c || c === 0x200e || c === 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

function isInvisible(c) {
  const nonbreaking = c === 0x200b || c === 0x2060 || c === 0xfeff || c === 0x00ad || c === 0x034f || c === 0x180e;
  const format = (c >= 0x2061 && c <= 0x2065) || (c >= 0x206a && c <= 0x206f) || (c >= 0xfff9 && c <= 0xfffb);
  const tag = c >= 0xe0000 && c <= 0xe0fff;
  return nonbreaking || format || tag || (c & 0xfffe) === 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

function checkCharacters(slot, value) {
  if (value.length > 2 * slot.max) refuse(slot, 'is longer than ' + slot.max + ' characters');
  const named = slot.type === 'name' || slot.type === 'city';
  let count = 0;
  for (let at = 0; at < value.length; count++) {
    const c = value.codePointAt(at);
    at += c > 0xffff ? 2 : 1;
    if (c === 0x0a && slot.type === 'text') continue;
    if (c >= 0xd800 && c <= 0xdfff) refuse(slot, 'is not valid text');
    if (isControl(c)) refuse(slot, 'has a control character');
    if (isBidiControl(c)) refuse(slot, 'has a character that changes the direction of text; take it out');
    if (isInvisible(c)) refuse(slot, 'has an invisible character; take it out');
    if (named && c < 0x80 && !/[A-Za-z0-9 '\-.,()&]/.test(String.fromCharCode(c))) {
      refuse(slot, "has '" + String.fromCharCode(c) + "', which no name has");
    }
  }
  if (count > slot.max) refuse(slot, 'has ' + count + ' characters, at most ' + slot.max + ' are taken');
}

function money(slot, value) {
  const format = slot.money;
  const parts = /^(-?)(0|[1-9][0-9]{0,11})(\.([0-9]+))?$/.exec(value);
  const cents = parts && parts[4] ? parts[4] : '';
  if (!parts || cents.length > format.decimals) {
    refuse(slot, 'must be an amount such as ' + (format.decimals === 0 ? '1234' : '1234.50'));
  }
  let whole = '';
  for (let i = 0; i < parts[2].length; i++) {
    if (i > 0 && (parts[2].length - i) % 3 === 0) whole += format.group;
    whole += parts[2][i];
  }
  let text = parts[1] + format.before + whole;
  if (format.decimals > 0) text += format.decimal + cents + '0'.repeat(format.decimals - cents.length);
  return text + format.after;
}

function date(slot, value) {
  const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(value);
  const year = parts ? Number(parts[1]) : 0;
  const month = parts ? Number(parts[2]) : 0;
  const day = parts ? Number(parts[3]) : 0;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (month < 1 || month > 12 || day < 1 || day > days[month - 1]) {
    refuse(slot, 'must be a day that exists, such as 2026-11-29');
  }
  const values = {d: String(day), m: slot.date.months[month - 1], dd: parts[3], mm: parts[2], y: parts[1]};
  return slot.date.pattern.replace(/\{(d|m|dd|mm|y)\}/g, function (whole, key) {
    return values[key];
  });
}

function checkUrl(slot, value) {
  const scheme = value.startsWith('https://') ? 8 : value.startsWith('http://') ? 7 : 0;
  if (scheme === 0) refuse(slot, 'must begin with https:// or http://');
  if (/[^\x21-\x7e]|[\\"'<>`{}|^]/.test(value)) refuse(slot, 'has a character that URLs must percent-encode');
  const authority = value.slice(scheme).split(/[\/?#]/)[0];
  if (authority.indexOf('@') >= 0) refuse(slot, 'has a user name before its host; leave it out');
  const host = authority.split(':')[0];
  if (host === '') refuse(slot, 'names no host');
  if (slot.hosts && slot.hosts.indexOf(host) < 0) refuse(slot, 'leads to a host that is not allowed');
}

// The value as people read it, before it is escaped.
function formatted(slot, value) {
  checkCharacters(slot, value);
  if (slot.type === 'money') return money(slot, value);
  if (slot.type === 'date') return date(slot, value);
  if ((slot.type === 'name' || slot.type === 'city') && value.replace(/ /g, '') === '') refuse(slot, 'is empty');
  if (slot.type === 'choice' && slot.choices.indexOf(value) < 0) refuse(slot, 'is none of its choices');
  if (slot.type === 'url') checkUrl(slot, value);
  return value;
}

const htmlEscapes = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;'};
const jsonEscapes = {'"': '\\"', '\\': '\\\\', '\n': '\\n', '<': '\\u003c', '>': '\\u003e', '&': '\\u0026'};

function escaped(value, as) {
  if (as === 'text') return value;
  if (as === 'html') return value.replace(/[&<>"']/g, function (c) { return htmlEscapes[c]; });
  if (as === 'json') return value.replace(/["\\\n<>&]/g, function (c) { return jsonEscapes[c]; });
  if (as === 'url') {
    return encodeURIComponent(value).replace(/[!'()*]/g, function (c) {
      return '%' + c.charCodeAt(0).toString(16).toUpperCase();
    });
  }
  throw new Error("the text is escaped as '" + as + "', which this version does not know");
}

// A slot's value as text; null, lists and objects are none.
function asText(slot, given) {
  const fits = typeof given === 'string' || typeof given === 'boolean' || (typeof given === 'number' && isFinite(given));
  if (!fits) refuse(slot, 'must be a text, a number or a boolean');
  return String(given);
}

// The text of a manifest's object with values in its slots. Whether values are refused does not depend on the text.
function fill(manifest, object, values) {
  const known = {};
  for (let i = 0; i < manifest.slots.length; i++) {
    const slot = manifest.slots[i];
    const given = Object.prototype.hasOwnProperty.call(values, slot.name) ? values[slot.name] : slot.default;
    if (given === undefined) throw new Error("slot '" + slot.name + "' has no value and no default; give one");
    known['$' + slot.name] = formatted(slot, asText(slot, given));
  }
  const names = Object.keys(values);
  for (let i = 0; i < names.length; i++) {
    if (known['$' + names[i]] === undefined) throw new Error("there is no slot '" + names[i] + "'");
  }
  let text = '';
  for (let i = 0; i < object.parts.length; i++) {
    const part = object.parts[i];
    text += typeof part === 'string' ? part : escaped(known['$' + part.slot], part.as);
  }
  return text;
}

async function filled(base, manifest, user, values) {
  const variant = manifest.variants[pick(manifest, user)];
  const object = await read(base + '/objects/' + variant.object + '.json');
  return fill(manifest, object, values);
}

async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(url + ' answered ' + answer.status);
  return answer.json();
}

// `base` is the set's address: ORIGIN/v1/content/SET.
async function text(base, audience, user, values) {
  const manifest = await read(base + '/manifests/' + encodeURIComponent(audience) + '.json');
  return filled(base, manifest, user, values);
}

// The same from a bucket, or a folder that a web server shows, with nothing of Troupe's before it: `base` is the address
// of what `troupe content publish` wrote, with the set's name at its end.
async function textOfBucket(base, audience, user, values) {
  const current = await read(base + '/current');
  const manifest = await read(base + '/versions/' + current.version + '/' + encodeURIComponent(audience) + '.json');
  return filled(base, manifest, user, values);
}

export default {hashOf: hashOf, pick: pick, fill: fill, text: text, textOfBucket: textOfBucket};
