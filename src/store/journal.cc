#include "store/journal.h"

namespace andon::store {
namespace {

// "column IN (?, ?)", with its parameters.
void AddAnyOf(std::string& where, Params& params, std::string_view column,
              const std::vector<std::string>& values) {
  if (values.empty()) return;
  where += fmt::format(" AND {} IN (", column);
  for (size_t i = 0; i < values.size(); ++i) {
    where += i ? ", ?" : "?";
    params.emplace_back(values[i]);
  }
  where += ")";
}

}  // namespace

Result<int64_t> Append(Transaction& tx, const Fact& fact) {
  auto rows = TRY(tx.Query(
      "INSERT INTO journal (time, actor, kind, address, run_id, release_id, body)"
      " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING seq",
      {fact.time, fact.actor, fact.kind, fact.address, fact.run_id, fact.release_id, fact.body}));
  return rows.at(0).Integer("seq");
}

Result<std::vector<Fact>> ReadFacts(Transaction& tx, const FactFilter& filter) {
  std::string where;
  Params params;
  AddAnyOf(where, params, "address", filter.addresses);
  AddAnyOf(where, params, "kind", filter.kinds);
  auto add = [&](std::string_view condition, Cell value) {
    where += fmt::format(" AND {}", condition);
    params.push_back(std::move(value));
  };
  if (!filter.run_id.empty()) add("run_id = ?", filter.run_id);
  if (filter.release_id) add("release_id = ?", filter.release_id);
  if (filter.from) add("time >= ?", *filter.from);
  if (filter.before) add("time < ?", *filter.before);
  if (filter.after_seq) add("seq > ?", filter.after_seq);
  if (filter.before_seq) add("seq < ?", filter.before_seq);
  params.emplace_back(filter.limit);
  auto rows = TRY(tx.Query(
      fmt::format("SELECT seq, time, actor, kind, address, run_id, release_id, body FROM journal"
                  " WHERE seq > 0{} ORDER BY seq {} LIMIT ?",
                  where, filter.newest_first ? "DESC" : "ASC"),
      params));
  std::vector<Fact> facts;
  facts.reserve(rows.size());
  for (const Row& row : rows) {
    facts.push_back({row.Integer("seq"), row.Time("time"), row.Text("actor"), row.Text("kind"),
                     row.Text("address"), row.Text("run_id"), row.Integer("release_id"),
                     row.Document("body")});
  }
  return facts;
}

Result<int64_t> LastSeq(Transaction& tx) {
  auto rows = TRY(tx.Query("SELECT COALESCE(MAX(seq), 0) AS seq FROM journal"));
  return rows.at(0).Integer("seq");
}

}  // namespace andon::store
