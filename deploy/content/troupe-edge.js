// Fills content in at the edge: nginx answers POST /v1/fill from manifests and objects in its cache, as the router
// would. The origin is asked only for what the cache has not, and not missed while it is away. For njs 0.7 and later;
// troupe-edge.conf says where it is called.
import content from 'troupe-content.js';
import crypto from 'crypto';
import fs from 'fs';

const kName = /^[a-z0-9][a-z0-9.\-]*$/;
const kFields = ['set', 'audience', 'user', 'slots'];
const kMaxUserBytes = 512;
const kTypes = {html: 'text/html; charset=utf-8', json: 'application/json', text: 'text/plain; charset=utf-8'};

function answer(r, status, type, body) {
  r.headersOut['Content-Type'] = type;
  r.headersOut['Cache-Control'] = 'no-store';
  r.headersOut['X-Content-Type-Options'] = 'nosniff';
  r.return(status, body);
}

function refuse(r, status, code, message) {
  answer(r, status, 'application/json', JSON.stringify({error: {code: code, message: message}}) + '\n');
}

// Of a cached file; null where there is none, and an exception where nobody can say.
async function cached(r, path) {
  const reply = await r.subrequest('/_troupe_cache/v1/content/' + path, {method: 'GET'});
  if (reply.status === 404) return null;
  if (reply.status !== 200) throw new Error('the origin answered ' + reply.status);
  return JSON.parse(reply.responseText);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// What is asked, as the router reads it (router/content/http/fill_body.cc): a field that is there must be right.
function wish(r) {
  const body = JSON.parse(r.requestText);
  if (!isObject(body)) throw new Error("the body must be an object with 'set', 'audience', 'user' and 'slots'");
  const wanted = {set: '', audience: 'all', user: '', slots: {}};
  const keys = Object.keys(body);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (kFields.indexOf(key) < 0) throw new Error("unknown field '" + key.slice(0, 64) + "'");
    if (key === 'slots' ? !isObject(body.slots) : typeof body[key] !== 'string') {
      throw new Error("'" + key + "' must be " + (key === 'slots' ? 'an object of names and values' : 'a text'));
    }
    wanted[key] = body[key];
  }
  if (wanted.set === '') throw new Error("'set' is missing; name the set");
  if (new TextEncoder().encode(wanted.user).length > kMaxUserBytes) {
    throw new Error("'user' has more than " + kMaxUserBytes + ' bytes');
  }
  return wanted;
}

async function fill(r) {
  if (r.method === 'OPTIONS') {
    r.headersOut['Access-Control-Allow-Methods'] = 'POST, OPTIONS';
    r.headersOut['Access-Control-Allow-Headers'] = 'Content-Type';
    r.return(204);
    return;
  }
  if (r.method !== 'POST') {
    r.headersOut['Allow'] = 'POST, OPTIONS';
    refuse(r, 405, 'INVALID_ARGUMENT', 'this address takes POST, OPTIONS');
    return;
  }
  let wanted;
  try {
    wanted = wish(r);
  } catch (e) {
    refuse(r, 400, 'INVALID_ARGUMENT', e.message);
    return;
  }
  let manifest = null;
  let object = null;
  let variant = null;
  try {
    if (kName.test(wanted.set) && kName.test(wanted.audience)) {
      manifest = await cached(r, wanted.set + '/manifests/' + wanted.audience + '.json');
    }
    if (manifest) {
      variant = manifest.variants[content.pick(manifest, wanted.user)];
      r.headersOut['Troupe-Text'] = variant.id;
      object = await cached(r, wanted.set + '/objects/' + variant.object + '.json');
    }
  } catch (e) {
    refuse(r, 503, 'UNAVAILABLE', 'neither the cache nor the origin has it: ' + e.message);
    return;
  }
  if (!manifest || !object) {
    refuse(r, 404, 'NOT_FOUND', 'no such set or audience is published here');
    return;
  }
  let text;
  try {
    text = content.fill(manifest, object, wanted.slots);
  } catch (e) {
    refuse(r, 400, 'INVALID_ARGUMENT', e.message);
    return;
  }
  r.headersOut['Troupe-Version'] = manifest.version;
  r.variables.troupe_use = wanted.set + ' ' + wanted.audience + ' ' + manifest.version + ' ' + variant.id;
  r.headersOut['Content-Language'] = manifest.language;
  r.headersOut['Content-Security-Policy'] = "sandbox; default-src 'none'";
  r.headersOut['Referrer-Policy'] = 'no-referrer';
  answer(r, 200, kTypes[manifest.output], text);
}

// Takes a URL out of the cache, in all forms that it has: nginx fetches what has no file. Keys and folders are those of
// troupe-edge.conf.
function purge(r) {
  const uri = r.uri.slice('/_troupe_purge'.length);
  const forms = ['', 'br', 'gzip'];
  for (let i = 0; i < forms.length; i++) {
    const name = crypto.createHash('md5').update(forms[i] + ' ' + uri).digest('hex');
    try {
      fs.unlinkSync(r.variables.troupe_cache + '/' + name.slice(31) + '/' + name.slice(29, 31) + '/' + name);
    } catch (e) {
      if (e.code !== 'ENOENT') throw e;
    }
  }
  answer(r, 200, kTypes.text, 'Purged\n');
}

export default {fill: fill, purge: purge};
