#include "line/written.h"

#include <algorithm>

#include "alarm/freshness.h"
#include "base/text.h"
#include "io/path.h"
#include "line/check_specs.h"
#include "line/files_in_place.h"
#include "line/run.h"
#include "pipeline/time_zone.h"
#include "quality/run.h"
#include "sql/quote.h"
#include "store/journal.h"
#include "store/meta.h"

namespace andon::line {
namespace {

// A database that is a file was written when the file was, or the log beside it.
Result<std::string> FileTime(const World& world, const definition::Source& source) {
  const std::string path = io::Join(world.project_dir, source.path);
  Timestamp last{};
  for (std::string_view beside : {"", "-wal", ".wal"}) {
    auto file = world.files.Stat(path + std::string(beside));
    // An empty log is left by whoever only read.
    if (file.ok() && (beside.empty() || file->size > 0)) last = std::max(last, file->mtime);
  }
  return last == Timestamp() ? std::string() : ToRfc3339(last);
}

// Rows that were written since the server counts, of a table or of all its partitions; null for
// what is no table.
std::string CountSql(const std::string& relation) {
  const std::string table = sql::QuoteLiteral(relation);
  return fmt::format(
      "SELECT CAST(sum(pg_stat_get_tuples_inserted(t.id) + pg_stat_get_tuples_updated(t.id) + "
      "pg_stat_get_tuples_deleted(t.id)) AS text) FROM (SELECT oid AS id FROM pg_class WHERE oid = "
      "{0}::regclass AND relkind IN ('r', 'm') UNION SELECT relid FROM "
      "pg_partition_tree({0}::regclass) WHERE isleaf) AS t",
      table);
}

alarm::UtcOffset OffsetOf(const std::string& timezone) {
  if (timezone.empty() || timezone == "UTC") return {};
  auto zone = pipeline::TimeZone::Load(timezone);
  if (!zone.ok()) return {};
  return [zone = *zone](int64_t utc) { return zone.OffsetAt(utc); };
}

Result<void> Count(sql::Session& session, const std::string& relation, Timestamp now,
                   Written* written) {
  const std::string before = written->count;
  written->count.clear();
  if (session.dialect() != sql::Dialect::kPostgres) return {};
  auto rows = session.Query(CountSql(relation));
  if (!rows.ok()) {
    bool ends = rows.error().kind == ErrorKind::kUnavailable ||
                rows.error().kind == ErrorKind::kInterrupted;
    // A server of the family that counts nothing.
    return ends ? Result<void>(rows.error()) : Result<void>();
  }
  if (rows->empty() || rows->IsNull(0, 0)) return {};
  written->count = rows->Bytes(0, 0);
  if (written->count != before || written->at.empty()) written->at = ToRfc3339(now);
  return {};
}

}  // namespace

Result<Written> WrittenBefore(const World& world, const definition::Dataset& dataset) {
  Written written{.check = FreshnessCheckOf(dataset)};
  if (written.check.empty()) return written;
  written.during = dataset.freshness->during;
  written.timezone = dataset.timezone;
  if (!dataset.freshness->of.empty()) return written;
  const definition::Source* source = world.project.FindSource(dataset.external_source);
  if (IsOfFiles(world.project, dataset)) {
    auto at = TRY(WrittenLast(world, dataset));
    written.at = ToRfc3339(at);
  } else if (source != nullptr && (source->type == "sqlite" || source->type == "duckdb")) {
    written.at = TRY(FileTime(world, *source));
  } else {
    written.is_counted = true;
    auto before = TRY(world.db.Read([&](store::Transaction& tx) {
      return store::GetDocument(tx, store::kWritten, dataset.address);
    }));
    if (before) {
      written.at = before->body["at"].AsString();
      written.count = before->body["count"].AsString();
    }
  }
  return written;
}

Result<void> LookAtWritten(sql::Session& session, const std::string& relation, Written* written,
                           quality::RunOptions* options) {
  if (written->check.empty()) return {};
  if (!written->during.empty()) {
    auto hours = TRY(alarm::Hours::Parse(written->during, OffsetOf(written->timezone)));
    options->counts[written->check] = [hours = std::move(hours)](Timestamp from, Timestamp to) {
      return hours.Between(from, to);
    };
  }
  if (written->is_counted && options->now) {
    TRY(Count(session, relation, *options->now, written));
    if (written->count.empty()) written->at.clear();
  }
  if (written->at.empty()) return {};
  options->written_at = TRY(ParseTimestamp(written->at));
  return {};
}

Result<void> RecordWritten(store::Transaction& tx, const World& world,
                           const definition::Dataset& dataset, const Written& now_known,
                           const std::vector<Verdict>& verdicts, const std::string& run_id) {
  if (now_known.check.empty()) return {};
  auto verdict = std::find_if(verdicts.begin(), verdicts.end(),
                              [&](const Verdict& v) { return v.result.name == now_known.check; });
  if (verdict == verdicts.end()) return {};
  auto at = ParseTimestamp(verdict->result.observed_value.AsString());
  if (!at.ok()) return {};  // An empty table has no newest row; what broke was told.
  auto before = TRY(store::GetDocument(tx, store::kWritten, dataset.address));
  const std::string text = ToRfc3339(*at);
  const Timestamp now = world.clock.Now();
  if (!before || before->body["at"].AsString() != text) {
    TRY(store::Append(tx, {.time = now,
                           .actor = "run " + run_id,
                           .kind = store::fact::kSourceWritten,
                           .address = dataset.address,
                           .run_id = run_id,
                           .release_id = world.release_id,
                           .body = Json::Object({{"at", text}})}));
  }
  return store::PutDocument(tx, {.kind = store::kWritten,
                                 .key = dataset.address,
                                 .updated_at = now,
                                 .body = Json::Object({{"at", text}, {"count", now_known.count}})});
}

std::optional<Timestamp> LateSince(const definition::Dataset& dataset,
                                   const std::vector<Verdict>& verdicts, Timestamp now) {
  const std::string check = FreshnessCheckOf(dataset);
  std::optional<Timestamp> since;
  for (const Verdict& verdict : verdicts) {
    if (!IsRed(verdict)) continue;
    auto at = ParseTimestamp(verdict.result.observed_value.AsString());
    if (verdict.result.name != check || !at.ok()) return std::nullopt;
    auto age = alarm::AgeOf(dataset, *at, now, OffsetOf(dataset.timezone));
    if (age.ok()) since = age->due;
  }
  return since;
}

Json ToJson(const Written& written) {
  return Json::Object({{"check", written.check},
                       {"during", written.during},
                       {"timezone", written.timezone},
                       {"at", written.at},
                       {"is_counted", written.is_counted},
                       {"count", written.count}});
}

Written WrittenFromJson(const Json& json) {
  return {.check = json["check"].AsString(),
          .during = json["during"].AsString(),
          .timezone = json["timezone"].AsString(),
          .at = json["at"].AsString(),
          .is_counted = json["is_counted"].AsBool(),
          .count = json["count"].AsString()};
}

}  // namespace andon::line
