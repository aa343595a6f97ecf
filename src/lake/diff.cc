#include "lake/diff.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "lake/scan.h"

namespace andon::lake {
namespace {

using iceberg::Field;
using iceberg::Schema;
using iceberg::TableMetadata;

const Schema& SchemaAt(const TableMetadata& metadata, std::optional<int64_t> snapshot_id) {
  const iceberg::Snapshot* snapshot = snapshot_id ? metadata.FindSnapshot(*snapshot_id) : nullptr;
  return snapshot != nullptr ? metadata.SchemaOf(*snapshot) : metadata.schema();
}

std::vector<std::string> SchemaChanges(const Schema& from, const Schema& to) {
  std::vector<std::string> says;
  for (const Field& field : to.fields) {
    const Field* before = from.FindById(field.id);
    if (before == nullptr) {
      says.push_back(fmt::format("added column {} {}", field.name, ToString(field.type)));
      continue;
    }
    if (before->name != field.name) {
      says.push_back(fmt::format("renamed column {} to {}", before->name, field.name));
    }
    if (!(before->type == field.type)) {
      says.push_back(fmt::format("{}: {} is now {}", field.name, ToString(before->type),
                                 ToString(field.type)));
    }
  }
  for (const Field& field : from.fields) {
    if (to.FindById(field.id) == nullptr) {
      says.push_back(fmt::format("dropped column {}", field.name));
    }
  }
  return says;
}

std::set<std::string> PathsOf(const Scan& scan) {
  std::set<std::string> paths;
  for (const iceberg::LiveFile& live : scan.files) paths.insert(live.file.path);
  return paths;
}

std::set<std::string> Without(const std::set<std::string>& all, const std::set<std::string>& some) {
  std::set<std::string> left;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(),
                      std::inserter(left, left.begin()));
  return left;
}

class Differ {
 public:
  Differ(sql::Connection& connection, const Lake& lake, const TableMetadata& metadata,
         const DiffOptions& options)
      : connection_(connection), lake_(lake), metadata_(metadata), options_(options) {}

  Result<Diff> Run(std::optional<int64_t> from, std::optional<int64_t> to) {
    schema_ = SchemaAt(metadata_, to);
    if (from && to) diff_.schema_changes = SchemaChanges(SchemaAt(metadata_, from), schema_);
    for (const Field& field : schema_.fields) diff_.columns.push_back(field.name);
    diff_.key = options_.key;
    for (const std::string& name : options_.key) {
      if (schema_.Find(name) != nullptr) continue;
      return Error::Invalid("The key column \"{}\" is not a column of the newer version", name);
    }
    if (from == to) return std::move(diff_);
    TRY(MakeTables(from, to));
    Result<void> compared = Compare();
    (void)connection_.Execute("DROP TABLE IF EXISTS " + gone_);
    (void)connection_.Execute("DROP TABLE IF EXISTS " + came_);
    TRY(std::move(compared));
    return std::move(diff_);
  }

 private:
  // Rows that only one side has, from the files that only one side has.
  Result<void> MakeTables(std::optional<int64_t> from, std::optional<int64_t> to) {
    ScanOptions scan_options;
    scan_options.schema = schema_;
    Scan before = TRY(PlanScan(lake_, metadata_, from, scan_options));
    Scan after = TRY(PlanScan(lake_, metadata_, to, scan_options));
    std::set<std::string> before_paths = PathsOf(before);
    std::set<std::string> after_paths = PathsOf(after);
    // A delete file may touch rows of any data file, so with any nothing is shared.
    if (!before.has_deletes && !after.has_deletes) {
      std::set<std::string> only_before = Without(before_paths, after_paths);
      std::set<std::string> only_after = Without(after_paths, before_paths);
      diff_.files_shared = static_cast<int64_t>(before_paths.size() - only_before.size());
      scan_options.only_files = only_before;
      before = TRY(PlanScan(lake_, metadata_, from, scan_options));
      scan_options.only_files = only_after;
      after = TRY(PlanScan(lake_, metadata_, to, scan_options));
    }
    diff_.files_read = static_cast<int64_t>(before.files.size() + after.files.size());
    std::string suffix = RandomUuid();
    gone_ = sql::QuoteIdentifier("_andon_gone_" + suffix);
    came_ = sql::QuoteIdentifier("_andon_came_" + suffix);
    TRY(connection_.Execute(
        fmt::format("CREATE TEMP TABLE {} AS ({}) EXCEPT ALL ({})", gone_, before.sql, after.sql),
        {}, options_.query));
    return connection_.Execute(
        fmt::format("CREATE TEMP TABLE {} AS ({}) EXCEPT ALL ({})", came_, after.sql, before.sql),
        {}, options_.query);
  }

  std::string Columns(const std::string& prefix) const {
    std::vector<std::string> parts;
    for (const std::string& name : diff_.columns)
      parts.push_back(prefix + sql::QuoteIdentifier(name));
    return Join(parts, ", ");
  }

  std::vector<std::string> Keys(const std::string& prefix) const {
    std::vector<std::string> parts;
    for (const std::string& name : options_.key)
      parts.push_back(prefix + sql::QuoteIdentifier(name));
    return parts;
  }

  // Rows with one key are numbered, so that doubled keys are paired one by one.
  std::string Numbered(const std::string& table) const {
    return fmt::format(
        "(SELECT *, row_number() OVER (PARTITION BY {} ORDER BY {}) AS _nth FROM {})",
        Join(Keys(""), ", "), Columns(""), table);
  }

  std::string Matched() const {
    std::vector<std::string> parts = {"b._nth = a._nth"};
    for (const std::string& name : options_.key) {
      std::string column = sql::QuoteIdentifier(name);
      parts.push_back(fmt::format("b.{0} IS NOT DISTINCT FROM a.{0}", column));
    }
    return Join(parts, " AND ");
  }

  Result<int64_t> CountRows(const std::string& from) {
    sql::ResultSet rows =
        TRY(connection_.Query("SELECT count(*) FROM " + from, {}, options_.query));
    return rows.Integer(0, 0);
  }

  Result<std::vector<Json>> Samples(const std::string& from, const std::string& order) {
    sql::ResultSet rows =
        TRY(connection_.Query(fmt::format("SELECT {} FROM {} ORDER BY {} LIMIT {}", Columns(""),
                                          from, order, options_.samples_max),
                              {}, options_.query));
    std::vector<Json> samples;
    for (int64_t row = 0; row < rows.row_count(); ++row) samples.push_back(RowJson(rows, row, 0));
    return samples;
  }

  Json RowJson(const sql::ResultSet& rows, int64_t row, size_t first) const {
    Json json = Json::Object();
    for (size_t i = 0; i < diff_.columns.size(); ++i) {
      json.Set(diff_.columns[i], rows.ToJson(row, first + i));
    }
    return json;
  }

  Result<void> Compare() {
    if (options_.key.empty()) {
      diff_.removed = TRY(CountRows(gone_));
      diff_.added = TRY(CountRows(came_));
      diff_.removed_rows = TRY(Samples(gone_, Columns("")));
      diff_.added_rows = TRY(Samples(came_, Columns("")));
      return {};
    }
    std::string order = Join(Keys(""), ", ");
    std::string gone_only =
        fmt::format("{} AS b ANTI JOIN {} AS a ON {}", Numbered(gone_), Numbered(came_), Matched());
    std::string came_only =
        fmt::format("{} AS a ANTI JOIN {} AS b ON {}", Numbered(came_), Numbered(gone_), Matched());
    diff_.removed = TRY(CountRows(gone_only));
    diff_.added = TRY(CountRows(came_only));
    diff_.removed_rows = TRY(Samples(gone_only, order));
    diff_.added_rows = TRY(Samples(came_only, order));
    return CompareChanged();
  }

  Result<void> CompareChanged() {
    std::string both =
        fmt::format("{} AS b JOIN {} AS a ON {}", Numbered(gone_), Numbered(came_), Matched());
    diff_.changed = TRY(CountRows(both));
    sql::ResultSet rows = TRY(connection_.Query(
        fmt::format("SELECT {}, {} FROM {} ORDER BY {} LIMIT {}", Columns("b."), Columns("a."),
                    both, Join(Keys("a."), ", "), options_.samples_max),
        {}, options_.query));
    for (int64_t row = 0; row < rows.row_count(); ++row) {
      ChangedRow changed;
      changed.before = RowJson(rows, row, 0);
      changed.after = RowJson(rows, row, diff_.columns.size());
      for (const std::string& name : diff_.columns) {
        if (!(changed.before[name] == changed.after[name])) changed.columns.push_back(name);
      }
      diff_.changed_rows.push_back(std::move(changed));
    }
    return {};
  }

  sql::Connection& connection_;
  const Lake& lake_;
  const TableMetadata& metadata_;
  const DiffOptions& options_;
  Schema schema_;  // Both sides are read with the newer one's columns.
  Diff diff_;
  std::string gone_;
  std::string came_;
};

}  // namespace

Result<Diff> DiffSnapshots(sql::Connection& connection, const Lake& lake,
                           const TableMetadata& metadata, std::optional<int64_t> from_snapshot_id,
                           std::optional<int64_t> to_snapshot_id, const DiffOptions& options) {
  return Differ(connection, lake, metadata, options).Run(from_snapshot_id, to_snapshot_id);
}

}  // namespace andon::lake
