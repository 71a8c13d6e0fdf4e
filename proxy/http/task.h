// The coroutine type of everything that waits.
//
// Thread rule: a connection belongs to one Worker from accept to close. All of its code runs on
// that worker's thread, so nothing of it needs a lock.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace puente {

namespace asio = boost::asio;

// A co_await is a statement, an initialiser, an assignment or what a co_return returns, and never
// in a condition or a conditional expression, and what it awaits takes no conditional expression
// and no temporary aggregate: g++ 12 miscompiles `if (co_await F())`, `co_await F(a ? b : c)` and
// `co_await F({.a = b})` with asio::awaitable (something is destroyed twice).
using Executor = asio::io_context::executor_type;

template <class T = void>
using Task = asio::awaitable<T, Executor>;

// The completion token of operations that a Task waits for.
inline constexpr asio::use_awaitable_t<Executor> use_task;

}  // namespace puente
