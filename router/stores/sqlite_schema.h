// The tables of a file of kept answers, and whose file it is.
#pragma once

#include <filesystem>

#include "router/journal/sqlite.h"

namespace troupe::stores {

// Makes the tables in an empty file and sets the connection up. Errors: as SqliteFile::Open, but for DATA_LOSS where
// the file may be another program's.
Status PrepareSchema(journal::Database& database, const std::filesystem::path& path);

// What a file's first bytes say: it is one of ours, however damaged the rest is.
bool LooksLikeOurs(const std::filesystem::path& path);

// Makes the file where there is none, readable for this user alone: it holds what people asked.
Status MakePrivate(const std::filesystem::path& path);

}  // namespace troupe::stores
