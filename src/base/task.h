#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace tarn {

// The event loop of one thread: of a core (http) or of a worker (base/workers.h). What runs on one
// context never races with itself.
using Context = boost::asio::io_context;

// A coroutine of Tarn. It starts when it is awaited, and resumes on the context that awaited it.
// Lifetime  Reference parameters and captured objects must outlive the task.
template <class T>
using Task = boost::asio::awaitable<T, Context::executor_type>;

}  // namespace tarn
