#pragma once

#include "s3/call.h"

namespace tarn::s3 {

// The operations, one file each. They answer what clients ask in vain with `refuse` and leave other
// failures to the gateway, as tarn::Error.

Task<http::Response> list_buckets(Call& call);

Task<http::Response> create_bucket(Call& call);
Task<http::Response> delete_bucket(Call& call);
Task<http::Response> head_bucket(Call& call);
Task<http::Response> get_bucket_setting(Call& call);
Task<http::Response> list_objects(Call& call);
Task<http::Response> list_versions(Call& call);
Task<http::Response> delete_objects(Call& call);

Task<http::Response> get_object(Call& call);
Task<http::Response> put_object(Call& call);
Task<http::Response> copy_object(Call& call);
Task<http::Response> delete_object(Call& call);
Task<http::Response> get_attributes(Call& call);
Task<http::Response> get_tagging(Call& call);
Task<http::Response> put_tagging(Call& call);
Task<http::Response> delete_tagging(Call& call);
Task<http::Response> get_acl(Call& call);  // of objects; of a bucket: get_bucket_setting
Task<http::Response> put_acl(Call& call);  // of buckets and objects

Task<http::Response> create_upload(Call& call);
Task<http::Response> put_part(Call& call);
Task<http::Response> copy_part(Call& call);
Task<http::Response> list_parts(Call& call);
Task<http::Response> complete_upload(Call& call);
Task<http::Response> abort_upload(Call& call);
Task<http::Response> list_uploads(Call& call);

}  // namespace tarn::s3
