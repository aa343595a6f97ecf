// What the control store knows of the time since the last good publish: read from the tables of
// releases, versions, deliveries and runs, which belong to others and are only read here.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/text.h"
#include "incident/causes.h"
#include "store/database.h"
#include "store/journal.h"
#include "store/meta.h"

namespace andon::incident {
namespace {

std::string NameOf(std::string_view address) {
  size_t dot = address.rfind('.');
  return std::string(dot == std::string_view::npos ? address : address.substr(dot + 1));
}

bool IsAccepted(const Json& body) { return body.Has("accepted") && !body["accepted"].is_null(); }

struct Manifest {
  int64_t release_id = 0;
  std::string hash;
};

// "models/x.sql:1" moved down to the line that differs.
std::string Shift(const std::string& position, int lines) {
  size_t colon = position.rfind(':');
  if (colon == std::string::npos) return position;
  int line = 0;
  auto [end, error] =
      std::from_chars(position.data() + colon + 1, position.data() + position.size(), line);
  if (error != std::errc() || end != position.data() + position.size()) return position;
  return fmt::format("{}:{}", position.substr(0, colon), line + lines);
}

// Keys of the two objects whose values differ, each as a part of the definition. Columns and
// checks are compared one by one.
std::vector<std::string> ChangedParts(const Json& before, const Json& after) {
  std::vector<std::string> names;
  for (const Json* side : {&before, &after}) {
    for (const auto& [name, value] : side->members()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::vector<std::string> parts;
  for (const std::string& name : names) {
    if (before[name] == after[name]) continue;
    if (name != "checks" && name != "columns") {
      parts.push_back(name);
      continue;
    }
    for (const std::string& inner : ChangedParts(before[name], after[name])) {
      parts.push_back(name + "." + inner);
    }
  }
  return parts;
}

class Reader {
 public:
  Reader(store::Transaction& tx, const definition::Project& project, const Symptom& symptom)
      : tx_(tx), project_(project), symptom_(symptom) {}

  Result<History> Run() {
    history_.release_id = symptom_.release_id;
    TRY(ReadLastGood());
    TRY(ReadChanges());
    TRY(ReadUpstream());
    TRY(ReadSystems());
    TRY(ReadDeliveries());
    TRY(ReadLastRun());
    return std::move(history_);
  }

 private:
  Result<store::Rows> Versions(const std::string& dataset, int64_t after) {
    return tx_.Query(
        "SELECT version, state, published_at, run_id, release_id, body FROM dataset_versions "
        "WHERE dataset IN (?, ?) AND published_at > ? ORDER BY version DESC LIMIT 1000",
        {dataset, NameOf(dataset), after});
  }

  Result<void> ReadLastGood() {
    auto rows = TRY(Versions(symptom_.dataset, -1));
    for (const store::Row& row : rows) {
      if (row.Text("state") != "published" || IsAccepted(row.Document("body"))) continue;
      History::Good good{row.Time("published_at"), row.Integer("version"),
                         row.Integer("release_id"), ""};
      auto run =
          TRY(store::QueryOne(tx_, "SELECT body FROM runs WHERE run_id = ?", {row.Text("run_id")}));
      if (run) good.andon_version = run->Document("body")["andon_version"].AsString();
      history_.last_good = good;
      break;
    }
    const definition::Dataset* dataset = project_.FindDataset(symptom_.dataset);
    if (dataset && dataset->is_external()) TRY(ReadLastGreenCheck());
    return {};
  }

  // A table that is checked in its place has no versions; it was good when its checks passed.
  Result<void> ReadLastGreenCheck() {
    auto row = TRY(store::QueryOne(tx_,
                                   "SELECT t.ended_at, r.release_id, r.body FROM run_tasks t JOIN "
                                   "runs r ON r.run_id = t.run_id WHERE t.dataset = ? AND t.state "
                                   "= 'unchanged' ORDER BY t.ended_at DESC LIMIT 1",
                                   {symptom_.dataset}));
    if (!row) return {};
    history_.last_good = History::Good{row->Time("ended_at"), 0, row->Integer("release_id"),
                                       row->Document("body")["andon_version"].AsString()};
    return {};
  }

  Result<void> ReadChanges() {
    std::set<std::string> addresses(symptom_.unit.begin(), symptom_.unit.end());
    addresses.insert(symptom_.dataset);
    for (const auto& reached : symptom_.upstream) {
      if (reached.id.starts_with("dataset.")) addresses.insert(reached.id);
    }
    for (const auto& address : std::set<std::string>(addresses)) {
      const definition::Dataset* dataset = project_.FindDataset(address);
      if (dataset && !dataset->source.empty()) addresses.insert(dataset->source);
    }
    for (const auto& address : addresses) TRY(ReadChangesOf(address));
    std::stable_sort(history_.changes.begin(), history_.changes.end(),
                     [](const Change& a, const Change& b) { return a.release_id < b.release_id; });
    return {};
  }

  Result<void> ReadChangesOf(const std::string& address) {
    auto rows =
        TRY(tx_.Query("SELECT release_id, hash FROM release_objects WHERE address = ? AND "
                      "release_id <= ? ORDER BY release_id",
                      {address, symptom_.release_id}));
    int64_t base = history_.last_good ? history_.last_good->release_id : 0;
    std::string before_hash;
    std::vector<Manifest> later;
    for (const store::Row& row : rows) {
      if (row.Integer("release_id") <= base)
        before_hash = row.Text("hash");
      else
        later.push_back({row.Integer("release_id"), row.Text("hash")});
    }
    if (later.empty() || later.back().hash == before_hash) return {};
    // What matters is what stands now against what stood then; it came with the first of the
    // releases that have had it without a break.
    size_t first = later.size() - 1;
    while (first > 0 && later[first - 1].hash == later.back().hash) --first;
    return AddChanges(address, before_hash, later[first]);
  }

  Result<Json> Definition(const std::string& hash) {
    if (hash.empty()) return Json();
    std::string text = TRY(store::GetBlob(tx_, hash));
    return Json::Parse(text);
  }

  static const Json& Attributes(const Json& object) {
    return object.Has("attributes") ? object["attributes"] : object;
  }

  // Where things stand is no part of a recorded definition; the project of this release knows it.
  std::string PositionOf(const std::string& address, std::string_view part) const {
    Json positions;
    if (const definition::Dataset* dataset = project_.FindDataset(address))
      positions = dataset->positions;
    if (const definition::Source* source = project_.FindSource(address))
      positions = source->positions;
    std::string position = definition::PositionOf(positions, part);
    return position.empty() ? definition::PositionOf(positions, "") : position;
  }

  Result<void> AddChanges(const std::string& address, const std::string& before_hash,
                          const Manifest& now) {
    Json before = TRY(Definition(before_hash)), after = TRY(Definition(now.hash));
    Change change{.release_id = now.release_id, .address = address};
    auto release = TRY(store::QueryOne(
        tx_, "SELECT actor, opened_at, closed_at FROM releases WHERE release_id = ?",
        {now.release_id}));
    if (release) {
      change.actor = release->Text("actor");
      change.at = release->OptionalTime("closed_at").value_or(release->Time("opened_at"));
    }
    if (before_hash.empty()) {
      change.position = PositionOf(address, "");
      history_.changes.push_back(std::move(change));
      return {};
    }
    for (const std::string& part : ChangedParts(Attributes(before), Attributes(after))) {
      Change one = change;
      one.part = part;
      one.position = PositionOf(address, part);
      if (part == "sql") {
        int line = FirstChangedLine(Attributes(before)["sql"].AsString(),
                                    Attributes(after)["sql"].AsString());
        one.position = Shift(one.position, line - 1);
      }
      history_.changes.push_back(std::move(one));
    }
    return {};
  }

  Result<void> ReadUpstream() {
    if (!history_.last_good) return {};
    int64_t since = ToMicros(history_.last_good->at);
    for (const auto& reached : symptom_.upstream) {
      if (!reached.id.starts_with("dataset.")) continue;
      TRY(ReadVersionsSince(reached.id, reached.depth, since, false));
    }
    for (const auto& member : symptom_.unit) TRY(ReadVersionsSince(member, 1, since, true));
    std::stable_sort(history_.upstream.begin(), history_.upstream.end(),
                     [](const auto& a, const auto& b) { return a.depth < b.depth; });
    return {};
  }

  Result<void> ReadVersionsSince(const std::string& dataset, int depth, int64_t since,
                                 bool foreign_only) {
    auto rows = TRY(Versions(dataset, since));
    for (const store::Row& row : rows) {
      const std::string& state = row.Text("state");
      bool is_foreign = state == "foreign";
      if (state == "rolled_back" || (foreign_only && !is_foreign)) continue;
      history_.upstream.push_back({dataset, depth, row.Integer("version"), row.Time("published_at"),
                                   IsAccepted(row.Document("body")), is_foreign});
    }
    return {};
  }

  // Where what may read a resource lies: the datasets concerned, and their sources.
  std::map<std::string, int> DepthOfReaders() const {
    std::map<std::string, int> depths;
    auto add = [&](const std::string& address, int depth) {
      depths.emplace(address, depth);
      const definition::Dataset* dataset = project_.FindDataset(address);
      if (dataset == nullptr) return;
      for (const std::string& source : {dataset->source, dataset->external_source}) {
        if (!source.empty()) depths.emplace(source, depth);
      }
    };
    add(symptom_.dataset, 1);
    for (const std::string& member : symptom_.unit) add(member, 1);
    for (const auto& reached : symptom_.upstream) {
      if (reached.id.starts_with("dataset.")) add(reached.id, reached.depth + 1);
    }
    return depths;
  }

  Result<void> ReadSystems() {
    store::FactFilter filter{
        .kinds = {"resource_changed", "drift_seen"}, .limit = 1000, .newest_first = true};
    if (history_.last_good) filter.from = history_.last_good->at;
    std::vector<store::Fact> facts = TRY(store::ReadFacts(tx_, filter));
    const std::map<std::string, int> depths = DepthOfReaders();
    std::set<std::string> seen;
    for (const store::Fact& fact : facts) {
      // What was made for the first time was never otherwise.
      if (fact.body["action"].AsString() == "create" && !history_.last_good) continue;
      SystemChange change{.address = fact.address,
                          .what = fact.body["action"].AsString(),
                          .actor = fact.actor,
                          .position = fact.body["position"].AsString(),
                          .at = fact.time,
                          .is_drift = fact.kind == "drift_seen"};
      for (const Json& reader : fact.body["readers"].items()) {
        auto found = depths.find(reader.AsString());
        if (found == depths.end()) continue;
        if (!change.reader.empty() && change.depth <= found->second) continue;
        change.reader = found->first;
        change.depth = found->second;
      }
      if (change.reader.empty() || !seen.insert(fact.address).second) continue;
      std::vector<std::string> parts;
      for (const Json& a : fact.body["attributes"].items()) {
        if (parts.size() == 3) break;
        parts.push_back(fmt::format("{}: {} -> {}", a["name"].AsString(), a["before"].AsString(),
                                    a["after"].AsString()));
      }
      change.detail = Join(parts, "; ");
      history_.systems.push_back(std::move(change));
    }
    return {};
  }

  Result<void> ReadDeliveries() {
    if (symptom_.delivery.empty()) return {};
    auto rows =
        TRY(tx_.Query("SELECT state, count(*) AS n FROM deliveries WHERE dataset = ? AND path <> ? "
                      "GROUP BY state",
                      {symptom_.dataset, symptom_.delivery}));
    for (const store::Row& row : rows) {
      const std::string& state = row.Text("state");
      int n = static_cast<int>(row.Integer("n"));
      if (state == "loaded") history_.deliveries_passed += n;
      if (state == "rejected" || state == "unreadable") history_.deliveries_failed += n;
    }
    return {};
  }

  Result<void> ReadLastRun() {
    auto row = TRY(store::QueryOne(tx_, "SELECT max(started_at) AS t FROM runs"));
    if (row) history_.last_run_at = row->OptionalTime("t");
    return {};
  }

  store::Transaction& tx_;
  const definition::Project& project_;
  const Symptom& symptom_;
  History history_;
};

}  // namespace

Result<History> ReadHistory(store::Transaction& tx, const definition::Project& project,
                            const Symptom& symptom) {
  return Reader(tx, project, symptom).Run();
}

}  // namespace andon::incident
