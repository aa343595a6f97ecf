#include "store/meta.h"

#include "base/text.h"

namespace andon::store {

Result<std::optional<std::string>> GetMeta(Transaction& tx, const std::string& key) {
  auto row = TRY(QueryOne(tx, "SELECT value FROM meta WHERE key = ?", {key}));
  if (!row) return std::optional<std::string>();
  return std::optional<std::string>(row->Text("value"));
}

Result<void> SetMeta(Transaction& tx, const std::string& key, const std::string& value) {
  TRY(
      tx.Execute("INSERT INTO meta (key, value) VALUES (?, ?)"
                 " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                 {key, value}));
  return {};
}

Result<std::string> GetOrSetMeta(Transaction& tx, const std::string& key,
                                 const std::string& value) {
  auto found = TRY(GetMeta(tx, key));
  if (found) return *found;
  TRY(SetMeta(tx, key, value));
  return value;
}

Result<std::string> PutBlob(Transaction& tx, std::string_view content) {
  std::string hash = Sha256(content);
  TRY(tx.Execute("INSERT INTO blobs (hash, content) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
                 {hash, Blob{std::string(content)}}));
  return hash;
}

Result<std::string> GetBlob(Transaction& tx, const std::string& hash) {
  auto row = TRY(QueryOne(tx, "SELECT content FROM blobs WHERE hash = ?", {hash}));
  if (!row) return Error::NotFound("there is no content {} in the control database", hash);
  std::string content = row->Text("content");
  if (Sha256(content) != hash) {
    return Error::Corrupt("the content {} in the control database is not what was stored", hash);
  }
  return content;
}

namespace {

Document ToDocument(const Row& row) {
  return {row.Text("kind"), row.Text("key"), row.Text("state"), row.Time("updated_at"),
          row.Document("body")};
}

}  // namespace

Result<void> PutDocument(Transaction& tx, const Document& document) {
  TRY(tx.Execute(
      "INSERT INTO documents (kind, key, state, updated_at, body) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT (kind, key) DO UPDATE SET state = excluded.state,"
      " updated_at = excluded.updated_at, body = excluded.body",
      {document.kind, document.key, document.state, document.updated_at, document.body}));
  return {};
}

Result<std::optional<Document>> GetDocument(Transaction& tx, const std::string& kind,
                                            const std::string& key) {
  auto row = TRY(QueryOne(tx,
                          "SELECT kind, key, state, updated_at, body FROM documents"
                          " WHERE kind = ? AND key = ?",
                          {kind, key}));
  if (!row) return std::optional<Document>();
  return std::optional<Document>(ToDocument(*row));
}

Result<std::vector<Document>> ListDocuments(Transaction& tx, const std::string& kind) {
  auto rows = TRY(tx.Query(
      "SELECT kind, key, state, updated_at, body FROM documents WHERE kind = ? ORDER BY key",
      {kind}));
  std::vector<Document> documents;
  for (const Row& row : rows) documents.push_back(ToDocument(row));
  return documents;
}

Result<void> RemoveDocument(Transaction& tx, const std::string& kind, const std::string& key) {
  TRY(tx.Execute("DELETE FROM documents WHERE kind = ? AND key = ?", {kind, key}));
  return {};
}

}  // namespace andon::store
