#include "sql/lazy_session.h"

namespace andon::sql {

Result<void> LazySession::Open() {
  if (session_ != nullptr) return {};
  Session* opened = TRY(open_());
  if (!functions_.empty()) TRY(opened->Register(functions_));
  session_ = opened;
  if (has_view_) session_->BeginView();
  return {};
}

Result<ResultSet> LazySession::Query(std::string_view sql, const std::vector<Parameter>& parameters,
                                     const QueryOptions& options) {
  TRY(Open());
  return session_->Query(sql, parameters, options);
}

Result<std::vector<TableColumn>> LazySession::Columns(std::string_view relation) {
  TRY(Open());
  return session_->Columns(relation);
}

Result<void> LazySession::Register(const std::vector<HostFunction>& functions) {
  if (session_ != nullptr) return session_->Register(functions);
  functions_.insert(functions_.end(), functions.begin(), functions.end());
  return {};
}

void LazySession::BeginView() {
  has_view_ = true;
  if (session_ != nullptr) session_->BeginView();
}

void LazySession::EndView() {
  has_view_ = false;
  if (session_ != nullptr) session_->EndView();
}

}  // namespace andon::sql
