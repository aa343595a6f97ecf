// links: andon_iceberg
//
// Any bytes as an Avro file: reading ends, and what is read has the shape of its schema.
#include "base/json.h"
#include "driver.h"
#include "iceberg/avro.h"

namespace {

using namespace andon;
using namespace andon::iceberg;

void Walk(const avro::Schema& schema, const avro::Value& value, const std::string& input) {
  if (schema.kind != avro::Kind::kRecord) return;
  FUZZ_CHECK(value.items().size() == schema.fields.size(), input);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const avro::SchemaField& field = schema.fields[i];
    Walk(*field.type, value.items()[i], input);
    if (field.field_id >= 0) avro::FieldById(schema, value, field.field_id);
  }
}

const char* const kSchemas[] = {
    R"({"type":"record","name":"r","fields":[
        {"name":"a","type":"long","field-id":1},{"name":"b","type":["null","string"],"field-id":2},
        {"name":"c","type":{"type":"array","items":"int"},"field-id":3}]})",
    R"({"type":"record","name":"r","fields":[
        {"name":"m","type":{"type":"map","values":"double"},"field-id":1},
        {"name":"f","type":{"type":"fixed","name":"x","size":3},"field-id":2},
        {"name":"g","type":"x","field-id":4},{"name":"e","type":{"type":"enum","name":"y"}},
        {"name":"z","type":["null","boolean","float","bytes"]}]})",
};

// As avro::Write, but with blocks as they are: packed ones hide their bytes from the mutation.
std::string Unpacked(const std::string& schema, const std::string& block, int count) {
  auto bytes = [](const std::string& text) {
    std::string out;
    size_t z = text.size() * 2;
    for (; z >= 0x80; z >>= 7) out += static_cast<char>(z | 0x80);
    return out + static_cast<char>(z) + text;
  };
  const std::string sync(16, 's');
  return std::string("Obj\x01\x04", 5) + bytes("avro.codec") + bytes("null") +
         bytes("avro.schema") + bytes(schema) + std::string(1, '\0') + sync +
         static_cast<char>(count * 2) + bytes(block) + sync;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  Result<avro::Container> container = avro::Read(input);
  if (!container.ok()) return 0;
  for (const avro::Value& record : container->records) Walk(*container->schema, record, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  using Items = std::vector<avro::Value>;
  std::vector<std::string> corpus;
  corpus.push_back(avro::Write(*Json::Parse(kSchemas[0]), {{"k", "v"}},
                               {Items{avro::Value(7), avro::Value("x"), Items{1, 2, 3}},
                                Items{avro::Value(-7), avro::Value(), Items{}}}));
  const std::string one("\x0e\x02\x02x\x04\x02\x04\x00\x0d\x00\x00", 11);
  corpus.push_back(Unpacked(kSchemas[0], one, 2));
  const std::string two("\x02\x02k\0\0\0\0\0\0\xf0\x3f\0abcdef\x02\x00", 20);
  corpus.push_back(Unpacked(kSchemas[1], two, 1));
  corpus.push_back(Unpacked("\"long\"", std::string("\x01\x02\x03"), 3));
  corpus.push_back(Unpacked(R"({"type":"array","items":"null"})", std::string("\x04\0\0\0", 4), 2));
  return corpus;
}

std::vector<std::string> FuzzWords() {
  return {"\"null\"",
          "\"long\"",
          "\"bytes\"",
          R"({"type":"array","items":)",
          R"({"type":"map","values":)",
          R"({"type":"record","name":"q","fields":[)",
          R"({"name":"n","type":"null"},)",
          "[",
          "]",
          "}",
          ",",
          R"("field-id":)",
          R"({"type":"fixed","name":"w","size":1048576})",
          "deflate",
          "null",
          std::string(16, 's'),
          std::string(1, '\0'),
          "\x01",
          "\x02",
          "\x7f",
          "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
          "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"};
}
