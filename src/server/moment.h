// How a route answers: from one moment of the store. Only for this folder.
#pragma once

#include "server/pages.h"
#include "server/router.h"
#include "server/site.h"
#include "store/journal.h"

namespace andon::server {

Response JsonResponse(const Json& json);
// The status of HTTP that an error stands for.
int StatusOf(const Error& error);

// One moment of the store, with what it declares: what every page needs.
struct Moment {
  store::Transaction& tx;
  const Declared& declared;
  Timestamp now;
  Frame frame;
};

// Runs `body(Moment&) -> Result<Response>` in one read transaction; errors become pages or JSON.
template <typename Body>
Response Answer(store::Database& db, const Clock& clock, DeclaredCache& cache,
                const Request& request, Body body) {
  auto declared = cache.Get();
  if (!declared.ok())
    return ErrorResponse(request, StatusOf(declared.error()), declared.error().message);
  Frame frame{.project = (*declared)->project.name};
  auto done = db.Read([&](store::Transaction& tx) -> Result<Response> {
    frame.seq = TRY(store::LastSeq(tx));
    Moment moment{tx, **declared, clock.Now(), frame};
    return body(moment);
  });
  if (done.ok()) return std::move(*done);
  int status = StatusOf(done.error());
  if (request.path.starts_with("/api/"))
    return ErrorResponse(request, status, done.error().message);
  return ProblemPage(frame, status, done.error().message);
}

}  // namespace andon::server
