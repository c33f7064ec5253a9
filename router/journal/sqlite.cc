#include "router/journal/sqlite.h"

#include "runtime/base/check.h"

namespace troupe::journal {

Error ToError(int sqlite_code, const std::string& path, const std::string& message) {
  const std::string what = path + ": " + message;
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL:
      return Unavailable(what + "; the disk or the quota is full: free some space, writing goes on by itself");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Code::kPermissionDenied,
              what + "; give this user write access to the file and its folder, or choose another place"};
    case SQLITE_CANTOPEN:
      return FailedPrecondition(what + "; does the folder exist, and may this user write there?");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::kDataLoss,
              what + "; the file is damaged or another program's: bring it back from a backup, or move it away to begin anew"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Unavailable(what + "; another program holds a lock on it: stop that program");
    case SQLITE_IOERR:
      return Unavailable(what + "; the device reports an error: see the kernel's log");
    default:
      return Internal(what);
  }
}

Statement& Statement::Bind(int index, int64_t value) {
  CHECK(sqlite3_bind_int64(statement_.get(), index, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::Bind(int index, std::string_view text) {
  CHECK(sqlite3_bind_text64(statement_.get(), index, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
                            SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Statement& Statement::BindBlob(int index, std::string_view bytes) {
  CHECK(sqlite3_bind_blob64(statement_.get(), index, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_STATIC) ==
        SQLITE_OK);
  return *this;
}

Statement& Statement::BindNull(int index) {
  CHECK(sqlite3_bind_null(statement_.get(), index) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* database = sqlite3_db_handle(statement_.get());
  const char* file = sqlite3_db_filename(database, "main");
  Error error = ToError(code, file ? file : "journal", sqlite3_errmsg(database));
  Reset();
  return error;
}

Status Statement::Run() {
  while (true) {
    TRY_ASSIGN(const bool row, Step());
    if (!row) break;
  }
  Reset();
  return {};
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text ? std::string(text, sqlite3_column_bytes(statement_.get(), column)) : std::string();
}

std::string Statement::Blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return bytes ? std::string(bytes, sqlite3_column_bytes(statement_.get(), column)) : std::string();
}

Result<Database> Database::Open(const std::string& path, Mode mode, const std::string& vfs) {
  Database database;
  database.path_ = path;
  sqlite3* raw = nullptr;
  const int flags = (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, vfs.empty() ? nullptr : vfs.c_str());
  database.database_.reset(raw);
  if (code != SQLITE_OK) return ToError(code, path, raw ? sqlite3_errmsg(raw) : sqlite3_errstr(code));
  sqlite3_busy_timeout(raw, 5000);
  return database;
}

Result<Statement> Database::Prepare(const char* sql) {
  Statement statement;
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    return LastError();
  statement.statement_.reset(raw);
  return statement;
}

Status Database::Execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return LastError();
  return {};
}

void Database::SetLockWait(int wait_ms) { sqlite3_busy_timeout(database_.get(), wait_ms); }

Error Database::LastError() const {
  return ToError(sqlite3_extended_errcode(database_.get()), path_, sqlite3_errmsg(database_.get()));
}

}  // namespace troupe::journal
