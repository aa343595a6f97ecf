#include "iceberg/partition_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/text.h"

namespace andon::iceberg {
namespace {

struct TransformName {
  TransformKind kind;
  std::string_view name;
  bool has_parameter = false;
};
constexpr std::array kTransforms = {
    TransformName{TransformKind::kIdentity, "identity"},
    TransformName{TransformKind::kBucket, "bucket", true},
    TransformName{TransformKind::kTruncate, "truncate", true},
    TransformName{TransformKind::kYear, "year"},
    TransformName{TransformKind::kMonth, "month"},
    TransformName{TransformKind::kDay, "day"},
    TransformName{TransformKind::kHour, "hour"},
    TransformName{TransformKind::kVoid, "void"},
};

const TransformName* FindName(std::string_view name) {
  for (const TransformName& transform : kTransforms) {
    if (transform.name == name) return &transform;
  }
  return nullptr;
}

bool ReadPositive(std::string_view text, int* value) {
  text = Trim(text);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && *value > 0;
}

constexpr int64_t kMicrosPerHour = 3'600'000'000;
constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

uint32_t HashLong(int64_t value) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
  return Murmur3(bytes);
}

std::string TruncateText(const std::string& text, int width) {
  size_t at = 0;
  while (at < text.size() && width > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
    --width;
  }
  return text.substr(0, at);
}

Datum Truncate(const Type& source, const Datum& value, int width) {
  switch (source.id) {
    case TypeId::kInt:
    case TypeId::kLong: {
      int64_t v = std::get<int64_t>(value);
      return v - ((v % width) + width) % width;
    }
    case TypeId::kDecimal: {
      __int128 v = std::get<Unscaled>(value).value;
      return Unscaled{v - ((v % width) + width) % width};
    }
    case TypeId::kString:
      return TruncateText(std::get<std::string>(value), width);
    default:
      return std::get<std::string>(value).substr(0, static_cast<size_t>(width));
  }
}

int64_t DaysOf(const Type& source, const Datum& value) {
  int64_t v = std::get<int64_t>(value);
  return source.id == TypeId::kDate ? v : FloorDiv(v, kMicrosPerDay);
}

std::chrono::year_month_day DateOf(int64_t days) {
  return std::chrono::sys_days(std::chrono::days(days));
}

bool IsTemporal(const Type& source) {
  return source.id == TypeId::kDate || source.id == TypeId::kTimestamp ||
         source.id == TypeId::kTimestamptz;
}

}  // namespace

uint32_t Murmur3(std::string_view bytes) {
  constexpr uint32_t c1 = 0xcc9e2d51;
  constexpr uint32_t c2 = 0x1b873593;
  auto rotate = [](uint32_t x, int r) { return x << r | x >> (32 - r); };
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  uint32_t h = 0;
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    h ^= rotate(k * c1, 15) * c2;
    h = rotate(h, 13) * 5 + 0xe6546b64;
  }
  uint32_t tail = 0;
  for (size_t j = bytes.size(); j > i; --j) tail = tail << 8 | byte(j - 1);
  h ^= rotate(tail * c1, 15) * c2;
  h ^= static_cast<uint32_t>(bytes.size());
  h = (h ^ h >> 16) * 0x85ebca6b;
  h = (h ^ h >> 13) * 0xc2b2ae35;
  return h ^ h >> 16;
}

uint32_t HashForBucket(const Type& type, const Datum& value) {
  switch (type.id) {
    case TypeId::kDecimal:
      return Murmur3(BigEndian(std::get<Unscaled>(value).value));
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kFixed:
    case TypeId::kUuid:
      return Murmur3(std::get<std::string>(value));
    default:  // Dates too are hashed as 8 bytes.
      return HashLong(std::get<int64_t>(value));
  }
}

std::string ToString(const Transform& transform) {
  for (const TransformName& name : kTransforms) {
    if (name.kind != transform.kind) continue;
    return name.has_parameter ? fmt::format("{}[{}]", name.name, transform.parameter)
                              : std::string(name.name);
  }
  return "void";
}

Result<Transform> ParseTransform(std::string_view text) {
  if (const TransformName* name = FindName(text); name != nullptr && !name->has_parameter) {
    return Transform{name->kind, 0};
  }
  size_t bracket = text.find('[');
  if (bracket != text.npos && text.ends_with("]")) {
    const TransformName* name = FindName(text.substr(0, bracket));
    int parameter = 0;
    if (name != nullptr && name->has_parameter &&
        ReadPositive(text.substr(bracket + 1, text.size() - bracket - 2), &parameter)) {
      return Transform{name->kind, parameter};
    }
  }
  return Error::Invalid("\"{}\" is no partition transform that Andon knows", text);
}

Result<Type> ResultType(const Transform& transform, const Type& source) {
  bool primitive = !source.is_nested();
  switch (transform.kind) {
    case TransformKind::kIdentity:
    case TransformKind::kVoid:
      if (primitive) return source;
      break;
    case TransformKind::kBucket:
      if (primitive && source.id != TypeId::kBoolean && source.id != TypeId::kFloat &&
          source.id != TypeId::kDouble) {
        return Type(TypeId::kInt);
      }
      break;
    case TransformKind::kTruncate:
      if (source.id == TypeId::kInt || source.id == TypeId::kLong ||
          source.id == TypeId::kDecimal || source.id == TypeId::kString ||
          source.id == TypeId::kBinary) {
        return source;
      }
      break;
    case TransformKind::kYear:
    case TransformKind::kMonth:
      if (IsTemporal(source)) return Type(TypeId::kInt);
      break;
    case TransformKind::kDay:
      if (IsTemporal(source)) return Type(TypeId::kDate);
      break;
    case TransformKind::kHour:
      if (IsTemporal(source) && source.id != TypeId::kDate) return Type(TypeId::kInt);
      break;
  }
  return Error::Invalid("transform {} does not take a column of type {}", ToString(transform),
                        ToString(source));
}

Datum Apply(const Transform& transform, const Type& source, const Datum& value) {
  if (IsNull(value)) return {};
  switch (transform.kind) {
    case TransformKind::kIdentity:
      return value;
    case TransformKind::kBucket:
      return static_cast<int64_t>((HashForBucket(source, value) & 0x7fffffff) %
                                  static_cast<uint32_t>(transform.parameter));
    case TransformKind::kTruncate:
      return Truncate(source, value, transform.parameter);
    case TransformKind::kYear:
      return static_cast<int64_t>(static_cast<int>(DateOf(DaysOf(source, value)).year()) - 1970);
    case TransformKind::kMonth: {
      auto date = DateOf(DaysOf(source, value));
      return static_cast<int64_t>((static_cast<int>(date.year()) - 1970) * 12 +
                                  static_cast<int>(static_cast<unsigned>(date.month())) - 1);
    }
    case TransformKind::kDay:
      return DaysOf(source, value);
    case TransformKind::kHour:
      return FloorDiv(std::get<int64_t>(value), kMicrosPerHour);
    case TransformKind::kVoid:
      return {};
  }
  return {};
}

bool PartitionSpec::is_unpartitioned() const {
  return std::all_of(fields.begin(), fields.end(), [](const PartitionField& field) {
    return field.transform.kind == TransformKind::kVoid;
  });
}

std::vector<Type> PartitionTypes(const PartitionSpec& spec, const std::vector<Schema>& schemas) {
  std::vector<Type> types;
  for (const PartitionField& field : spec.fields) {
    const Field* source = nullptr;
    for (auto schema = schemas.rbegin(); schema != schemas.rend() && !source; ++schema) {
      source = schema->FindById(field.source_id);
    }
    Result<Type> type = source != nullptr ? ResultType(field.transform, source->type)
                                          : Result<Type>(Type(TypeId::kString));
    types.push_back(type.ok() ? *type : Type(TypeId::kString));
  }
  return types;
}

Json ToJson(const PartitionSpec& spec) {
  Json fields = Json::List();
  for (const PartitionField& field : spec.fields) {
    fields.Push(Json::Object({{"source-id", field.source_id},
                              {"field-id", field.field_id},
                              {"transform", ToString(field.transform)},
                              {"name", field.name}}));
  }
  return Json::Object({{"spec-id", spec.id}, {"fields", std::move(fields)}});
}

Json ToJson(const SortOrder& order) {
  Json fields = Json::List();
  for (const SortField& field : order.fields) {
    fields.Push(Json::Object({{"source-id", field.source_id},
                              {"transform", ToString(field.transform)},
                              {"direction", field.ascending ? "asc" : "desc"},
                              {"null-order", field.nulls_first ? "nulls-first" : "nulls-last"}}));
  }
  return Json::Object({{"order-id", order.id}, {"fields", std::move(fields)}});
}

Result<PartitionSpec> PartitionSpecFromJson(const Json& json) {
  PartitionSpec spec;
  spec.id = static_cast<int>(json["spec-id"].AsInteger());
  for (const Json& item : json["fields"].items()) {
    PartitionField field;
    field.source_id = static_cast<int>(item["source-id"].AsInteger());
    field.field_id = static_cast<int>(item["field-id"].AsInteger());
    field.name = item["name"].AsString();
    field.transform = TRY(ParseTransform(item["transform"].AsString()));
    spec.fields.push_back(std::move(field));
  }
  return spec;
}

Result<SortOrder> SortOrderFromJson(const Json& json) {
  SortOrder order;
  order.id = static_cast<int>(json["order-id"].AsInteger());
  for (const Json& item : json["fields"].items()) {
    SortField field;
    field.source_id = static_cast<int>(item["source-id"].AsInteger());
    field.transform = TRY(ParseTransform(item["transform"].AsString()));
    field.ascending = item["direction"].AsString() != "desc";
    field.nulls_first = item["null-order"].AsString() != "nulls-last";
    order.fields.push_back(field);
  }
  return order;
}

Result<PartitionBy> ParsePartitionBy(std::string_view text) {
  std::string_view trimmed = Trim(text);
  size_t open = trimmed.find('(');
  if (open == trimmed.npos) {
    if (trimmed.empty()) return Error::Invalid("an empty text is no partition");
    return PartitionBy{std::string(trimmed), {}};
  }
  std::string kind = AsciiLower(Trim(trimmed.substr(0, open)));
  const TransformName* name = FindName(kind);
  if (name == nullptr || !trimmed.ends_with(")")) {
    std::vector<std::string> names;
    for (const TransformName& transform : kTransforms) names.emplace_back(transform.name);
    std::string meant = DidYouMean(kind, names);
    return Error::Invalid(
        "\"{}\" is no partition{}: write a column, or year, month, day, hour, bucket(n, column) or "
        "truncate(width, column)",
        text, meant.empty() ? "" : fmt::format(", did you mean \"{}\"?", meant));
  }
  std::vector<std::string> arguments =
      Split(trimmed.substr(open + 1, trimmed.size() - open - 2), ',');
  PartitionBy by;
  by.transform.kind = name->kind;
  by.column = std::string(Trim(arguments.back()));
  bool right = arguments.size() == (name->has_parameter ? 2u : 1u) && !by.column.empty();
  if (right && name->has_parameter) right = ReadPositive(arguments[0], &by.transform.parameter);
  if (!right) {
    return Error::Invalid("\"{}\": write {}", text,
                          name->has_parameter ? fmt::format("{}(number, column)", name->name)
                                              : fmt::format("{}(column)", name->name));
  }
  return by;
}

namespace {

std::string FieldName(const PartitionBy& by) {
  switch (by.transform.kind) {
    case TransformKind::kIdentity:
      return by.column;
    case TransformKind::kTruncate:
      return by.column + "_trunc";
    case TransformKind::kVoid:
      return by.column + "_null";
    default: {
      Transform bare{by.transform.kind, 0};
      std::string name = ToString(bare);
      return by.column + "_" + name.substr(0, name.find('['));
    }
  }
}

const PartitionField* FindEqual(const std::vector<PartitionSpec>& specs, int source_id,
                                const Transform& transform) {
  for (const PartitionSpec& spec : specs) {
    for (const PartitionField& field : spec.fields) {
      if (field.source_id == source_id && field.transform == transform) return &field;
    }
  }
  return nullptr;
}

}  // namespace

Result<PartitionSpec> MakeSpec(const std::vector<PartitionBy>& by, const Schema& schema,
                               const std::vector<PartitionSpec>& existing, int* last_partition_id) {
  PartitionSpec spec;
  for (const PartitionBy& entry : by) {
    const Field* column = schema.Find(entry.column);
    if (column == nullptr) {
      return Error::Invalid("partition_by names the column \"{}\", which the table does not have",
                            entry.column);
    }
    auto type = ResultType(entry.transform, column->type);
    if (!type.ok()) return std::move(type).error().In(fmt::format("column {}", entry.column));
    const PartitionField* same = FindEqual(existing, column->id, entry.transform);
    int id = same != nullptr ? same->field_id : ++*last_partition_id;
    spec.fields.push_back({column->id, id, FieldName(entry), entry.transform});
  }
  for (const PartitionSpec& other : existing) {
    if (other.fields == spec.fields) {
      spec.id = other.id;
      return spec;
    }
    spec.id = std::max(spec.id, other.id + 1);
  }
  return spec;
}

}  // namespace andon::iceberg
