#pragma once

#include <string_view>

namespace tarn::api {

// Whether this can be an e-mail address: one @, no spaces, a domain with a dot.
bool is_email(std::string_view text);
// Whether a provider of mailboxes for everyone runs the domain.
bool is_free_mail(std::string_view address);

// Throws what set-up refuses an address with.
void require_business_email(std::string_view address);

}  // namespace tarn::api
