// LazySession: a session that is opened when it is first asked something. Where nothing is to be
// read, no engine is started.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sql/session.h"

namespace andon::sql {

class LazySession final : public Session {
 public:
  // `open` is called once; where it fails, its error is the answer to every question.
  // Lifetime: what `open` gives is not owned, and outlives this.
  LazySession(Dialect dialect, std::function<Result<Session*>()> open)
      : dialect_(dialect), open_(std::move(open)) {}

  Dialect dialect() const override { return dialect_; }
  std::string Name() const override { return session_ ? session_->Name() : std::string(); }
  Result<ResultSet> Query(std::string_view sql, const std::vector<Parameter>& parameters = {},
                          const QueryOptions& options = {}) override;
  Result<std::vector<TableColumn>> Columns(std::string_view relation) override;
  // Remembered until the session is open.
  Result<void> Register(const std::vector<HostFunction>& functions) override;
  void BeginView() override;
  void EndView() override;

  bool is_open() const { return session_ != nullptr; }

 private:
  Result<void> Open();

  Dialect dialect_;
  std::function<Result<Session*>()> open_;
  Session* session_ = nullptr;
  std::vector<HostFunction> functions_;
  bool has_view_ = false;
};

}  // namespace andon::sql
