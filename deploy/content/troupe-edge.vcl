# Published content in Varnish's cache (7.1 and later), in front of `troupe content serve`. Written by
# `troupe content edge --target varnish`; start Varnish with it:
#
#   varnishd -a :80 -s default,1g -f @FOLDER@/troupe-edge.vcl
#
# Manifests, texts and fragments come from the cache, and the browser module fills them in. POST /v1/fill goes through to
# the origin: VCL can neither read a request's body nor check a stranger's values, so nothing is filled in here.
vcl 4.1;

import std;

backend origin {
  .host = "@HOST@";
  .port = "@PORT@";
  .connect_timeout = 2s;
  .first_byte_timeout = 15s;
  .between_bytes_timeout = 15s;
  .probe = {
    .url = "/v1/health";
    .interval = 2s;
    .timeout = 1s;
    .window = 4;
    .threshold = 2;
    .initial = 2;
  }
}

acl purgers {
  @PURGERS@
}

sub vcl_recv {
  if (req.method == "PURGE") {
    # who comes through another proxy is whoever that proxy says, and so nobody
    if (!client.ip ~ purgers || req.http.X-Forwarded-For ~ ",") {
      return (synth(403, "Forbidden"));
    }
    return (purge);
  }
  if (req.url == "/v1/fill") {
    return (pass);
  }
  if (req.url !~ "^/v1/(content/|troupe-content\.js(\?|$))") {
    return (synth(404, "Not Found"));
  }
  if (req.method != "GET" && req.method != "HEAD") {
    return (pass);
  }
  # nothing depends on these, so they must not be a way around the cache
  set req.url = regsub(req.url, "\?.*$", "");
  unset req.http.Cookie;
  unset req.http.Authorization;
  # For a day what is stale is given out while it is renewed, as the origin's stale-while-revalidate has it; where the
  # origin is away, for as long as it is kept.
  if (std.healthy(req.backend_hint) && req.restarts == 0) {
    set req.grace = 24h;
  } else {
    set req.grace = 365d;
  }
  return (hash);
}

sub vcl_hash {
  # by no host: whoever may name one could have as many copies as names
  hash_data(req.url);
  return (lookup);
}

sub vcl_hit {
  if (obj.ttl > 0s) {
    set req.http.X-Cache = "HIT";
  } else {
    set req.http.X-Cache = "STALE";
  }
}

sub vcl_miss {
  set req.http.X-Cache = "MISS";
}

sub vcl_pass {
  set req.http.X-Cache = "BYPASS";
}

sub vcl_backend_response {
  if (beresp.status >= 500) {
    # what is kept stays
    if (bereq.is_bgfetch) {
      return (abandon);
    }
    set beresp.uncacheable = true;
    set beresp.ttl = 0s;
    return (deliver);
  }
  if (beresp.status == 200 && !bereq.uncacheable && beresp.ttl > 0s) {
    # kept this long when it is stale: asked for again with its tag, given out while the origin is away
    set beresp.grace = 365d;
    return (deliver);
  }
}

sub vcl_backend_error {
  # an error that is kept would hide what is stale
  set beresp.ttl = 0s;
  set beresp.grace = 0s;
}

sub vcl_deliver {
  # the origin failed before the probe saw it: once more, for what is stale
  if (resp.status >= 500 && (req.method == "GET" || req.method == "HEAD") && req.restarts == 0) {
    return (restart);
  }
  set resp.http.X-Cache = req.http.X-Cache;
}

sub vcl_synth {
  # Varnish's own page is HTML
  set resp.http.Content-Type = "text/plain; charset=utf-8";
  set resp.http.Cache-Control = "no-store";
  set resp.http.X-Content-Type-Options = "nosniff";
  set resp.body = resp.reason + {"
"};
  return (deliver);
}
