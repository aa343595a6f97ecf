#include "sql/one_thread.h"

#include <utility>

#include "sql/session.h"

namespace andon::sql {

Result<OneThread> OneThread::Begin(Session& session) {
  if (session.dialect() != Dialect::kDuckDb) return OneThread(nullptr, 0);
  const ResultSet threads = TRY(session.Query("SELECT current_setting('threads')"));
  const int64_t before = threads.Integer(0, 0);
  if (before <= 1) return OneThread(nullptr, before);
  TRY(session.Query("SET threads = 1"));
  return OneThread(&session, before);
}

OneThread::OneThread(OneThread&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)), before_(other.before_) {}

OneThread::~OneThread() {
  // Where this fails, every statement of the engine does.
  if (session_) (void)session_->Query(fmt::format("SET threads = {}", before_));
}

}  // namespace andon::sql
