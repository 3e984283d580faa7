#include "block/s3/credentials.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/error.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "block/testing/scripted_server.h"

namespace tarn::block {
namespace {

using namespace std::chrono_literals;

class SetClock final : public Clock {
public:
    Time now() const override { return now_; }
    void advance(std::chrono::seconds by) { now_ += by; }

private:
    Time now_ = from_unix_seconds(1'700'000'000);
};

class S3CredentialChainTest : public ::testing::Test {
protected:
    Workers workers_{1};
    SetClock clock_;
    const TemporaryFolder folder_;
    std::map<std::string, std::string> variables_{{"AWS_EC2_METADATA_DISABLED", "true"}};
    S3CredentialsOptions options_;

    S3CredentialChain chain() {
        options_.environment = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables_.find(name);
            if (found == variables_.end()) return std::nullopt;
            return found->second;
        };
        return {options_, "us-east-1", workers_, clock_};
    }
    // "key secret token" of what the chain finds, or its failure.
    static std::string found_by(S3CredentialChain& chain) {
        try {
            const S3Credentials found = await(chain.get());
            return found.access_key + " " + found.secret.reveal() + " " + found.token.reveal();
        } catch (const Error& error) {
            return error.detail();
        }
    }
    std::string found() {
        S3CredentialChain one = chain();
        return found_by(one);
    }
    std::string write_file(const std::string& name, const std::string& text) const {
        const std::string path = folder_.path() / name;
        std::ofstream(path) << text;
        return path;
    }
    // An answer as the metadata services give it, good for `minutes`.
    std::string metadata(const std::string& key, int minutes) const {
        return R"({"Code":"Success","AccessKeyId":")" + key +
               R"(","SecretAccessKey":"s","Token":"t","Expiration":")" +
               format_rfc3339(clock_.now() + std::chrono::minutes(minutes)) + "\"}";
    }
};

TEST_F(S3CredentialChainTest, FindsNothingWhereThereIsNothing) {
    EXPECT_EQ(found(), "no_credentials");
}

TEST_F(S3CredentialChainTest, TakesTheConfigurationBeforeTheEnvironmentBeforeTheFile) {
    variables_["AWS_SHARED_CREDENTIALS_FILE"] =
        write_file("credentials", "[default]\naws_access_key_id = F\naws_secret_access_key=fs\n");
    EXPECT_EQ(found(), "F fs ");

    variables_["AWS_ACCESS_KEY_ID"] = "E";
    variables_["AWS_SECRET_ACCESS_KEY"] = "es";
    variables_["AWS_SESSION_TOKEN"] = "et";
    EXPECT_EQ(found(), "E es et");

    options_.access_key_id = "C";
    options_.secret_access_key = Secret("cs");
    EXPECT_EQ(found(), "C cs ");
}

TEST_F(S3CredentialChainTest, TakesTheProfileOfTheFileThatTheConfigurationNames) {
    variables_["AWS_ACCESS_KEY_ID"] = "E";
    variables_["AWS_SECRET_ACCESS_KEY"] = "es";
    options_.credentials_file = write_file("mine",
                                           "# comment\n[default]\naws_access_key_id=D\n"
                                           "aws_secret_access_key=ds\r\n\n[lake]\n"
                                           "aws_access_key_id=L\naws_secret_access_key=l=s\n"
                                           "aws_session_token = lt\n");
    options_.profile = "lake";
    EXPECT_EQ(found(), "L l=s lt");

    options_.profile = "absent";
    EXPECT_EQ(found(), "no_credentials");
}

TEST_F(S3CredentialChainTest, TradesAWebIdentityForCredentials) {
    const ScriptedServer service([](const ScriptedRequest& request, int) -> ScriptedReply {
        const bool good = request.target.find("WebIdentityToken=a.b%2Bc") != std::string::npos &&
                          request.target.find("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Flake") !=
                              std::string::npos &&
                          request.target.find("DurationSeconds=900") != std::string::npos;
        if (!good) return {.status = 400};
        return {.body =
                    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>"
                    "<Credentials><AccessKeyId>W</AccessKeyId><SecretAccessKey>ws"
                    "</SecretAccessKey><SessionToken>wt</SessionToken><Expiration>"
                    "2030-01-01T00:00:00Z</Expiration></Credentials>"
                    "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"};
    });
    variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = write_file("token", "a.b+c\n");
    variables_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/lake";
    options_.token_service_url = service.url();
    options_.web_identity_duration = 900s;

    EXPECT_EQ(found(), "W ws wt");
}

TEST_F(S3CredentialChainTest, AsksTheMachineAndAgainBeforeTheyExpire) {
    int roles = 0;
    const ScriptedServer service(
        [this, &roles](const ScriptedRequest& request, int) -> ScriptedReply {
            if (request.method == "PUT") return {.body = "proof"};
            if (request.field("x-aws-ec2-metadata-token") != "proof") return {.status = 401};
            if (request.target.ends_with("/security-credentials/")) return {.body = "role-1"};
            if (!request.target.ends_with("/role-1")) return {.status = 404};
            return {.body = metadata("M" + std::to_string(++roles), 60)};
        });
    variables_.erase("AWS_EC2_METADATA_DISABLED");
    options_.metadata_url = service.url();
    S3CredentialChain one = chain();

    EXPECT_EQ(found_by(one), "M1 s t");
    clock_.advance(54min);
    EXPECT_EQ(found_by(one), "M1 s t");
    clock_.advance(2min);
    EXPECT_EQ(found_by(one), "M2 s t");
    one.forget("M2");
    EXPECT_EQ(found_by(one), "M3 s t");
}

TEST_F(S3CredentialChainTest, KeepsGoodOnesWhileTheSourceFails) {
    bool fails = false;
    const ScriptedServer service(
        [this, &fails](const ScriptedRequest& request, int) -> ScriptedReply {
            if (fails) return {.status = 500};
            EXPECT_EQ(request.field("authorization"), "let me in");
            return {.body = metadata("K", 60)};
        });
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = service.url() + "/v1/credentials";
    variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "let me in";
    S3CredentialChain one = chain();
    EXPECT_EQ(found_by(one), "K s t");

    fails = true;
    clock_.advance(57min);
    EXPECT_EQ(found_by(one), "K s t");
    clock_.advance(60min);
    EXPECT_EQ(found_by(one), "no_credentials");
}

}  // namespace
}  // namespace tarn::block
