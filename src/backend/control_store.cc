#include "backend/control_store.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "encryption/codec.h"
#include "io/path.h"
#include "state/journal.h"
#include "state/session.h"
#include "store/journal.h"
#include "store/lease.h"
#include "store/meta.h"

namespace andon::backend {
namespace {

constexpr char kStateWritten[] = "state_written";
constexpr char kStateRemoved[] = "state_removed";

std::string PathOf(const Settings& settings, const World& world) {
  std::string path = settings.Text("path");
  return path.empty() ? io::Join(world.dir, ".andon", "andon.db") : path;
}

std::string NameOf(const Settings& settings) {
  std::string name = settings.Text("name");
  return name.empty() ? "terraform" : name;
}

// A workspace's row; 0 where there is none.
Result<int64_t> FindId(store::Transaction& tx, const std::string& name,
                       const std::string& workspace) {
  auto row = TRY(store::QueryOne(tx, "SELECT state_id FROM states WHERE name = ? AND workspace = ?",
                                 {name, workspace}));
  return row ? row->Integer("state_id") : 0;
}

Result<int64_t> MakeId(store::Transaction& tx, const std::string& name,
                       const std::string& workspace) {
  int64_t id = TRY(FindId(tx, name, workspace));
  if (id != 0) return id;
  TRY(tx.Execute("INSERT INTO states (name, workspace) VALUES (?, ?)", {name, workspace}));
  return FindId(tx, name, workspace);
}

// 0 where nothing was written yet.
Result<int64_t> LastVersion(store::Transaction& tx, int64_t id) {
  auto row = TRY(store::QueryOne(
      tx, "SELECT coalesce(max(version), 0) AS version FROM state_versions WHERE state_id = ?",
      {id}));
  return row->Integer("version");
}

// A state's text as its head, which is all but the objects, and those by address.
struct Parts {
  std::string head;
  std::map<std::string, std::string> objects;
  uint64_t serial = 0;
  std::string lineage;
};

Result<Parts> Split(std::string_view text) {
  Parts parts;
  if (encryption::IsSealed(text)) {
    Json envelope = TRY(Json::Parse(text));
    parts.head = text;
    parts.serial = static_cast<uint64_t>(envelope["serial"].AsInteger());
    parts.lineage = envelope["lineage"].AsString();
    return parts;
  }
  state::ReadResult read = state::ReadState(text, "the state");
  if (!read.state) return Error::Invalid("What is to be kept is no state.");
  state::State& state = *read.state;
  parts.serial = state.serial;
  parts.lineage = state.lineage;
  for (const auto& [address, resource] : state.resources) {
    for (const auto& [key, instance] : resource.instances) {
      state::InstanceChange change{address.WithKey(key), resource.provider, instance};
      std::string name = address::ToString(change.address);
      parts.objects[name] = state::ToText(change);
    }
  }
  state.resources.clear();
  parts.head = TRY(state::WriteState(state));
  return parts;
}

Result<std::string> ReadText(store::Transaction& tx, int64_t id, int64_t version) {
  auto row = TRY(store::QueryOne(
      tx, "SELECT head, digest FROM state_versions WHERE state_id = ? AND version = ?",
      {id, version}));
  if (!row) return Error::NotFound("There is no version {} of the state.", version);
  std::string text = row->Text("head");
  if (!encryption::IsSealed(text)) {
    state::ReadResult head = state::ReadState(text, "the state");
    if (!head.state) return Error::Corrupt("Version {} of the state cannot be read.", version);
    auto rows =
        TRY(tx.Query("SELECT content FROM state_objects JOIN blobs USING (hash)"
                     " WHERE state_id = ? AND since <= ? AND (until IS NULL OR until > ?)",
                     {id, version, version}));
    for (const auto& object : rows) TRY(state::ApplyText(object.Text("content"), *head.state));
    text = TRY(state::WriteState(*head.state));
  }
  if (Sha256(text) != row->Text("digest")) {
    return Error::Corrupt(
        "Version {} of the state is not what was written: the control store is damaged.", version);
  }
  return text;
}

// Puts the version behind the last one; its objects take the place of those that differ.
Result<int64_t> WriteVersion(store::Transaction& tx, int64_t id, const Parts& parts,
                             std::string_view text, Timestamp now, const std::string& actor) {
  int64_t version = 1 + TRY(LastVersion(tx, id));
  auto rows = TRY(tx.Query(
      "SELECT address, hash FROM state_objects WHERE state_id = ? AND until IS NULL", {id}));
  std::map<std::string, std::string> present;
  for (const auto& row : rows) present[row.Text("address")] = row.Text("hash");
  int64_t changed = 0;
  auto end = [&](const std::string& address) -> Result<void> {
    TRY(
        tx.Execute("UPDATE state_objects SET until = ?"
                   " WHERE state_id = ? AND address = ? AND until IS NULL",
                   {version, id, address}));
    return {};
  };
  for (const auto& [address, hash] : present) {
    if (parts.objects.contains(address)) continue;
    TRY(end(address));
    ++changed;
  }
  for (const auto& [address, content] : parts.objects) {
    auto was = present.find(address);
    if (was != present.end() && was->second == Sha256(content)) continue;
    if (was != present.end()) TRY(end(address));
    std::string hash = TRY(store::PutBlob(tx, content));
    TRY(tx.Execute("INSERT INTO state_objects (state_id, address, hash, since) VALUES (?, ?, ?, ?)",
                   {id, address, hash, version}));
    ++changed;
  }
  TRY(
      tx.Execute("INSERT INTO state_versions (state_id, version, time, actor, serial, lineage,"
                 " digest, changed, objects, head) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 {id, version, now, actor, static_cast<int64_t>(parts.serial), parts.lineage,
                  Sha256(text), changed, static_cast<int64_t>(parts.objects.size()), parts.head}));
  return version;
}

class Row : public state::Storage {
 public:
  struct Place {
    std::string name, workspace, actor;
  };

  Row(Names names, store::Database& db, const Clock& clock, Place place)
      : Storage(std::move(names)), db_(db), clock_(clock), place_(std::move(place)) {}

  Result<state::Stored> Read() override {
    return db_.Read([&](store::Transaction& tx) -> Result<state::Stored> {
      int64_t id = TRY(FindId(tx, place_.name, place_.workspace));
      int64_t version = TRY(LastVersion(tx, id));
      read_ = version;
      state::Stored stored;
      if (version != 0) stored.text = TRY(ReadText(tx, id, version));
      return stored;
    });
  }

  Result<void> Lock(state::LockInfo info, Duration timeout) override {
    info.path = names_.location;
    auto lease = store::Lease::Acquire(db_, clock_, LeaseName(), store::ThisProcess(info.operation),
                                       {.wait = timeout});
    if (!lease.ok()) {
      if (lease.error().kind != ErrorKind::kHeld) return std::move(lease).error();
      auto holder = Holder();
      if (!holder.ok() || !*holder) return std::move(lease).error();
      return Error::Held("{} is locked\n{}", names_.location, ToString(**holder));
    }
    lease_ = *std::move(lease);
    return db_.Write([&](store::Transaction& tx) -> Result<void> {
      return store::SetMeta(tx, LeaseName(), state::LockInfoText(info));
    });
  }

  Result<void> Write(std::string_view text) override {
    // Outside of the transaction: others may go on writing meanwhile.
    Parts parts = TRY(Split(text));
    read_ = TRY(db_.Write([&](store::Transaction& tx) -> Result<int64_t> {
      if (lease_) TRY(lease_->Confirm(tx));
      int64_t id = TRY(MakeId(tx, place_.name, place_.workspace));
      int64_t last = TRY(LastVersion(tx, id));
      if (read_ && last != *read_)
        return Error::Conflict("{} was written by somebody else since it was read",
                               names_.location);
      int64_t version = TRY(WriteVersion(tx, id, parts, text, clock_.Now(), place_.actor));
      store::Fact fact{.time = clock_.Now(),
                       .actor = place_.actor,
                       .kind = kStateWritten,
                       .address = fmt::format("state.{}.{}", place_.name, place_.workspace)};
      fact.body.Set("version", version);
      fact.body.Set("serial", parts.serial);
      TRY(store::Append(tx, fact));
      return version;
    }));
    return {};
  }

  Result<void> Unlock() override {
    if (!lease_) return {};
    (void)db_.Execute("DELETE FROM meta WHERE key = ?", {LeaseName()});
    lease_.reset();
    return {};
  }

  Result<void> ForceUnlock(const std::string& id) {
    auto lease = TRY(store::FindLease(db_, clock_, LeaseName()));
    auto holder = TRY(Holder());
    if (!lease || !holder) return Error::NotFound("{} is not locked.", names_.location);
    if (holder->id != id) {
      return Error::Invalid("invalid lock id: \"{}\". current id: \"{}\"\n{}", id, holder->id,
                            ToString(*holder));
    }
    TRY(store::BreakLease(db_, LeaseName()));
    return {};
  }

 private:
  std::string LeaseName() const {
    return fmt::format("state {} {}", place_.name, place_.workspace);
  }

  Result<std::optional<state::LockInfo>> Holder() {
    auto text =
        TRY(db_.Read([&](store::Transaction& tx) { return store::GetMeta(tx, LeaseName()); }));
    if (!text) return std::optional<state::LockInfo>();
    state::LockInfo info = TRY(state::LockInfoFromText(*text));
    return std::optional<state::LockInfo>(std::move(info));
  }

  store::Database& db_;
  const Clock& clock_;
  Place place_;
  std::optional<int64_t> read_;  // The version that was read; 0: there was none.
  std::unique_ptr<store::Lease> lease_;
};

class ControlStore : public state::Backend {
 public:
  ControlStore(std::unique_ptr<store::Database> db, const Clock& clock, std::string path,
               std::string name, std::string actor)
      : db_(std::move(db)),
        clock_(clock),
        path_(std::move(path)),
        name_(std::move(name)),
        actor_(std::move(actor)) {}

  Result<std::vector<std::string>> Workspaces() override {
    std::vector<std::string> names = {state::kDefaultWorkspace};
    auto rows =
        TRY(db_->Query("SELECT workspace FROM states WHERE name = ? AND workspace <> ?"
                       " ORDER BY workspace",
                       {name_, state::kDefaultWorkspace}));
    for (const auto& row : rows) names.push_back(row.Text("workspace"));
    return names;
  }

  Result<std::unique_ptr<state::Storage>> Open(const std::string& workspace) override {
    return std::unique_ptr<state::Storage>(RowOf(workspace));
  }

  Result<void> MakeWorkspace(const std::string& name, std::string_view) override {
    return db_->Write([&](store::Transaction& tx) -> Result<void> {
      TRY(MakeId(tx, name_, name));
      return {};
    });
  }

  // Its versions go with it, contents too, but those that other states have as well: no other part
  // of the store keeps texts of this form.
  Result<void> RemoveWorkspace(const std::string& name) override {
    return db_->Write([&](store::Transaction& tx) -> Result<void> {
      int64_t id = TRY(FindId(tx, name_, name));
      TRY(tx.Execute(
          "DELETE FROM blobs WHERE hash IN (SELECT hash FROM state_objects WHERE state_id = ?)"
          " AND hash NOT IN (SELECT hash FROM state_objects WHERE state_id <> ?)",
          {id, id}));
      for (const char* table : {"state_objects", "state_versions", "states"})
        TRY(tx.Execute(fmt::format("DELETE FROM {} WHERE state_id = ?", table), {id}));
      TRY(store::Append(tx, {.time = clock_.Now(),
                             .actor = actor_,
                             .kind = kStateRemoved,
                             .address = fmt::format("state.{}.{}", name_, name)}));
      return {};
    });
  }

  Result<void> ForceUnlock(const std::string& workspace, const std::string& id) override {
    return RowOf(workspace)->ForceUnlock(id);
  }

 private:
  std::unique_ptr<Row> RowOf(const std::string& workspace) {
    return std::make_unique<Row>(
        state::Storage::Names{
            .location = fmt::format("{} ({}, {})", path_, name_, workspace),
            .beside = io::Join(io::Dirname(path_), fmt::format("{}.{}.tfstate", name_, workspace))},
        *db_, clock_, Row::Place{name_, workspace, actor_});
  }

  std::unique_ptr<store::Database> db_;
  const Clock& clock_;
  std::string path_, name_, actor_;
};

Result<std::unique_ptr<store::Database>> OpenStore(const Settings& settings, const World& world) {
  if (settings.type != "andon") {
    return Error::Invalid(
        "The backend \"{}\" keeps no versions. Those of the backend \"andon\" can be listed, "
        "compared and restored.",
        settings.type);
  }
  return store::OpenSqlite(PathOf(settings, world), {.create = true});
}

}  // namespace

Result<std::unique_ptr<state::Backend>> OpenControlStore(const Settings& settings,
                                                         const World& world) {
  auto db = TRY(OpenStore(settings, world));
  return std::unique_ptr<state::Backend>(std::make_unique<ControlStore>(
      std::move(db), world.clock, PathOf(settings, world), NameOf(settings), world.actor));
}

Result<std::vector<StateVersion>> ListVersions(const Settings& settings, const World& world,
                                               const std::string& workspace) {
  auto db = TRY(OpenStore(settings, world));
  auto rows = TRY(db->Query(
      "SELECT version, time, actor, serial, lineage, digest, changed, objects FROM state_versions"
      " JOIN states USING (state_id) WHERE name = ? AND workspace = ? ORDER BY version",
      {NameOf(settings), workspace}));
  std::vector<StateVersion> out;
  for (const auto& row : rows) {
    out.push_back({.version = row.Integer("version"),
                   .time = row.Time("time"),
                   .actor = row.Text("actor"),
                   .serial = static_cast<uint64_t>(row.Integer("serial")),
                   .lineage = row.Text("lineage"),
                   .digest = row.Text("digest"),
                   .changed = row.Integer("changed"),
                   .objects = row.Integer("objects")});
  }
  return out;
}

Result<std::string> ReadVersion(const Settings& settings, const World& world,
                                const std::string& workspace, int64_t version) {
  auto db = TRY(OpenStore(settings, world));
  return db->Read([&](store::Transaction& tx) -> Result<std::string> {
    int64_t id = TRY(FindId(tx, NameOf(settings), workspace));
    return ReadText(tx, id, version);
  });
}

}  // namespace andon::backend
