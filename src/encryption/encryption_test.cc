#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "encryption/codec.h"
#include "encryption/configuration.h"
#include "hcl/eval.h"
#include "hcl/parser.h"

namespace andon::encryption {
namespace {

constexpr std::string_view kState = R"({"version":4,"serial":3,"lineage":"l-1","outputs":{}})";

struct Decoded {
  std::shared_ptr<const hcl::File> file;
  Configuration configuration;
  Diagnostics diagnostics;
};

Decoded Read(const std::string& text) {
  Decoded out;
  auto parsed = hcl::ParseFile("main.tf", text);
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << text;
  out.file = parsed.file;
  out.configuration = Decode(
      {out.file->body()},
      [](hcl::Expression e, std::string_view) { return hcl::EvaluateConstant(e); },
      &out.diagnostics);
  return out;
}

std::string Said(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& one : diagnostics) out += one.summary + ": " + one.detail + "\n";
  return out;
}

// The smallest number of iterations that is allowed, so that tests are quick.
std::string Block(const std::string& passphrase, const std::string& state,
                  const std::string& more = "") {
  return "key_provider \"pbkdf2\" \"a\" {\n  passphrase = \"" + passphrase +
         "\"\n  iterations = 200000\n" + more +
         "}\nmethod \"aes_gcm\" \"a\" { keys = key_provider.pbkdf2.a }\n"
         "method \"unencrypted\" \"no\" {}\nstate {\n" +
         state + "\n}\n";
}

Codec StateCodec(const std::string& text) {
  Decoded decoded = Read(text);
  EXPECT_FALSE(decoded.diagnostics.has_errors()) << Said(decoded.diagnostics);
  return Codec(decoded.configuration, decoded.configuration.state, "state");
}

TEST(Encryption, WhatIsSealedIsOpenedAndHasTheEnvelopeOfTheReference) {
  Codec codec = StateCodec(Block("a passphrase of some length", "method = method.aes_gcm.a"));
  std::string sealed = *codec.SealState(kState, 3, "l-1");
  EXPECT_TRUE(IsSealed(sealed));
  EXPECT_EQ(sealed.find("outputs"), std::string::npos);
  EXPECT_TRUE(
      sealed.starts_with(R"({"serial":3,"lineage":"l-1","meta":{"key_provider.pbkdf2.a":")"));
  EXPECT_TRUE(sealed.ends_with(R"(","encryption_version":"v0"})"));
  EXPECT_EQ(*codec.Open(sealed), kState);
  // Another run has another salt, and reads it as well.
  Codec other = StateCodec(Block("a passphrase of some length", "method = method.aes_gcm.a"));
  EXPECT_EQ(*other.Open(sealed), kState);
  EXPECT_NE(*other.SealState(kState, 3, "l-1"), sealed);
}

TEST(Encryption, AnotherPassphraseOrAChangedByteOpensNothing) {
  Codec codec = StateCodec(Block("a passphrase of some length", "method = method.aes_gcm.a"));
  std::string sealed = *codec.SealState(kState, 3, "l-1");
  Codec wrong = StateCodec(Block("another passphrase of it", "method = method.aes_gcm.a"));
  auto opened = wrong.Open(sealed);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("decryption failed for all provided methods"),
            std::string::npos);
  std::string changed = sealed;
  changed.replace(changed.find("\"serial\":3"), 10, "\"serial\":4");
  EXPECT_FALSE(codec.Open(changed).ok());
  size_t data = sealed.find("encrypted_data") + 40;
  changed = sealed;
  changed[data] = changed[data] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(codec.Open(changed).ok());
  EXPECT_FALSE(Codec().Open(sealed).ok());
}

TEST(Encryption, AFallbackReadsWhatTheMethodDoesNot) {
  Codec strict = StateCodec(Block("a passphrase of some length", "method = method.aes_gcm.a"));
  EXPECT_FALSE(strict.Open(kState).ok());
  Codec lenient = StateCodec(Block("a passphrase of some length",
                                   "method = method.aes_gcm.a\n"
                                   "fallback {\n method = method.unencrypted.no\n }"));
  EXPECT_EQ(*lenient.Open(kState), kState);
  EXPECT_TRUE(lenient.seals());
  // And the way back.
  Codec back = StateCodec(Block("a passphrase of some length",
                                "method = method.unencrypted.no\n"
                                "fallback {\n method = method.aes_gcm.a\n }"));
  EXPECT_EQ(*back.Open(*strict.SealState(kState, 3, "l-1")), kState);
  EXPECT_EQ(*back.SealState(kState, 3, "l-1"), kState);
}

TEST(Encryption, AChainMakesAKeyOfAKey) {
  std::string chained =
      "key_provider \"pbkdf2\" \"a\" { passphrase = \"a passphrase of some length\" }\n"
      "key_provider \"pbkdf2\" \"b\" {\n chain = key_provider.pbkdf2.a\n key_length = 16\n"
      " hash_function = \"sha256\"\n salt_length = 12\n encrypted_metadata_alias = \"other\"\n}\n"
      "method \"aes_gcm\" \"b\" {\n keys = key_provider.pbkdf2.b\n aad = [1, 2, 255]\n}\n"
      "state { method = method.aes_gcm.b }\n";
  std::string sealed = *StateCodec(chained).SealState(kState, 3, "l-1");
  EXPECT_NE(sealed.find("\"other\":"), std::string::npos);
  EXPECT_EQ(*StateCodec(chained).Open(sealed), kState);
}

// Sealed by OpenTofu 1.12.6's own code from a state that this program had written.
constexpr std::string_view kSealedByOpenTofu =
    R"({"serial":1,"lineage":"7caacfb5-1716-4a5d-ac05-6f48ee3e2d0b","meta":{"alias":"eyJzYWx0Ij)"
    R"(oiVE5ETTNmczZqbjBrTHowMlRRPT0iLCJpdGVyYXRpb25zIjo2MDAwMDAsImhhc2hfZnVuY3Rpb24iOiJzaGEyNT)"
    R"(YiLCJrZXlfbGVuZ3RoIjoyNH0=","key_provider.pbkdf2.a":"eyJzYWx0IjoiMmpIWVZoMENDQ0J4NVpjUit)"
    R"(jQ1poN2NGcTIrWDdPMkM3UFVwRGpYY2pUdz0iLCJpdGVyYXRpb25zIjoyMDAwMDAsImhhc2hfZnVuY3Rpb24iOiJ)"
    R"(zaGE1MTIiLCJrZXlfbGVuZ3RoIjozMn0="},"encrypted_data":"KA/4UX7VBwMcZ3fuzwKCeqHCMbkv007kmq)"
    R"(VkoAXUxnYikmJQ78Nj8T9AbUFEo7pv8K5hbXK3PdVh4hwh0KT7rgR8edEp+Oxzlvfpum95LGQ1k5CthsOEkblmFR)"
    R"(sznQxvPs8DS4zqJFXt8QYQ7pzcGyevKa8GhfsrpknOBp2Vgce9KB+eb5u1QZYimW5s2F8BF/YluGoLbIriT4zsy9)"
    R"(vlY4pCtrwE1QyyEE/+EQTKajy+nHqNAH20RCy0oJ04Bdyf9LMAhen9s+teshlhdCjBgyoL+7Bku6le6pfibZK1P9)"
    R"(zGvJlbbN1RzNrn2UJOw3zINQ2/SDfS9BsuRCakidVF0wubf/ZF66CtH0Fu+6O7M2zEKG7/0uoCUuNQsuaPBTnN8M)"
    R"(UaIYmBGdhyIAUw6QXMHdI1t459x9765rhoMbBxul/WkXzW7lDBweIC6vBlTiJgOqwYsC9EPNi0k0dWUHnqSlfA8u)"
    R"(y/rYaEMKSEmHF5uwWa0rZrlEcm634N8taCCwFoNBYlEmrsv8Vt/aRe63S8QaZvYGDQxBWmBv9QpQgGyxJDK8jaM4)"
    R"(qoy9BUF2lQbFLsLiGjy538WHrI/LtCL5YDC0Vqwu4AJoGPn//09auVz26o4FStScPRIoaOOI3isUoPCWLff20ScA)"
    R"(2puEcPx6FeSKlEYyyi/l8Yzuzd6m7BqaEP7OF7AHnAytGGbpN1Ex2KOd+fstuHfu+MSNzIYmqhLsDdPdXE09VhlW)"
    R"(FfUCRVesfvDpEt97lGQRI/XXfj0SixxvC37Pc5mxMwk+SnkVK1ceUCtYME53lGlpE1u6p75rPO8aW5RWL5fueYQV)"
    R"(Rr/d/Lsj+VtIPrmbqKzWXnlS6ahBNjrrqTViq93HwpWrGl85JDR2sB0vB3GOv965XPDYXYWwtEVL8ccbeizySmSV)"
    R"(JbnhE5n482e4RXuriJpu88hf7pPz14QnIlgeYwCTsUkffpK/lQ5hQyoTbqioJbujI5bNbL28Snghxel6PKUZCTCA)"
    R"(IjfKzz062kut4pl+zVwVcH13rvbqOBujsRFh0wX1N0sipp665gJVTcHoIvqIzMb82svStKttruOZDhnmxAfzpyfO)"
    R"(MbarVf","encryption_version":"v0"})";

TEST(Encryption, WhatOpenTofuSealedIsOpened) {
  Codec codec = StateCodec(
      "key_provider \"pbkdf2\" \"a\" {\n passphrase = \"correct-horse-battery-staple\"\n"
      " iterations = 200000\n}\n"
      "key_provider \"pbkdf2\" \"b\" {\n chain = key_provider.pbkdf2.a\n key_length = 24\n"
      " hash_function = \"sha256\"\n encrypted_metadata_alias = \"alias\"\n}\n"
      "method \"aes_gcm\" \"b\" {\n keys = key_provider.pbkdf2.b\n aad = [1, 2, 255]\n}\n"
      "state { method = method.aes_gcm.b }\n");
  auto opened = codec.Open(kSealedByOpenTofu);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_NE(opened->find("\"hello2\""), std::string::npos);
}

TEST(Encryption, WhatIsWrongIsToldWithItsPlace) {
  struct Case {
    const char* text;
    const char* says;
  } cases[] = {
      {"key_provider \"aws_kms\" \"a\" {}", "not by \"aws_kms\""},
      {"method \"external\" \"a\" {}", "\"external\" cannot be used"},
      {"key_provider \"pbkdf2\" \"a\" { passphrase = \"short\" }", "too short"},
      {"key_provider \"pbkdf2\" \"a\" {}", "either a passphrase or a chain"},
      {"key_provider \"pbkdf2\" \"a\" {\n passphrase = \"a passphrase of it\"\n iterations = 1\n}",
       "200000"},
      {"key_provider \"pbkdf2\" \"a\" { chain = key_provider.pbkdf2.a }", "leads back"},
      {"key_provider \"pbkdf2\" \"a\" { chain = key_provider.pbkdf2.b }",
       "no key_provider.pbkdf2.b"},
      {"method \"aes_gcm\" \"a\" { keys = key_provider.pbkdf2.x }", "no key_provider.pbkdf2.x"},
      {"method \"aes_gcm\" \"a\" { keys = 7 }", "takes a reference"},
      {"state { method = method.aes_gcm.x }", "no method.aes_gcm.x"},
      {"state {}", "needs a method"},
      {"method \"unencrypted\" \"a\" {}\nstate {\n method = method.unencrypted.a\n enforced = "
       "true\n}",
       "would leave it in the clear"},
      {"method \"unencrypted\" \"a\" { keys = 1 }", "no argument \"keys\""},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.text);
    Decoded decoded = Read(one.text);
    EXPECT_NE(Said(decoded.diagnostics).find(one.says), std::string::npos)
        << one.text << "\n"
        << Said(decoded.diagnostics);
    for (const Diagnostic& said : decoded.diagnostics)
      EXPECT_TRUE(said.subject.exists()) << said.detail;
  }
}

TEST(Encryption, ThePlaceOfAMistakeIsNotThePassphrase) {
  Decoded decoded = Read("key_provider \"pbkdf2\" \"a\" {\n  passphrase = \"short\"\n}\n");
  ASSERT_EQ(decoded.diagnostics.size(), 1u);
  EXPECT_EQ(decoded.diagnostics.list()[0].subject.start.line, 1);
}

TEST(Encryption, DamagedEnvelopesAreRefused) {
  Codec codec = StateCodec(Block("a passphrase of some length", "method = method.aes_gcm.a"));
  for (
      const char* text :
      {R"({"encryption_version":"v1"})", R"({"encryption_version":"v0"})",
       R"({"encryption_version":"v0","encrypted_data":"AAAA","meta":{"key_provider.pbkdf2.a":"e30="}})",
       R"({"encryption_version":"v0","encrypted_data":"!","meta":7})"}) {
    EXPECT_TRUE(IsSealed(text));
    EXPECT_FALSE(codec.Open(text).ok()) << text;
  }
  EXPECT_FALSE(IsSealed("encryption_version"));
}

}  // namespace
}  // namespace andon::encryption
