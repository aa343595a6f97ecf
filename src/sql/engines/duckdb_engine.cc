#include "sql/engine.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/text.h"
#include "sql/engines/duckdb_internal.h"

namespace andon::sql {
namespace {

constexpr auto kProgressEvery = std::chrono::milliseconds(100);
// DuckDB forgets an interrupt that arrives between two statements, so it is repeated.
constexpr auto kInterruptEvery = std::chrono::milliseconds(20);

int64_t QuarterOfMemory() {
  int64_t pages = sysconf(_SC_PHYS_PAGES);
  int64_t page = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && page > 0 ? pages / 4 * page : int64_t{1} << 30;
}

// Ends a statement from outside: when asked to stop, or when its time is over; and reports
// progress meanwhile. A thread only where one of the three is wanted.
class Watch {
 public:
  Watch(duckdb_connection connection, const QueryOptions& options)
      : connection_(connection), options_(options) {
    if (!options.stop.stop_possible() && options.time_limit.count() == 0 && !options.progress)
      return;
    thread_ = std::jthread([this](std::stop_token done) { Loop(done); });
  }

  // True when the watch, not somebody's Interrupt(), ended the statement because of its time.
  bool timed_out() const { return timed_out_; }

 private:
  void Loop(std::stop_token done) {
    auto deadline = std::chrono::steady_clock::now() + options_.time_limit;
    std::stop_callback wake(options_.stop, [this] { condition_.notify_all(); });
    std::unique_lock lock(mutex_);
    while (!done.stop_requested()) {
      auto now = std::chrono::steady_clock::now();
      bool late = options_.time_limit.count() > 0 && now >= deadline;
      bool ending = late || options_.stop.stop_requested();
      if (ending) {
        timed_out_ = late;
        duckdb_interrupt(connection_);
      } else if (options_.progress) {
        Report();
      }
      auto until = now + std::chrono::hours(1);
      if (options_.time_limit.count() > 0 && !late) until = std::min(until, deadline);
      if (options_.progress) until = std::min(until, now + kProgressEvery);
      if (ending) until = now + kInterruptEvery;
      condition_.wait_until(lock, done, until,
                            [&] { return !ending && options_.stop.stop_requested(); });
    }
  }

  void Report() {
    duckdb_query_progress_type progress = duckdb_query_progress(connection_);
    options_.progress({progress.percentage, static_cast<int64_t>(progress.rows_processed),
                       static_cast<int64_t>(progress.total_rows_to_process)});
  }

  duckdb_connection connection_;
  const QueryOptions options_;
  std::mutex mutex_;
  std::condition_variable_any condition_;
  std::atomic<bool> timed_out_{false};
  std::jthread thread_;  // Last: joined before the rest goes.
};

Error Explain(Error error, const Watch& watch, const QueryOptions& options) {
  if (error.kind != ErrorKind::kInterrupted) return error;
  if (watch.timed_out()) {
    error.message = fmt::format("The statement ran longer than its limit of {}.",
                                HumanDuration(options.time_limit));
  } else {
    error.message = "The statement was stopped.";
  }
  return error;
}

duckdb_state Bind(duckdb_prepared_statement statement, idx_t index, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return duckdb_bind_null(statement, index);
  if (auto* b = std::get_if<bool>(&value)) return duckdb_bind_boolean(statement, index, *b);
  if (auto* i = std::get_if<int64_t>(&value)) return duckdb_bind_int64(statement, index, *i);
  if (auto* d = std::get_if<double>(&value)) return duckdb_bind_double(statement, index, *d);
  if (auto* t = std::get_if<Timestamp>(&value)) {
    return duckdb_bind_timestamp(statement, index, duckdb_timestamp{ToMicros(*t)});
  }
  const std::string& text = std::get<std::string>(value);
  return duckdb_bind_varchar_length(statement, index, text.data(), text.size());
}

// A prepared statement that cleans up after itself.
struct Prepared {
  duckdb_prepared_statement handle = nullptr;
  Prepared() = default;
  Prepared(Prepared&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  Prepared& operator=(Prepared&& other) noexcept {
    std::swap(handle, other.handle);
    return *this;
  }
  ~Prepared() {
    if (handle) duckdb_destroy_prepare(&handle);
  }
};

struct RawResult {
  duckdb_result handle{};
  ~RawResult() { duckdb_destroy_result(&handle); }
};

Result<Prepared> Prepare(duckdb_connection connection, std::string_view sql,
                         const std::vector<Parameter>& parameters) {
  std::string text(sql);
  Prepared prepared;
  if (duckdb_prepare(connection, text.c_str(), &prepared.handle) == DuckDBError) {
    const char* message = duckdb_prepare_error(prepared.handle);
    return ToError(message ? message : "the statement cannot be prepared", sql);
  }
  idx_t position = 0;
  for (const Parameter& parameter : parameters) {
    idx_t index = ++position;
    if (!parameter.name.empty() &&
        duckdb_bind_parameter_index(prepared.handle, &index, parameter.name.c_str()) ==
            DuckDBError) {
      continue;  // A parameter that the statement does not use, as $end may be.
    }
    if (Bind(prepared.handle, index, parameter.value) == DuckDBError) {
      return Error::Invalid("Parameter {} cannot be bound.",
                            parameter.name.empty() ? std::to_string(index) : "$" + parameter.name);
    }
  }
  return prepared;
}

bool IsOneStatement(duckdb_connection connection, const std::string& text) {
  duckdb_extracted_statements statements = nullptr;
  idx_t count = duckdb_extract_statements(connection, text.c_str(), &statements);
  duckdb_destroy_extracted(&statements);
  return count == 1;
}

}  // namespace

std::string EngineVersion() { return duckdb_library_version(); }

struct Engine::Impl {
  duckdb_database database = nullptr;
  std::mutex functions_mutex;
  std::set<std::string> functions;  // Registered; guarded by functions_mutex.
  ~Impl() {
    if (database) duckdb_close(&database);
  }
};

struct Connection::Impl {
  std::shared_ptr<Engine::Impl> engine;
  duckdb_connection handle = nullptr;
  bool shows_progress = false;
  ~Impl() {
    if (handle) duckdb_disconnect(&handle);
  }

  // Without a progress bar DuckDB does not count; printing stays off.
  void WantProgress(const QueryOptions& options) {
    if (!options.progress || shows_progress) return;
    duckdb_query(handle, "SET enable_progress_bar = true", nullptr);
    duckdb_query(handle, "SET enable_progress_bar_print = false", nullptr);
    duckdb_query(handle, "SET progress_bar_time = 0", nullptr);
    shows_progress = true;
  }
};

struct RowStream::Impl {
  std::string sql;
  QueryOptions options;
  Prepared prepared;
  RawResult result;
  std::vector<ResultColumn> columns;
  std::vector<TypeNode> types;
  bool ended = false;
  std::unique_ptr<Watch> watch;  // Last: ends before the result.

  std::unique_ptr<DuckDbRows> NoRows() const {
    auto rows = std::make_unique<DuckDbRows>();
    rows->columns = columns;
    rows->types = types;
    return rows;
  }

  // The next rows, at least one, or null at the end.
  Result<duckdb_data_chunk> Fetch() {
    while (!ended) {
      duckdb_data_chunk chunk = duckdb_fetch_chunk(result.handle);
      if (!chunk) break;
      if (duckdb_data_chunk_get_size(chunk) > 0) return chunk;
      duckdb_destroy_data_chunk(&chunk);
    }
    if (ended) return nullptr;
    ended = true;
    const char* message = duckdb_result_error(&result.handle);
    if (message && *message) return Explain(ToError(message, sql), *watch, options);
    return nullptr;
  }

  Result<ResultSet> Take(int64_t rows_max) {
    std::unique_ptr<DuckDbRows> rows = NoRows();
    while (rows->row_count <= rows_max) {
      duckdb_data_chunk chunk = TRY(Fetch());
      if (!chunk) break;
      rows->Add(chunk);
    }
    rows->truncated = rows->row_count > rows_max;
    rows->row_count = std::min(rows->row_count, rows_max);
    return ResultSet(std::move(rows));
  }
};

Engine::Engine(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::Open(const EngineOptions& options) {
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) == DuckDBError)
    return Error::Io("DuckDB cannot be configured: no memory.");
  int64_t memory = options.memory_limit_bytes > 0 ? options.memory_limit_bytes : QuarterOfMemory();
  std::vector<std::pair<const char*, std::string>> settings = {
      {"autoinstall_known_extensions", "false"},    {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},      {"errors_as_json", "true"},
      {"memory_limit", fmt::format("{}B", memory)}, {"temp_directory", options.temp_directory},
  };
  if (options.threads > 0) settings.emplace_back("threads", std::to_string(options.threads));
  if (options.read_only) settings.emplace_back("access_mode", "READ_ONLY");
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config, name, value.c_str()) == DuckDBError) {
      duckdb_destroy_config(&config);
      return Error::Invalid("DuckDB refuses the setting {} = \"{}\".", name, value);
    }
  }
  auto impl = std::make_shared<Impl>();
  char* message = nullptr;
  const char* path = options.path.empty() ? nullptr : options.path.c_str();
  duckdb_state state = duckdb_open_ext(path, &impl->database, config, &message);
  duckdb_destroy_config(&config);
  if (state == DuckDBError) {
    Error error = ToError(message ? message : "the database cannot be opened", "");
    duckdb_free(message);
    return error;
  }
  return Engine(std::move(impl));
}

Result<Connection> Engine::Connect() {
  auto impl = std::make_unique<Connection::Impl>();
  impl->engine = impl_;
  if (duckdb_connect(impl_->database, &impl->handle) == DuckDBError) {
    return Error::Io("DuckDB gives no connection.");
  }
  // Answers must not depend on the machine's time zone.
  if (duckdb_query(impl->handle, "SET TimeZone = 'UTC'", nullptr) == DuckDBError) {
    return Error::Io("DuckDB does not take the time zone UTC.");
  }
  return Connection(std::move(impl));
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

void Connection::Interrupt() { duckdb_interrupt(impl_->handle); }

std::string Connection::Name() const { return "DuckDB " + EngineVersion(); }

Result<ResultSet> Connection::Query(std::string_view sql, const std::vector<Parameter>& parameters,
                                    const QueryOptions& options) {
  if (options.stop.stop_requested()) return Error::Interrupted("The statement was stopped.");
  if (options.rows_max > 0) {
    RowStream stream = TRY(Stream(sql, parameters, options));
    return stream.impl_->Take(options.rows_max);
  }
  auto rows = std::make_unique<DuckDbRows>();
  // What is prepared DuckDB plans once more when it is run; with nothing to bind, once is enough.
  const std::string text(sql);
  const bool is_bound = !parameters.empty() || !IsOneStatement(impl_->handle, text);
  Prepared prepared;
  if (is_bound) {
    Prepared with_values = TRY(Prepare(impl_->handle, sql, parameters));
    prepared = std::move(with_values);
  }
  impl_->WantProgress(options);
  RawResult result;
  duckdb_state state;
  {
    Watch watch(impl_->handle, options);
    state = is_bound ? duckdb_execute_prepared(prepared.handle, &result.handle)
                     : duckdb_query(impl_->handle, text.c_str(), &result.handle);
    if (state == DuckDBError) {
      const char* message = duckdb_result_error(&result.handle);
      return Explain(ToError(message ? message : "the statement failed", sql), watch, options);
    }
  }
  rows->ReadColumns(&result.handle);
  rows->rows_changed = static_cast<int64_t>(duckdb_rows_changed(&result.handle));
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result.handle)) rows->Add(chunk);
  return ResultSet(std::move(rows));
}

Result<void> Connection::Execute(std::string_view sql, const std::vector<Parameter>& parameters,
                                 const QueryOptions& options) {
  if (options.stop.stop_requested()) return Error::Interrupted("The statement was stopped.");
  impl_->WantProgress(options);
  RawResult result;
  std::string text(sql);
  Prepared prepared;
  if (!parameters.empty()) {
    Prepared with_values = TRY(Prepare(impl_->handle, sql, parameters));
    prepared = std::move(with_values);
  }
  Watch watch(impl_->handle, options);
  duckdb_state state = parameters.empty()
                           ? duckdb_query(impl_->handle, text.c_str(), &result.handle)
                           : duckdb_execute_prepared(prepared.handle, &result.handle);
  if (state == DuckDBSuccess) return {};
  const char* message = duckdb_result_error(&result.handle);
  return Explain(ToError(message ? message : "the statement failed", sql), watch, options);
}

Result<RowStream> Connection::Stream(std::string_view sql, const std::vector<Parameter>& parameters,
                                     const QueryOptions& options) {
  if (options.stop.stop_requested()) return Error::Interrupted("The statement was stopped.");
  auto impl = std::make_unique<RowStream::Impl>();
  impl->sql = sql;
  impl->options = options;
  Prepared prepared = TRY(Prepare(impl_->handle, sql, parameters));
  impl->prepared = std::move(prepared);
  impl_->WantProgress(options);
  impl->watch = std::make_unique<Watch>(impl_->handle, options);
  if (duckdb_execute_prepared_streaming(impl->prepared.handle, &impl->result.handle) ==
      DuckDBError) {
    const char* message = duckdb_result_error(&impl->result.handle);
    return Explain(ToError(message ? message : "the statement failed", sql), *impl->watch, options);
  }
  DuckDbRows columns;
  columns.ReadColumns(&impl->result.handle);
  impl->columns = std::move(columns.columns);
  impl->types = std::move(columns.types);
  return RowStream(std::move(impl));
}

std::optional<StatementError> Connection::Check(std::string_view sql) {
  std::string text(sql);
  Prepared prepared;
  if (duckdb_prepare(impl_->handle, text.c_str(), &prepared.handle) == DuckDBSuccess) return {};
  const char* message = duckdb_prepare_error(prepared.handle);
  return ReadError(message ? message : "Invalid Input Error: the statement cannot be prepared");
}

Result<std::vector<ResultColumn>> Connection::Describe(std::string_view sql) {
  Prepared prepared = TRY(Prepare(impl_->handle, sql, {}));
  std::vector<ResultColumn> columns;
  idx_t count = duckdb_prepared_statement_column_count(prepared.handle);
  for (idx_t i = 0; i < count; i++) {
    const char* name = duckdb_prepared_statement_column_name(prepared.handle, i);
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(prepared.handle, i);
    columns.push_back({name ? name : "", ReadType(type).text});
    duckdb_free(const_cast<char*>(name));
    duckdb_destroy_logical_type(&type);
  }
  return columns;
}

Result<std::vector<TableColumn>> Connection::Columns(std::string_view relation) {
  std::vector<ResultColumn> found = TRY(Describe(fmt::format("SELECT * FROM {}", relation)));
  std::vector<TableColumn> columns;
  for (ResultColumn& column : found) {
    columns.push_back({std::move(column.name), FromDuckDbType(column.type).value_or("string"),
                       std::move(column.type)});
  }
  return columns;
}

Result<void> Connection::Register(const std::vector<HostFunction>& functions) {
  std::lock_guard lock(impl_->engine->functions_mutex);
  for (const HostFunction& function : functions) {
    if (impl_->engine->functions.contains(function.name)) continue;
    if (!RegisterFunction(impl_->handle, function))
      return Error::Invalid("DuckDB does not take the function {}.", function.name);
    impl_->engine->functions.insert(function.name);
  }
  return {};
}

RowStream::RowStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowStream::RowStream(RowStream&&) noexcept = default;
RowStream& RowStream::operator=(RowStream&&) noexcept = default;
RowStream::~RowStream() = default;

const std::vector<ResultColumn>& RowStream::columns() const { return impl_->columns; }

Result<ResultSet> RowStream::Next() {
  std::unique_ptr<DuckDbRows> rows = impl_->NoRows();
  duckdb_data_chunk chunk = TRY(impl_->Fetch());
  if (chunk) rows->Add(chunk);
  return ResultSet(std::move(rows));
}

}  // namespace andon::sql
