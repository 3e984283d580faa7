#include "api/pages.h"

#include <string>
#include <string_view>

#include "api/answers.h"
#include "api/document.h"
#include "auth/auth.h"

namespace tarn::api {
namespace {

constexpr std::string_view html = "text/html; charset=utf-8";

constexpr std::string_view hint =
    "<!doctype html>\n<html lang=\"en\">\n<head><meta "
    "charset=\"utf-8\"><title>Tarn</title></head>\n"
    "<body>\n<h1>Tarn</h1>\n<p>Version control for data lakes. This server speaks S3 at its root "
    "and "
    "REST under <a href=\"/openapi.json\">/api/v1</a>; use <code>lakectl</code>, an S3 client or a "
    "lakeFS SDK.</p>\n</body>\n</html>\n";

// Forgets the session and sends the browser on.
http::Response logout(const ApiOptions& options) {
    http::Response response = http::make_response(
        307, html, "<a href=\"" + options.logout_redirect_url + "\">Temporary Redirect</a>.\n\n");
    response.fields.add("Location", options.logout_redirect_url);
    std::string cookie(auth::Auth::session_cookie_name);
    cookie += "=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly";
    if (options.secure_cookies) cookie += "; Secure";
    cookie += "; SameSite=Lax";
    response.fields.add("Set-Cookie", cookie);
    return response;
}

}  // namespace

http::Response page(const http::Request& request, const ApiOptions& options) {
    const std::string_view path = request.path();
    const bool reads = request.method() == "GET" || request.method() == "HEAD";
    http::Response response;
    if (path == "/openapi.json" && reads) {
        response = json_answer(200, std::string(openapi_document()));
    } else if (path == "/openapi.yaml" && reads) {
        response = http::make_response(200, "application/yaml", std::string(openapi_yaml()));
    } else if (path == "/logout") {
        response = logout(options);
    } else if (path.starts_with("/iceberg/") || path.starts_with("/mds/iceberg/")) {
        response = http::make_response(501, "text/plain; charset=utf-8", "Not Implemented\n");
    } else if (path.starts_with("/_")) {
        response = http::make_response(404, "text/plain; charset=utf-8", "404 page not found\n");
    } else if (reads) {
        response = http::make_response(200, html, std::string(hint));
    } else {
        response = http::make_response(405, "text/plain; charset=utf-8", "Method Not Allowed\n");
    }
    response.head_only = request.method() == "HEAD";
    return response;
}

}  // namespace tarn::api
