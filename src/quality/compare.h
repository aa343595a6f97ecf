// What a comparison of two places works with: the checked relation in its session, and other
// sources by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quality/expectation.h"
#include "quality/run.h"

namespace andon::quality {

// The rows that a comparison fetches from one side at most.
inline constexpr int64_t kComparedRowsMax = 1'000'000;

// Lifetime: keeps references to all.
class Comparison final : public Sides {
 public:
  Comparison(sql::Session& session, std::string_view relation, const RunOptions& options)
      : session_(session), relation_(relation), options_(options) {}

  Result<Rows> Query(std::string_view source, const std::string& sql,
                     std::vector<std::string>* columns) override;
  sql::Dialect DialectOf(std::string_view source) override;
  std::string Checked() override { return std::string(relation_); }
  std::string Written(const std::string& statement) override;

 private:
  // Null for an unknown name.
  sql::Session* SessionOf(std::string_view source) const;

  sql::Session& session_;
  std::string_view relation_;
  const RunOptions& options_;
};

}  // namespace andon::quality
