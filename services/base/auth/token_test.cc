#include "services/base/auth/token.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/base/auth/hand_made_key.h"
#include "services/base/auth/keys.h"
#include "services/base/auth/learner_id.h"
#include "services/base/auth/token_cache.h"
#include "services/base/text.h"

namespace greenroom::auth {
namespace {

std::string NewDirectory() {
  std::string name = testing::TempDir() + "/greenroom-auth-XXXXXX";
  return mkdtemp(name.data());
}

mode_t Mode(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

Claims SomeClaims() {
  return {.issuer = "greenroom",
          .subject = "ada",
          .tenant = "acme",
          .roles = {"learner"},
          .expires = absl::FromUnixSeconds(2000),
          .not_before = absl::FromUnixSeconds(1000),
          .issued_at = absl::FromUnixSeconds(1000)};
}

TEST(SigningKeyTest, IdIsTheThumbprintOfRfc7638) {
  // The numbers of RFC 7515, appendix A.3; its thumbprint was computed with Python's hashlib.
  const absl::StatusOr<SigningKey> key = SigningKey::Parse(
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->kid(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

TEST(SigningKeyTest, RefusesWhatIsNoPrivateKeyOfOurs) {
  const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
  const std::string y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
  const std::string d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
  const auto jwk = [](const std::string& crv, const std::string& x_text, const std::string& y_text,
                      const std::string& d_text) {
    return absl::StrCat(R"({"kty":"EC","crv":")", crv, R"(","x":")", x_text, R"(","y":")", y_text,
                        R"(","d":")", d_text, "\"}");
  };
  ASSERT_TRUE(SigningKey::Parse(jwk("P-256", x, y, d)).ok());
  const std::string zero(43, 'A');
  for (const std::string& bad :
       {std::string(""), std::string("[]"), std::string("{}"), jwk("P-384", x, y, d), jwk("P-256", y, x, d),
        jwk("P-256", x, y, x), jwk("P-256", x, y, zero), jwk("P-256", x, y, ""), jwk("P-256", x + "A", y, d),
        jwk("P-256", x, y, d) + "x"}) {
    EXPECT_EQ(SigningKey::Parse(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

TEST(SigningKeyTest, IsKeptPrivateAndNeverOverwritten) {
  const std::string path = NewDirectory() + "/key";
  const absl::StatusOr<SigningKey> key = SigningKey::Generate(), other = SigningKey::Generate();
  ASSERT_TRUE(key.ok() && other.ok());
  EXPECT_NE(key->kid(), other->kid());
  EXPECT_EQ(SigningKey::Load(path).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(key->Save(path).ok());
  EXPECT_EQ(Mode(path), 0600);
  EXPECT_EQ(other->Save(path).code(), absl::StatusCode::kAlreadyExists);
  const absl::StatusOr<SigningKey> loaded = SigningKey::Load(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->kid(), key->kid());
}

TEST(CreateKeysTest, KeepsWhatIsThereAndMendsWhatACrashLeft) {
  const std::string directory = NewDirectory() + "/deep/keys";
  const std::string jwks_path = absl::StrCat(directory, "/", kJwksFile);
  absl::StatusOr<bool> created = CreateKeys(directory);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_TRUE(*created);
  EXPECT_EQ(Mode(directory), 0700);
  const absl::StatusOr<SigningKey> key = SigningKey::Load(absl::StrCat(directory, "/", kSigningKeyFile));
  ASSERT_TRUE(key.ok()) << key.status();

  Jwks others;
  const absl::StatusOr<SigningKey> other = SigningKey::Generate();
  ASSERT_TRUE(others.Add(*other).ok());
  ASSERT_TRUE(others.Write(jwks_path).ok());  // as if the key's own entry had been lost
  created = CreateKeys(directory);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_FALSE(*created);
  const absl::StatusOr<Jwks> set = Jwks::Load(jwks_path);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_NE(set->Find(key->kid()), nullptr);
  EXPECT_NE(set->Find(other->kid()), nullptr);
  std::ifstream file(jwks_path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text.find("\"d\""), std::string::npos) << "the public set holds a private number";
}

TEST(JwksTest, LeavesOutKeysOfOthersAndRefusesDangerousOnes) {
  const HandMadeKey key;
  const std::string ours = key.PublicJwk("one");
  const std::string rsa = R"({"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"})";
  const auto set_of = [](const std::string& keys) { return Jwks::Parse("{\"keys\":[" + keys + "]}"); };

  const absl::StatusOr<Jwks> set =
      set_of(ours + "," + rsa + "," + absl::StrReplaceAll(ours, {{"\"one\"", "\"enc\",\"use\":\"enc\""}}));
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->size(), 1u);
  EXPECT_NE(set->Find("one"), nullptr);
  EXPECT_EQ(set->Find("r"), nullptr);

  const absl::StatusOr<SigningKey> secret = SigningKey::Generate();
  const std::string private_path = NewDirectory() + "/k";
  ASSERT_TRUE(secret->Save(private_path).ok());
  std::ifstream file(private_path);
  const std::string private_jwk((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::string off_curve = ours;
  off_curve[off_curve.find("\"y\":\"") + 8] ^= 1;
  for (const std::string& bad :
       {absl::StrCat(ours, ",", ours), private_jwk, std::string(R"({"kty":"oct","kid":"o","k":"AQAB"})"),
        off_curve, absl::StrReplaceAll(ours, {{"\"kid\":\"one\",", ""}}),
        absl::StrReplaceAll(ours, {{"\"one\"", "\"\""}}), absl::StrReplaceAll(ours, {{"\"one\"", "7"}}),
        std::string("1"), std::string("{")}) {
    EXPECT_EQ(set_of(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_FALSE(Jwks::Parse("").ok());
  EXPECT_FALSE(Jwks::Parse("{}").ok());
  EXPECT_FALSE(Jwks::Parse("{\"keys\":{}}").ok());
}

TEST(TokenTest, WhatIsSignedIsRead) {
  const absl::StatusOr<SigningKey> key = SigningKey::Generate();
  Jwks keys;
  ASSERT_TRUE(keys.Add(*key).ok());
  const absl::StatusOr<std::string> token = SignToken(*key, SomeClaims());
  ASSERT_TRUE(token.ok()) << token.status();
  const absl::StatusOr<Claims> claims = VerifyToken(keys, *token);
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->issuer, "greenroom");
  EXPECT_EQ(claims->subject, "ada");
  EXPECT_EQ(claims->tenant, "acme");
  EXPECT_EQ(claims->roles, std::vector<std::string>{"learner"});
  EXPECT_EQ(claims->expires, absl::FromUnixSeconds(2000));
  EXPECT_EQ(claims->not_before, absl::FromUnixSeconds(1000));
  EXPECT_EQ(claims->issued_at, absl::FromUnixSeconds(1000));
}

TEST(TokenTest, ReadsTheTokenOfAnIndependentSigner) {
  const HandMadeKey key;
  const absl::StatusOr<Jwks> keys = Jwks::Parse("{\"keys\":[" + key.PublicJwk("k1") + "]}");
  ASSERT_TRUE(keys.ok()) << keys.status();
  const absl::StatusOr<Claims> claims = VerifyToken(
      *keys,
      key.Token(R"({"alg":"ES256","kid":"k1"})",
                R"({"iss":"https://id.example","sub":"auth0|5F7c","aud":["other","greenroom"],"exp":1999.5,)"
                R"("tenant":"acme","roles":["learner","author"],"more":{"x":[1]}})"));
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->subject, "auth0|5F7c");
  EXPECT_EQ(claims->expires, absl::FromUnixMillis(1999500));
  EXPECT_EQ(claims->not_before, absl::InfinitePast());
}

TEST(TokenTest, AnyChangedCharacterBreaksIt) {
  const HandMadeKey key;
  const absl::StatusOr<Jwks> keys = Jwks::Parse("{\"keys\":[" + key.PublicJwk("k1") + "]}");
  const std::string token =
      key.Token(R"({"alg":"ES256","kid":"k1"})",
                R"({"iss":"i","sub":"s","aud":"greenroom","exp":2000,"tenant":"t","roles":["learner"]})");
  ASSERT_TRUE(VerifyToken(*keys, token).ok());
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'B', '_', '=', '.', ' ', '\0'}) {
      std::string changed = token;
      changed[i] = c;
      if (changed != token) EXPECT_FALSE(VerifyToken(*keys, changed).ok()) << i << c;
    }
    EXPECT_FALSE(VerifyToken(*keys, token.substr(0, i)).ok()) << i;
    EXPECT_FALSE(VerifyToken(*keys, token.substr(0, i) + token.substr(i + 1)).ok()) << i;
  }
  EXPECT_FALSE(VerifyToken(*keys, token + "=").ok());
  EXPECT_FALSE(VerifyToken(*keys, token + "AAAA").ok());
}

TEST(TokenTest, TimesHaveALeewayOnBothSides) {
  const Claims claims = SomeClaims();  // 1000 to 2000
  const absl::Duration leeway = absl::Seconds(30);
  EXPECT_FALSE(CheckTimes(claims, absl::FromUnixMillis(969999), leeway).ok());
  EXPECT_TRUE(CheckTimes(claims, absl::FromUnixSeconds(970), leeway).ok());
  EXPECT_TRUE(CheckTimes(claims, absl::FromUnixMillis(2029999), leeway).ok());
  EXPECT_FALSE(CheckTimes(claims, absl::FromUnixSeconds(2030), leeway).ok());
}

TEST(TokenTest, SignsNothingThatCouldNotBeRead) {
  const absl::StatusOr<SigningKey> key = SigningKey::Generate();
  Claims claims = SomeClaims();
  claims.subject = "a\xff";
  EXPECT_FALSE(SignToken(*key, claims).ok());
  claims = SomeClaims();
  claims.roles = {"learner", "\xc3"};
  EXPECT_FALSE(SignToken(*key, claims).ok());
  claims = SomeClaims();
  claims.expires = absl::InfiniteFuture();
  EXPECT_FALSE(SignToken(*key, claims).ok());
}

TEST(LearnerIdTest, IdsStayAndOthersAreDerived) {
  EXPECT_EQ(LearnerId("iss", "ada"), "ada");
  EXPECT_EQ(LearnerId("iss", "u"), "u");
  EXPECT_EQ(LearnerId("iss", "0b7c-9"), "0b7c-9");
  EXPECT_EQ(LearnerId("iss", std::string(63, 'a')), std::string(63, 'a'));
  // Computed with Python: "u-" + b32encode(sha256(issuer + b"\0" + subject).digest()[:20]).decode().lower()
  EXPECT_EQ(LearnerId("https://id.example/", "auth0|5F7c"), "u-bzdn6cu7gbt6vgzr4m6mrove7t64v5yv");
  EXPECT_EQ(LearnerId("iss", "u-ada"), "u-hapowcmqobpanospa4nblpfeu5hdla22");
  for (const std::string& subject :
       {std::string("Ada"), std::string("-a"), std::string("a-"), std::string("a b"), std::string(64, 'a'),
        std::string("\xc3\xa4"), std::string("a}b"), std::string("a\n")}) {
    const std::string id = LearnerId("iss", subject);
    EXPECT_TRUE(IsId(id)) << subject;
    EXPECT_EQ(id.size(), 34u) << subject;
    EXPECT_NE(id, LearnerId("iss2", subject)) << subject;
  }
}

TEST(TokenCacheTest, IsBoundedAndKeepsWhatIsUsed) {
  TokenCache cache(10);
  const auto token = std::make_shared<const VerifiedToken>();
  cache.Insert("used", token);
  for (int i = 0; i < 1000; ++i) {
    cache.Insert(absl::StrCat(i), token);
    EXPECT_NE(cache.Find("used"), nullptr) << i;
    EXPECT_LE(cache.size(), 10u);
  }
  EXPECT_EQ(cache.Find("0"), nullptr);
  EXPECT_NE(cache.Find("999"), nullptr);
}

}  // namespace
}  // namespace greenroom::auth
