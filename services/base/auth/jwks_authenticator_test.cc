#include "services/base/auth/jwks_authenticator.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/base/auth/hand_made_key.h"
#include "services/base/auth/service_credentials.h"
#include "services/base/auth/token.h"
#include "services/base/fake_clock.h"
#include "services/base/status.h"
#include "services/base/text.h"

namespace greenroom::auth {
namespace {

// What a token says that is fine at kNow.
constexpr char kHeader[] = R"({"alg":"ES256","kid":"k1","typ":"JWT"})";
constexpr char kPayload[] =
    R"({"iss":"issuer","sub":"ada","aud":"greenroom","exp":2000,"nbf":1000,"iat":1000,"tenant":"acme","roles":["learner"]})";
const absl::Time kNow = absl::FromUnixSeconds(1500);

class JwksAuthenticatorTest : public testing::Test {
 protected:
  JwksAuthenticatorTest() : clock_(kNow) {
    std::string directory = testing::TempDir() + "/greenroom-jwks-XXXXXX";
    path_ = absl::StrCat(mkdtemp(directory.data()), "/jwks.json");
    WriteKeys({key_.PublicJwk("k1")});
    Create();
  }

  void Create(size_t max_remembered = 8192) {
    auto created =
        JwksAuthenticator::Create({.jwks_path = path_,
                                   .max_remembered = max_remembered,
                                   .on_reload = [this](const absl::Status& s) { reloads_.push_back(s); }},
                                  clock_);
    ASSERT_TRUE(created.ok()) << created.status();
    authenticator_ = *std::move(created);
  }

  void WriteKeys(const std::vector<std::string>& jwks) {
    std::string keys;
    for (const std::string& jwk : jwks) absl::StrAppend(&keys, keys.empty() ? "" : ",", jwk);
    WriteFile("{\"keys\":[" + keys + "]}");
  }
  void WriteFile(const std::string& text) {
    std::ofstream(path_ + ".new") << text;
    ASSERT_EQ(rename((path_ + ".new").c_str(), path_.c_str()), 0);
  }

  absl::StatusOr<Caller> WithToken(const std::string& token) const {
    return With({{"authorization", "Bearer " + token}});
  }
  absl::StatusOr<Caller> With(std::vector<std::pair<std::string, std::string>> metadata) const {
    return authenticator_->Authenticate(RequestMetadata(std::move(metadata)));
  }
  // The token with one claim (as it stands in kPayload) changed.
  std::string Changed(const std::string& claim, const std::string& changed) const {
    const std::string payload = absl::StrReplaceAll(kPayload, {{claim, changed}});
    EXPECT_NE(payload, kPayload) << claim;
    return key_.Token(kHeader, payload);
  }
  std::string ServiceToken() const { return Changed("[\"learner\"]", "[\"service\"]"); }

  void ExpectRefused(const std::string& token, const std::string& reason = "CREDENTIAL_INVALID") const {
    const absl::Status status = WithToken(token).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << status;
    EXPECT_EQ(ReasonOf(status), reason) << status;
  }

  FakeClock clock_;
  HandMadeKey key_;
  std::string path_;
  std::vector<absl::Status> reloads_;
  std::unique_ptr<JwksAuthenticator> authenticator_;
};

TEST_F(JwksAuthenticatorTest, MakesACallerOfAnIndependentSignersToken) {
  const absl::StatusOr<Caller> caller = WithToken(key_.Token(kHeader, kPayload));
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->tenant, "acme");
  EXPECT_EQ(caller->subject, "ada");
  EXPECT_EQ(caller->learner, "ada");
  EXPECT_EQ(caller->roles, RoleSet({Role::kLearner}));
}

TEST_F(JwksAuthenticatorTest, TakesAnAudienceListSeveralRolesAndForeignSubjects) {
  const std::string token = key_.Token(
      kHeader,
      R"({"iss":"https://id.example","sub":"auth0|5F7c","aud":["a","greenroom"],"exp":2000,"tenant":"acme",)"
      R"("roles":["author","operator","instructor"]})");
  const absl::StatusOr<Caller> caller = WithToken(token);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->subject, "auth0|5F7c");
  EXPECT_EQ(caller->learner.substr(0, 2), "u-");
  EXPECT_TRUE(IsId(caller->learner));
  EXPECT_EQ(caller->roles, RoleSet({Role::kAuthor, Role::kInstructor, Role::kOperator}));
}

TEST_F(JwksAuthenticatorTest, WantsExactlyOneBearerToken) {
  const std::string token = key_.Token(kHeader, kPayload);
  EXPECT_EQ(ReasonOf(With({}).status()), "CREDENTIAL_MISSING");
  EXPECT_EQ(With({}).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(With({{"authorization", "bearer " + token}}).ok());
  for (const std::string& value :
       {std::string(), std::string("Bearer"), std::string("Bearer "), token, "Basic " + token,
        "Bearer  " + token, "Bearer " + token + " ", "Bearer\t" + token}) {
    EXPECT_EQ(ReasonOf(With({{"authorization", value}}).status()), "CREDENTIAL_INVALID") << value;
  }
  EXPECT_EQ(
      ReasonOf(With({{"authorization", "Bearer " + token}, {"authorization", "Bearer " + token}}).status()),
      "CREDENTIAL_INVALID");
}

TEST_F(JwksAuthenticatorTest, RefusesAlgorithmNone) {
  const std::string payload = HandMadeBase64Url(kPayload);
  for (const char* name : {"none", "None", "NONE", ""}) {
    const std::string header = HandMadeBase64Url(absl::StrCat(R"({"alg":")", name, R"(","kid":"k1"})"));
    ExpectRefused(absl::StrCat(header, ".", payload, "."));
    ExpectRefused(absl::StrCat(header, ".", payload));
    ExpectRefused(key_.Token(absl::StrCat(R"({"alg":")", name, R"(","kid":"k1"})"), kPayload));
  }
}

TEST_F(JwksAuthenticatorTest, RefusesAnHmacWithThePublicKeyAsItsSecret) {
  const std::string signed_part =
      HandMadeBase64Url(R"({"alg":"HS256","kid":"k1"})") + "." + HandMadeBase64Url(kPayload);
  for (const std::string& secret : {key_.PublicPem(), key_.PublicJwk("k1"), std::string()}) {
    ExpectRefused(signed_part + "." + HandMadeBase64Url(HandMadeHmac(secret, signed_part)));
  }
}

TEST_F(JwksAuthenticatorTest, RefusesOtherAlgorithmNamesOverAGoodSignature) {
  for (const char* algorithm : {"\"es256\"", "\"ES384\"", "\"RS256\"", "\"EdDSA\"", "\"ES256 \"",
                                "\"ES256\\u0000\"", "7", "null", "[\"ES256\"]"}) {
    ExpectRefused(key_.Token(absl::StrCat(R"({"kid":"k1","alg":)", algorithm, "}"), kPayload));
  }
  ExpectRefused(key_.Token(R"({"kid":"k1"})", kPayload));
  ExpectRefused(key_.Token(R"({"kid":"k1","alg":"none","alg":"ES256"})", kPayload));
}

TEST_F(JwksAuthenticatorTest, KnowsAKeyByItsIdAndByNothingInTheHeader) {
  const HandMadeKey attacker;
  const std::string jwk = attacker.PublicJwk("k1");
  for (const std::string& header :
       {std::string(R"({"alg":"ES256"})"), std::string(R"({"alg":"ES256","kid":"k2"})"),
        std::string(R"({"alg":"ES256","kid":"../k1"})"), std::string(R"({"alg":"ES256","kid":"k1\u0000"})"),
        std::string(R"({"alg":"ES256","kid":["k1"]})"), std::string(kHeader),
        std::string(R"({"alg":"ES256","kid":"k1","jku":"https://evil.example/jwks.json"})"),
        std::string(R"({"alg":"ES256","kid":"k1","x5u":"https://evil.example/cert"})"),
        R"({"alg":"ES256","kid":"k1","jwk":)" + jwk + "}"}) {
    ExpectRefused(attacker.Token(header, kPayload));
  }
  // Ignored, not obeyed, where the signature is ours; critical fields are not ours to ignore (RFC 7515, 4.1.11).
  EXPECT_TRUE(
      WithToken(key_.Token(R"({"alg":"ES256","kid":"k1","jku":"https://evil.example"})", kPayload)).ok());
  ExpectRefused(key_.Token(R"({"alg":"ES256","kid":"k1","crit":["exp"]})", kPayload));
  ExpectRefused(key_.Token(R"({"alg":"ES256","kid":"k1","crit":[],"b64":false})", kPayload));
}

TEST_F(JwksAuthenticatorTest, RefusesEveryTamperedSegment) {
  const std::string token = key_.Token(kHeader, kPayload);
  ASSERT_TRUE(WithToken(token).ok());  // remembered now: the next ones must not profit from it
  const size_t first = token.find('.'), second = token.rfind('.');
  const std::string header = token.substr(0, first), payload = token.substr(first + 1, second - first - 1),
                    signature = token.substr(second + 1);
  const std::string other = HandMadeBase64Url(absl::StrReplaceAll(kPayload, {{"acme", "evil"}}));
  ExpectRefused(header + "." + other + "." + signature);
  ExpectRefused(HandMadeBase64Url(R"({"kid":"k1","alg":"ES256"})") + "." + payload + "." + signature);
  ExpectRefused(header + "." + payload + "." + HandMadeBase64Url(std::string(64, '\0')));
  ExpectRefused(header + "." + payload + "." + HandMadeBase64Url(std::string(63, '\1')));
  ExpectRefused(header + "." + payload + "." + HandMadeBase64Url(std::string(66, '\1')));
  ExpectRefused(absl::StrCat(header, ".", payload, "."));
  ExpectRefused("." + payload + "." + signature);
  ExpectRefused(header + ".." + signature);
  ExpectRefused(token + "." + signature);
  ExpectRefused(token + "=");
  ExpectRefused("..");
  for (size_t i = 0; i < token.size(); i += 3) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    ExpectRefused(changed);
  }
  // The last character of a signature has four bits that mean nothing; only zeros are a token.
  for (const char c : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
    std::string changed = token;
    changed.back() = c;
    if (changed != token) ExpectRefused(changed);
  }
}

TEST_F(JwksAuthenticatorTest, HonoursTimesAlsoOfRememberedTokens) {
  const std::string token = key_.Token(kHeader, kPayload);
  clock_.SetWall(absl::FromUnixSeconds(969));
  ExpectRefused(token, "CREDENTIAL_EXPIRED");
  clock_.SetWall(absl::FromUnixSeconds(970));
  EXPECT_TRUE(WithToken(token).ok());
  clock_.SetWall(absl::FromUnixSeconds(2029));
  EXPECT_TRUE(WithToken(token).ok());
  clock_.SetWall(absl::FromUnixSeconds(2030));
  ExpectRefused(token, "CREDENTIAL_EXPIRED");
  clock_.SetWall(absl::FromUnixSeconds(1500));  // the clock was wrong by an hour for a while: no harm is left
  EXPECT_TRUE(WithToken(token).ok());
}

TEST_F(JwksAuthenticatorTest, RefusesMissingAndMistypedClaims) {
  for (const auto& [claim, changed] : std::vector<std::pair<std::string, std::string>>{
           {"\"iss\":\"issuer\",", ""},
           {"\"issuer\"", "7"},
           {"\"issuer\"", "\"\""},
           {"\"issuer\"", "\"" + std::string(256, 'i') + "\""},
           {"\"sub\":\"ada\",", ""},
           {"\"ada\"", "null"},
           {"\"ada\"", "\"\""},
           {"\"ada\"", "[\"ada\"]"},
           {"\"ada\"", "\"" + std::string(256, 'a') + "\""},
           {"\"aud\":\"greenroom\",", ""},
           {"\"greenroom\"", "\"other\""},
           {"\"greenroom\"", "\"greenroom2\""},
           {"\"greenroom\"", "\"Greenroom\""},
           {"\"greenroom\"", "[]"},
           {"\"greenroom\"", "[[\"greenroom\"]]"},
           {"\"greenroom\"", "{\"greenroom\":1}"},
           {"\"greenroom\"", "true"},
           {"\"exp\":2000,", ""},
           {"2000", "\"2000\""},
           {"2000", "null"},
           {"2000", "-1"},
           {"2000", "1e300"},
           {"2000", "[2000]"},
           {"\"nbf\":1000", "\"nbf\":\"1000\""},
           {"\"nbf\":1000", "\"nbf\":null"},
           {"\"iat\":1000", "\"iat\":{}"},
           {"\"tenant\":\"acme\",", ""},
           {"\"acme\"", "7"},
           {"\"acme\"", "\"\""},
           {"\"acme\"", "\"-\""},
           {"\"acme\"", "\"Acme\""},
           {"\"acme\"", "\"a/b\""},
           {"\"acme\"", "\"a}b\""},
           {"\"acme\"", "\"acme\\n\""},
           {"\"acme\"", "\"" + std::string(64, 'a') + "\""},
           {",\"roles\":[\"learner\"]", ""},
           {"[\"learner\"]", "[]"},
           {"[\"learner\"]", "\"learner\""},
           {"[\"learner\"]", "[\"learner\",\"root\"]"},
           {"[\"learner\"]", "[\"Learner\"]"},
           {"[\"learner\"]", "[1]"},
           {"[\"learner\"]", "[\"learner\\u0000\"]"},
           {"[\"learner\"]",
            "[\"learner\",\"learner\",\"learner\",\"learner\",\"learner\",\"learner\",\"learner\","
            "\"learner\",\"learner\"]"},
           {"\"ada\"", "\"ada\\u0000b\""},
           {"\"ada\"", "\"ada\xff\""},
           {"\"ada\"", "\"\xc0\xaf\""},
           {"\"ada\"", "\"\xed\xa0\x80\""},
           {"\"ada\"", "\"\\ud800\""},
           {"\"ada\"", std::string("\"a\0b\"", 5)},
           {"\"sub\":\"ada\"", "\"sub\":\"ada\",\"sub\":\"eve\""},
           {"]}", "]}{}"},
           {"]}", "]"},
       }) {
    SCOPED_TRACE(absl::StrCat(claim, " -> ", changed));
    ExpectRefused(Changed(claim, changed));
  }
  for (const char* payload : {"", "[]", "null", "7", "\"x\""}) ExpectRefused(key_.Token(kHeader, payload));
  for (const char* header : {"", "[]", "null", "{", "{}"}) ExpectRefused(key_.Token(header, kPayload));
}

TEST_F(JwksAuthenticatorTest, RefusesHugeTokens) {
  const std::string padding(9000, 'x');
  ExpectRefused(key_.Token(kHeader, absl::StrReplaceAll(kPayload, {{"]}", "],\"p\":\"" + padding + "\"}"}})));
  ExpectRefused(std::string(1 << 20, '.'));
  ExpectRefused(std::string(1 << 20, 'A'));
  const std::string deep = std::string(2500, '[') + std::string(2500, ']');
  ExpectRefused(key_.Token(kHeader, deep));
}

TEST_F(JwksAuthenticatorTest, BelievesTenantAndLearnerMetadataOfServicesOnly) {
  const std::string bearer = "Bearer " + ServiceToken();
  absl::StatusOr<Caller> caller = With({{"authorization", bearer}});
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->tenant, "acme");
  EXPECT_EQ(caller->learner, "");
  caller =
      With({{"authorization", bearer}, {"x-greenroom-tenant", "umbrella"}, {"x-greenroom-learner", "u-abc"}});
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->tenant, "umbrella");
  EXPECT_EQ(caller->learner, "u-abc");
  EXPECT_EQ(caller->subject, "ada");

  for (const char* role : {"learner", "author", "instructor", "operator"}) {
    const std::string token = Changed("[\"learner\"]", absl::StrCat("[\"", role, "\"],\"x\":1"));
    caller = With({{"authorization", "Bearer " + token},
                   {"x-greenroom-tenant", "umbrella"},
                   {"x-greenroom-learner", "eve"}});
    ASSERT_TRUE(caller.ok()) << caller.status();
    EXPECT_EQ(caller->tenant, "acme") << role;
    EXPECT_EQ(caller->learner, "ada") << role;
  }
}

TEST_F(JwksAuthenticatorTest, RefusesAServicesMetadataThatIsNotOneId) {
  const std::string bearer = "Bearer " + ServiceToken();
  for (const char* key : {"x-greenroom-tenant", "x-greenroom-learner"}) {
    for (const char* value : {"", "-", "A", "a/b", "a}b", "a\n", "me "}) {
      EXPECT_EQ(ReasonOf(With({{"authorization", bearer}, {key, value}}).status()), "CREDENTIAL_INVALID")
          << key << value;
    }
    EXPECT_EQ(ReasonOf(With({{"authorization", bearer}, {key, "a"}, {key, "b"}}).status()),
              "CREDENTIAL_INVALID");
  }
}

TEST_F(JwksAuthenticatorTest, RefusesARotatedKeyWithinSecondsAndTakesTheNewOne) {
  const HandMadeKey next;
  const std::string token = key_.Token(kHeader, kPayload);
  const std::string next_token = next.Token(R"({"alg":"ES256","kid":"k2"})", kPayload);
  ASSERT_TRUE(WithToken(token).ok());
  WriteKeys({key_.PublicJwk("k1"), next.PublicJwk("k2")});
  EXPECT_FALSE(WithToken(next_token).ok()) << "looked at the file more than once a second";
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(WithToken(next_token).ok());
  EXPECT_TRUE(WithToken(token).ok());
  WriteKeys({next.PublicJwk("k2")});
  clock_.Advance(absl::Seconds(1));
  ExpectRefused(token);
  EXPECT_TRUE(WithToken(next_token).ok());
  // The same id over another key: what was remembered of the old one is worth nothing.
  WriteKeys({key_.PublicJwk("k2")});
  clock_.Advance(absl::Seconds(1));
  ExpectRefused(next_token);
  EXPECT_THAT(reloads_, testing::ElementsAre(absl::OkStatus(), absl::OkStatus(), absl::OkStatus()));
}

TEST_F(JwksAuthenticatorTest, ReadsTheFileAgainWhenStatShowsNoChange) {
  const HandMadeKey next;
  const std::string token = key_.Token(kHeader, kPayload);
  struct stat before {};
  ASSERT_EQ(stat(path_.c_str(), &before), 0);
  // Written in place with the old times: same inode, same size.
  std::ofstream(path_) << "{\"keys\":[" + next.PublicJwk("k1") + "]}";
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  clock_.Advance(absl::Seconds(29));
  EXPECT_TRUE(WithToken(token).ok());
  clock_.Advance(absl::Seconds(2));
  ExpectRefused(token);
}

TEST_F(JwksAuthenticatorTest, KeepsTheLastGoodSetWhileTheFileIsBadAndSaysSoOnce) {
  const std::string token = key_.Token(kHeader, kPayload);
  for (const char* bad : {"{\"keys\":[", "{\"keys\":[]}", ""}) {
    reloads_.clear();
    WriteFile(bad);
    for (int i = 0; i < 40; ++i) {
      clock_.Advance(absl::Seconds(1));
      EXPECT_TRUE(WithToken(token).ok()) << bad;
    }
    ASSERT_EQ(reloads_.size(), 1u) << bad;
    EXPECT_FALSE(reloads_[0].ok()) << bad;
  }
  reloads_.clear();
  ASSERT_EQ(unlink(path_.c_str()), 0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(WithToken(token).ok());
  EXPECT_EQ(reloads_.size(), 1u);
  const HandMadeKey next;
  WriteKeys({next.PublicJwk("k2")});
  clock_.Advance(absl::Seconds(1));
  ExpectRefused(token);
  EXPECT_EQ(reloads_.back(), absl::OkStatus());
}

TEST_F(JwksAuthenticatorTest, DoesNotStartWithoutAKey) {
  for (const char* bad : {"", "{}", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\"}]}"}) {
    WriteFile(bad);
    EXPECT_FALSE(JwksAuthenticator::Create({.jwks_path = path_, .on_reload = nullptr}, clock_).ok()) << bad;
  }
  ASSERT_EQ(unlink(path_.c_str()), 0);
  EXPECT_EQ(JwksAuthenticator::Create({.jwks_path = path_, .on_reload = nullptr}, clock_).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(JwksAuthenticatorTest, ErrorsTellNothingOfTheToken) {
  const std::string token = Changed("\"acme\"", "\"Sesame Open\"");
  const absl::Status status = WithToken(token).status();
  EXPECT_THAT(status.ToString(), testing::Not(testing::HasSubstr("Sesame")));
  EXPECT_THAT(status.ToString(), testing::Not(testing::HasSubstr(token.substr(0, 10))));
}

TEST_F(JwksAuthenticatorTest, AuthenticatesFromManyThreadsWhileKeysChange) {
  Create(/*max_remembered=*/8);
  const HandMadeKey next;
  std::vector<std::string> good;
  good.reserve(12);
  for (int i = 0; i < 12; ++i) {
    good.push_back(Changed("\"ada\"", absl::StrCat("\"ada", i, "\"")));
  }
  const HandMadeKey attacker;
  const std::string bad = attacker.Token(kHeader, kPayload);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 100; ++i) {
        const size_t which = (i + t) % good.size();
        const absl::StatusOr<Caller> caller = WithToken(good[which]);
        EXPECT_TRUE(caller.ok()) << caller.status();
        if (caller.ok()) EXPECT_EQ(caller->subject, absl::StrCat("ada", which));
        EXPECT_FALSE(WithToken(bad).ok());
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    WriteKeys(i % 2 == 0 ? std::vector<std::string>{key_.PublicJwk("k1"), next.PublicJwk("k2")}
                         : std::vector<std::string>{key_.PublicJwk("k1")});
    clock_.Advance(absl::Seconds(1));
  }
  for (std::thread& thread : threads) thread.join();
}

class ServiceCredentialsTest : public JwksAuthenticatorTest {
 protected:
  ServiceCredentialsTest() {
    absl::StatusOr<SigningKey> key = SigningKey::Generate();
    WriteKeys({key->PublicJwk()});
    Create();
    credentials_ = std::make_unique<ServiceCredentials>(*std::move(key), "session", clock_);
  }
  std::string Bearer() { return credentials_->MetadataFor("", "").value().at(0).second; }

  std::unique_ptr<ServiceCredentials> credentials_;
};

TEST_F(ServiceCredentialsTest, AreWhatTheAuthenticatorBelieves) {
  absl::StatusOr<Caller> caller = With(credentials_->MetadataFor("acme", "u-ada").value());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->tenant, "acme");
  EXPECT_EQ(caller->learner, "u-ada");
  EXPECT_EQ(caller->subject, "session");
  EXPECT_EQ(caller->roles, RoleSet({Role::kService}));
  caller = With(credentials_->MetadataFor("", "").value());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->tenant, kServiceTenant);
  EXPECT_EQ(caller->learner, "");
}

TEST_F(ServiceCredentialsTest, AreRenewedAtHalfOfFiveMinutes) {
  const std::string first = Bearer();
  clock_.Advance(absl::Seconds(149));
  EXPECT_EQ(Bearer(), first);
  clock_.Advance(absl::Seconds(1));
  const std::string second = Bearer();
  EXPECT_NE(second, first);
  EXPECT_TRUE(With({{"authorization", first}}).ok());
  clock_.Advance(absl::Seconds(180));  // 330 s after the first: five minutes and the leeway
  EXPECT_EQ(ReasonOf(With({{"authorization", first}}).status()), "CREDENTIAL_EXPIRED");
  EXPECT_TRUE(With({{"authorization", second}}).ok());
}

TEST_F(ServiceCredentialsTest, SurviveAClockThatIsSetBack) {
  Bearer();
  clock_.SetWall(clock_.Now() - absl::Minutes(20));
  EXPECT_TRUE(With({{"authorization", Bearer()}}).ok());
}

TEST_F(ServiceCredentialsTest, AreHandedOutToManyThreads) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        clock_.Advance(absl::Seconds(7));
        EXPECT_TRUE(credentials_->MetadataFor("acme", "ada").ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(With({{"authorization", Bearer()}}).ok());
}

}  // namespace
}  // namespace greenroom::auth
