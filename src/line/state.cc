#include "line/state.h"

#include <algorithm>

#include "base/text.h"
#include "store/meta.h"

namespace andon::line {
namespace {

constexpr char kRed[] = "line.red";
constexpr char kBranch[] = "line.branch";

// The newest version at or below `version` that says what it was made of.
std::optional<pipeline::Basis> BasisOf(const std::vector<lake::Version>& versions,
                                       int64_t version) {
  for (const lake::Version& v : versions) {  // Newest first.
    if (v.version > version) continue;
    const Json& basis = v.body["basis"];
    if (basis.is_object()) return pipeline::BasisFromJson(basis);
  }
  return std::nullopt;
}

Result<Red> RedFrom(const store::Document& document) {
  const Json& b = document.body;
  Red red{.dataset = document.key,
          .kind = document.state,
          .run_id = b["run_id"].AsString(),
          .at = document.updated_at,
          .basis = pipeline::BasisFromJson(b["basis"]),
          .message = b["message"].AsString(),
          .incident = b["incident"].AsInteger(),
          .is_passed = b["is_passed"].AsBool()};
  return red;
}

}  // namespace

Result<TableState> ReadTableState(store::Database& database, const lake::Lake& lake,
                                  const std::string& table) {
  TableState state;
  auto opened = lake::OpenTable(database, lake, table);
  if (!opened.ok()) {
    if (opened.error().kind == ErrorKind::kNotFound) return state;
    return std::move(opened).error();
  }
  TRY(database.Read([&](store::Transaction& tx) -> Result<void> {
    state.version = TRY(lake::CurrentVersion(tx, *opened));
    if (state.version) {
      auto versions = TRY(lake::ListVersions(tx, table));
      state.basis = BasisOf(versions, state.version->version);
    }
    return {};
  }));
  state.table = std::move(*opened);
  return state;
}

Json ToJson(const Red& red) {
  return Json::Object({{"run_id", red.run_id},
                       {"basis", pipeline::ToJson(red.basis)},
                       {"message", red.message},
                       {"incident", red.incident},
                       {"is_passed", red.is_passed}});
}

Result<std::optional<Red>> FindRed(store::Transaction& tx, const std::string& dataset) {
  auto document = TRY(store::GetDocument(tx, kRed, dataset));
  if (!document) return std::optional<Red>();
  auto red = TRY(RedFrom(*document));
  return std::optional(std::move(red));
}

Result<std::vector<Red>> ListRed(store::Transaction& tx) {
  auto documents = TRY(store::ListDocuments(tx, kRed));
  std::vector<Red> out;
  for (const store::Document& document : documents) {
    auto red = TRY(RedFrom(document));
    out.push_back(std::move(red));
  }
  return out;
}

Result<void> SaveRed(store::Transaction& tx, const Red& red) {
  return store::PutDocument(tx, {.kind = kRed,
                                 .key = red.dataset,
                                 .state = red.kind,
                                 .updated_at = red.at,
                                 .body = ToJson(red)});
}

Result<void> SettleRed(store::Transaction& tx, const std::string& dataset) {
  auto red = TRY(FindRed(tx, dataset));
  if (!red) return {};
  auto deliveries = TRY(ingest::ListDeliveries(tx, dataset));
  const bool any = std::any_of(deliveries.begin(), deliveries.end(), [](const ingest::Delivery& d) {
    return !d.by_person && (d.state == ingest::DeliveryState::kRejected ||
                            d.state == ingest::DeliveryState::kUnreadable);
  });
  if (!any) return ForgetRed(tx, dataset);
  red->is_passed = true;
  return SaveRed(tx, *red);
}

Result<void> ForgetRed(store::Transaction& tx, const std::string& dataset) {
  return store::RemoveDocument(tx, kRed, dataset);
}

namespace {

KeptBranch KeptFrom(const store::Document& document) {
  const Json& b = document.body;
  KeptBranch kept{.incident = b["incident"].AsInteger(), .branch = b["branch"].AsString()};
  for (const Json& d : b["unit"].items()) kept.unit.push_back(d.AsString());
  for (const Json& d : b["deliveries"].items()) kept.deliveries.push_back(d.AsInteger());
  for (const Json& d : b["on_top_of"].items()) kept.on_top_of.push_back(d.AsInteger());
  for (const auto& [address, basis] : b["bases"].members()) kept.bases[address] = basis;
  return kept;
}

}  // namespace

Result<void> KeepBranch(store::Transaction& tx, const KeptBranch& kept, Timestamp now) {
  Json unit = Json::List(), deliveries = Json::List(), on_top_of = Json::List(),
       bases = Json::Object();
  for (const std::string& d : kept.unit) unit.Push(d);
  for (int64_t d : kept.deliveries) deliveries.Push(d);
  for (int64_t d : kept.on_top_of) on_top_of.Push(d);
  for (const auto& [address, basis] : kept.bases) bases.Set(address, basis);
  return store::PutDocument(tx, {.kind = kBranch,
                                 .key = std::to_string(kept.incident),
                                 .updated_at = now,
                                 .body = Json::Object({{"incident", kept.incident},
                                                       {"branch", kept.branch},
                                                       {"unit", std::move(unit)},
                                                       {"deliveries", std::move(deliveries)},
                                                       {"on_top_of", std::move(on_top_of)},
                                                       {"bases", std::move(bases)}})});
}

Result<std::optional<KeptBranch>> FindKeptBranch(store::Transaction& tx, int64_t incident) {
  auto document = TRY(store::GetDocument(tx, kBranch, std::to_string(incident)));
  if (!document) return std::optional<KeptBranch>();
  return std::optional(KeptFrom(*document));
}

Result<std::vector<KeptBranch>> ListKeptBranches(store::Transaction& tx) {
  auto documents = TRY(store::ListDocuments(tx, kBranch));
  std::vector<KeptBranch> out;
  for (const store::Document& document : documents) out.push_back(KeptFrom(document));
  return out;
}

Result<void> ForgetBranch(store::Transaction& tx, int64_t incident) {
  return store::RemoveDocument(tx, kBranch, std::to_string(incident));
}

Result<std::vector<Hold>> ActiveHolds(store::Transaction& tx, const std::string& dataset) {
  auto rows =
      TRY(tx.Query("SELECT hold_id, dataset, kind, since, actor, incident_id, body FROM holds "
                   "WHERE state = 'active' AND (? = '' OR dataset = ?) ORDER BY hold_id",
                   {dataset, dataset}));
  std::vector<Hold> out;
  for (const store::Row& row : rows) {
    out.push_back({row.Integer("hold_id"), row.Text("dataset"), row.Text("kind"), row.Time("since"),
                   row.Text("actor"), row.Document("body")["reason"].AsString(),
                   row.Integer("incident_id")});
  }
  return out;
}

Result<bool> AddHold(store::Transaction& tx, const Hold& hold, const std::string& run_id) {
  auto active = TRY(ActiveHolds(tx, hold.dataset));
  for (const Hold& known : active) {
    if (known.kind == hold.kind) return false;
  }
  TRY(tx.Execute(
      "INSERT INTO holds (dataset, kind, state, since, actor, run_id, incident_id, body) "
      "VALUES (?, ?, 'active', ?, ?, ?, ?, ?)",
      {hold.dataset, hold.kind, hold.since, hold.actor, run_id, hold.incident,
       Json::Object({{"reason", hold.reason}})}));
  return true;
}

Result<int64_t> ReleaseHolds(store::Transaction& tx, const std::string& dataset,
                             const std::vector<std::string>& kinds, Timestamp now) {
  int64_t released = 0;
  for (const std::string& kind : kinds) {
    auto n =
        TRY(tx.Execute("UPDATE holds SET state = 'released', released_at = ? "
                       "WHERE dataset = ? AND kind = ? AND state = 'active'",
                       {now, dataset, kind}));
    released += n;
  }
  return released;
}

std::string ToText(const Hold& hold) {
  std::string since = ToRfc3339(hold.since).substr(0, 16);
  std::replace(since.begin(), since.end(), 'T', ' ');
  std::string out = fmt::format("held by {} since {}", hold.actor, since);
  if (!hold.reason.empty()) out += ": " + hold.reason;
  return out;
}

Result<DatasetState> ReadDatasetState(store::Database& database, const lake::Lake& lake,
                                      const definition::Dataset& dataset) {
  DatasetState state;
  state.table = TRY(ReadTableState(database, lake, dataset.name));
  state.facts.published = state.table.basis;
  TRY(database.Read([&](store::Transaction& tx) -> Result<void> {
    state.red = TRY(FindRed(tx, dataset.address));
    auto holds = TRY(ActiveHolds(tx, dataset.address));
    for (const Hold& hold : holds) {
      if (hold.kind != "upstream") state.facts.hold = ToText(hold);
    }
    if (dataset.source.empty()) return {};
    auto deliveries = TRY(ingest::ListDeliveries(tx, dataset.address));
    for (ingest::Delivery& d : deliveries) {
      switch (d.state) {
        case ingest::DeliveryState::kNew:
          state.fresh.push_back(std::move(d));
          break;
        case ingest::DeliveryState::kLoaded:
          state.loaded.push_back(std::move(d));
          break;
        case ingest::DeliveryState::kRejected:
        case ingest::DeliveryState::kUnreadable:
          if (!d.by_person) state.rejected.push_back(std::move(d));
          break;
        default:
          break;
      }
    }
    return {};
  }));
  state.facts.new_deliveries = static_cast<int>(state.fresh.size());
  if (state.red) {
    state.facts.failed = state.red->basis;
    state.facts.red_deliveries = static_cast<int>(state.rejected.size());
  }
  return state;
}

}  // namespace andon::line
