#pragma once

#include "api/call.h"

namespace tarn::api {

// What the credentials of a request are worth.
enum class Verdict { anonymous, wrong, known };

// Checks the first scheme present: a bearer token, a key pair, the session cookie. Fills in
// call.caller.
Task<Verdict> authenticate(Call& call);

}  // namespace tarn::api
