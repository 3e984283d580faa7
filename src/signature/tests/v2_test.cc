#include <gtest/gtest.h>

#include "signature/v4.h"

namespace tarn::signature {
namespace {

// The examples of "Signing and authenticating REST requests" in Amazon's documentation.
const Secret secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

bool holds(const Message& message, Time now) {
    const auto claim = parse_claim(message, now, {});
    return claim.has_value() && !verify_v2(message, *claim, secret);
}

TEST(VerifyV2, AcceptsTheDocumentedGetOfAVirtualHost) {
    const FieldView fields[]{
        {"Host", "awsexamplebucket1.us-west-1.s3.amazonaws.com"},
        {"Date", "Tue, 27 Mar 2007 19:36:42 +0000"},
        {"Authorization", "AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g="}};
    const Message message{"GET", "/photos/puppy.jpg", "", fields, "awsexamplebucket1"};

    EXPECT_TRUE(holds(message, from_unix_seconds(1'175'024'202)));
}

TEST(VerifyV2, RefusesAnotherPath) {
    const FieldView fields[]{
        {"Host", "awsexamplebucket1.us-west-1.s3.amazonaws.com"},
        {"Date", "Tue, 27 Mar 2007 19:36:42 +0000"},
        {"Authorization", "AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g="}};
    const Message message{"GET", "/photos/other.jpg", "", fields, "awsexamplebucket1"};

    EXPECT_FALSE(holds(message, from_unix_seconds(1'175'024'202)));
}

}  // namespace
}  // namespace tarn::signature
