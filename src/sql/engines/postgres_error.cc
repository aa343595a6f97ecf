// PostgreSQL's and libpq's messages as errors that name the cause and the cure.
#include <algorithm>

#include "base/text.h"
#include "sql/engines/postgres_internal.h"

namespace andon::sql {
namespace {

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "server closed the connection unexpectedly\n\tThis probably means…" gives its first line.
std::string_view FirstLine(std::string_view text) { return Trim(text.substr(0, text.find('\n'))); }

// "…failed: FATAL:  28P01: password authentication failed for user "x"\nLOCATION: …" gives code
// and message; nothing where it is libpq's own. The word before the code is translated.
std::optional<PostgresFailure> ReadVerbose(std::string_view text) {
  for (size_t at = text.find(":  "); at != std::string_view::npos; at = text.find(":  ", at + 1)) {
    std::string_view code = text.substr(at + 3, 5);
    bool is_code = code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) {
                     return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                   });
    if (!is_code || text.substr(at + 8, 2) != ": ") continue;
    return PostgresFailure{.code = std::string(code),
                           .message = std::string(FirstLine(text.substr(at + 10)))};
  }
  return {};
}

// What libpq says behind "connection to server at "::1", port 5432 failed: ".
std::string_view Reason(std::string_view message) {
  constexpr std::string_view kFailed = " failed: ";
  size_t at = message.rfind(kFailed);
  if (message.starts_with("connection to server") && at != std::string_view::npos)
    message = message.substr(at + kFailed.size());
  return FirstLine(message);
}

// `failure` is of the server.
Error Refusal(const PostgresOptions& options, const PostgresFailure& failure) {
  std::string server = ServerName(options);
  const std::string& code = failure.code;
  if (code == "28P01") {
    return Error::Invalid(
        "PostgreSQL at {} does not accept the password ({}). Check the user and the password.",
        server, failure.message);
  }
  if (code == "3D000")
    return Error::Invalid("PostgreSQL at {} has no such database: {}.", server, failure.message);
  if (code == "42501") {
    return Error::Invalid("PostgreSQL at {} has no grant for this user: {}. It needs CONNECT.",
                          server, failure.message);
  }
  if (code == "28000" && Has(failure.message, "no encryption")) {
    return Error::Invalid(
        "PostgreSQL at {} refuses a connection without TLS ({}). Write sslmode=require or "
        "verify-full.",
        server, failure.message);
  }
  if (code.starts_with("28")) {
    return Error::Invalid(
        "PostgreSQL at {} does not let this user in ({}). Check the user, the database, and the "
        "server's pg_hba.conf.",
        server, failure.message);
  }
  if (code.starts_with("53") || code.starts_with("57") || code.starts_with("08"))
    return Error::Unavailable("PostgreSQL at {} takes no connection: {}.", server, failure.message);
  return Error::Invalid("PostgreSQL at {}: {}.", server, failure.message);
}

struct Cause {
  std::string_view part;  // Of libpq's message.
  ErrorKind kind;
  std::string_view sentence;  // {0}: the server, {1}: libpq's words, {2}: the host.
};

// The first that fits.
constexpr Cause kCauses[] = {
    {"could not translate host name", ErrorKind::kUnavailable,
     "The host \"{2}\" is not known ({1}). Check the name and the network."},
    {"Connection refused", ErrorKind::kUnavailable,
     "Nothing answers at {0} (connection refused). Check host and port, and that PostgreSQL runs "
     "there and listens on that address."},
    {"timeout expired", ErrorKind::kUnavailable,
     "{0} did not answer in time. A firewall, or a wrong address?"},
    {"does not support SSL", ErrorKind::kInvalid,
     "TLS refused: PostgreSQL at {0} speaks no TLS, and the sslmode demands it. Turn it on there "
     "(ssl = on), or write sslmode=disable where the network is trusted."},
    {"does not match host name", ErrorKind::kInvalid,
     "TLS: the server's certificate is not for \"{2}\" ({1}). Use the name that it is for, or "
     "sslmode=verify-ca where the authority is your own."},
    {"certificate verify failed", ErrorKind::kInvalid,
     "TLS: the certificate of {0} is not signed by a trusted authority ({1}). Give the authority's "
     "certificate: sslrootcert=FILE."},
    {"root certificate file", ErrorKind::kInvalid,
     "TLS: there is no authority to trust ({1}). Give the authority's certificate: "
     "sslrootcert=FILE."},
    {"could not read root certificate", ErrorKind::kInvalid,
     "TLS: the authority's certificate cannot be read ({1})."},
    {"SSL error", ErrorKind::kInvalid, "TLS with {0} failed ({1})."},
    {"no password supplied", ErrorKind::kInvalid,
     "PostgreSQL at {0} asks for a password, and none is given. Put it in PGPASSWORD, in "
     "~/.pgpass, "
     "or in a secret."},
    {"No such file or directory", ErrorKind::kUnavailable, "No PostgreSQL listens at {0} ({1})."},
    {"invalid ", ErrorKind::kInvalid, "PostgreSQL at {0}: {1}."},
};

struct Grant {
  std::string_view before;  // Of the server's message, in front of the name.
  std::string_view grant;
};

constexpr Grant kGrants[] = {
    {"permission denied for table ", "SELECT ON"},
    {"permission denied for view ", "SELECT ON"},
    {"permission denied for materialized view ", "SELECT ON"},
    {"permission denied for foreign table ", "SELECT ON"},
    {"permission denied for relation ", "SELECT ON"},
    {"permission denied for schema ", "USAGE ON SCHEMA"},
    {"permission denied for function ", "EXECUTE ON FUNCTION"},
};

std::string Cure(const PostgresFailure& failure, const std::string& user) {
  if (failure.code == "42501") {
    for (const Grant& grant : kGrants) {
      if (!failure.message.starts_with(grant.before)) continue;
      return fmt::format(" The user needs the grant: GRANT {} {} TO {};", grant.grant,
                         failure.message.substr(grant.before.size()), QuoteIdentifier(user));
    }
    return fmt::format(" The user \"{}\" has no grant for it.", user);
  }
  if (failure.code == "25006") return " The session only reads.";
  if (failure.code == "53100") return " The server's disk is full.";
  if (!failure.hint.empty()) return " " + failure.hint;
  return {};
}

ErrorKind KindOf(const std::string& code) {
  if (code == "57014") return ErrorKind::kInterrupted;
  if (code.starts_with("08") || code.starts_with("57P") || code == "53300" || code == "40001")
    return ErrorKind::kUnavailable;
  // Memory, disk, limits of the configuration; the server's own files.
  if (code.starts_with("53") || code.starts_with("58") || code.starts_with("XX"))
    return ErrorKind::kIo;
  return ErrorKind::kInvalid;
}

// " (line 2, column 8)" of the character, from 1; nothing where it is unknown.
std::string Place(std::string_view sql, int64_t position) {
  if (position < 1) return {};
  int64_t line = 1, column = 1;
  for (char c : sql) {
    bool starts_character = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (!starts_character) continue;
    if (--position == 0) return fmt::format(" (line {}, column {})", line, column);
    column = c == '\n' ? 1 : column + 1;
    line += c == '\n' ? 1 : 0;
  }
  return {};
}

}  // namespace

Error ConnectionError(const PostgresOptions& options, std::string_view message) {
  if (std::optional<PostgresFailure> failure = ReadVerbose(message))
    return Refusal(options, *failure);
  std::string server = ServerName(options);
  std::string reason(Reason(message));
  for (const Cause& cause : kCauses) {
    if (!Has(message, cause.part)) continue;
    return {cause.kind, fmt::format(fmt::runtime(cause.sentence), server, reason, options.host)};
  }
  return Error::Unavailable("PostgreSQL at {} cannot be reached: {}.", server, reason);
}

Error StatementFailure(const PostgresFailure& failure, std::string_view sql,
                       const std::string& user) {
  std::string detail = failure.detail.empty() ? "" : " " + failure.detail;
  return {KindOf(failure.code),
          fmt::format("PostgreSQL: {}{}.{}{}", failure.message, Place(sql, failure.position),
                      detail, Cure(failure, user))};
}

}  // namespace andon::sql
