// Single values by name ("project_id"), and documents by kind and name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "store/database.h"

namespace andon::store {

Result<std::optional<std::string>> GetMeta(Transaction& tx, const std::string& key);
Result<void> SetMeta(Transaction& tx, const std::string& key, const std::string& value);
// The value, after setting it to `value` where there was none.
Result<std::string> GetOrSetMeta(Transaction& tx, const std::string& key, const std::string& value);

// Content by its SHA-256, written once. Returns the hash.
Result<std::string> PutBlob(Transaction& tx, std::string_view content);
// kNotFound where there is none; kCorrupt where the content does not have that hash.
Result<std::string> GetBlob(Transaction& tx, const std::string& hash);

// Small documents that need no table of their own.
struct Document {
  std::string kind;
  std::string key;
  std::string state;
  Timestamp updated_at;
  Json body;
};
// When somebody wrote into an external dataset last, as its last look found: the key is its
// address, the body {"at": RFC 3339, "count": of a server, what it had counted}.
inline constexpr char kWritten[] = "written";

Result<void> PutDocument(Transaction& tx, const Document& document);
Result<std::optional<Document>> GetDocument(Transaction& tx, const std::string& kind,
                                            const std::string& key);
Result<std::vector<Document>> ListDocuments(Transaction& tx, const std::string& kind);
Result<void> RemoveDocument(Transaction& tx, const std::string& kind, const std::string& key);

}  // namespace andon::store
