// Work: what a worker process does with its task. Also callable in place, for tests.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "line/source_session.h"
#include "line/task.h"

namespace andon::line {

// One line of JSON for each message of the worker: progress ({"progress": rows}), and last the
// answer ({"ok": {...}} or {"error": {"kind": …, "message": …}}).
using Say = std::function<void(const Json& line)>;

// What a task shares with its process, where it is done in place.
struct InPlace {
  std::stop_token stop;                // Ends the statements; then kInterrupted.
  SourceSessions* sessions = nullptr;  // Databases that are open already. Null: it opens its own.
};

// The body of `andon worker`: the task from `input`, everything said by `say`. Returns the exit
// code: 0 also where the answer is an error, as that is an answer.
int WorkerMain(std::string_view input, const Say& say);

Result<LoadOutcome> DoLoad(const LoadTask& task, const Limits& limits, const Say& say);
// A database that cannot be opened is an error of the whole; a statement that fails is one of its
// check.
Result<CheckOutcome> DoCheck(const CheckTask& task, const Limits& limits, const Say& say,
                             const InPlace& in_place = {});
Result<SplitOutcome> DoSplit(const SplitTask& task, const Limits& limits, const Say& say);
Result<QueryOutcome> DoQuery(const QueryTask& task, const Limits& limits, const Say& say);

// The kind of error that crossed the pipe, and back.
Json ToJson(const Error& error);
Error ErrorFromJson(const Json& json);

}  // namespace andon::line
