#include "quality/incremental/file_reader.h"

#include "base/text.h"
#include "quality/incremental/key_states.h"
#include "quality/statistics.h"

namespace andon::quality {
namespace {

class FileReader {
 public:
  FileReader(sql::Session& session, const sql::QueryOptions& query, const std::string& key_dir,
             FileState* file)
      : session_(session), query_(query), key_dir_(key_dir), file_(*file) {}

  Result<void> Read(const std::vector<const Tracked*>& missing) {
    std::vector<const Tracked*> any_order, in_order;
    for (const Tracked* one : missing) {
      if (one->kind == StateKind::kKeys)
        TRY(ReadKeys(*one));
      else
        (one->in_order ? in_order : any_order).push_back(one);
    }
    TRY(ReadAll(any_order));
    if (!in_order.empty()) TRY(ReadInOrder(in_order));
    file_.is_changed = true;
    return {};
  }

 private:
  Result<void> ReadKeys(const Tracked& one) {
    Result<Json> state =
        MakeKeyState(session_, query_, one.metric, one.type, one.name, file_, key_dir_);
    if (!state.ok() && state.error().kind == ErrorKind::kInterrupted) return state.error();
    file_.states.Set(one.name, state.ok() ? *std::move(state) : Json(false));
    return {};
  }

  Result<void> ReadInOrder(const std::vector<const Tracked*>& missing) {
    auto threads = session_.Query("SELECT current_setting('threads')");
    if (!threads.ok() || !session_.Query("SET threads = 1").ok()) {
      for (const Tracked* one : missing) file_.states.Set(one->name, false);
      return {};
    }
    Result<void> read = ReadAll(missing);
    TRY(session_.Query(fmt::format("SET threads = {}", threads->Integer(0, 0))));
    return read;
  }

  Result<void> ReadAll(const std::vector<const Tracked*>& missing) {
    if (missing.empty()) return {};
    Result<void> together = ReadTogether(missing);
    if (together.ok() || together.error().kind == ErrorKind::kInterrupted) return together;
    // One of them broke: that one has no state here, and is told of by a check in full.
    for (const Tracked* one : missing) {
      Result<void> alone = ReadTogether({one});
      if (!alone.ok() && alone.error().kind == ErrorKind::kInterrupted) return alone;
      if (!alone.ok()) file_.states.Set(one->name, false);
    }
    return {};
  }

  Result<void> ReadTogether(const std::vector<const Tracked*>& missing) {
    std::vector<std::string> items;
    std::vector<size_t> first;
    for (const Tracked* one : missing) {
      first.push_back(items.size());
      for (std::string& item : StateItems(one->metric, one->kind)) items.push_back(std::move(item));
    }
    auto row = TRY(session_.Query(
        fmt::format("SELECT {} FROM {} AS checked", Join(items, ", "), file_.relation), {},
        query_));
    if (row.row_count() != 1) return Error::Invalid("The data give no answer.");
    for (size_t i = 0; i < missing.size(); i++) {
      Json state = ReadState(missing[i]->kind, row, first[i]);
      if (missing[i]->kind == StateKind::kValues && state.is_null())
        state = TRY(ValuesOf(missing[i]->metric));
      file_.states.Set(missing[i]->name, std::move(state));
    }
    return {};
  }

  Result<Json> ValuesOf(const sql::Aggregate& metric) {
    auto rows = TRY(session_.Query(ValuesSql(metric, file_.relation), {}, query_));
    return ReadValues(rows);
  }

  sql::Session& session_;
  const sql::QueryOptions& query_;
  const std::string& key_dir_;
  FileState& file_;
};

}  // namespace

std::vector<const Tracked*> MissingStates(const std::vector<Tracked>& tracked,
                                          const FileState& file) {
  std::vector<const Tracked*> missing;
  for (const Tracked& one : tracked) {
    if (!file.states.Has(one.name)) missing.push_back(&one);
  }
  return missing;
}

void TakeStatistics(const std::vector<Tracked>& tracked, FileState* file) {
  if (!file->rows) return;
  RunOptions known{.statistics = file->statistics, .rows = file->rows};
  for (const Tracked& one : tracked) {
    if (file->states.Has(one.name)) continue;
    std::optional<Json> value = FromStatistics(one.metric, known);
    if (!value) continue;
    std::optional<Json> state = StateFromValue(one.kind, *value, one.type);
    if (state) file->states.Set(one.name, *std::move(state));
  }
}

Result<void> ReadStates(sql::Session& session, const sql::QueryOptions& query,
                        const std::string& key_dir, const std::vector<const Tracked*>& missing,
                        FileState* file) {
  return FileReader(session, query, key_dir, file).Read(missing);
}

}  // namespace andon::quality
