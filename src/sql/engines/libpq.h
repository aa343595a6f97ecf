// libpq, loaded when the first server is opened: with what it needs itself it would take every
// command that asks none some megabytes and milliseconds. Only for postgres.cc.
#pragma once

#include <libpq-fe.h>

#include "base/result.h"

// clang-format off
#define ANDON_LIBPQ(FUNCTION)                                                                    \
  FUNCTION(PQcancel) FUNCTION(PQclear) FUNCTION(PQcmdTuples) FUNCTION(PQconnectPoll)              \
  FUNCTION(PQconnectStartParams) FUNCTION(PQconsumeInput) FUNCTION(PQdescribePrepared)            \
  FUNCTION(PQerrorMessage) FUNCTION(PQexec) FUNCTION(PQfinish) FUNCTION(PQfmod) FUNCTION(PQfname) \
  FUNCTION(PQfreeCancel) FUNCTION(PQfreemem) FUNCTION(PQftype) FUNCTION(PQgetCancel)              \
  FUNCTION(PQgetCopyData) FUNCTION(PQgetResult) FUNCTION(PQgetisnull) FUNCTION(PQgetlength)       \
  FUNCTION(PQgetvalue) FUNCTION(PQisBusy) FUNCTION(PQnfields) FUNCTION(PQntuples)                 \
  FUNCTION(PQparameterStatus) FUNCTION(PQprepare) FUNCTION(PQputCopyEnd)                          \
  FUNCTION(PQresultErrorField) FUNCTION(PQresultErrorMessage) FUNCTION(PQresultStatus)            \
  FUNCTION(PQsendQueryParams) FUNCTION(PQserverVersion) FUNCTION(PQsetErrorVerbosity)             \
  FUNCTION(PQsetNoticeProcessor) FUNCTION(PQsetSingleRowMode) FUNCTION(PQsocket)                  \
  FUNCTION(PQstatus) FUNCTION(PQuser)
// clang-format on

namespace andon::sql {

struct Libpq {
#define ANDON_FUNCTION(name) decltype(&::name) name = nullptr;
  ANDON_LIBPQ(ANDON_FUNCTION)
#undef ANDON_FUNCTION
};

// Loads it the first time. kInvalid: the machine does not have it.
Result<void> LoadLibpq();
// Requires: LoadLibpq() succeeded.
const Libpq& Pq();

}  // namespace andon::sql
