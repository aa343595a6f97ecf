#include "iceberg/avro.h"

#include <xxhash.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace andon::iceberg::avro {
namespace {

constexpr int kDepthMax = 32;
// Some values take no byte (null, a record of nothing), so that a few bytes could stand for more
// values than memory holds. In what Iceberg writes each value takes one at least.
constexpr int64_t kFreeValues = 1000;
// Manifests are kept near 8 MB; a block that unpacks to more than this is no manifest.
constexpr size_t kBlockBytesMax = size_t{1} << 30;
constexpr std::string_view kMagic("Obj\x01", 4);
constexpr size_t kSyncSize = 16;

// --- Schema

class SchemaParser {
 public:
  Result<SchemaPtr> Parse(const Json& json, int depth) {
    if (depth > kDepthMax) return Error::Invalid("the Avro schema is nested too deep");
    if (json.is_string()) return Named(json.AsString());
    if (json.is_array()) return Union(json, depth);
    const Json& type = json["type"];
    if (!type.is_string()) return Parse(type, depth + 1);
    const std::string& name = type.AsString();
    if (name == "record") return Record(json, depth);
    if (name == "array") return Items(Kind::kArray, json["items"], depth);
    if (name == "map") return Items(Kind::kMap, json["values"], depth);
    if (name == "fixed") {
      int64_t size = json["size"].AsInteger(-1);
      if (size < 0 || size > (1 << 20)) return Error::Invalid("an Avro fixed has a wrong size");
      auto schema = std::make_shared<Schema>();
      schema->kind = Kind::kFixed;
      schema->size = static_cast<size_t>(size);
      return Keep(json, schema);
    }
    if (name == "enum") {
      auto schema = std::make_shared<Schema>();
      schema->kind = Kind::kEnum;
      return Keep(json, schema);
    }
    return Named(name);
  }

 private:
  Result<SchemaPtr> Named(const std::string& name) {
    static constexpr std::array<std::pair<std::string_view, Kind>, 8> kPrimitives = {{
        {"null", Kind::kNull},
        {"boolean", Kind::kBoolean},
        {"int", Kind::kInt},
        {"long", Kind::kLong},
        {"float", Kind::kFloat},
        {"double", Kind::kDouble},
        {"bytes", Kind::kBytes},
        {"string", Kind::kString},
    }};
    for (const auto& [primitive, kind] : kPrimitives) {
      if (primitive != name) continue;
      auto schema = std::make_shared<Schema>();
      schema->kind = kind;
      return SchemaPtr(schema);
    }
    auto found = named_.find(name);
    if (found == named_.end()) return Error::Invalid("the Avro type \"{}\" is not known", name);
    return found->second;
  }

  Result<SchemaPtr> Union(const Json& json, int depth) {
    auto schema = std::make_shared<Schema>();
    schema->kind = Kind::kUnion;
    for (const Json& item : json.items()) {
      SchemaPtr branch = TRY(Parse(item, depth + 1));
      TRY(Hold(*schema, *branch));
      schema->branches.push_back(std::move(branch));
    }
    if (schema->branches.empty()) return Error::Invalid("an Avro union is empty");
    return SchemaPtr(schema);
  }

  Result<SchemaPtr> Record(const Json& json, int depth) {
    auto schema = std::make_shared<Schema>();
    schema->kind = Kind::kRecord;
    for (const Json& item : json["fields"].items()) {
      SchemaField field;
      field.name = item["name"].AsString();
      field.field_id = static_cast<int>(item["field-id"].AsInteger(-1));
      field.type = TRY(Parse(item["type"], depth + 1));
      TRY(Hold(*schema, *field.type));
      schema->fields.push_back(std::move(field));
    }
    return Keep(json, schema);
  }

  Result<SchemaPtr> Items(Kind kind, const Json& items, int depth) {
    auto schema = std::make_shared<Schema>();
    schema->kind = kind;
    schema->items = TRY(Parse(items, depth + 1));
    TRY(Hold(*schema, *schema->items));
    return SchemaPtr(schema);
  }

  // A chain of names nests as deep as the text that it stands for.
  static Result<void> Hold(Schema& outer, const Schema& inner) {
    outer.depth = std::max(outer.depth, inner.depth + 1);
    if (outer.depth > kDepthMax) return Error::Invalid("the Avro schema is nested too deep");
    return {};
  }

  // Known by name only once it is whole, so that no schema contains itself.
  Result<SchemaPtr> Keep(const Json& json, SchemaPtr schema) {
    named_[json["name"].AsString()] = schema;
    const std::string& name_space = json["namespace"].AsString();
    if (!name_space.empty()) named_[name_space + "." + json["name"].AsString()] = schema;
    return schema;
  }

  std::map<std::string, SchemaPtr> named_;
};

// --- Encoding

void PutLong(std::string& out, int64_t value) {
  uint64_t z = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  while (z >= 0x80) {
    out += static_cast<char>(z | 0x80);
    z >>= 7;
  }
  out += static_cast<char>(z);
}

void PutBytes(std::string& out, std::string_view bytes) {
  PutLong(out, static_cast<int64_t>(bytes.size()));
  out += bytes;
}

void Encode(std::string& out, const Schema& schema, const Value& value) {
  switch (schema.kind) {
    case Kind::kNull:
      return;
    case Kind::kBoolean:
      out += value.AsBool() ? '\1' : '\0';
      return;
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kEnum:
      PutLong(out, value.AsInteger());
      return;
    case Kind::kFloat: {
      float f = static_cast<float>(value.AsDouble());
      out.append(reinterpret_cast<const char*>(&f), sizeof f);
      return;
    }
    case Kind::kDouble: {
      double d = value.AsDouble();
      out.append(reinterpret_cast<const char*>(&d), sizeof d);
      return;
    }
    case Kind::kBytes:
    case Kind::kString:
      PutBytes(out, value.AsString());
      return;
    case Kind::kFixed:
      ASSERT(value.AsString().size() == schema.size);
      out += value.AsString();
      return;
    case Kind::kRecord:
      ASSERT(value.items().size() == schema.fields.size());
      for (size_t i = 0; i < schema.fields.size(); ++i) {
        Encode(out, *schema.fields[i].type, value.items()[i]);
      }
      return;
    case Kind::kArray:
      if (!value.items().empty()) {
        PutLong(out, static_cast<int64_t>(value.items().size()));
        for (const Value& item : value.items()) Encode(out, *schema.items, item);
      }
      PutLong(out, 0);
      return;
    case Kind::kMap:
      if (!value.items().empty()) {
        PutLong(out, static_cast<int64_t>(value.items().size()));
        for (const Value& entry : value.items()) {
          PutBytes(out, entry.items().at(0).AsString());
          Encode(out, *schema.items, entry.items().at(1));
        }
      }
      PutLong(out, 0);
      return;
    case Kind::kUnion:
      for (size_t i = 0; i < schema.branches.size(); ++i) {
        if ((schema.branches[i]->kind == Kind::kNull) != value.is_null()) continue;
        PutLong(out, static_cast<int64_t>(i));
        Encode(out, *schema.branches[i], value);
        return;
      }
      ASSERT(false && "the value fits no branch of the union");
  }
}

std::string Deflate(std::string_view bytes) {
  z_stream stream{};
  // Raw: no zlib header. Level 3: manifests are read seldom and written often.
  int made = deflateInit2(&stream, 3, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  ASSERT(made == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int done = deflate(&stream, Z_FINISH);
  ASSERT(done == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> Inflate(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return Error::Corrupt("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int state = Z_OK;
  std::array<char, 1 << 16> chunk;
  while (state == Z_OK && out.size() <= kBlockBytesMax) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = chunk.size();
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(chunk.data(), chunk.size() - stream.avail_out);
    if (state == Z_BUF_ERROR) break;  // No more input and not at its end.
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) return Error::Corrupt("a compressed block is damaged or too big");
  return out;
}

// --- Decoding

class Reader {
 public:
  explicit Reader(std::string_view bytes)
      : bytes_(bytes), values_left_(kFreeValues + 4 * static_cast<int64_t>(bytes.size())) {}

  bool at_end() const { return bytes_.empty(); }
  size_t left() const { return bytes_.size(); }

  Result<int64_t> Long() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) return CutOff();
      uint64_t byte = static_cast<unsigned char>(bytes_[0]);
      bytes_.remove_prefix(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
    }
    return Error::Corrupt("an Avro number is too long");
  }

  Result<std::string_view> Take(size_t size) {
    if (size > bytes_.size()) return CutOff();
    std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  Result<std::string_view> Bytes() {
    int64_t size = TRY(Long());
    if (size < 0) return CutOff();
    return Take(static_cast<size_t>(size));
  }

  Result<Value> Read(const Schema& schema) {
    if (--values_left_ < 0) return Error::Corrupt("a block has more values than bytes");
    switch (schema.kind) {
      case Kind::kNull:
        return Value();
      case Kind::kBoolean: {
        std::string_view byte = TRY(Take(1));
        return Value(byte[0] != 0);
      }
      case Kind::kInt:
      case Kind::kLong:
      case Kind::kEnum: {
        int64_t value = TRY(Long());
        return Value(value);
      }
      case Kind::kFloat: {
        std::string_view raw = TRY(Take(4));
        float f;
        std::memcpy(&f, raw.data(), sizeof f);
        return Value(static_cast<double>(f));
      }
      case Kind::kDouble: {
        std::string_view raw = TRY(Take(8));
        double d;
        std::memcpy(&d, raw.data(), sizeof d);
        return Value(d);
      }
      case Kind::kBytes:
      case Kind::kString: {
        std::string_view text = TRY(Bytes());
        return Value(std::string(text));
      }
      case Kind::kFixed: {
        std::string_view raw = TRY(Take(schema.size));
        return Value(std::string(raw));
      }
      case Kind::kRecord: {
        std::vector<Value> items;
        items.reserve(schema.fields.size());
        for (const SchemaField& field : schema.fields) {
          Value item = TRY(Read(*field.type));
          items.push_back(std::move(item));
        }
        return Value(std::move(items));
      }
      case Kind::kArray:
      case Kind::kMap:
        return ReadBlocks(schema);
      case Kind::kUnion: {
        int64_t branch = TRY(Long());
        if (branch < 0 || static_cast<size_t>(branch) >= schema.branches.size()) {
          return Error::Corrupt("an Avro union has no branch {}", branch);
        }
        return Read(*schema.branches[static_cast<size_t>(branch)]);
      }
    }
    return Error::Corrupt("an Avro schema is damaged");
  }

 private:
  static Error CutOff() { return Error::Corrupt("the file is cut off"); }

  Result<Value> ReadBlocks(const Schema& schema) {
    std::vector<Value> items;
    while (true) {
      int64_t count = TRY(Long());
      if (count == 0) return Value(std::move(items));
      if (count < 0) {  // The block's size in bytes follows.
        if (count == INT64_MIN) return CutOff();
        count = -count;
        TRY(Long());
      }
      // An item takes at least a byte in all that Iceberg writes; more items than
      // bytes is a damaged count.
      if (static_cast<uint64_t>(count) > bytes_.size()) return CutOff();
      for (int64_t i = 0; i < count; ++i) {
        if (schema.kind == Kind::kArray) {
          Value item = TRY(Read(*schema.items));
          items.push_back(std::move(item));
        } else {
          std::string_view key = TRY(Bytes());
          Value value = TRY(Read(*schema.items));
          items.push_back(Value(std::vector<Value>{Value(std::string(key)), std::move(value)}));
        }
      }
    }
  }

  std::string_view bytes_;
  int64_t values_left_;
};

Result<void> ReadHeader(Reader& reader, Container& container) {
  while (true) {
    int64_t count = TRY(reader.Long());
    if (count == 0) return {};
    if (count < 0) {
      if (count == INT64_MIN) return Error::Corrupt("the header is damaged");
      count = -count;
      TRY(reader.Long());
    }
    if (static_cast<uint64_t>(count) > reader.left()) return Error::Corrupt("the file is cut off");
    for (int64_t i = 0; i < count; ++i) {
      std::string_view key = TRY(reader.Bytes());
      std::string_view value = TRY(reader.Bytes());
      container.metadata[std::string(key)] = std::string(value);
    }
  }
}

const Schema* WithoutNull(const Schema* schema) {
  if (schema->kind != Kind::kUnion) return schema;
  for (const SchemaPtr& branch : schema->branches) {
    if (branch->kind != Kind::kNull) return branch.get();
  }
  return schema;
}

}  // namespace

int64_t Value::AsInteger(int64_t other) const {
  const int64_t* i = std::get_if<int64_t>(&data);
  return i != nullptr ? *i : other;
}
bool Value::AsBool() const {
  const bool* b = std::get_if<bool>(&data);
  return b != nullptr && *b;
}
double Value::AsDouble() const {
  const double* d = std::get_if<double>(&data);
  return d != nullptr ? *d : 0;
}
const std::string& Value::AsString() const {
  static const std::string kEmpty;
  const std::string* s = std::get_if<std::string>(&data);
  return s != nullptr ? *s : kEmpty;
}
const std::vector<Value>& Value::items() const {
  static const std::vector<Value> kEmpty;
  const auto* list = std::get_if<std::vector<Value>>(&data);
  return list != nullptr ? *list : kEmpty;
}

Result<SchemaPtr> ParseSchema(const Json& json) { return SchemaParser().Parse(json, 0); }

std::string Write(const Json& schema, const std::map<std::string, std::string>& metadata,
                  const std::vector<Value>& records) {
  Result<SchemaPtr> parsed = ParseSchema(schema);
  ASSERT(parsed.ok());
  std::string block;
  for (const Value& record : records) Encode(block, **parsed, record);
  std::map<std::string, std::string> header = metadata;
  header["avro.schema"] = schema.Dump();
  header["avro.codec"] = "deflate";
  // Any 16 bytes will do; those of the content make equal files equal.
  XXH128_canonical_t sync;
  XXH128_canonicalFromHash(&sync, XXH3_128bits(block.data(), block.size()));
  std::string_view marker(reinterpret_cast<const char*>(sync.digest), kSyncSize);

  std::string out(kMagic);
  PutLong(out, static_cast<int64_t>(header.size()));
  for (const auto& [key, value] : header) {
    PutBytes(out, key);
    PutBytes(out, value);
  }
  PutLong(out, 0);
  out += marker;
  if (!records.empty()) {
    std::string packed = Deflate(block);
    PutLong(out, static_cast<int64_t>(records.size()));
    PutBytes(out, packed);
    out += marker;
  }
  return out;
}

Result<Container> Read(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return Error::Corrupt("it is no Avro file");
  Reader reader(bytes.substr(kMagic.size()));
  Container container;
  TRY(ReadHeader(reader, container));
  std::string_view sync = TRY(reader.Take(kSyncSize));
  const std::string& codec = container.metadata["avro.codec"];
  if (!codec.empty() && codec != "null" && codec != "deflate") {
    return Error::Corrupt("its codec \"{}\" is not supported, only null and deflate are", codec);
  }
  Result<Json> json = Json::Parse(container.metadata["avro.schema"]);
  if (!json.ok()) return Error::Corrupt("its Avro schema is no JSON: {}", json.error().message);
  Result<SchemaPtr> schema = ParseSchema(*json);
  if (!schema.ok()) return Error::Corrupt("{}", schema.error().message);
  container.schema = *schema;
  while (!reader.at_end()) {
    int64_t count = TRY(reader.Long());
    std::string_view packed = TRY(reader.Bytes());
    std::string_view marker = TRY(reader.Take(kSyncSize));
    if (marker != sync) return Error::Corrupt("a block does not end with the file's marker");
    std::string unpacked;
    if (codec == "deflate") {
      unpacked = TRY(Inflate(packed));
      packed = unpacked;
    }
    if (count < 0 || static_cast<uint64_t>(count) > packed.size()) {
      return Error::Corrupt("a block has a wrong count");
    }
    Reader block(packed);
    for (int64_t i = 0; i < count; ++i) {
      Value record = TRY(block.Read(*container.schema));
      container.records.push_back(std::move(record));
    }
  }
  return container;
}

const Value& FieldById(const Schema& schema, const Value& record, int field_id) {
  static const Value kNull;
  const Schema* own = WithoutNull(&schema);
  const std::vector<Value>& items = record.items();
  for (size_t i = 0; i < own->fields.size() && i < items.size(); ++i) {
    if (own->fields[i].field_id == field_id) return items[i];
  }
  return kNull;
}

const Schema* SchemaById(const Schema& schema, int field_id) {
  for (const SchemaField& field : WithoutNull(&schema)->fields) {
    if (field.field_id == field_id) return WithoutNull(field.type.get());
  }
  return nullptr;
}

}  // namespace andon::iceberg::avro
