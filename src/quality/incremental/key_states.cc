#include "quality/incremental/key_states.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "quality/incremental/key_run.h"

namespace andon::quality {
namespace {

using sql::Aggregate;

// An integer is its own word; equal values of all other types have equal hashes. (A bit less, as
// a word travels as a BIGINT.)
std::string WordSql(const Aggregate& metric, const std::string& type) {
  if (metric.parts().size() == 1 && (type == "int" || type == "long"))
    return "CAST(" + metric.parts()[0].Print() + " AS BIGINT)";
  std::vector<std::string> parts;
  for (const sql::Expr& part : metric.parts()) parts.push_back(part.Print());
  return "CAST(hash(" + Join(parts, ", ") + ") >> 1 AS BIGINT)";
}

// The rows that count(DISTINCT …) looks at: of one column those with a value, of several all.
std::string WhereSql(const Aggregate& metric) {
  std::string where = metric.filter() ? "(" + metric.filter()->Print() + ")" : "TRUE";
  if (metric.parts().size() == 1) where += " AND " + metric.parts()[0].Print() + " IS NOT NULL";
  return where;
}

std::string RunName(const FileState& file, const std::string& state_name) {
  return Sha256(file.id + "\n" + state_name).substr(0, 32) + ".keys";
}

// Short enough to stand for a file in a list of all of them, long enough to stand for no other.
std::string NumberOf(const FileState& file) { return Sha256(file.id).substr(0, 20); }

class Keys {
 public:
  Keys(sql::Session& session, const sql::QueryOptions& query, const Aggregate& metric,
       const std::string& type, const std::string& state_name, FileStates* dataset)
      : session_(session),
        query_(query),
        metric_(metric),
        type_(type),
        name_(state_name),
        dataset_(*dataset) {}

  Result<std::optional<Json>> Count() {
    int64_t rows = 0;
    for (const FileState& file : dataset_.files) {
      const Json& state = file.states[name_];
      if (state.items().size() != 2) return std::optional<Json>();
      rows += state.items()[0].AsInteger();
    }
    std::optional<std::vector<uint64_t>> met = TRY(Met());
    if (!met) return std::optional<Json>();
    const int64_t surplus = TRY(Surplus(*met));
    return std::optional(Json(rows - surplus));
  }

 private:
  // All words that may stand twice; none: too many.
  Result<std::optional<std::vector<uint64_t>>> Met() {
    const Json& before = dataset_.shared[name_];
    std::set<std::string> compared;
    for (const Json& number : before["files"].items()) compared.insert(number.AsString());
    std::vector<size_t> fresh, old;
    for (size_t i = 0; i < dataset_.files.size(); i++)
      (compared.contains(NumberOf(dataset_.files[i])) ? old : fresh).push_back(i);
    std::vector<uint64_t> met;
    for (const Json& word : before["met"].items())
      met.push_back(static_cast<uint64_t>(word.AsInteger()));
    if (old.empty()) met.clear();
    if (fresh.empty()) return std::optional(std::move(met));
    const bool fits = TRY(Compare(fresh, old, &met));
    if (!fits) return std::optional<std::vector<uint64_t>>();
    std::sort(met.begin(), met.end());
    met.erase(std::unique(met.begin(), met.end()), met.end());
    Remember(met);
    return std::optional(std::move(met));
  }

  Result<bool> Compare(const std::vector<size_t>& fresh, const std::vector<size_t>& old,
                       std::vector<uint64_t>* met) {
    std::vector<uint64_t> words;
    for (size_t file : fresh) {
      const KeyRun run = TRY(Open(file));
      if (words.size() + run.words().size() > static_cast<size_t>(kRunKeysMax)) return false;
      words.insert(words.end(), run.words().begin(), run.words().end());
    }
    if (fresh.size() > 1) std::sort(words.begin(), words.end());
    // Together: what stands twice in one file, and what two of them have.
    if (!AddDoubled(words, kMetMax, met)) return false;
    for (size_t file : old) {
      const KeyRun run = TRY(Open(file));
      if (!AddMet(words, run.words(), kMetMax, met)) return false;
    }
    return true;
  }

  // The file's run, made again where it is gone or is not what the state says.
  Result<KeyRun> Open(size_t place) {
    FileState& file = dataset_.files[place];
    const std::string path = io::Join(dataset_.key_dir, RunName(file, name_));
    Result<KeyRun> run = KeyRun::Open(path);
    const auto rows = static_cast<uint64_t>(file.states[name_].items()[0].AsInteger());
    if (run.ok() && run->words().size() == rows) return run;
    Json state = TRY(MakeKeyState(session_, query_, metric_, type_, name_, file, dataset_.key_dir));
    if (state.items().size() != 2) return Error::Io("The keys of {} could not be kept.", file.id);
    file.states.Set(name_, std::move(state));
    file.is_changed = true;
    return KeyRun::Open(path);
  }

  void Remember(const std::vector<uint64_t>& met) {
    Json files = Json::List(), words = Json::List();
    for (const FileState& file : dataset_.files) files.Push(NumberOf(file));
    for (uint64_t word : met) words.Push(static_cast<int64_t>(word));
    dataset_.shared.Set(name_,
                        Json::Object({{"files", std::move(files)}, {"met", std::move(words)}}));
    dataset_.is_shared_changed = true;
  }

  // How many rows there are more than different keys, among those whose words meet.
  Result<int64_t> Surplus(const std::vector<uint64_t>& met) {
    if (met.empty()) return 0;
    std::vector<std::string> holding, words;
    for (size_t i = 0; i < dataset_.files.size(); i++) {
      const KeyRun run = TRY(Open(i));
      bool holds = std::any_of(met.begin(), met.end(), [&](uint64_t word) {
        return std::binary_search(run.words().begin(), run.words().end(), word);
      });
      if (holds) holding.push_back("SELECT * FROM " + dataset_.files[i].relation + " AS file");
    }
    if (holding.empty()) return 0;
    for (uint64_t word : met) words.push_back(std::to_string(static_cast<int64_t>(word)));
    std::vector<std::string> parts;
    for (const sql::Expr& part : metric_.parts()) parts.push_back(part.Print());
    std::string tuple = parts.size() == 1 ? parts[0] : "(" + Join(parts, ", ") + ")";
    auto counted = TRY(session_.Query(
        fmt::format("SELECT count(*) - count(DISTINCT {}) FROM ({}) AS checked WHERE {} AND {} IN "
                    "({})",
                    tuple, Join(holding, " UNION ALL "), WhereSql(metric_), WordSql(metric_, type_),
                    Join(words, ", ")),
        {}, query_));
    return counted.Integer(0, 0);
  }

  sql::Session& session_;
  const sql::QueryOptions& query_;
  const Aggregate& metric_;
  const std::string& type_;
  const std::string& name_;
  FileStates& dataset_;
};

}  // namespace

bool CountsKeys(const Aggregate& metric) {
  if (metric.kind() != Aggregate::Kind::kCountDistinct) return false;
  bool all_known = true;
  (void)metric.Columns(&all_known);
  return all_known;
}

Result<Json> MakeKeyState(sql::Session& session, const sql::QueryOptions& query,
                          const Aggregate& metric, const std::string& column_type,
                          const std::string& state_name, const FileState& file,
                          const std::string& dir) {
  if (dir.empty() || file.rows_max > kRunKeysMax) return Json(false);
  auto rows =
      TRY(session.Query(fmt::format("SELECT {} FROM {} AS checked WHERE {}",
                                    WordSql(metric, column_type), file.relation, WhereSql(metric)),
                        {}, query));
  std::vector<uint64_t> words;
  words.reserve(static_cast<size_t>(rows.row_count()));
  for (int64_t row = 0; row < rows.row_count(); row++)
    words.push_back(static_cast<uint64_t>(rows.Integer(row, 0)));
  const std::string name = RunName(file, state_name);
  io::LocalFileSystem files;
  TRY(WriteKeyRun(files, io::Join(dir, name), std::move(words)));
  return Json::List({rows.row_count(), name});
}

Result<std::optional<Json>> CountKeys(sql::Session& session, const sql::QueryOptions& query,
                                      const Aggregate& metric, const std::string& column_type,
                                      const std::string& state_name, FileStates* dataset) {
  return Keys(session, query, metric, column_type, state_name, dataset).Count();
}

}  // namespace andon::quality
