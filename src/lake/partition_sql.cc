#include "lake/partition_sql.h"

#include "sql/engine.h"

namespace andon::lake {
namespace {

using iceberg::Field;
using iceberg::TransformKind;
using iceberg::Type;
using iceberg::TypeId;

std::string ColumnName(size_t index) { return fmt::format("_partition_{}", index); }

// x rotated left by `bits` within 32 bits; x is a UBIGINT below 2^32.
std::string Rotate(const std::string& x, int bits) {
  return fmt::format("((({0} * {1}) & 4294967295) | ({0} >> {2}))", x, int64_t{1} << bits,
                     32 - bits);
}

// murmur3_x86_32, step by step in nested selects, so that no step is written (and
// computed) twice. Numbers are UBIGINTs below 2^32.
class Murmur {
 public:
  explicit Murmur(std::string select) : sql_(std::move(select)) {}

  Murmur& Step(const std::string& select) {
    sql_ = fmt::format("SELECT {} FROM ({})", select, sql_);
    return *this;
  }

  // Requires: one column h, with the length mixed in.
  std::string Finish(int buckets) {
    Step("(xor(h, h >> 16) * 2246822507) & 4294967295 AS h");
    Step("(xor(h, h >> 13) * 3266489909) & 4294967295 AS h");
    Step("xor(h, h >> 16) AS h");
    return fmt::format("(SELECT ((h & 2147483647) % {})::INTEGER FROM ({}))", buckets, sql_);
  }

 private:
  std::string sql_;
};

// Of a BIGINT's 8 bytes.
std::string BucketOfNumber(const std::string& as_bigint, int buckets) {
  Murmur murmur(fmt::format(
      "SELECT ((v::HUGEINT + 18446744073709551616) % 18446744073709551616)::UBIGINT AS u FROM "
      "(SELECT {} AS v)",
      as_bigint));
  murmur.Step("u & 4294967295 AS a, u >> 32 AS b")
      .Step("(a * 3432918353) & 4294967295 AS a, (b * 3432918353) & 4294967295 AS b")
      .Step(fmt::format("{} AS a, {} AS b", Rotate("a", 15), Rotate("b", 15)))
      .Step("(a * 461845907) & 4294967295 AS h, (b * 461845907) & 4294967295 AS b")
      .Step(fmt::format("({} * 5 + 3864292196) & 4294967295 AS h, b", Rotate("h", 13)))
      .Step("xor(h, b) AS h")
      .Step(fmt::format("({} * 5 + 3864292196) & 4294967295 AS h", Rotate("h", 13)))
      .Step("xor(h, 8::UBIGINT) AS h");
  return murmur.Finish(buckets);
}

// Of bytes given as hexadecimal digits: words of four bytes, lowest first, then the
// up to three that are left.
std::string BucketOfBytes(const std::string& hex, int buckets) {
  Murmur murmur(fmt::format("SELECT {} AS x", hex));
  murmur.Step("x, (length(x) // 8)::BIGINT AS n, (length(x) // 2)::UBIGINT AS bytes")
      .Step(
          "bytes, substr(x, n * 8 + 1) AS t, list_transform(range(0, n), lambda i: ('0x' || "
          "substr(x, i * 8 + 7, 2) || substr(x, i * 8 + 5, 2) || substr(x, i * 8 + 3, 2) || "
          "substr(x, i * 8 + 1, 2))::UBIGINT) AS ks")
      .Step(
          "bytes, ('0x0' || substr(t, 5, 2) || substr(t, 3, 2) || substr(t, 1, 2))::UBIGINT AS t, "
          "list_transform(ks, lambda k: (k * 3432918353) & 4294967295) AS ks")
      .Step(
          fmt::format("bytes, (t * 3432918353) & 4294967295 AS t, list_transform(ks, lambda k: ({} "
                      "* 461845907) & 4294967295) AS ks",
                      Rotate("k", 15)))
      .Step(fmt::format("bytes, ({} * 461845907) & 4294967295 AS t, "
                        "list_reduce(list_prepend(0::UBIGINT, ks), lambda h, k: ({} * 5 + "
                        "3864292196) & 4294967295) AS h",
                        Rotate("t", 15), Rotate("xor(h, k)", 13)))
      .Step("xor(xor(h, t), bytes) AS h");
  return murmur.Finish(buckets);
}

Result<std::string> Bucket(const Type& type, const std::string& column, int buckets) {
  switch (type.id) {
    case TypeId::kInt:
    case TypeId::kLong:
      return BucketOfNumber(column + "::BIGINT", buckets);
    case TypeId::kDate:
      return BucketOfNumber(fmt::format("date_diff('day', DATE '1970-01-01', {})", column),
                            buckets);
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      return BucketOfNumber(fmt::format("epoch_us({})", column), buckets);
    case TypeId::kString:
      return BucketOfBytes(fmt::format("hex(encode({}))", column), buckets);
    case TypeId::kBinary:
      return BucketOfBytes(fmt::format("hex({})", column), buckets);
    case TypeId::kUuid:
      return BucketOfBytes(fmt::format("upper(replace({}::VARCHAR, '-', ''))", column), buckets);
    default:
      return Error::Invalid("Andon cannot write a bucket partition over a column of type {} yet",
                            iceberg::ToString(type));
  }
}

Result<std::string> Expression(const iceberg::PartitionField& field, const Field& source) {
  const Type& type = source.type;
  std::string column = sql::QuoteIdentifier(source.name);
  // Parts of a moment are those of UTC, whatever the session's time zone is.
  std::string moment =
      type.id == TypeId::kTimestamptz ? fmt::format("({} AT TIME ZONE 'UTC')", column) : column;
  auto since = [&](const char* unit) {
    return fmt::format("date_diff('{}', TIMESTAMP '1970-01-01', CAST({} AS TIMESTAMP))::INTEGER",
                       unit, moment);
  };
  int parameter = field.transform.parameter;
  switch (field.transform.kind) {
    case TransformKind::kIdentity:
      return column;
    case TransformKind::kYear:
      return since("year");
    case TransformKind::kMonth:
      return since("month");
    case TransformKind::kDay:
      return fmt::format("CAST({} AS DATE)", moment);
    case TransformKind::kHour:
      return since("hour");
    case TransformKind::kTruncate:
      if (type.id == TypeId::kString) return fmt::format("left({}, {})", column, parameter);
      if (type.id == TypeId::kInt || type.id == TypeId::kLong) {
        return fmt::format("({0} - ((({0} % {1}) + {1}) % {1}))", column, parameter);
      }
      if (type.id == TypeId::kDecimal) {
        std::string width = iceberg::DecimalText(parameter, type.scale);
        return fmt::format("CAST({0} - ((({0} % {1}) + {1}) % {1}) AS DECIMAL({2},{3}))", column,
                           width, type.precision, type.scale);
      }
      break;
    case TransformKind::kBucket:
      return Bucket(type, column, parameter);
    case TransformKind::kVoid:
      break;
  }
  return Error::Invalid("Andon cannot write the partition {} of column \"{}\" ({}) yet",
                        iceberg::ToString(field.transform), source.name, iceberg::ToString(type));
}

}  // namespace

Result<PartitionSql> MakePartitionSql(const iceberg::PartitionSpec& spec,
                                      const iceberg::Schema& schema) {
  PartitionSql partition;
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    const iceberg::PartitionField& field = spec.fields[i];
    if (field.transform.kind == TransformKind::kVoid) continue;
    const Field* source = schema.FindById(field.source_id);
    if (source == nullptr || schema.Find(source->name) != source) {
      return Error::Invalid(
          "The table is partitioned by \"{}\", whose column it no longer has; say partition_by "
          "anew",
          field.name);
    }
    std::string expression = TRY(Expression(field, *source));
    std::string name = sql::QuoteIdentifier(ColumnName(i));
    partition.expressions.push_back(fmt::format("{} AS {}", expression, name));
    partition.columns.push_back(name);
  }
  return partition;
}

Result<std::vector<iceberg::Datum>> ReadPartition(const iceberg::PartitionSpec& spec,
                                                  const iceberg::Schema& schema, const Json& keys) {
  std::vector<iceberg::Datum> partition;
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    const iceberg::PartitionField& field = spec.fields[i];
    const Json& key = keys[ColumnName(i)];
    const Field* source = schema.FindById(field.source_id);
    if (!key.is_string() || source == nullptr) {
      partition.emplace_back();
      continue;
    }
    Type type = TRY(iceberg::ResultType(field.transform, source->type));
    iceberg::Datum value = TRY(iceberg::FromText(type, key.AsString()));
    partition.push_back(std::move(value));
  }
  return partition;
}

}  // namespace andon::lake
