#include "router/cli/content/open_store.h"

#include <chrono>
#include <thread>
#include <utility>

#include "router/content/s3/store.h"
#include "runtime/base/clock.h"

namespace troupe::cli {
namespace {

namespace s3 = content::s3;

Result<std::unique_ptr<content::Store>> OpenBucket(const std::string& where, const std::string& endpoint) {
  TRY_ASSIGN(const s3::Place place, s3::ParsePlace(where));
  TRY_ASSIGN(s3::Settings settings, s3::ReadSettings(hub::ProcessEnvironment, endpoint));
  TRY_ASSIGN(std::unique_ptr<s3::Http> http, s3::MakeCurlHttp(settings.ca_file));
  const auto pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  auto bucket = std::make_unique<s3::Bucket>(std::move(http), std::move(settings), place.bucket, SystemClock(), pause);
  return std::unique_ptr<content::Store>(new s3::S3Store(std::move(bucket), place.prefix, SystemClock()));
}

}  // namespace

Result<std::unique_ptr<content::Store>> OpenStore(const std::string& where, const std::string& endpoint) {
  if (s3::IsPlace(where)) return OpenBucket(where, endpoint);
  if (!endpoint.empty()) return Invalid("--endpoint belongs to a bucket, and '" + where + "' is a folder");
  return std::unique_ptr<content::Store>(new content::FolderStore(where));
}

}  // namespace troupe::cli
