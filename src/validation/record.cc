#include "validation/record.h"

#include <charconv>
#include <map>

#include "base/text.h"
#include "validation/check_json.h"

namespace andon::validation {
namespace {

constexpr std::string_view kSelect =
    "SELECT validation_id, uuid, dataset, batch, state, time, run_id, release_id, version, "
    "snapshot_id, body FROM validations";

Result<std::string> SaveSuite(store::Transaction& tx, const Validation& validation) {
  Json checks = Json::List();
  for (const CheckedCheck& checked : validation.results) checks.Push(ToJson(checked.check));
  const std::string content = checks.Dump();
  std::string hash = Sha256(content);
  TRY(tx.Execute("INSERT INTO suites (hash, content) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
                 {hash, content}));
  return hash;
}

Json BodyOf(const Validation& v) {
  const Counts c = CountsOf(v);
  Json body = Json::Object({{"checks", c.checks}, {"passed", c.passed}});
  auto count = [&](const char* name, int n) {
    if (n > 0) body.Set(name, n);
  };
  count("failed", c.failed);
  count("warnings", c.warnings);
  count("errors", c.errors);
  body.Set("duration_us", static_cast<int64_t>(v.duration.count()));
  auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) body.Set(name, value);
  };
  text("name", v.name);
  text("suite", v.suite);
  text("source", v.source);
  text("branch", v.branch);
  text("trigger", v.trigger);
  if (v.rows >= 0) body.Set("rows", v.rows);
  if (v.bytes >= 0) body.Set("bytes", v.bytes);
  if (v.batch_identifiers.size() > 0) body.Set("batch_identifiers", v.batch_identifiers);
  return body;
}

std::string NameOf(const std::string& dataset) {
  const size_t dot = dataset.rfind('.');
  return dataset.starts_with("dataset.") || dataset.starts_with("module.") ? dataset.substr(dot + 1)
                                                                           : dataset;
}

Summary SummaryFrom(const store::Row& row) {
  const Json body = row.Document("body");
  Validation about{.number = row.Integer("validation_id"),
                   .id = row.Text("uuid"),
                   .dataset = row.Text("dataset"),
                   .suite = body["suite"].AsString(),
                   .source = body["source"].AsString(),
                   .batch = row.Text("batch"),
                   .branch = body["branch"].AsString(),
                   .version = row.Integer("version"),
                   .snapshot_id = row.Integer("snapshot_id"),
                   .release_id = row.Integer("release_id"),
                   .run_id = row.Text("run_id"),
                   .trigger = body["trigger"].AsString(),
                   .rows = body["rows"].AsInteger(-1),
                   .bytes = body["bytes"].AsInteger(-1),
                   .started = row.Time("time"),
                   .duration = Duration(body["duration_us"].AsInteger())};
  about.name = body["name"].AsString(NameOf(about.dataset));
  if (body["batch_identifiers"].is_object()) about.batch_identifiers = body["batch_identifiers"];
  auto count = [&](const char* name) { return static_cast<int>(body[name].AsInteger()); };
  return {.about = std::move(about),
          .counts = {.checks = count("checks"),
                     .passed = count("passed"),
                     .failed = count("failed"),
                     .warnings = count("warnings"),
                     .errors = count("errors")},
          .state = row.Text("state")};
}

Result<std::vector<CheckedCheck>> ReadResults(store::Transaction& tx, int64_t number,
                                              const std::string& suite_hash) {
  std::map<std::string, quality::CheckSpec> specs;
  auto suite = TRY(store::QueryOne(tx, "SELECT content FROM suites WHERE hash = ?", {suite_hash}));
  if (suite) {
    const Json checks = suite->Document("content");
    for (const Json& json : checks.items()) {
      quality::CheckSpec check = CheckFromJson(json);
      specs.emplace(check.name, std::move(check));
    }
  }
  auto rows = TRY(
      tx.Query("SELECT r.check_key, r.scope, r.severity, r.delivery_id, r.body, s.body AS sample "
               "FROM check_results r LEFT JOIN check_samples s ON s.result_id = r.result_id "
               "WHERE r.validation_id = ? ORDER BY r.ordinal",
               {number}));
  std::vector<CheckedCheck> out;
  for (const store::Row& row : rows) {
    CheckedCheck checked{.scope = row.Text("scope"), .delivery_id = row.Integer("delivery_id")};
    checked.result = TRY(ResultFrom(row.Document("body"), row.Document("sample")));
    auto spec = specs.find(row.Text("check_key"));
    if (spec != specs.end()) {
      checked.check = spec->second;
    } else {
      // Written before suites were kept.
      checked.check.name = checked.result.name;
      checked.check.type = checked.result.type;
      checked.check.severity = checked.result.severity;
    }
    out.push_back(std::move(checked));
  }
  return out;
}

Result<Validation> FindBy(store::Transaction& tx, const std::string& where,
                          const store::Params& params, std::string_view which) {
  auto row = TRY(store::QueryOne(
      tx,
      "SELECT validation_id, uuid, dataset, batch, state, time, run_id, release_id, version, "
      "snapshot_id, suite_hash, body FROM validations " +
          where,
      params));
  if (!row) return Error::NotFound("There is no validation {}", which);
  Validation out = SummaryFrom(*row).about;
  out.results = TRY(ReadResults(tx, out.number, row->Text("suite_hash")));
  return out;
}

}  // namespace

Result<int64_t> Record(store::Transaction& tx, const Validation& v) {
  const std::string dataset = v.dataset.empty() ? v.name : v.dataset;
  const std::string suite_hash = TRY(SaveSuite(tx, v));
  auto row = TRY(store::QueryOne(
      tx,
      "INSERT INTO validations (uuid, dataset, batch, state, time, run_id, release_id, version, "
      "snapshot_id, suite_hash, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "RETURNING validation_id",
      {v.id.empty() ? RandomUuid() : v.id, dataset, v.batch, StateOf(CountsOf(v)), v.started,
       v.run_id, v.release_id, v.version, v.snapshot_id, suite_hash, BodyOf(v)}));
  const int64_t number = row->Integer("validation_id");
  int64_t ordinal = 0;
  for (const CheckedCheck& checked : v.results) {
    const quality::CheckResult& r = checked.result;
    const Json& observed = r.observed_value;
    auto inserted = TRY(store::QueryOne(
        tx,
        "INSERT INTO check_results (validation_id, ordinal, dataset, check_key, type, scope, "
        "state, "
        "severity, time, run_id, snapshot_id, version, delivery_id, observed, "
        "unexpected_percent, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "RETURNING result_id",
        {number, ordinal++, dataset, checked.check.name, checked.check.type, checked.scope,
         ToString(r.state), quality::ToString(checked.check.severity), v.started, v.run_id,
         v.snapshot_id, v.version, checked.delivery_id,
         observed.is_number() ? store::Cell(observed.AsDouble()) : nullptr, r.unexpected_percent,
         ResultBody(r)}));
    const Json sample = SampleBody(r);
    if (sample.is_null() || r.success()) continue;
    TRY(tx.Execute("INSERT INTO check_samples (result_id, time, body) VALUES (?, ?, ?)",
                   {inserted->Integer("result_id"), v.started, sample}));
  }
  return number;
}

Result<std::vector<Summary>> List(store::Transaction& tx, const Filter& filter) {
  std::string where;
  store::Params params;
  auto add = [&](const char* condition, store::Cell value) {
    where += (where.empty() ? " WHERE " : " AND ") + std::string(condition);
    params.push_back(std::move(value));
  };
  if (!filter.dataset.empty()) add("dataset = ?", filter.dataset);
  if (!filter.run_id.empty()) add("run_id = ?", filter.run_id);
  if (filter.before > 0) add("validation_id < ?", filter.before);
  if (filter.from > 0) add("validation_id >= ?", filter.from);
  params.push_back(filter.limit);
  auto rows =
      TRY(tx.Query(std::string(kSelect) + where + " ORDER BY validation_id DESC LIMIT ?", params));
  std::vector<Summary> out;
  for (const store::Row& row : rows) out.push_back(SummaryFrom(row));
  return out;
}

Result<Validation> Find(store::Transaction& tx, int64_t number) {
  return FindBy(tx, "WHERE validation_id = ?", {number}, std::to_string(number));
}

Result<Validation> Find(store::Transaction& tx, std::string_view which) {
  if (which == "last") {
    return FindBy(tx, "ORDER BY validation_id DESC LIMIT 1", {}, "yet");
  }
  int64_t number = 0;
  const char* end = which.data() + which.size();
  auto [stop, error] = std::from_chars(which.data(), end, number);
  if (error == std::errc() && stop == end) return Find(tx, number);
  constexpr size_t kUuidLength = 36;
  if (which.size() != kUuidLength) {
    return Error::Invalid("\"{}\" is no validation: give its number, its UUID, or \"last\"", which);
  }
  return FindBy(tx, "WHERE uuid = ?", {which}, which);
}

Result<std::optional<int64_t>> PreviousOf(store::Transaction& tx, const Validation& v) {
  // A run judges whole datasets; its batch only says which deliveries came.
  const bool is_part = v.trigger != "run" && v.batch_identifiers.size() > 0;
  auto row = TRY(store::QueryOne(
      tx,
      "SELECT max(validation_id) AS n FROM validations WHERE dataset = ? AND validation_id < ? AND "
      "iif(json_extract(body, '$.trigger') = 'run', '', "
      "coalesce(json_extract(body, '$.batch_identifiers'), '')) = ?",
      {v.dataset.empty() ? v.name : v.dataset, v.number,
       is_part ? v.batch_identifiers.Dump() : ""}));
  if (!row || row->IsNull("n")) return std::optional<int64_t>();
  return std::optional<int64_t>(row->Integer("n"));
}

Result<std::vector<DatasetSummary>> Datasets(store::Transaction& tx) {
  auto rows =
      TRY(tx.Query("SELECT v.validation_id, v.uuid, v.dataset, v.batch, v.state, v.time, v.run_id, "
                   "v.release_id, v.version, v.snapshot_id, v.body, g.n FROM validations v JOIN "
                   "(SELECT max(validation_id) AS last, count(*) AS n FROM validations GROUP BY "
                   "dataset) g ON v.validation_id = g.last ORDER BY v.dataset"));
  std::vector<DatasetSummary> out;
  for (const store::Row& row : rows) {
    out.push_back({row.Text("dataset"), row.Integer("n"), SummaryFrom(row)});
  }
  return out;
}

}  // namespace andon::validation
