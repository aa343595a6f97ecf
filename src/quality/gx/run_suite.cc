#include "quality/gx/suite.h"
#include "quality/result.h"

namespace andon::quality::gx {
namespace {

// The columns of a target that can be looked at; none where it cannot: then each check says why.
Result<std::vector<sql::ColumnInfo>> BindTo(sql::Session& session, std::string_view relation,
                                            Suite* suite) {
  Result<std::vector<sql::TableColumn>> found = session.Columns(relation);
  if (!found.ok() && found.error().kind == ErrorKind::kInterrupted) return std::move(found).error();
  std::vector<sql::TableColumn> columns;
  if (found.ok()) columns = std::move(*found);
  bool is_file = session.dialect() == sql::Dialect::kDuckDb;
  Bind(suite, {.dialect = session.dialect(),
               .nulls = is_file ? Nulls::kPandas : Nulls::kSql,
               .columns = columns});
  std::vector<sql::ColumnInfo> infos;
  for (const sql::TableColumn& column : columns) infos.push_back({column.name, column.type});
  return infos;
}

std::vector<CheckSpec> SoundChecks(const Suite& suite) {
  std::vector<CheckSpec> checks;
  for (const SuiteExpectation& e : suite.expectations) {
    if (e.broken.empty()) checks.push_back(e.check);
  }
  return checks;
}

// Here a result stands beside its name, which a message need not say again.
void DropName(const CheckSpec& check, CheckResult* result) {
  const std::string prefix = fmt::format("Check \"{}\": ", check.name);
  if (result->message.starts_with(prefix)) result->message.erase(0, prefix.size());
}

// One result for each expectation, in order: those that ran, and those that cannot.
std::vector<CheckResult> WithBroken(const Suite& suite, std::vector<CheckResult> ran) {
  std::vector<CheckResult> results;
  size_t next = 0;
  for (const SuiteExpectation& e : suite.expectations) {
    if (e.broken.empty()) {
      results.push_back(std::move(ran[next++]));
      DropName(e.check, &results.back());
      continue;
    }
    results.push_back(NewResult(e.check));
    SetError(e.broken, &results.back());
  }
  return results;
}

}  // namespace

Result<std::vector<CheckResult>> RunSuite(sql::Session& session, std::string_view relation,
                                          Suite* suite, const RunOptions& options) {
  std::vector<sql::ColumnInfo> columns = TRY(BindTo(session, relation, suite));
  const std::vector<CheckSpec> checks = SoundChecks(*suite);
  auto ran = TRY(RunChecks(session, relation, columns, checks, options));
  return WithBroken(*suite, std::move(ran));
}

Result<std::vector<BatchResults>> RunSuite(sql::Session& session, std::string_view relation,
                                           Suite* suite, const BatchDefinition& definition,
                                           const RunOptions& options) {
  std::vector<sql::ColumnInfo> columns = TRY(BindTo(session, relation, suite));
  const std::vector<CheckSpec> checks = SoundChecks(*suite);
  auto batches = TRY(RunBatches(session, relation, columns, checks, definition, options));
  for (BatchResults& batch : batches) batch.results = WithBroken(*suite, std::move(batch.results));
  return batches;
}
Result<Explanation> ExplainSuite(sql::Session& session, std::string_view relation, Suite* suite,
                                 const RunOptions& options) {
  std::vector<sql::ColumnInfo> columns = TRY(BindTo(session, relation, suite));
  const std::vector<CheckSpec> checks = SoundChecks(*suite);
  Explanation explained = TRY(Explain(session, relation, columns, checks, options));
  for (const SuiteExpectation& e : suite->expectations) {
    if (!e.broken.empty())
      explained.text += fmt::format("  {}: cannot run: {}\n", e.check.name, e.broken);
  }
  return explained;
}

}  // namespace andon::quality::gx
