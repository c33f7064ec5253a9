#include "router/cli/commands/content.h"

#include <utility>

namespace troupe::cli {
namespace {

void AddEndpoint(CLI::App* command, std::string& endpoint) {
  command->add_option("--endpoint", endpoint, "A bucket's server, where it is not AWS (default: AWS_ENDPOINT_URL)")
      ->type_name("URL");
}

void AddChecks(CLI::App* content, const Globals& globals, Action& chosen) {
  const auto [lint, lint_flags] = AddBelow<ContentLintFlags>(
      content, globals, chosen, "lint", "Check content files and their texts; all errors in one run",
      "Prints file:line:column: error: what is wrong, why, what to do, and exits with 2 where\n"
      "there is an error. What is wrong with a text that is only proposed is a warning.\n\n"
      "Examples:\n  troupe content lint birthday.yaml",
      LintContent);
  lint->add_option("files", lint_flags->files, "Content files")->required()->type_name("FILE");
  const auto [fill, fill_flags] = AddBelow<ContentFillFlags>(
      content, globals, chosen, "fill", "Fill a text in, as a user would get it",
      "The same user gets the same text each time. Values are checked by their slots' types: money as 1234.50, a date\n"
      "as 2026-11-29.\n\n"
      "Examples:\n"
      "  troupe content fill birthday.yaml --audience loyal.en --user u17 first_name=Ann amount=12.50 "
      "until=2026-12-24\n"
      "  troupe content fill public/ --set birthday --audience loyal.en --user u17 first_name=Ann amount=5",
      FillContent);
  fill->add_option("source", fill_flags->source, "A content file, or where it was published")
      ->required()
      ->type_name("FILE|FOLDER|s3://BUCKET/PREFIX");
  fill->add_option("slots", fill_flags->slots, "Values of slots")->type_name("NAME=VALUE");
  fill->add_option("--set", fill_flags->set, "The set, where the folder has several")->type_name("NAME");
  fill->add_option("--audience", fill_flags->audience, "Values of the matrix' axes with dots between (default: all)")
      ->type_name("NAME");
  fill->add_option("--user", fill_flags->user, "The key that picks the text")->type_name("KEY");
  AddEndpoint(fill, fill_flags->endpoint);
}

void AddPublishing(CLI::App* content, const Globals& globals, Action& chosen) {
  const auto [publish, publish_flags] = AddBelow<ContentPublishFlags>(
      content, globals, chosen, "publish", "Publish a set's accepted texts to a folder or a bucket",
      "Files are named by their content and never change; one pointer is switched at the end, so whoever reads sees "
      "the\n"
      "old version or the new one. Cut off, it goes on where it stopped when it is called again.\n"
      "A bucket is one of S3 or of any server that speaks like it. Its key comes from AWS_ACCESS_KEY_ID,\n"
      "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, its region and server from AWS_REGION and AWS_ENDPOINT_URL.\n\n"
      "Examples:\n"
      "  troupe content publish birthday.yaml --to public/\n"
      "  troupe content publish birthday.yaml --to s3://shop-texts/live\n"
      "  troupe content publish birthday.yaml --to s3://shop-texts --endpoint https://minio.example:9000",
      PublishContent);
  publish->add_option("file", publish_flags->file, "The content file")->required()->type_name("FILE");
  publish->add_option("--to", publish_flags->to, "Where to; other sets may lie there too")
      ->required()
      ->type_name("FOLDER|s3://BUCKET/PREFIX");
  AddEndpoint(publish, publish_flags->endpoint);
  publish->add_option("--keep", publish_flags->keep, "Versions to keep, the new one counted (default: 5)")
      ->check(CLI::Range(1, 1000))
      ->type_name("COUNT");
  publish->add_flag("--partial", publish_flags->partial, "Leave out audiences that have no accepted text");
  const auto [versions, list_flags] =
      AddBelow<ContentVersionFlags>(content, globals, chosen, "versions", "List the versions of a published set",
                                    "Examples:\n  troupe content versions public/ birthday", ListContentVersions);
  const auto [back, back_flags] =
      AddBelow<ContentVersionFlags>(content, globals, chosen, "rollback", "Make an earlier version current again",
                                    "Examples:\n  troupe content rollback public/ birthday\n  troupe content rollback "
                                    "public/ birthday 0f3a9c2e51d7b840",
                                    RollBackContent);
  for (const auto& [command, flags] : {std::pair(versions, list_flags), std::pair(back, back_flags)}) {
    command->add_option("folder", flags->where, "Where it was published")
        ->required()
        ->type_name("FOLDER|s3://BUCKET/PREFIX");
    command->add_option("set", flags->set, "The set")->required()->type_name("NAME");
    AddEndpoint(command, flags->endpoint);
  }
  back->add_option("version", back_flags->version, "The version (default: the one before)")->type_name("VERSION");
}

void AddServing(CLI::App* content, const Globals& globals, Action& chosen) {
  const auto [serve, flags] = AddBelow<ContentServeFlags>(
      content, globals, chosen, "serve", "Serve published content over HTTP, and fill it in",
      "  GET  /v1/content/SET/manifests/AUDIENCE.json    what an audience may be given\n"
      "  GET  /v1/content/SET/objects/SHA256.json        a text, for ever (.html likewise)\n"
      "  POST /v1/fill   {\"set\", \"audience\", \"user\", \"slots\": {\"name\": \"value\"}}   a text, filled in\n"
      "  GET  /v1/uses   how often each text was filled in\n\n"
      "What is published meanwhile is served within a second. Plain HTTP: put a proxy or a CDN in front.\n\n"
      "Examples:\n"
      "  troupe content serve public/ --listen 127.0.0.1:8080\n"
      "  troupe content serve public/ --listen 0.0.0.0:80 --origin https://shop.example",
      ServeContent);
  serve->add_option("folder", flags->folder, "The folder that sets were published to")->required()->type_name("FOLDER");
  serve->add_option("--listen", flags->listen, "Where (default: 127.0.0.1:8080)")->type_name("HOST:PORT");
  serve->add_option("--threads", flags->threads, "Threads (default: one a core)")
      ->check(CLI::Range(1, 256))
      ->type_name("COUNT");
  serve->add_option("--origin", flags->origins, "Pages that may read answers (default: all)")->type_name("URL");
  serve->add_option("--max-age", flags->max_age_s, "How long caches give a manifest out unasked (default: 30)")
      ->check(CLI::Range(1, 86'400))
      ->type_name("SECONDS");
  serve->add_option("--max-connections", flags->max_connections, "Open connections (default: 16384)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("COUNT");
}

void AddCounts(CLI::App* content, const Globals& globals, Action& chosen) {
  const auto [counts, flags] = AddBelow<ContentCountsFlags>(
      content, globals, chosen, "counts", "Sum up how often each text was filled in",
      "Reads the logs that nginx writes where it fills in (uses.log beside its configuration), and what GET /v1/uses\n"
      "of 'troupe content serve' gave. With --output json the sum has that form too, so sums can be summed up.\n\n"
      "Examples:\n"
      "  troupe content counts edge-1/uses.log edge-2/uses.log\n"
      "  curl -s http://127.0.0.1:8080/v1/uses >origin.json && troupe content counts origin.json edge-*/uses.log",
      CountContent);
  counts->add_option("files", flags->files, "Logs, and answers of GET /v1/uses")->required()->type_name("LOG");
}

void AddEdge(CLI::App* content, const Globals& globals, Action& chosen) {
  const auto [edge, flags] = AddBelow<ContentEdgeFlags>(
      content, globals, chosen, "edge", "Write what a CDN's node needs to answer without the origin",
      "nginx with njs (Debian: nginx-light, libnginx-mod-http-js) fills in: POST /v1/fill is answered from its cache\n"
      "with no request to the origin, which may be away. Varnish keeps manifests and texts, for the browser module to\n"
      "fill in; POST /v1/fill goes through it. PURGE takes a URL out of either's cache.\n\n"
      "Examples:\n"
      "  troupe content edge --origin http://10.0.0.7:8080 --out /etc/troupe-edge\n"
      "  troupe content edge --for varnish --origin http://10.0.0.7:8080 --out /etc/troupe-edge --purge-from "
      "10.0.0.0/8",
      WriteEdge);
  edge->add_option("--for,--target", flags->target, "nginx (default) or varnish")
      ->check(CLI::IsMember({"nginx", "varnish"}))
      ->type_name("KIND");
  edge->add_option("--origin", flags->origin, "Where 'troupe content serve' answers")->required()->type_name("URL");
  edge->add_option("--listen", flags->listen, "Where the edge is to listen (default: 80)")->type_name("[HOST:]PORT");
  edge->add_option("--out", flags->folder, "The folder to write to; nginx keeps its cache there too")
      ->required()
      ->type_name("FOLDER");
  edge->add_option("--purge-from", flags->purgers, "Who may PURGE (default: 127.0.0.1 and ::1)")->type_name("ADDRESS");
  edge->add_option("--allow-origin", flags->pages, "nginx: pages that may read answers (default: all)")
      ->type_name("URL");
}

}  // namespace

void AddContent(CLI::App& app, const Globals& globals, Action& chosen) {
  CLI::App* content =
      app.add_subcommand("content", "Texts made ahead: have them written, review, publish, fill and serve them");
  content->footer(
      "A content file (kind: ContentSet) names slots, the audiences to write for, and checks; a file of texts\n"
      "(kind: ContentTexts) beside it holds what was written and what people decided on it.\n\n"
      "Examples:\n"
      "  troupe content make birthday.yaml && troupe content review birthday.yaml\n"
      "  troupe content publish birthday.yaml --to public/ && troupe content serve public/");
  content->require_subcommand(1);
  content->fallthrough();
  AddMaking(content, globals, chosen);
  AddChecks(content, globals, chosen);
  AddPublishing(content, globals, chosen);
  AddServing(content, globals, chosen);
  AddEdge(content, globals, chosen);
  AddCounts(content, globals, chosen);
}

}  // namespace troupe::cli
