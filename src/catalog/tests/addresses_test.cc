#include "catalog/addresses.h"

#include <gmock/gmock.h>

#include <set>

#include "base/error.h"
#include "base/ids.h"
#include "base/testing/golden_vectors.h"
#include "catalog/testing/opened_catalog.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view default_secret = "OVERRIDE_THIS_SIGNING_SECRET_DEFAULT";

refs::Repository repository_at(std::string id, std::string storage_namespace) {
    refs::Repository repository;
    repository.id = std::move(id);
    repository.storage_namespace = std::move(storage_namespace);
    return repository;
}

TEST(SignAddress, GivesTheSpecifiedSignature) {
    const std::string address = "data/gk3l4p7nl532qibsgkv0/cl3rj1fnl532qibsglr0";
    const auto repository = repository_at("repo1", "s3://bucket");

    EXPECT_EQ(sign_address(default_secret, repository, "main", "a/b & c.txt", address),
              address + ",pNMGFws0IGHiCRLQUsO0eCIwNDTFR9KY9_0cOKMYh3I");
}

TEST(SignAddress, AgreesWithTheLinksOfALakefs) {
    const auto vectors = find_vectors(TARN_SOURCE_DIR);
    if (!vectors) GTEST_SKIP() << "no golden data";
    for (const auto& vector : vectors->at("link_addresses").as_array()) {
        const auto text = [&](const char* key) {
            return std::string(vector.as_object().at(key).as_string());
        };
        const auto repository = repository_at(text("repository"), text("namespace"));

        EXPECT_EQ(sign_address(text("signing_secret"), repository, text("branch"), text("path"),
                               text("unsigned")),
                  text("unsigned") + "," + text("signature"))
            << text("path");
    }
}

class VerifySignedAddress : public ::testing::Test {
protected:
    const Time now_ = from_unix_seconds(1'700'000'000);
    const refs::Repository repository_ = repository_at("repo", "mem://repo");
    const std::string signed_ =
        sign_address("secret", repository_, "main", "path,with comma", "data/p/" + new_xid(now_));

    std::string verify(std::string_view branch, std::string_view path, std::string_view address,
                       Time now) {
        try {
            verify_signed_address("secret", repository_, branch, path, address, now);
            return "none";
        } catch (const Error& error) {
            return error.detail();
        }
    }
};

TEST_F(VerifySignedAddress, TakesWhatWasGivenOutForADay) {
    EXPECT_EQ(verify("main", "path,with comma", signed_, now_), "none");
    EXPECT_EQ(verify("main", "path,with comma", signed_, now_ + std::chrono::hours(24)), "none");
    EXPECT_EQ(verify("main", "path,with comma", signed_,
                     now_ + std::chrono::hours(24) + std::chrono::seconds(1)),
              "link_expired");
}

TEST_F(VerifySignedAddress, RefusesWhatWasGivenOutForSomethingElse) {
    EXPECT_EQ(verify("dev", "path,with comma", signed_, now_), "bad_link");
    EXPECT_EQ(verify("main", "path", signed_, now_), "bad_link");
    EXPECT_EQ(verify("main", "path,with comma", signed_ + "x", now_), "bad_link");
    EXPECT_EQ(verify("main", "path,with comma", "data/p/x", now_), "bad_link");
    const std::string timeless = sign_address("secret", repository_, "main", "path", "data/p/x");
    EXPECT_EQ(verify("main", "path", timeless, now_), "bad_link");
}

TEST(AddressMaker, ChangesThePartitionAfter50000NamesOrAnHour) {
    SetClock clock;
    AddressMaker maker(clock);
    const auto partition = [&] { return maker.next().substr(0, 25); };
    const std::string first = partition();
    std::set<std::string> partitions;
    for (int i = 1; i < 50'000; ++i) partitions.insert(partition());
    EXPECT_EQ(partitions, std::set<std::string>{first});

    const std::string second = partition();
    clock.advance(std::chrono::minutes(59));
    const std::string same = partition();
    clock.advance(std::chrono::minutes(2));
    const std::string third = partition();

    EXPECT_NE(second, first);
    EXPECT_EQ(same, second);
    EXPECT_LT(third, second);  // the newest sorts first
}

TEST(AddressMaker, MakesNamesThatTellTheirTime) {
    SetClock clock;
    AddressMaker maker(clock);

    const std::string address = maker.next();

    EXPECT_THAT(address, ::testing::MatchesRegex("data/[0-9a-v]{20}/[0-9a-v]{20}"));
    EXPECT_EQ(*xid_time(address.substr(26)), from_unix_seconds(unix_seconds(clock.now())));
}

TEST(AddressOf, ReadsEachKindOfAddress) {
    const auto repository = repository_at("repo", "s3://bucket/prefix");
    const auto place = [&](AddressType type, std::string address) {
        Entry entry;
        entry.address_type = type;
        entry.address = std::move(address);
        return address_of(repository, entry);
    };
    const block::Address relative{"s3://bucket/prefix", "data/p/x"};
    const block::Address whole{"", "s3://other/x"};

    EXPECT_EQ(place(AddressType::relative, "data/p/x"), relative);
    EXPECT_EQ(place(AddressType::full, "s3://other/x"), whole);
    EXPECT_EQ(place(AddressType::by_prefix, "data/p/x"), relative);
    EXPECT_EQ(place(AddressType::by_prefix, "s3://other/x"), whole);
}

TEST(StoredAddress, IsRelativeUnderTheDataOfTheNamespaceOnly) {
    const SystemClock clock;
    const block::MemoryStore blocks(clock);
    const auto repository = repository_at("repo", "mem://repo/");
    using Stored = std::pair<std::string, AddressType>;
    const auto stored = [&](std::string_view given) {
        return stored_address(blocks, repository, given);
    };

    EXPECT_EQ(stored("mem://repo/data/p/x"), Stored("data/p/x", AddressType::relative));
    EXPECT_EQ(stored("mem://repo/other/x"), Stored("mem://repo/other/x", AddressType::full));
    EXPECT_EQ(stored("mem://repo/data/"), Stored("mem://repo/data/", AddressType::full));
    EXPECT_EQ(stored("mem://repo2/data/x"), Stored("mem://repo2/data/x", AddressType::full));
}

}  // namespace
}  // namespace tarn::catalog
