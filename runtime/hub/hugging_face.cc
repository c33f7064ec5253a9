#include <algorithm>
#include <optional>

#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "runtime/hub/listing.h"
#include "runtime/hub/url.h"

namespace troupe::hub {
namespace {

constexpr size_t kMaxListBytes = 32u << 20;
constexpr size_t kMaxFiles = 4'000;
constexpr char kAdvice[] =
    "the repository may be private or ask for its terms to be accepted: do that on its page, and put a token that may "
    "read it into HF_TOKEN";

std::string Text(const Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// One of the repository's files as the list tells it.
struct Sibling {
  std::string name;
  int64_t bytes = -1;
  std::optional<Expected> expected;
};

Result<Sibling> ReadSibling(const Value& value, const std::string& what) {
  if (!value.is_object()) return Invalid("the list of " + what + " holds something that is no file");
  Sibling sibling{Text(value, "rfilename"), -1, std::nullopt};
  if (!IsPlainPath(sibling.name)) {
    return Invalid("the list of " + what + " names a file '" + sibling.name.substr(0, 200) +
                   "' that would leave its folder; nothing was fetched");
  }
  if (const auto size = value.find("size"); size != value.end() && size->is_number_unsigned()) {
    sibling.bytes = static_cast<int64_t>(std::min<uint64_t>(size->get<uint64_t>(), uint64_t{1} << 50));
  }
  if (const auto lfs = value.find("lfs"); lfs != value.end() && lfs->is_object()) {
    const std::string sha256 = Text(*lfs, "sha256");
    if (IsHex(sha256, 64)) sibling.expected = Expected{Expected::Kind::kSha256, sha256};
    if (const auto size = lfs->find("size"); size != lfs->end() && size->is_number_unsigned()) {
      sibling.bytes = static_cast<int64_t>(std::min<uint64_t>(size->get<uint64_t>(), uint64_t{1} << 50));
    }
  } else if (const std::string blob = Text(value, "blobId"); IsHex(blob, 40)) {
    sibling.expected = Expected{Expected::Kind::kGitBlob, blob};
  }
  return sibling;
}

// "1_Pooling/config.json": what sentence-transformers' modules.json names.
bool IsModuleConfig(const std::string& name) {
  const size_t slash = name.find('/');
  return slash != name.npos && name.substr(slash) == "/config.json" && name.substr(0, slash).ends_with("_Pooling");
}

bool IsPartOfModel(const std::string& name) {
  if (IsModuleConfig(name)) return true;
  if (name.find('/') != name.npos) return false;
  static const std::vector<std::string> kNames = {"config.json", "generation_config.json", "chat_template.jinja",
                                                  "modules.json", "sentence_bert_config.json"};
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return true;
  if (name.starts_with("tokenizer") && name.ends_with(".json")) return true;
  return name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json");
}

// Some repositories hold the weights twice, under other names too: those that transformers reads are taken.
void DropSecondCopies(std::vector<Sibling>& siblings) {
  const auto is_usual = [](const Sibling& file) {
    return file.name.starts_with("model") && file.name.ends_with(".safetensors");
  };
  if (std::none_of(siblings.begin(), siblings.end(), is_usual)) return;
  std::erase_if(siblings, [&](const Sibling& file) {
    return file.name.find(".safetensors") != file.name.npos && !file.name.starts_with("model");
  });
}

std::string SomeGgufs(const std::vector<Sibling>& siblings, const Source& source) {
  std::string names;
  int count = 0;
  for (const Sibling& file : siblings) {
    if (!file.name.ends_with(".gguf") || ++count > 5) continue;
    names += (names.empty() ? "" : ", ") + file.name;
  }
  if (names.empty()) return "";
  return "; it has GGUF files: name one, as in hf:" + source.name + "@" + source.revision + "/FILE (" + names +
         (count > 5 ? ", ..." : "") + ")";
}

Result<std::vector<Sibling>> Choose(std::vector<Sibling> siblings, const Source& source, const std::string& what) {
  const std::string ggufs = SomeGgufs(siblings, source);
  std::erase_if(siblings, [&](const Sibling& file) {
    return source.path.empty() ? !IsPartOfModel(file.name) : file.name != source.path;
  });
  if (!source.path.empty()) {
    if (siblings.empty()) return NotFound(what + " has no file " + source.path + ggufs);
    siblings.resize(1);
    return siblings;
  }
  DropSecondCopies(siblings);
  const auto has = [&](const char* end) {
    return std::any_of(siblings.begin(), siblings.end(), [&](const Sibling& file) { return file.name.ends_with(end); });
  };
  if (!has(".safetensors")) return NotFound(what + " has no *.safetensors" + ggufs);
  if (!has("config.json")) return NotFound(what + " has no config.json, without which its weights cannot be read");
  return siblings;
}

// The digest and size of a file that the list leaves out: the hub says them with the file itself.
class HeadOnly final : public HttpSink {
 public:
  Status Begin(const HttpResponse& response) override {
    seen = response;
    return Error{Code::kAborted, "the headers are enough"};
  }
  Status Take(std::string_view) override { return {}; }
  HttpResponse seen;
};

std::string Unquoted(std::string etag) {
  if (etag.starts_with("W/")) etag.erase(0, 2);
  std::erase(etag, '"');
  return etag;
}

Status AskForDigest(Http& http, const RemoteFile& file, Sibling& sibling) {
  HeadOnly head;
  const auto response = http.Get({file.url, "", file.authorization}, head);
  if (response && response->status / 100 != 2) return ErrorOf(*response, file.name, kAdvice);
  if (!response && response.error().code != Code::kAborted) return response.error();
  const std::string etag = Unquoted(head.seen.Header("x-linked-etag"));
  if (IsHex(etag, 64)) sibling.expected = Expected{Expected::Kind::kSha256, etag};
  const std::string blob = Unquoted(head.seen.Header("etag"));
  if (!sibling.expected && IsHex(blob, 40)) sibling.expected = Expected{Expected::Kind::kGitBlob, blob};
  if (sibling.bytes < 0) sibling.bytes = head.seen.NumberHeader("x-linked-size");
  if (sibling.bytes < 0) sibling.bytes = head.seen.NumberHeader("content-length");
  return {};
}

std::string Login(const Settings& settings) { return settings.hf_token.empty() ? "" : "Bearer " + settings.hf_token; }

}  // namespace

Result<Listing> ListHuggingFace(Http& http, const Settings& settings, const Source& source) {
  const std::string what = source.name + " at revision " + source.revision;
  if (!settings.hf_token.empty() && !IsPrivateWay(settings.hf_endpoint)) {
    return FailedPrecondition(
        "HF_ENDPOINT is http, where anybody on the way could read your token; use https, or unset HF_TOKEN");
  }
  const std::string url =
      settings.hf_endpoint + "/api/models/" + source.name + "/revision/" + EscapePath(source.revision);
  TRY_ASSIGN(const HttpText answer,
             GetText(http, {url + "?blobs=true", "application/json", Login(settings)}, kMaxListBytes));
  if (answer.response.status / 100 != 2) return ErrorOf(answer.response, what, kAdvice);
  TRY_ASSIGN(const Value json, ParseValue(answer.body, {.max_bytes = kMaxListBytes}));
  Listing listing;
  listing.host = HostOf(settings.hf_endpoint);
  listing.commit = json.is_object() ? Text(json, "sha") : "";
  const auto siblings = json.is_object() ? json.find("siblings") : json.end();
  if (!IsHex(listing.commit, 40) || siblings == json.end() || !siblings->is_array()) {
    return Invalid(listing.host + " did not answer with a list of files for " + what);
  }
  if (IsFixed(source) && listing.commit != source.revision) {
    return Invalid(listing.host + " answered with commit " + listing.commit + " for " + what);
  }
  std::vector<Sibling> files;
  for (const Value& value : *siblings) {
    TRY_ASSIGN(Sibling sibling, ReadSibling(value, what));
    files.push_back(std::move(sibling));
  }
  TRY_ASSIGN(files, Choose(std::move(files), source, what));
  if (files.size() > kMaxFiles) return Invalid(what + " has more than " + std::to_string(kMaxFiles) + " files");
  for (Sibling& sibling : files) {
    RemoteFile file;
    file.name = sibling.name;
    file.authorization = Login(settings);
    file.url = settings.hf_endpoint + "/" + source.name + "/resolve/" + listing.commit + "/" + EscapePath(sibling.name);
    if (!sibling.expected || sibling.bytes < 0) TRY(AskForDigest(http, file, sibling));
    if (!sibling.expected || sibling.bytes < 0) {
      return Invalid(listing.host + " gives no digest or size for " + sibling.name + " of " + what +
                     ", so it could not be checked");
    }
    file.bytes = sibling.bytes;
    file.expected = *sibling.expected;
    listing.files.push_back(std::move(file));
  }
  return listing;
}

}  // namespace troupe::hub
