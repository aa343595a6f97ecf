#include "sql/engines/postgres.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

#include "base/text.h"
#include "sql/engines/libpq.h"
#include "sql/engines/postgres_internal.h"

namespace andon::sql {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::steady_clock;

// After a cancellation the server answers at once; one that does not has lost the connection.
constexpr auto kCancelWait = std::chrono::seconds(30);

// Answers in the shapes that postgres_type.cc reads, whatever the server's settings.
constexpr const char* kSettings[] = {
    "DateStyle = 'ISO, YMD'", "IntervalStyle = 'postgres'", "TimeZone = 'UTC'",
    "bytea_output = 'hex'",   "extra_float_digits = 3",     "standard_conforming_strings = on",
};
// A server that can notices that its client is gone, and ends the statement.
constexpr const char* kCheckClient = "client_connection_check_interval = '5s'";
constexpr int kVersionThatChecksClients = 140000;

struct FinishConnection {
  void operator()(PGconn* connection) const { Pq().PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { Pq().PQclear(result); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

struct EventDescriptor {
  EventDescriptor() : number(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~EventDescriptor() { close(number); }
  EventDescriptor(const EventDescriptor&) = delete;
  EventDescriptor& operator=(const EventDescriptor&) = delete;
  int number;
};

// Waits for a socket, and is woken by a stop.
class Waiter {
 public:
  explicit Waiter(std::stop_token stop)
      : wake_(std::move(stop), [this] { eventfd_write(event_.number, 1); }) {}

  // Until the socket is ready, `deadline`, or, where it is heeded, the stop.
  void Wait(int socket, bool to_write, std::optional<SteadyTime> deadline, bool heeds_stop) {
    pollfd descriptors[2] = {{socket, static_cast<short>(to_write ? POLLOUT : POLLIN), 0},
                             {event_.number, POLLIN, 0}};
    int timeout = -1;
    if (deadline) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - steady_clock::now());
      timeout = static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30));
    }
    poll(descriptors, heeds_stop ? 2 : 1, timeout);
  }

 private:
  EventDescriptor event_;
  std::stop_callback<std::function<void()>> wake_;  // Last: ends before the descriptor.
};

std::string Field(const PGresult* result, int field) {
  const char* text = Pq().PQresultErrorField(result, field);
  return text ? text : "";
}

PostgresFailure ReadFailure(const PGresult* result) {
  PostgresFailure failure{.code = Field(result, PG_DIAG_SQLSTATE),
                          .message = Field(result, PG_DIAG_MESSAGE_PRIMARY),
                          .detail = Field(result, PG_DIAG_MESSAGE_DETAIL),
                          .hint = Field(result, PG_DIAG_MESSAGE_HINT)};
  failure.position = std::strtoll(Field(result, PG_DIAG_STATEMENT_POSITION).c_str(), nullptr, 10);
  if (failure.message.empty()) failure.message = Trim(Pq().PQresultErrorMessage(result));
  return failure;
}

// Parameters as libpq takes them: text, with the type where the value has one.
struct Bound {
  std::vector<Oid> types;
  std::vector<std::string> texts;
  std::vector<const char*> values;
};

Result<Bound> Bind(const std::vector<Parameter>& parameters) {
  constexpr Oid kBool = 16, kInt8 = 20, kFloat8 = 701, kTimestamp = 1114, kByTheStatement = 0;
  Bound bound;
  for (const Parameter& parameter : parameters) {
    if (!parameter.name.empty())
      return Error::Invalid("PostgreSQL's parameters have no names: ${}.", parameter.name);
    const Value& value = parameter.value;
    Oid type = kByTheStatement;
    std::string text;
    if (auto* b = std::get_if<bool>(&value)) {
      type = kBool, text = *b ? "t" : "f";
    } else if (auto* i = std::get_if<int64_t>(&value)) {
      type = kInt8, text = std::to_string(*i);
    } else if (auto* d = std::get_if<double>(&value)) {
      type = kFloat8, text = fmt::format("{}", *d);
    } else if (auto* t = std::get_if<Timestamp>(&value)) {
      type = kTimestamp, text = ToRfc3339(*t);
    } else if (auto* s = std::get_if<std::string>(&value)) {
      text = *s;
      if (text.find('\0') != std::string::npos)
        return Error::Invalid("PostgreSQL holds no text with a zero byte.");
    }
    bound.types.push_back(type);
    bound.texts.push_back(std::move(text));
  }
  for (size_t i = 0; i < parameters.size(); i++) {
    bool is_null = std::holds_alternative<std::monostate>(parameters[i].value);
    bound.values.push_back(is_null ? nullptr : bound.texts[i].c_str());
  }
  return bound;
}

// What became of one statement.
struct Outcome {
  std::unique_ptr<CellStore> rows = std::make_unique<CellStore>();
  std::vector<PostgresType> types;
  std::optional<Error> error;
};

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(PostgresOptions options) : options_(std::move(options)) {}

  Dialect dialect() const override { return Dialect::kPostgres; }
  std::string Name() const override { return "PostgreSQL " + version_; }

  Result<void> Connect(std::stop_token stop);

  Result<ResultSet> Query(std::string_view sql, const std::vector<Parameter>& parameters,
                          const QueryOptions& options) override;
  Result<std::vector<TableColumn>> Columns(std::string_view relation) override;
  Result<void> Register(const std::vector<HostFunction>&) override {
    return Error::Invalid("PostgreSQL runs no functions of Andon.");
  }
  void BeginView() override { has_view_ = options_.read_only; }
  void EndView() override;

 private:
  Result<void> OpenTunnel(std::stop_token stop);
  Result<void> Prepare();
  // A statement without rows.
  Result<void> Run(const std::string& statement);
  // Around each statement. To read only is a transaction of its own with its own settings: so a
  // pool of connections between us and the server keeps nothing of it for others.
  Result<void> Begin();
  void End(bool is_failed = false);
  Result<std::vector<TableColumn>> Describe(std::string_view relation,
                                            std::vector<PostgresType>* types);
  std::string user() const {
    const char* name = Pq().PQuser(connection_.get());
    return name ? name : "";
  }

  // Runs what was sent to its end.
  Outcome Receive(std::string_view sql, const QueryOptions& options);
  // Asks the server to end the statement.
  void Cancel();
  // Says what ssh had to say.
  Error WithTunnel(Error error) const;
  // The error of a connection that is gone; it is closed.
  Error Lost(const std::string& reason);
  // Ends a copy that the user's statement began.
  void EndCopy(ExecStatusType status);
  // The names of the types, asked of the server where we do not know them.
  Result<std::vector<std::string>> TypeNames(const std::vector<PostgresType>& types);

  PostgresOptions options_;
  std::unique_ptr<io::SshTunnel> tunnel_;  // Outlives the connection.
  ConnectionHandle connection_;
  std::string version_;
  std::string begin_;      // Empty where statements stand alone.
  bool has_view_ = false;  // Then the transaction lasts beyond a statement,
  bool is_begun_ = false;  // once it is begun.
  std::map<PostgresType, std::string> names_;
};

Result<void> PostgresSession::OpenTunnel(std::stop_token stop) {
  if (!options_.tunnel || (tunnel_ && tunnel_->is_open())) return {};
  tunnel_.reset();
  io::SshTunnelOptions tunnel = *options_.tunnel;
  tunnel.target_host = options_.host.empty() ? "localhost" : options_.host;
  tunnel.target_port = options_.port > 0 ? options_.port : 5432;
  std::unique_ptr<io::SshTunnel> opened = TRY(io::OpenSshTunnel(tunnel, stop));
  tunnel_ = std::move(opened);
  return {};
}

Result<void> PostgresSession::Connect(std::stop_token stop) {
  TRY(LoadLibpq());
  TRY(OpenTunnel(stop));
  auto words = ConnectionWords(options_, tunnel_ ? "127.0.0.1" : "",
                               tunnel_ ? tunnel_->local_port() : options_.port);
  std::vector<const char*> names, values;
  for (const auto& [name, value] : words) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(Pq().PQconnectStartParams(names.data(), values.data(), /*expand_dbname=*/0));
  if (!connection_) return Error::Io("PostgreSQL: out of memory.");
  PGconn* connection = connection_.get();
  // With the server's codes, as its words may be of any language.
  Pq().PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  std::optional<SteadyTime> deadline;
  if (options_.connect_timeout.count() > 0)
    deadline = steady_clock::now() + options_.connect_timeout;
  Waiter waiter(stop);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  bool is_late = false;
  while (Pq().PQstatus(connection) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
         state != PGRES_POLLING_FAILED && !is_late && !stop.stop_requested()) {
    waiter.Wait(Pq().PQsocket(connection), state == PGRES_POLLING_WRITING, deadline, true);
    is_late = deadline && steady_clock::now() >= *deadline;
    state = Pq().PQconnectPoll(connection);
  }
  if (state != PGRES_POLLING_OK) {
    std::string message = Pq().PQerrorMessage(connection);
    connection_.reset();
    if (stop.stop_requested()) return Error::Interrupted("The connection was stopped.");
    if (state != PGRES_POLLING_FAILED && is_late) message = "timeout expired";
    return WithTunnel(ConnectionError(options_, message));
  }
  Pq().PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  Pq().PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  return Prepare();
}

Result<void> PostgresSession::Prepare() {
  const char* version = Pq().PQparameterStatus(connection_.get(), "server_version");
  version_ = Split(version ? version : "", ' ')[0];
  std::string settings;
  std::string_view set = options_.read_only ? "SET LOCAL" : "SET";
  for (const char* setting : kSettings) settings += fmt::format("{} {}; ", set, setting);
  begin_ = options_.read_only ? settings : "";
  is_begun_ = false;
  if (!options_.read_only) return Run(settings);
  bool can_check = Pq().PQserverVersion(connection_.get()) >= kVersionThatChecksClients;
  if (!can_check) return {};
  std::string with_check = fmt::format("{}{} {}; ", begin_, set, kCheckClient);
  // Not every system under a server can: then it is no worse than before.
  Result<void> checks = Run("BEGIN READ ONLY; " + with_check);
  if (checks.ok()) begin_ = with_check;
  if (!connection_) return checks;
  End();
  return {};
}

Result<void> PostgresSession::Run(const std::string& statement) {
  ResultHandle result(Pq().PQexec(connection_.get(), statement.c_str()));
  if (Pq().PQresultStatus(result.get()) == PGRES_COMMAND_OK) return {};
  if (Pq().PQstatus(connection_.get()) == CONNECTION_BAD)
    return Lost(std::string(Trim(Pq().PQerrorMessage(connection_.get()))));
  return StatementFailure(ReadFailure(result.get()), statement, user());
}

Result<void> PostgresSession::Begin() {
  if (begin_.empty() || is_begun_) return {};
  if (!has_view_) return Run("BEGIN READ ONLY; " + begin_);
  // A statement that breaks takes the view along, but not past the savepoint.
  TRY(Run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " + begin_ + "SAVEPOINT view"));
  is_begun_ = true;
  return {};
}

void PostgresSession::End(bool is_failed) {
  if (!connection_) is_begun_ = false;
  if (!connection_ || begin_.empty() || (is_begun_ && !is_failed)) return;
  ResultHandle(
      Pq().PQexec(connection_.get(), is_begun_ ? "ROLLBACK TO SAVEPOINT view" : "ROLLBACK"));
}

void PostgresSession::EndView() {
  has_view_ = false;
  if (std::exchange(is_begun_, false)) End();
}

Error PostgresSession::WithTunnel(Error error) const {
  if (!tunnel_ || error.kind != ErrorKind::kUnavailable) return error;
  std::string words = tunnel_->LastWords();
  error.message += fmt::format(" It is reached through {}{}", options_.tunnel->host,
                               words.empty() ? "." : ", and ssh says: " + words);
  return error;
}

Error PostgresSession::Lost(const std::string& reason) {
  connection_.reset();
  std::string first(reason.substr(0, reason.find('\n')));
  while (first.ends_with(".") || first.ends_with(" ")) first.pop_back();
  return WithTunnel(Error::Unavailable("PostgreSQL at {} dropped the connection: {}.",
                                       ServerName(options_),
                                       first.empty() ? "no reason given" : first));
}

void PostgresSession::Cancel() {
  PGcancel* cancel = Pq().PQgetCancel(connection_.get());
  if (!cancel) return;
  char reason[256];
  // Where it does not get through, the statement is waited for, and then given up.
  Pq().PQcancel(cancel, reason, sizeof reason);
  Pq().PQfreeCancel(cancel);
}

void PostgresSession::EndCopy(ExecStatusType status) {
  if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH)
    Pq().PQputCopyEnd(connection_.get(), "nothing is copied here");
  char* row = nullptr;
  while (status != PGRES_COPY_IN && Pq().PQgetCopyData(connection_.get(), &row, 0) > 0)
    Pq().PQfreemem(row);
}

// One row or, at the end, none; the columns with the first.
void TakeRows(const PGresult* result, Outcome* outcome) {
  int columns = Pq().PQnfields(result);
  if (outcome->types.empty()) {
    for (int i = 0; i < columns; i++) {
      outcome->types.push_back({Pq().PQftype(result, i), Pq().PQfmod(result, i)});
      outcome->rows->columns.push_back({Pq().PQfname(result, i), ""});
    }
  }
  for (int row = 0; row < Pq().PQntuples(result); row++) {
    for (int i = 0; i < columns; i++) {
      if (Pq().PQgetisnull(result, row, i)) {
        outcome->rows->AddNull();
        continue;
      }
      auto length = static_cast<size_t>(Pq().PQgetlength(result, row, i));
      AddPostgresCell(outcome->types[static_cast<size_t>(i)],
                      {Pq().PQgetvalue(result, row, i), length}, outcome->rows.get());
    }
  }
}

Outcome PostgresSession::Receive(std::string_view sql, const QueryOptions& options) {
  Outcome outcome;
  PGconn* connection = connection_.get();
  Waiter waiter(options.stop);
  std::optional<SteadyTime> deadline;
  if (options.time_limit.count() > 0) deadline = steady_clock::now() + options.time_limit;
  bool is_ended = false, is_late = false, is_given_up = false;
  auto end = [&] {
    is_ended = true;
    deadline = steady_clock::now() + kCancelWait;
    Cancel();
  };
  while (!is_given_up) {
    if (!is_ended) {
      is_late = deadline && steady_clock::now() >= *deadline;
      bool is_stopped = options.stop.stop_requested();
      if (is_late || is_stopped) {
        outcome.error = is_stopped
                            ? Error::Interrupted("The statement was stopped.")
                            : Error::Interrupted("The statement ran longer than its limit of {}.",
                                                 HumanDuration(options.time_limit));
        end();
      }
    }
    if (Pq().PQisBusy(connection)) {
      is_given_up = is_ended && steady_clock::now() >= *deadline;
      waiter.Wait(Pq().PQsocket(connection), /*to_write=*/false, deadline,
                  /*heeds_stop=*/!is_ended);
      // A failure shows itself as the next result.
      Pq().PQconsumeInput(connection);
      continue;
    }
    ResultHandle result(Pq().PQgetResult(connection));
    if (!result) break;
    switch (ExecStatusType status = Pq().PQresultStatus(result.get())) {
      case PGRES_SINGLE_TUPLE:
      case PGRES_TUPLES_OK:
        if (is_ended) break;
        if (options.rows_max > 0 && outcome.rows->row_count == options.rows_max &&
            Pq().PQntuples(result.get()) > 0) {
          outcome.rows->truncated = true;
          end();
          break;
        }
        TakeRows(result.get(), &outcome);
        break;
      case PGRES_COMMAND_OK:
        outcome.rows->rows_changed = std::strtoll(Pq().PQcmdTuples(result.get()), nullptr, 10);
        break;
      case PGRES_EMPTY_QUERY:
        outcome.error = Error::Invalid("PostgreSQL: there is no statement.");
        break;
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        EndCopy(status);
        outcome.error = Error::Invalid("PostgreSQL: COPY to or from the client is not possible.");
        break;
      default:
        // That of a cancelled statement says nothing new.
        if (!is_ended && !outcome.error)
          outcome.error = StatementFailure(ReadFailure(result.get()), sql, user());
    }
  }
  if (Pq().PQstatus(connection) == CONNECTION_BAD || is_given_up) {
    std::string reason(Trim(Pq().PQerrorMessage(connection)));
    // The server's own last words are better than that it hung up.
    if (outcome.error && outcome.error->kind == ErrorKind::kUnavailable)
      reason = outcome.error->message;
    Error lost = Lost(reason);
    if (!is_ended) outcome.error = std::move(lost);
  }
  return outcome;
}

Result<ResultSet> PostgresSession::Query(std::string_view sql,
                                         const std::vector<Parameter>& parameters,
                                         const QueryOptions& options) {
  if (options.stop.stop_requested()) return Error::Interrupted("The statement was stopped.");
  if (!connection_) TRY(Connect(options.stop));
  Bound bound = TRY(Bind(parameters));
  TRY(Begin());
  PGconn* connection = connection_.get();
  std::string text(sql);
  bool is_sent =
      Pq().PQsendQueryParams(connection, text.c_str(), static_cast<int>(bound.values.size()),
                             bound.types.data(), bound.values.data(), nullptr, nullptr,
                             /*resultFormat: text*/ 0);
  if (!is_sent) return Lost(std::string(Trim(Pq().PQerrorMessage(connection))));
  Pq().PQsetSingleRowMode(connection);
  Outcome outcome = Receive(sql, options);
  End(outcome.error.has_value());
  if (outcome.error) return std::move(*outcome.error);
  if (connection_) {
    std::vector<std::string> names = TRY(TypeNames(outcome.types));
    for (size_t i = 0; i < names.size(); i++) outcome.rows->columns[i].type = names[i];
  }
  return ResultSet(std::move(outcome.rows));
}

Result<std::vector<TableColumn>> PostgresSession::Columns(std::string_view relation) {
  if (!connection_) TRY(Connect({}));
  TRY(Begin());
  std::vector<PostgresType> types;
  Result<std::vector<TableColumn>> columns = Describe(relation, &types);
  End(!columns.ok());
  if (!columns.ok() || !connection_) return columns;
  std::vector<std::string> names = TRY(TypeNames(types));
  for (size_t i = 0; i < names.size(); i++) (*columns)[i].native_type = names[i];
  return columns;
}

Result<std::vector<TableColumn>> PostgresSession::Describe(std::string_view relation,
                                                           std::vector<PostgresType>* types) {
  // Before version 16 a subquery has to have a name.
  std::string_view name = relation.ends_with(')') ? " AS described" : "";
  std::string sql = fmt::format("SELECT * FROM {}{} LIMIT 0", relation, name);
  PGconn* connection = connection_.get();
  ResultHandle result(Pq().PQprepare(connection, "", sql.c_str(), 0, nullptr));
  if (Pq().PQresultStatus(result.get()) == PGRES_COMMAND_OK)
    result.reset(Pq().PQdescribePrepared(connection, ""));
  if (Pq().PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    if (Pq().PQstatus(connection) == CONNECTION_BAD)
      return Lost(std::string(Trim(Pq().PQerrorMessage(connection))));
    return StatementFailure(ReadFailure(result.get()), sql, user());
  }
  std::vector<TableColumn> columns;
  for (int i = 0; i < Pq().PQnfields(result.get()); i++) {
    types->push_back({Pq().PQftype(result.get(), i), Pq().PQfmod(result.get(), i)});
    columns.push_back({Pq().PQfname(result.get(), i), FromPostgresType(types->back()), ""});
  }
  return columns;
}

Result<std::vector<std::string>> PostgresSession::TypeNames(
    const std::vector<PostgresType>& types) {
  std::string missing;
  std::vector<PostgresType> asked;
  for (PostgresType type : types) {
    if (PostgresTypeName(type) || names_.contains(type)) continue;
    missing += fmt::format("{}({}::oid, {})", asked.empty() ? "" : ", ", type.oid, type.modifier);
    asked.push_back(type);
  }
  if (!asked.empty()) {
    std::string sql =
        "SELECT format_type(id, modifier) FROM (VALUES " + missing + ") AS types(id, modifier)";
    ResultHandle result(Pq().PQexec(connection_.get(), sql.c_str()));
    bool is_known = Pq().PQresultStatus(result.get()) == PGRES_TUPLES_OK;
    for (size_t i = 0; i < asked.size(); i++) {
      names_[asked[i]] =
          is_known ? Pq().PQgetvalue(result.get(), static_cast<int>(i), 0) : "unknown";
    }
  }
  std::vector<std::string> names;
  for (PostgresType type : types) {
    std::optional<std::string> name = PostgresTypeName(type);
    names.push_back(name ? *name : names_[type]);
  }
  return names;
}

}  // namespace

Result<std::unique_ptr<Session>> OpenPostgres(const PostgresOptions& options,
                                              std::stop_token stop) {
  auto session = std::make_unique<PostgresSession>(options);
  TRY(session->Connect(stop));
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace andon::sql
