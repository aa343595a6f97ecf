// OneThread: while it lives, the engine of a session answers on one thread.
//
// For statements that need the rows in their order, and for those whose windows DuckDB 1.5.5
// computes with one state for all threads: `row_number() OVER ()`, `count(*) OVER (ROWS UNBOUNDED
// PRECEDING)` or `count(*) OVER ()` above a UNION give rows too many, or end the process, where
// two parts of the UNION run at the same time.
//
//   auto one = TRY(OneThread::Begin(session));
//   auto rows = TRY(session.Query("SELECT *, row_number() OVER () FROM payments"));
//
// The engine is that of all its connections: nothing else should use it meanwhile. Servers and
// SQLite answer on one thread, or in an order of their own, anyway: there it does nothing.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace andon::sql {

class Session;

// Lifetime: within that of the session.
class OneThread {
 public:
  static Result<OneThread> Begin(Session& session);
  OneThread(OneThread&& other) noexcept;
  OneThread& operator=(OneThread&&) = delete;
  ~OneThread();

 private:
  OneThread(Session* session, int64_t before) : session_(session), before_(before) {}

  Session* session_;  // None: nothing is to be set back.
  int64_t before_ = 0;
};

}  // namespace andon::sql
