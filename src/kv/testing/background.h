#pragma once

#include <future>
#include <semaphore>
#include <thread>
#include <utility>

namespace tarn::kv {

// What a blocking function does on a thread of its own, which stays until the end: a store's thread
// may still be leaving the call that woke it.
template <class T>
class Background {
public:
    template <class F>
    explicit Background(F function)
        : thread_([this, function = std::move(function)] {
              try {
                  result_.set_value(function());
              } catch (...) {
                  result_.set_exception(std::current_exception());
              }
              end_.acquire();
          }) {}
    ~Background() {
        end_.release();
        thread_.join();
    }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    // What the function has returned, or throws what it has thrown; once.
    T get() { return result_.get_future().get(); }

private:
    std::promise<T> result_;
    std::binary_semaphore end_{0};
    std::thread thread_;
};

}  // namespace tarn::kv
