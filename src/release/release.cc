#include "release/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "store/journal.h"
#include "store/meta.h"

namespace andon::release {
namespace {

using definition::Object;
using store::Transaction;

constexpr char kOpen[] = "open";
constexpr char kClosed[] = "closed";

// The document with the members of every object in order of name, so that equal
// definitions have equal bytes.
Json Canonical(const Json& json) {
  if (json.is_array()) {
    Json out = Json::List();
    for (const Json& item : json.items()) out.Push(Canonical(item));
    return out;
  }
  if (!json.is_object()) return json;
  Json::Members members = json.members();
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [name, member] : members) member = Canonical(member);
  return Json::Object(std::move(members));
}

// What release_objects.hash names: everything of an object that is declared, in
// the order of the source, with the hash of what counts.
std::string Content(const Object& object) {
  return Json::Object(
             {{"kind", object.kind}, {"type", object.type}, {"attributes", object.attributes}})
      .Dump();
}

Result<Object> ReadContent(const std::string& address, const std::string& content) {
  auto json = Json::Parse(content);
  if (!json.ok() || !json->is_object()) {
    return Error::Corrupt("The recorded definition of {} cannot be read: it is no JSON object.",
                          address);
  }
  Object object;
  object.address = address;
  object.kind = (*json)["kind"].AsString();
  object.type = (*json)["type"].AsString();
  object.attributes = (*json)["attributes"];
  return object;
}

Json CountsJson(const Counts& counts) {
  return Json::Object(
      {{"added", counts.added}, {"changed", counts.changed}, {"removed", counts.removed}});
}

Release ReadRow(const store::Row& row) {
  Json body = row.Document("body");
  Release release;
  release.id = row.Integer("release_id");
  release.state = row.Text("state");
  release.opened_at = row.Time("opened_at");
  release.closed_at = row.OptionalTime("closed_at");
  release.actor = row.Text("actor");
  release.message = body["message"].AsString();
  release.git_commit = body["git_commit"].AsString();
  release.base = body["base"].AsInteger();
  release.rollback_of = body["rollback_of"].AsInteger();
  release.is_recovered = body["recovered"].AsBool();
  release.counts = {body["counts"]["added"].AsInteger(), body["counts"]["changed"].AsInteger(),
                    body["counts"]["removed"].AsInteger()};
  release.outputs = body["outputs"];
  return release;
}

constexpr std::string_view kColumns =
    "SELECT release_id, state, opened_at, closed_at, actor, body FROM releases ";

Result<std::vector<Object>> ObjectsIn(Transaction& tx, int64_t id) {
  std::vector<Object> out;
  if (id == 0) return out;
  auto release = TRY(store::QueryOne(tx, std::string(kColumns) + "WHERE release_id = ?", {id}));
  if (!release) return Error::NotFound("There is no release {}.", id);
  // Where things stand and what follows from them is no part of a definition.
  Json beside;
  std::string beside_hash = release->Document("body")["beside"].AsString();
  if (!beside_hash.empty()) {
    std::string content = TRY(store::GetBlob(tx, beside_hash));
    beside = Json::Parse(content).value_or(Json());
  }
  auto rows =
      TRY(tx.Query("SELECT o.address AS address, b.content AS content FROM release_objects o "
                   "JOIN blobs b ON b.hash = o.hash WHERE o.release_id = ? ORDER BY o.address",
                   {id}));
  for (const store::Row& row : rows) {
    Object object = TRY(ReadContent(row.Text("address"), row.Text("content")));
    const Json& own = beside[object.address];
    object.positions = own["positions"];
    object.derived = own["derived"];
    out.push_back(std::move(object));
  }
  return out;
}

Json Beside(const std::vector<Object>& objects) {
  Json out = Json::Object();
  Json::Members members;
  for (const Object& object : objects) {
    members.emplace_back(object.address, Json::Object({{"positions", object.positions},
                                                       {"derived", object.derived}}));
  }
  return Json::Object(std::move(members));
}

// The objects of `base` with the changes made, by address.
std::vector<Object> Changed(std::vector<Object> base, const std::vector<Change>& changes) {
  std::map<std::string, Object> by_address;
  for (Object& object : base) by_address[object.address] = std::move(object);
  for (const Change& change : changes) {
    if (change.object) {
      by_address[change.address] = *change.object;
    } else {
      by_address.erase(change.address);
    }
  }
  std::vector<Object> out;
  for (auto& [address, object] : by_address) out.push_back(std::move(object));
  return out;
}

Counts CountOf(const std::vector<Difference>& differences) {
  Counts counts;
  for (const Difference& d : differences) {
    if (!d.before) {
      ++counts.added;
    } else if (!d.after) {
      ++counts.removed;
    } else {
      ++counts.changed;
    }
  }
  return counts;
}

Result<std::optional<int64_t>> OpenIn(Transaction& tx) {
  auto row = TRY(store::QueryOne(
      tx, "SELECT release_id FROM releases WHERE state = ? ORDER BY release_id LIMIT 1", {kOpen}));
  if (!row) return std::optional<int64_t>();
  return std::optional<int64_t>(row->Integer("release_id"));
}

Result<void> RefuseStale(Transaction& tx, const Opening& opening) {
  if (auto open = TRY(OpenIn(tx))) {
    return Error::Held(
        "Release {} is still open: another apply is at work, or was interrupted. Run the command "
        "again.",
        *open);
  }
  int64_t current = TRY(CurrentId(tx));
  if (current == opening.base) return {};
  return Error::Conflict(
      "The plan was made against release {}, and release {} is current now. Make the plan again.",
      opening.base, current);
}

// The object as facts say it: the hash, and of SQL where it first differs.
Json ChangeBody(const Difference& d) {
  Json body = Json::Object({{"before", d.before ? Json(HashOf(*d.before)) : Json()},
                            {"after", d.after ? Json(HashOf(*d.after)) : Json()},
                            {"kind", d.after ? d.after->kind : d.before->kind},
                            {"action", !d.before  ? "create"
                                       : !d.after ? "delete"
                                                  : "update"},
                            {"position", d.position}});
  if (!d.before || !d.after) return body;
  const std::string& before = d.before->attributes["sql"].AsString();
  const std::string& after = d.after->attributes["sql"].AsString();
  int64_t line = FirstChangedLine(before, after);
  if (line >= 0) {
    std::string at = definition::PositionOf(d.after->positions, "sql");
    body.Set("sql", Json::Object({{"file", at.substr(0, at.rfind(':'))},
                                  {"line", line + 1},
                                  {"position", d.position}}));
  }
  Json parts = Json::List();
  std::set<std::string> names;
  for (const auto& [name, value] : d.before->attributes.members()) names.insert(name);
  for (const auto& [name, value] : d.after->attributes.members()) names.insert(name);
  for (const std::string& name : names) {
    if (!(d.before->attributes[name] == d.after->attributes[name])) parts.Push(name);
  }
  body.Set("attributes", std::move(parts));
  return body;
}

Result<void> CloseIn(Transaction& tx, Timestamp now, int64_t id, bool is_recovery) {
  auto row = TRY(store::QueryOne(tx, std::string(kColumns) + "WHERE release_id = ?", {id}));
  if (!row || row->Text("state") != kOpen)
    return Error::NotFound("There is no open release {}.", id);
  Json body = row->Document("body");
  std::string actor = row->Text("actor");
  std::vector<Object> before = TRY(ObjectsIn(tx, body["base"].AsInteger()));
  std::vector<Object> after = TRY(ObjectsIn(tx, id));
  for (const Difference& d : Diff(before, after)) {
    TRY(store::Append(tx, {.time = now,
                           .actor = actor,
                           .kind = store::fact::kObjectChanged,
                           .address = d.address,
                           .release_id = id,
                           .body = ChangeBody(d)}));
  }
  if (is_recovery) body.Set("recovered", true);
  TRY(store::Append(tx, {.time = now,
                         .actor = actor,
                         .kind = store::fact::kReleaseClosed,
                         .release_id = id,
                         .body = Json::Object({{"message", body["message"]},
                                               {"base", body["base"]},
                                               {"rollback_of", body["rollback_of"]},
                                               {"git_commit", body["git_commit"]},
                                               {"counts", body["counts"]},
                                               {"recovered", is_recovery}})}));
  TRY(tx.Execute("UPDATE releases SET state = ?, closed_at = ?, body = ? WHERE release_id = ?",
                 {kClosed, now, body, id}));
  return {};
}

}  // namespace

std::string HashOf(const Object& object) {
  return Sha256(Json::Object({{"attributes", Canonical(object.attributes)},
                              {"kind", object.kind},
                              {"type", object.type}})
                    .Dump());
}

int64_t FirstChangedLine(std::string_view before, std::string_view after) {
  if (before == after) return -1;
  int64_t line = 0;
  for (size_t i = 0; i < before.size() && i < after.size() && before[i] == after[i]; ++i) {
    if (before[i] == '\n') ++line;
  }
  return line;
}

std::vector<Difference> Diff(const std::vector<Object>& before, const std::vector<Object>& after) {
  std::map<std::string, Difference> by_address;
  for (const Object& object : before) by_address[object.address].before = object;
  for (const Object& object : after) by_address[object.address].after = object;
  std::vector<Difference> out;
  for (auto& [address, d] : by_address) {
    if (d.before && d.after && HashOf(*d.before) == HashOf(*d.after)) continue;
    d.address = address;
    const Object& at = d.after ? *d.after : *d.before;
    d.position = definition::PositionOf(at.positions, "");
    if (d.before && d.after) {
      int64_t line = FirstChangedLine(d.before->attributes["sql"].AsString(),
                                      d.after->attributes["sql"].AsString());
      std::string sql_at = definition::PositionOf(at.positions, "sql");
      size_t colon = sql_at.rfind(':');
      if (line >= 0 && colon != std::string::npos) {
        int64_t first = std::atoll(sql_at.c_str() + colon + 1);
        d.position = fmt::format("{}:{}", sql_at.substr(0, colon), first + line);
      }
    }
    out.push_back(std::move(d));
  }
  return out;
}

Result<int64_t> CurrentId(Transaction& tx) {
  auto row = TRY(
      store::QueryOne(tx, "SELECT max(release_id) AS id FROM releases WHERE state = ?", {kClosed}));
  return row ? row->Integer("id") : int64_t{0};
}

Result<std::optional<int64_t>> OpenId(store::Database& db) {
  return db.Read([](Transaction& tx) { return OpenIn(tx); });
}

Result<int64_t> CurrentId(store::Database& db) {
  return db.Read([](Transaction& tx) { return CurrentId(tx); });
}

Result<int64_t> Open(store::Database& db, const Clock& clock, const Opening& opening) {
  Timestamp now = clock.Now();
  return db.Write([&](Transaction& tx) -> Result<int64_t> {
    TRY(RefuseStale(tx, opening));
    std::vector<Object> before = TRY(ObjectsIn(tx, opening.base));
    std::vector<Object> after = Changed(before, opening.changes);
    std::string beside = TRY(store::PutBlob(tx, Beside(after).Dump()));
    Json body = Json::Object({{"message", opening.message},
                              {"git_commit", opening.git_commit},
                              {"base", opening.base},
                              {"rollback_of", opening.rollback_of},
                              {"counts", CountsJson(CountOf(Diff(before, after)))},
                              {"outputs", opening.outputs},
                              {"beside", beside}});
    auto rows =
        TRY(tx.Query("INSERT INTO releases (state, opened_at, actor, body) VALUES (?, ?, ?, ?) "
                     "RETURNING release_id",
                     {kOpen, now, opening.actor, body}));
    int64_t id = rows[0].Integer("release_id");
    for (const Object& object : after) {
      std::string hash = TRY(store::PutBlob(tx, Content(object)));
      TRY(tx.Execute("INSERT INTO release_objects (release_id, address, hash) VALUES (?, ?, ?)",
                     {id, object.address, hash}));
    }
    TRY(store::Append(
        tx, {.time = now,
             .actor = opening.actor,
             .kind = store::fact::kReleaseOpened,
             .release_id = id,
             .body = Json::Object({{"message", opening.message}, {"base", opening.base}})}));
    return id;
  });
}

Result<void> Close(store::Database& db, const Clock& clock, int64_t id) {
  Timestamp now = clock.Now();
  return db.Write([&](Transaction& tx) { return CloseIn(tx, now, id, false); });
}

Result<std::optional<Release>> Reconcile(store::Database& db, const Clock& clock) {
  auto open = TRY(OpenId(db));
  if (!open) return std::optional<Release>();
  Timestamp now = clock.Now();
  TRY(db.Write([&](Transaction& tx) { return CloseIn(tx, now, *open, true); }));
  Release release = TRY(Find(db, *open));
  return std::optional<Release>(std::move(release));
}

Result<std::vector<Release>> List(store::Database& db) {
  return db.Read([](Transaction& tx) -> Result<std::vector<Release>> {
    auto rows = TRY(tx.Query(std::string(kColumns) + "ORDER BY release_id DESC"));
    std::vector<Release> out;
    for (const store::Row& row : rows) out.push_back(ReadRow(row));
    return out;
  });
}

Result<Release> Find(store::Database& db, int64_t id) {
  return db.Read([&](Transaction& tx) -> Result<Release> {
    auto row = TRY(store::QueryOne(tx, std::string(kColumns) + "WHERE release_id = ?", {id}));
    if (row) return ReadRow(*row);
    int64_t current = TRY(CurrentId(tx));
    if (current == 0)
      return Error::NotFound("There is no release {}: nothing was applied yet.", id);
    return Error::NotFound(
        "There is no release {}. The current one is {}; \"andon release list\" shows all.", id,
        current);
  });
}

Result<std::vector<Object>> Objects(store::Database& db, int64_t id) {
  return db.Read([&](Transaction& tx) { return ObjectsIn(tx, id); });
}

Result<std::vector<Object>> CurrentObjects(store::Database& db) {
  return db.Read([](Transaction& tx) -> Result<std::vector<Object>> {
    int64_t id = TRY(CurrentId(tx));
    return ObjectsIn(tx, id);
  });
}

Result<definition::Project> CurrentProject(store::Database& db) {
  int64_t id = TRY(CurrentId(db));
  if (id == 0) return Error::NotFound("Nothing was applied yet. Run \"andon apply\" first.");
  std::vector<Object> objects = TRY(Objects(db, id));
  return definition::ReadProject(objects);
}

}  // namespace andon::release
