#include "lake/reference.h"

#include <charconv>

#include "base/text.h"
#include "lake/lake.h"

namespace andon::lake {
namespace {

std::optional<int64_t> ReadNumber(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool LooksLikeTime(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' && text[7] == '-' && text[0] >= '0' && text[0] <= '9';
}

}  // namespace

Result<Reference> ParseReference(std::string_view text) {
  text = Trim(text);
  if (text.starts_with("@")) text.remove_prefix(1);
  if (text.empty() || text == iceberg::kMain) return Reference(MainReference{});
  if (std::optional<int64_t> version = ReadNumber(text)) {
    if (*version < 1) return Error::Invalid("\"{}\" is no version: versions count from 1", text);
    return Reference(VersionReference{*version});
  }
  constexpr std::string_view kSnapshot = "snapshot:";
  if (text.starts_with(kSnapshot)) {
    std::optional<int64_t> id = ReadNumber(text.substr(kSnapshot.size()));
    if (!id) return Error::Invalid("\"{}\" is no snapshot: write snapshot:ID", text);
    return Reference(SnapshotReference{*id});
  }
  if (LooksLikeTime(text)) {
    Timestamp time = TRY(ParseTimestamp(text));
    return Reference(TimeReference{time});
  }
  return Reference(NameReference{std::string(text)});
}

Result<TableReference> ParseTableReference(std::string_view text) {
  text = Trim(text);
  size_t at = text.find('@');
  std::string table(Trim(text.substr(0, at)));
  if (table.empty()) {
    return Error::Invalid("\"{}\" names no table: write table or table@version", text);
  }
  Reference reference = MainReference{};
  if (at != text.npos) {
    if (Trim(text.substr(at + 1)).empty()) {
      return Error::Invalid("\"{}\": a version, tag, branch or date must follow the @", text);
    }
    reference = TRY(ParseReference(text.substr(at + 1)));
  }
  return TableReference{std::move(table), std::move(reference)};
}

Result<ReferenceRange> ParseReferenceRange(std::string_view text) {
  size_t dots = text.find("..");
  if (dots == text.npos) {
    return Error::Invalid("\"{}\" is no range: write table@2..@3, or table@2.. for up to main",
                          text);
  }
  TableReference from = TRY(ParseTableReference(text.substr(0, dots)));
  std::string_view end = Trim(text.substr(dots + 2));
  size_t at = end.find('@');
  if (at != end.npos && at > 0) {
    std::string_view table = Trim(end.substr(0, at));
    if (table != from.table) {
      return Error::Invalid("\"{}\" names two tables, {} and {}; a range is of one", text,
                            from.table, table);
    }
    end.remove_prefix(at);
  }
  Reference to = TRY(ParseReference(end));
  return ReferenceRange{from.table, from.at, std::move(to)};
}

std::string ToString(const Reference& reference) {
  struct Printer {
    std::string operator()(const MainReference&) { return "main"; }
    std::string operator()(const VersionReference& v) { return fmt::format("@{}", v.version); }
    std::string operator()(const NameReference& n) { return "@" + n.name; }
    std::string operator()(const TimeReference& t) { return "@" + ToRfc3339(t.time); }
    std::string operator()(const SnapshotReference& s) {
      return fmt::format("@snapshot:{}", s.snapshot_id);
    }
  };
  return std::visit(Printer{}, reference);
}

namespace {

Result<std::optional<int64_t>> ResolveVersion(store::Transaction& tx, const iceberg::Table& table,
                                              int64_t version) {
  const std::string& name = table.identifier.name;
  store::Rows rows = TRY(tx.Query(
      "SELECT version, snapshot_id FROM dataset_versions WHERE dataset = ? ORDER BY version",
      {Address(name)}));
  for (const store::Row& row : rows) {
    if (row.Integer("version") != version) continue;
    int64_t snapshot_id = row.Integer("snapshot_id");
    if (table.metadata.FindSnapshot(snapshot_id) == nullptr) {
      return Error::NotFound(
          "Version @{} of {} has expired: its rows are no longer kept. Tags keep a version for "
          "good",
          version, name);
    }
    return std::optional<int64_t>(snapshot_id);
  }
  if (rows.empty()) return Error::NotFound("{} has no versions yet: nothing was published", name);
  return Error::NotFound("{} has no version @{}; it has @{} to @{}", name, version,
                         rows.front().Integer("version"), rows.back().Integer("version"));
}

Result<std::optional<int64_t>> ResolveName(const iceberg::Table& table, const std::string& wanted) {
  if (const iceberg::Snapshot* snapshot = table.metadata.FindRef(wanted)) {
    return std::optional<int64_t>(snapshot->id);
  }
  std::vector<std::string> names;
  for (const auto& [name, ref] : table.metadata.refs) names.push_back(name);
  std::string meant = DidYouMean(wanted, names);
  return Error::NotFound("{} has no branch or tag \"{}\"{}; it has {}", table.identifier.name,
                         wanted, meant.empty() ? "" : fmt::format(", did you mean \"{}\"?", meant),
                         names.empty() ? "none yet" : Join(names, ", "));
}

}  // namespace

Result<std::optional<int64_t>> Resolve(store::Transaction& tx, const iceberg::Table& table,
                                       const Reference& reference) {
  const iceberg::TableMetadata& metadata = table.metadata;
  if (std::holds_alternative<MainReference>(reference)) return metadata.current_snapshot_id;
  if (const auto* version = std::get_if<VersionReference>(&reference)) {
    return ResolveVersion(tx, table, version->version);
  }
  if (const auto* name = std::get_if<NameReference>(&reference)) {
    return ResolveName(table, name->name);
  }
  if (const auto* time = std::get_if<TimeReference>(&reference)) {
    const iceberg::Snapshot* snapshot = metadata.AsOf(ToMillis(time->time));
    if (snapshot != nullptr) return std::optional<int64_t>(snapshot->id);
    return Error::NotFound(
        "{} was not published before {}, or its history no longer goes back "
        "to then",
        table.identifier.name, ToRfc3339(time->time));
  }
  int64_t id = std::get<SnapshotReference>(reference).snapshot_id;
  if (metadata.FindSnapshot(id) != nullptr) return std::optional<int64_t>(id);
  return Error::NotFound("{} has no snapshot {}", table.identifier.name, id);
}

}  // namespace andon::lake
