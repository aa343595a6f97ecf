#include "ingest/deliveries.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "io/file_system.h"
#include "io/path.h"
#include "store/journal.h"
#include "store/meta.h"

namespace andon::ingest {
namespace {

constexpr char kScan[] = "ingest.scan";
// A file written in the same moment as it was looked at may change again with the same time.
constexpr Duration kSettled = std::chrono::seconds(2);

constexpr std::pair<DeliveryState, std::string_view> kStates[] = {
    {DeliveryState::kNew, "new"},
    {DeliveryState::kLoaded, "loaded"},
    {DeliveryState::kRejected, "rejected"},
    {DeliveryState::kUnreadable, "unreadable"},
    {DeliveryState::kSuperseded, "superseded"},
};

Json BodyOf(const Delivery& d) {
  Json body = Json::Object({{"size", d.size}, {"mtime", ToMicros(d.mtime)}});
  if (d.rows >= 0) body.Set("rows", d.rows);
  if (!d.reason.empty()) body.Set("reason", d.reason);
  if (d.superseded_by) body.Set("superseded_by", d.superseded_by);
  if (d.version) body.Set("version", d.version);
  if (d.by_person) body.Set("by_person", true);
  return body;
}

Result<Delivery> FromRow(const store::Row& row) {
  const Json body = row.Document("body");
  Delivery d{.id = row.Integer("delivery_id"),
             .dataset = row.Text("dataset"),
             .source = row.Text("source"),
             .path = row.Text("path"),
             .hash = row.Text("hash"),
             .period = row.Text("period"),
             .arrived_at = row.Time("arrived_at"),
             .updated_at = row.Time("updated_at"),
             .run_id = row.Text("run_id"),
             .size = body["size"].AsInteger(),
             .mtime = FromMicros(body["mtime"].AsInteger()),
             .rows = body["rows"].AsInteger(-1),
             .reason = body["reason"].AsString(),
             .superseded_by = body["superseded_by"].AsInteger(),
             .version = body["version"].AsInteger(),
             .by_person = body["by_person"].AsBool()};
  d.state = TRY(DeliveryStateFromString(row.Text("state")));
  return d;
}

Result<std::vector<Delivery>> Read(store::Transaction& tx, std::string_view rest,
                                   const store::Params& params) {
  auto rows = TRY(tx.Query(
      fmt::format("SELECT delivery_id, dataset, source, path, hash, period, state, arrived_at, "
                  "updated_at, run_id, body FROM deliveries {}",
                  rest),
      params));
  std::vector<Delivery> out;
  for (const store::Row& row : rows) {
    auto delivery = TRY(FromRow(row));
    out.push_back(std::move(delivery));
  }
  return out;
}

// What one look at the files found out; written down afterwards in one transaction.
struct Look {
  std::vector<Delivery> fresh;
  std::vector<Delivery> changed;  // Known ones with another path, time or state.
  bool has_read = false;          // A known file was read again, and is the same.
};

class Looker {
 public:
  Looker(const io::FileSystem& files, const std::string& project_dir,
         const definition::Source& source, const definition::Dataset& dataset,
         std::vector<Delivery> known, Timestamp now, std::optional<Timestamp> last_scan)
      : files_(files),
        project_dir_(project_dir),
        source_(source),
        dataset_(dataset),
        known_(std::move(known)),
        now_(now),
        last_scan_(last_scan) {
    for (size_t i = 0; i < known_.size(); ++i) latest_[known_[i].path] = i;  // Ascending by id.
  }

  Result<Look> At(std::vector<FoundFile> found) {
    std::stable_sort(found.begin(), found.end(), [](const FoundFile& a, const FoundFile& b) {
      return std::tie(a.period, a.mtime, a.path) < std::tie(b.period, b.mtime, b.path);
    });
    std::set<std::string> paths;
    for (const FoundFile& file : found) paths.insert(file.path);
    for (const FoundFile& file : found) TRY(LookAt(file, paths));
    for (const Delivery& d : known_) {
      if (d.state == DeliveryState::kNew && !paths.count(d.path)) {
        Delivery gone = d;
        gone.state = DeliveryState::kSuperseded;
        gone.reason = "The file went away before it was loaded.";
        look_.changed.push_back(std::move(gone));
      }
    }
    return std::move(look_);
  }

 private:
  bool IsUntouched(const Delivery& d, const FoundFile& file) const {
    return d.size == file.size && d.mtime == file.mtime && last_scan_ &&
           *last_scan_ - file.mtime > kSettled;
  }

  Result<void> LookAt(const FoundFile& file, const std::set<std::string>& paths) {
    auto it = latest_.find(file.path);
    const Delivery* known = it == latest_.end() ? nullptr : &known_[it->second];
    if (known && IsUntouched(*known, file)) return {};
    int64_t size = 0;
    auto hash = HashFile(files_, io::Join(project_dir_, file.path), &size);
    if (!hash.ok()) {
      // It went away since it was listed; the next look tells.
      if (hash.error().kind == ErrorKind::kNotFound) return {};
      return std::move(hash).error();
    }
    if (known && known->hash == *hash) {
      look_.has_read = true;
      Touch(*known, file);
      return {};
    }
    for (const Delivery& d : known_) {
      if (d.hash == *hash && d.period == file.period && !paths.count(d.path) &&
          d.state != DeliveryState::kSuperseded) {
        Touch(d, file);  // The same file under another name.
        return {};
      }
    }
    const bool in_time = last_scan_ && file.mtime > *last_scan_ && file.mtime <= now_;
    look_.fresh.push_back({.dataset = dataset_.address,
                           .source = source_.address,
                           .path = file.path,
                           .hash = *hash,
                           .period = file.period,
                           .arrived_at = in_time ? file.mtime : now_,
                           .updated_at = now_,
                           .size = size,
                           .mtime = file.mtime});
    return {};
  }

  void Touch(const Delivery& known, const FoundFile& file) {
    if (known.path == file.path && known.mtime == file.mtime) return;
    Delivery touched = known;
    touched.path = file.path;
    touched.mtime = file.mtime;
    look_.changed.push_back(std::move(touched));
  }

  const io::FileSystem& files_;
  const std::string& project_dir_;
  const definition::Source& source_;
  const definition::Dataset& dataset_;
  std::vector<Delivery> known_;
  std::map<std::string, size_t> latest_;  // By path.
  Timestamp now_;
  std::optional<Timestamp> last_scan_;
  Look look_;
};

bool Replaces(const Delivery& later, const Delivery& earlier, bool one_file_per_period) {
  if (earlier.id >= later.id || earlier.state == DeliveryState::kLoaded ||
      earlier.state == DeliveryState::kSuperseded) {
    return false;
  }
  return earlier.path == later.path || (one_file_per_period && earlier.period == later.period);
}

Result<void> WriteLook(store::Transaction& tx, Look look, const definition::Source& source,
                       Timestamp now, const std::string& actor, const std::string& run_id) {
  for (const Delivery& d : look.changed) TRY(SaveDelivery(tx, d, d.updated_at));
  const bool one_file = OneFilePerPeriod(source.path);
  for (Delivery& d : look.fresh) {
    auto rows = TRY(
        tx.Query("INSERT INTO deliveries (dataset, source, path, hash, period, state, arrived_at, "
                 "updated_at, body) VALUES (?, ?, ?, ?, ?, 'new', ?, ?, ?) RETURNING delivery_id",
                 {d.dataset, d.source, d.path, d.hash, d.period, d.arrived_at, now, BodyOf(d)}));
    d.id = rows[0].Integer("delivery_id");
    auto known = TRY(ListDeliveries(tx, d.dataset));
    Json superseded = Json::List();
    for (Delivery& earlier : known) {
      if (!Replaces(d, earlier, one_file)) continue;
      superseded.Push(earlier.id);
      earlier.state = DeliveryState::kSuperseded;
      earlier.superseded_by = d.id;
      TRY(SaveDelivery(tx, earlier, now));
    }
    Json body = Json::Object({{"delivery_id", d.id},
                              {"path", d.path},
                              {"period", d.period},
                              {"size", d.size},
                              {"hash", d.hash}});
    if (superseded.size() > 0) body.Set("supersedes", std::move(superseded));
    TRY(store::Append(tx, {.time = d.arrived_at,
                           .actor = actor,
                           .kind = store::fact::kDeliveryArrived,
                           .address = d.dataset,
                           .run_id = run_id,
                           .body = std::move(body)}));
  }
  return {};
}

}  // namespace

std::string_view ToString(DeliveryState state) {
  for (const auto& [known, word] : kStates) {
    if (known == state) return word;
  }
  return "new";
}

Result<DeliveryState> DeliveryStateFromString(std::string_view text) {
  for (const auto& [state, word] : kStates) {
    if (word == text) return state;
  }
  return Error::Corrupt("a delivery has the state \"{}\", which this version does not know", text);
}

Json ToJson(const Delivery& d) {
  Json json = Json::Object({{"id", d.id},
                            {"dataset", d.dataset},
                            {"source", d.source},
                            {"path", d.path},
                            {"period", d.period},
                            {"state", ToString(d.state)},
                            {"hash", d.hash},
                            {"size", d.size},
                            {"arrived_at", ToRfc3339(d.arrived_at)},
                            {"updated_at", ToRfc3339(d.updated_at)},
                            {"run_id", d.run_id}});
  if (d.rows >= 0) json.Set("rows", d.rows);
  if (!d.reason.empty()) json.Set("reason", d.reason);
  if (d.superseded_by) json.Set("superseded_by", d.superseded_by);
  if (d.version) json.Set("version", d.version);
  return json;
}

Result<int> RecordArrivals(store::Database& database, const io::FileSystem& files,
                           const std::string& project_dir, const definition::Project& project,
                           const definition::Dataset& dataset, const Clock& clock,
                           const std::string& actor, const std::string& run_id) {
  const definition::Source* source = project.FindSource(dataset.source);
  if (!source) {
    return Error::Invalid("{} is loaded from {}, which this release does not declare",
                          dataset.address, dataset.source);
  }
  std::vector<std::string> others;
  for (const definition::Dataset& other : project.datasets) {
    if (other.source == dataset.source && other.source_table != dataset.source_table) {
      others.push_back(other.source_table);
    }
  }
  auto found = FindFiles(files, project_dir, *source, dataset.source_table, others);
  if (!found.ok()) return std::move(found).error().In(source->address);
  struct Known {
    std::vector<Delivery> deliveries;
    std::optional<Timestamp> last_scan;
  };
  auto known = TRY(database.Read([&](store::Transaction& tx) -> Result<Known> {
    Known k;
    k.deliveries = TRY(Read(tx, "WHERE dataset = ? ORDER BY delivery_id", {dataset.address}));
    auto scan = TRY(store::GetDocument(tx, kScan, dataset.address));
    if (scan) k.last_scan = scan->updated_at;
    return k;
  }));
  const Timestamp now = clock.Now();
  Looker looker(files, project_dir, *source, dataset, std::move(known.deliveries), now,
                known.last_scan);
  auto look = TRY(looker.At(std::move(*found)));
  const int fresh = static_cast<int>(look.fresh.size());
  if (look.fresh.empty() && look.changed.empty() && !look.has_read) return 0;
  TRY(database.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(WriteLook(tx, std::move(look), *source, now, actor, run_id));
    return store::PutDocument(tx, {.kind = kScan, .key = dataset.address, .updated_at = now});
  }));
  return fresh;
}

Result<std::vector<Delivery>> ListDeliveries(store::Transaction& tx, const std::string& dataset,
                                             std::optional<DeliveryState> state) {
  if (!state) {
    return Read(tx, "WHERE dataset = ? ORDER BY period, delivery_id", {dataset});
  }
  return Read(tx, "WHERE dataset = ? AND state = ? ORDER BY period, delivery_id",
              {dataset, ToString(*state)});
}

Result<std::vector<Delivery>> ListAllDeliveries(store::Transaction& tx, int64_t limit) {
  return Read(tx, "ORDER BY delivery_id DESC LIMIT ?", {limit});
}

Result<Delivery> FindDelivery(store::Transaction& tx, std::string_view wanted) {
  std::string_view digits = wanted.substr(!wanted.empty() && wanted[0] == '#');
  const bool is_number = !digits.empty() && digits.size() < 18 &&
                         digits.find_first_not_of("0123456789") == digits.npos;
  std::vector<Delivery> found;
  if (is_number) {
    found = TRY(Read(tx, "WHERE delivery_id = ?", {int64_t{std::stoll(std::string(digits))}}));
  } else {
    std::string path = io::Normalize(wanted);
    found = TRY(Read(tx, "WHERE path = ? ORDER BY delivery_id DESC LIMIT 1", {path}));
  }
  if (found.empty()) {
    return Error::NotFound("There is no delivery \"{}\"; \"andon delivery list\" shows all",
                           wanted);
  }
  return std::move(found.front());
}

Result<void> SaveDelivery(store::Transaction& tx, const Delivery& d, Timestamp now) {
  TRY(
      tx.Execute("UPDATE deliveries SET path = ?, state = ?, updated_at = ?, run_id = ?, body = ? "
                 "WHERE delivery_id = ?",
                 {d.path, ToString(d.state), now, d.run_id, BodyOf(d), d.id}));
  return {};
}

}  // namespace andon::ingest
