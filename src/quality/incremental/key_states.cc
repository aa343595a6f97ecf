#include "quality/incremental/key_states.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "quality/incremental/key_run.h"

namespace andon::quality {
namespace {

using sql::Aggregate;

bool IsInteger(const Aggregate& metric, const std::string& type) {
  return metric.parts().size() == 1 && (type == "int" || type == "long");
}

// An integer is its own word; equal values of all other types have equal hashes. (A bit less, as
// a word travels as a BIGINT.)
std::string WordSql(const Aggregate& metric, const std::string& type) {
  if (IsInteger(metric, type)) return "CAST(" + metric.parts()[0].Print() + " AS BIGINT)";
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

// --- Integers that lie dense, by one bit each

// As the planner of a whole relation has it (plan.cc), twice as wide: bits are also what is kept.
constexpr int64_t kBitsPerRow = 16;
constexpr int64_t kBitsMax = int64_t{1} << 28;
constexpr int kBlockBits = 64;

struct Range {
  int64_t lower = 0;  // A multiple of 64.
  size_t blocks = 0;
};

// What bits would cover; none where words are kept in less, or there is no key.
Result<std::optional<Range>> RangeOf(sql::Session& session, const sql::QueryOptions& query,
                                     const Aggregate& metric, const FileState& file) {
  int64_t least = 0, greatest = 0;
  auto known = file.statistics.find(metric.PlainColumn());
  if (known != file.statistics.end() && known->second.least.is_integer() &&
      known->second.greatest.is_integer()) {
    least = known->second.least.AsInteger();
    greatest = known->second.greatest.AsInteger();
  } else {
    const std::string x = metric.parts()[0].Print();
    auto row = TRY(session.Query(
        fmt::format("SELECT min({0}), max({0}) FROM {1} AS checked", x, file.relation), {}, query));
    if (row.row_count() != 1 || row.IsNull(0, 0)) return std::optional<Range>();
    least = row.Integer(0, 0);
    greatest = row.Integer(0, 1);
  }
  if (least > greatest) return std::optional<Range>();
  const int64_t lower = least - (least % kBlockBits + kBlockBits) % kBlockBits;
  const uint64_t range = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(lower);
  const auto most = static_cast<uint64_t>(std::min(kBitsMax, file.rows_max * kBitsPerRow));
  if (range >= most) return std::optional<Range>();
  return std::optional(Range{lower, static_cast<size_t>(range / kBlockBits + 1)});
}

// DuckDB's first bit is the highest of the first byte.
std::vector<uint64_t> BlocksOf(const std::string& bits) {
  std::vector<uint64_t> blocks(bits.size() / sizeof(uint64_t));
  for (size_t i = 0; i < blocks.size() * sizeof(uint64_t); i++) {
    auto byte = static_cast<unsigned char>(bits[i]);
    uint64_t turned = 0;
    for (int bit = 0; bit < 8; bit++) turned |= static_cast<uint64_t>(byte >> bit & 1) << (7 - bit);
    blocks[i / 8] |= turned << (i % 8 * 8);
  }
  return blocks;
}

// The file's state, with its run written as bits; none where some key stands twice, or the keys
// lie too far from one another.
Result<std::optional<Json>> MakeBits(sql::Session& session, const sql::QueryOptions& query,
                                     const Aggregate& metric, const FileState& file,
                                     const std::string& dir, const std::string& name) {
  const std::optional<Range> range = TRY(RangeOf(session, query, metric, file));
  if (!range) return std::optional<Json>();
  const int64_t last = range->lower + static_cast<int64_t>(range->blocks * kBlockBits - 1);
  // Where a bound is not what it says, the statement fails; then words say it.
  auto row = session.Query(
      fmt::format("SELECT count(*), CAST(bitstring_agg(CAST({} AS BIGINT), {}, {}) AS BLOB) FROM "
                  "{} AS checked WHERE {}",
                  metric.parts()[0].Print(), range->lower, last, file.relation, WhereSql(metric)),
      {}, query);
  if (!row.ok() && row.error().kind == ErrorKind::kInterrupted) return std::move(row).error();
  if (!row.ok() || row->row_count() != 1 || row->IsNull(0, 1)) return std::optional<Json>();
  const std::vector<uint64_t> blocks = BlocksOf(row->Bytes(0, 1));
  int64_t different = 0;
  for (uint64_t block : blocks) different += std::popcount(block);
  if (blocks.size() != range->blocks || different != row->Integer(0, 0))
    return std::optional<Json>();
  io::LocalFileSystem files;
  TRY(WriteKeyBits(files, io::Join(dir, name), {range->lower, blocks}));
  return std::optional(Json::List({different, name}));
}

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
    std::vector<KeyRun> of_bits;
    std::vector<uint64_t> words;  // Of all others together.
    for (size_t file : fresh) {
      KeyRun run = TRY(Open(file));
      if (words.size() + run.words().size() > static_cast<size_t>(kRunKeysMax)) return false;
      words.insert(words.end(), run.words().begin(), run.words().end());
      if (run.is_bits()) of_bits.push_back(std::move(run));
    }
    if (fresh.size() > 1) SortWords(&words);
    // Together: what stands twice in one file, and what two of them have.
    if (!AddDoubled(words, kMetMax, met)) return false;
    for (size_t i = 0; i < of_bits.size(); i++) {
      if (!AddMet(words, of_bits[i].bits(), kMetMax, met)) return false;
      for (size_t j = 0; j < i; j++) {
        if (!AddMet(of_bits[i].bits(), of_bits[j].bits(), kMetMax, met)) return false;
      }
    }
    for (size_t file : old) {
      const KeyRun run = TRY(Open(file));
      if (!AddMet(words, run.words(), kMetMax, met)) return false;
      if (!AddMet(words, run.bits(), kMetMax, met)) return false;
      for (const KeyRun& bits : of_bits) {
        if (!AddMet(run.words(), bits.bits(), kMetMax, met)) return false;
        if (!AddMet(run.bits(), bits.bits(), kMetMax, met)) return false;
      }
    }
    return true;
  }

  // The file's run, made again where it is gone or is not what the state says.
  Result<KeyRun> Open(size_t place) {
    FileState& file = dataset_.files[place];
    const std::string path = io::Join(dataset_.key_dir, RunName(file, name_));
    Result<KeyRun> run = KeyRun::Open(path);
    const auto rows = static_cast<uint64_t>(file.states[name_].items()[0].AsInteger());
    if (run.ok() && run->size() == rows) return run;
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
      bool holds =
          std::any_of(met.begin(), met.end(), [&](uint64_t word) { return run.Holds(word); });
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
  const std::string name = RunName(file, state_name);
  if (IsInteger(metric, column_type)) {
    std::optional<Json> made = TRY(MakeBits(session, query, metric, file, dir, name));
    if (made) return *std::move(made);
  }
  auto rows =
      TRY(session.Query(fmt::format("SELECT {} FROM {} AS checked WHERE {}",
                                    WordSql(metric, column_type), file.relation, WhereSql(metric)),
                        {}, query));
  std::vector<uint64_t> words;
  words.reserve(static_cast<size_t>(rows.row_count()));
  for (int64_t row = 0; row < rows.row_count(); row++)
    words.push_back(static_cast<uint64_t>(rows.Integer(row, 0)));
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
