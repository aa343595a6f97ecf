#include "line/sight.h"

#include <set>

#include "base/json_strings.h"
#include "base/text.h"
#include "line/check_specs.h"
#include "quality/check.h"
#include "sql/analyze.h"
#include "store/meta.h"

namespace andon::line {
namespace {

constexpr char kKind[] = "line.sight";
constexpr char kKey[] = "current";
// Grows with the meaning of what is remembered.
constexpr int kFormat = 1;

struct Found {
  std::map<std::string, pipeline::Reads, std::less<>> reads;
  std::vector<lineage::SqlEdges> edges;
};

Json ToJson(const Found& found) {
  Json reads = Json::Object(), edges = Json::List();
  for (const auto& [address, r] : found.reads) {
    reads.Set(address, Json::Object({{"reads", Strings(r.reads)},
                                     {"checked_with", Strings(r.checked_with)}}));
  }
  for (const lineage::SqlEdges& e : found.edges) {
    Json columns = Json::List();
    for (const lineage::ColumnEdge& c : e.columns) {
      columns.Push(Json::List({c.from_dataset, c.from_column, c.to_dataset, c.to_column}));
    }
    edges.Push(Json::Object(
        {{"dataset", e.dataset}, {"inputs", Strings(e.inputs)}, {"columns", std::move(columns)}}));
  }
  return Json::Object({{"reads", std::move(reads)}, {"edges", std::move(edges)}});
}

Found FromJson(const Json& json) {
  Found found;
  for (const auto& [address, r] : json["reads"].members()) {
    found.reads[address] = {Strings(r["reads"]), Strings(r["checked_with"])};
  }
  for (const Json& e : json["edges"].items()) {
    lineage::SqlEdges edges{.dataset = e["dataset"].AsString(), .inputs = Strings(e["inputs"])};
    for (const Json& c : e["columns"].items()) {
      const auto& items = c.items();
      if (items.size() != 4) continue;
      edges.columns.push_back(
          {items[0].AsString(), items[1].AsString(), items[2].AsString(), items[3].AsString()});
    }
    found.edges.push_back(std::move(edges));
  }
  return found;
}

// All that the analysis depends on.
std::string HashOf(const definition::Project& project) {
  Json json = Json::List({kFormat});
  for (const definition::Dataset& d : project.datasets) {
    Json columns = Json::List(), checks = Json::List();
    for (const definition::Column& c : d.columns) columns.Push(c.name + " " + c.type);
    for (const definition::Check& c : d.checks) checks.Push(Json::List({c.type, c.kwargs}));
    json.Push(Json::List({d.address, d.sql, std::move(columns), std::move(checks)}));
  }
  return Sha256(json.Dump());
}

class Looker {
 public:
  explicit Looker(const definition::Project& project) : project_(project) {
    for (const definition::Dataset& d : project.datasets) {
      address_of_[AsciiLower(d.name)] = d.address;
      sql::KnownTable table{.name = d.name};
      for (const definition::Column& c : d.columns) table.columns.push_back({c.name, c.type});
      tables_.push_back(std::move(table));
    }
  }

  Result<Found> Run() {
    Found found;
    for (const definition::Dataset& dataset : project_.datasets) {
      pipeline::Reads reads;
      if (!dataset.sql.empty()) {
        auto edges = TRY(ReadModel(dataset));
        reads.reads = edges.inputs;
        found.edges.push_back(std::move(edges));
      }
      reads.checked_with = TRY(ReadChecks(dataset));
      found.reads[dataset.address] = std::move(reads);
    }
    return found;
  }

 private:
  Result<sql::Analyzer*> Analyzer() {
    if (!analyzer_) {
      auto opened = TRY(sql::Analyzer::Open());
      analyzer_.emplace(std::move(opened));
    }
    return &*analyzer_;
  }

  std::string AddressOf(const std::string& table) const {
    auto it = address_of_.find(AsciiLower(table));
    return it == address_of_.end() ? "" : it->second;
  }

  Result<lineage::SqlEdges> ReadModel(const definition::Dataset& dataset) {
    sql::Analyzer* analyzer = TRY(Analyzer());
    const std::string file = dataset.sql_file.empty() ? dataset.address : dataset.sql_file;
    sql::Analysis analysis = analyzer->Analyze(dataset.sql, file, tables_);
    if (analysis.tables.empty() && analysis.diagnostics.has_errors()) {
      const Diagnostic& first = analysis.diagnostics.list().front();
      return Error::Invalid("{}: {}: {}", dataset.address, ToString(first.subject), first.detail);
    }
    lineage::SqlEdges edges{.dataset = dataset.address};
    std::set<std::string> inputs;
    for (const std::string& table : analysis.TableNames()) {
      std::string address = AddressOf(table);
      if (!address.empty() && address != dataset.address) inputs.insert(address);
    }
    edges.inputs.assign(inputs.begin(), inputs.end());
    for (const sql::OutputColumn& column : analysis.columns) {
      for (const sql::ColumnUse& use : column.inputs) {
        edges.columns.push_back({AddressOf(use.table), use.column, dataset.address, column.name});
      }
    }
    return edges;
  }

  Result<std::vector<std::string>> ReadChecks(const definition::Dataset& dataset) {
    std::set<std::string> others;
    auto add = [&](const std::string& table) {
      std::string address = AddressOf(table);
      if (!address.empty() && address != dataset.address) others.insert(address);
    };
    for (const quality::CheckSpec& check : ChecksOf(project_, dataset)) {
      for (const std::string& table : quality::TablesOf(check)) add(table);
      std::string text = quality::SqlOf(check);
      if (text.empty()) continue;
      sql::Analyzer* analyzer = TRY(Analyzer());
      for (const std::string& table : analyzer->Parse(text, dataset.address).TableNames())
        add(table);
    }
    return std::vector<std::string>(others.begin(), others.end());
  }

  const definition::Project& project_;
  std::map<std::string, std::string> address_of_;  // By name in lower case, as SQL has it.
  std::vector<sql::KnownTable> tables_;
  std::optional<sql::Analyzer> analyzer_;
};

Result<Found> FindOrRemember(store::Database& database, const definition::Project& project) {
  const std::string hash = HashOf(project);
  auto known = TRY(
      database.Read([&](store::Transaction& tx) { return store::GetDocument(tx, kKind, kKey); }));
  if (known && known->state == hash) return FromJson(known->body);
  Looker looker(project);
  auto found = TRY(looker.Run());
  TRY(database.Write([&](store::Transaction& tx) {
    return store::PutDocument(tx,
                              {.kind = kKind, .key = kKey, .state = hash, .body = ToJson(found)});
  }));
  return found;
}

}  // namespace

Result<Sight> Look(store::Database& database, const definition::Project& project) {
  auto found = TRY(FindOrRemember(database, project));
  auto line = TRY(pipeline::MakeLine(project, found.reads));
  return Sight{std::move(line), lineage::Graph::Build(project, found.edges)};
}

}  // namespace andon::line
