#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/task.h"

namespace tarn::internal {

// How a coroutine of ours waits for a plain callback.
using Awaiting = boost::asio::use_awaitable_t<Context::executor_type>;

// A suspended coroutine. Calling it resumes the coroutine on the calling thread, so it must be
// called on the coroutine's own context.
using Suspended = boost::asio::async_result<Awaiting, void()>::handler_type;

// Resumes a coroutine on its context, from any thread, with one hop.
inline void resume_on(Context& context, Suspended coroutine) {
    boost::asio::post(context, [resumed = std::move(coroutine)]() mutable { resumed(); });
}

// Suspends the calling coroutine and hands it to `begin`, which must see to its resumption.
template <class Begin>
auto suspend(Begin begin) {
    Awaiting token;
    return boost::asio::async_initiate<Awaiting, void()>(std::move(begin), token);
}

}  // namespace tarn::internal
