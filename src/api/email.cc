#include "api/email.h"

#include <algorithm>
#include <string>

#include "api/errors.h"
#include "base/bytes.h"

namespace tarn::api {
namespace {

bool is_label(std::string_view text) {
    if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
    return std::ranges::all_of(text, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
               letter == '-';
    });
}

}  // namespace

bool is_email(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == 0 || at == std::string_view::npos || at > 64) return false;
    const std::string_view local = text.substr(0, at);
    for (const char letter : local) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte <= 0x20 || byte == 0x7F ||
            std::string_view("()<>[]:;,\\\"").find(letter) != std::string_view::npos) {
            return false;
        }
    }
    if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) {
        return false;
    }
    const std::string domain = to_lower(text.substr(at + 1));
    std::string_view rest = domain;
    int labels = 0;
    std::string_view last;
    while (true) {
        const std::size_t dot = rest.find('.');
        last = rest.substr(0, dot);
        if (!is_label(last)) return false;
        ++labels;
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    const bool alphabetic = std::ranges::any_of(last, [](char letter) { return letter >= 'a'; });
    return labels >= 2 && last.size() >= 2 && alphabetic;
}

bool is_free_mail(std::string_view address) {
    constexpr std::string_view providers[] = {
        "gmail.com",   "googlemail.com", "yahoo.com", "ymail.com",  "hotmail.com",
        "outlook.com", "live.com",       "msn.com",   "aol.com",    "icloud.com",
        "me.com",      "mac.com",        "gmx.com",   "gmx.net",    "gmx.de",
        "web.de",      "mail.com",       "mail.ru",   "yandex.com", "yandex.ru",
        "proton.me",   "protonmail.com", "zoho.com",  "qq.com",     "163.com",
        "126.com",     "fastmail.com",   "hey.com"};
    const std::string domain = to_lower(address.substr(address.find('@') + 1));
    return std::ranges::find(providers, domain) != std::end(providers);
}

void require_business_email(std::string_view address) {
    if (address.empty()) throw invalid("email is required");
    if (!is_email(address)) throw invalid("invalid email address");
    if (is_free_mail(address)) throw invalid("please use a business email address");
}

}  // namespace tarn::api
