// links: andon_base andon_value andon_provider andon_plugin
//
// Any bytes as the answers of a plugin, schemas first: read or refused, never more. The first
// byte says which version of the protocol. What a schema gives has types that can be printed.
#include "driver.h"
#include "plugin/messages.h"
#include "plugin/schema_message.h"
#include "plugin/wire.h"

using namespace andon;
using plugin::Writer;
using value::Type;

namespace {

const plugin::ValueTypes& Types() {
  static const plugin::ValueTypes types{
      .object = Type::Object({{"a", Type::String()}, {"b", Type::List(Type::Dynamic())}}),
      .identity = Type::Object({{"id", Type::String()}})};
  return types;
}

void ReadAll(std::string_view bytes) {
  (void)plugin::ReadIdentitySchemas(bytes);
  for (int number = 1; number <= 2; ++number) (void)plugin::ReadDiagnostics(bytes, number);
  (void)plugin::ReadStop(bytes);
  (void)plugin::ReadUpgradeResourceState(bytes, Types());
  (void)plugin::ReadUpgradeResourceIdentity(bytes, Types());
  (void)plugin::ReadReadResource(bytes, Types());
  (void)plugin::ReadPlanResourceChange(bytes, Types());
  (void)plugin::ReadApplyResourceChange(bytes, Types());
  (void)plugin::ReadImportResourceState(
      bytes, [](const std::string&) -> Result<plugin::ValueTypes> { return Types(); });
  (void)plugin::ReadMoveResourceState(bytes, Types());
  (void)plugin::ReadReadDataSource(bytes, Types());
  (void)plugin::ReadCallFunction(bytes, Type::Dynamic());
  (void)plugin::ReadOpenEphemeralResource(bytes, Types());
  (void)plugin::ReadRenewEphemeralResource(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string input(reinterpret_cast<const char*>(data), size);
  std::string_view bytes = std::string_view(input).substr(1);
  auto protocol = data[0] % 2 == 0 ? plugin::Protocol::kV5 : plugin::Protocol::kV6;
  auto schema = plugin::ReadSchemaResponse(bytes, protocol);
  if (schema.ok()) {
    for (const auto& [name, resource] : schema->schema.resources) {
      Type type = provider::ImpliedType(resource.block);
      FUZZ_CHECK(type.is_object(), input);
      FUZZ_CHECK(type.attributes().size() <=
                     resource.block.attributes.size() + resource.block.blocks.size(),
                 input);
    }
  }
  ReadAll(bytes);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  Writer attribute;
  attribute.Text(1, "a");
  attribute.Text(2, "\"string\"");
  attribute.Text(3, "What it is.");
  attribute.Bool(4, true);
  Writer nested;
  nested.Text(1, "n");
  nested.Message(10, [&](Writer& m) {
    m.Item(1, attribute.bytes());
    m.Integer(3, 2);
  });
  Writer schema;
  schema.Integer(1, 3);
  schema.Message(2, [&](Writer& block) {
    block.Item(2, attribute.bytes());
    block.Item(2, nested.bytes());
    block.Message(3, [&](Writer& m) {
      m.Text(1, "b");
      m.Message(2, [&](Writer& inner) { inner.Item(2, attribute.bytes()); });
      m.Integer(3, 3);
      m.Integer(5, 1);
    });
  });
  Writer response;
  response.Item(1, schema.bytes());
  response.Message(2, [&](Writer& entry) {
    entry.Text(1, "thing");
    entry.Item(2, schema.bytes());
  });
  response.Message(7, [&](Writer& entry) {
    entry.Text(1, "f");
    entry.Message(2, [&](Writer& f) {
      f.Item(1, attribute.bytes());
      f.Message(3, [](Writer& r) { r.Text(1, "\"bool\""); });
    });
  });
  response.Message(6, [](Writer& m) { m.Bool(1, true); });
  Writer answer;
  answer.Message(1, [](Writer& m) {
    m.Text(1,
           "\x82\xa1"
           "a\xa1"
           "x\xa1"
           "b\x91\x92\xc4\x06\"bool\"\xc3");
  });
  answer.Message(2, [](Writer& path) { path.Message(1, [](Writer& s) { s.IntegerItem(3, 0); }); });
  answer.Text(3, "private");
  answer.Message(4, [](Writer& d) {
    d.Integer(1, 1);
    d.Text(2, "summary");
    d.Message(4, [](Writer& path) { path.Message(1, [](Writer& s) { s.Text(1, "a"); }); });
  });
  return {"\x01" + response.bytes(), "\x02" + response.bytes(), "\x01" + answer.bytes()};
}

std::vector<std::string> FuzzWords() {
  return {"\x0a",
          "\x12",
          "\x1a\x04",
          "\x52",
          "\x18\x02",
          "\"string\"",
          "[\"list\",\"dynamic\"]",
          "\xff\xff\xff\xff\x0f",
          "\xc0",
          "\x12\x02\x12\x00"};
}
