// Folders that are written whole or not at all, in place of what was there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "runtime/base/error.h"

namespace troupe::model {

enum class Overwrite : uint8_t { kNo, kYes };

// Whether something may be written to `to`: nothing is there, or it may be overwritten and has the file `mark` in it,
// as every `what` ("model") has. Errors: ALREADY_EXISTS; FAILED_PRECONDITION for what is no such thing.
Status CheckReplaceable(const std::filesystem::path& to, Overwrite overwrite, const std::string& mark,
                        const std::string& what);

// `write` fills a folder beside `to`, which takes its place then; until that it is as it was. Errors: those of `write`;
// RESOURCE_EXHAUSTED for a full disk, INTERNAL for what else a disk says.
Status ReplaceFolder(const std::filesystem::path& to,
                     const std::function<Status(const std::filesystem::path& part)>& write);

// What ReplaceFolder does where a file system cannot exchange two folders at once: `part` in place of `whole`, which is
// away for a moment, as `old`. Where that fails `whole` is back. Throws filesystem_error.
void TakePlaceByMoves(const std::filesystem::path& part, const std::filesystem::path& whole,
                      const std::filesystem::path& old);

}  // namespace troupe::model
