#!/usr/bin/env python3
"""Refuses a co_await that does not stand alone in its statement.

usage: check_coroutines.py SOURCE_FOLDER
       check_coroutines.py --self-test

Allowed, after any heads such as `if (..)`, `else` or `case x:`

    co_await f(..);
    type name = co_await f(..);
    name = co_await f(..);
    co_return co_await f(..);

so that no temporary of a larger expression lives across a suspension.
"""

import pathlib
import re
import sys

LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\\ ]{0,16})\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\'',
    re.DOTALL)
AWAIT = re.compile(r"\bco_await\b")
BLOCK = re.compile(r"(?:[;{})\]:]|\b(?:else|do|try|const|noexcept|mutable|override|final)"
                   r"|->\s*[\w:<>,\s*&\[\]]+|^)\s*$")
HEAD = re.compile(r"^\s*(?:else\b|do\b|(?:if|while|for|switch)\s*(?:constexpr\s*)?\(\)"
                  r"|case\b[^?]*:(?!:)|default\s*:)")
TARGET = re.compile(r"^(?:co_return|[\w:<>,\s*&.\->\[\]()]+[^=!<>+\-*/|&^]=)?$")
CALL = re.compile(r"^[\w:<>,\s*&.\->\[\]()]*(?:\(\)|[\w>])$")


def blank(match):
    """A comment or literal, emptied but as many lines long."""
    text = match.group(0)
    lines = "\n" * text.count("\n")
    return lines if text.startswith(("//", "/*")) else '""' + lines


def fold(text):
    """`text` with what stands between balanced brackets left out; None when they do not balance."""
    out = []
    stack = []
    pairs = {")": "(", "}": "{"}
    for c in text:
        if c in "({":
            if not stack:
                out.append(c)
            stack.append(c)
        elif c in ")}":
            if not stack or stack.pop() != pairs[c]:
                return None
            if not stack:
                out.append(c)
        elif not stack:
            out.append(c)
    return None if stack else "".join(out)


def statement_start(text, at):
    """Where the statement around `at` begins, or None inside brackets or an initialiser."""
    depth = 0
    for i in range(at - 1, -1, -1):
        c = text[i]
        if c == ")":
            depth += 1
        elif c == "(":
            if depth == 0:
                return None
            depth -= 1
        elif depth == 0 and c in ";}":
            return i + 1
        elif depth == 0 and c == "{":
            return i + 1 if BLOCK.search(text, max(0, i - 200), i) else None
    return 0


def statement_end(text, at):
    depth = 0
    for i in range(at, len(text)):
        c = text[i]
        if c in "({":
            depth += 1
        elif c in ")}":
            depth -= 1
            if depth < 0:
                return None
        elif c == ";" and depth == 0:
            return i
    return None


def stands_alone(text, match):
    start = statement_start(text, match.start())
    end = statement_end(text, match.end())
    if start is None or end is None:
        return False
    before = fold(text[start:match.start()])
    after = fold(text[match.end():end])
    if before is None or after is None:
        return False
    while head := HEAD.match(before):
        before = before[head.end():]
    return bool(TARGET.match(before.strip())) and bool(CALL.match(after.strip()))


def check_text(text):
    """The numbers of the lines with a co_await that does not stand alone."""
    plain = LITERALS.sub(blank, text)
    plain = re.sub(r"^\s*#[^\n]*", "", plain, flags=re.MULTILINE)
    return [plain.count("\n", 0, match.start()) + 1
            for match in AWAIT.finditer(plain) if not stands_alone(plain, match)]


GOOD = [
    "co_await f(a, b);",
    "auto x = co_await f(a);",
    "const auto [x, y] = co_await a.f(b);",
    "std::vector<int> x = co_await a->f<int>(b);",
    "result.value = co_await f();",
    "*slot = co_await std::move(task);",
    "slots[i] = co_await f([&] { return 1; });",
    "co_return co_await f();",
    "if (a) co_await f();",
    "if (a) { b(); } else co_await f();",
    "while (a(b)) x = co_await f();",
    "switch (a) { case A::b: co_await f(); }",
    "start([&]() -> Task<void> { co_await f(); });",
    "start([&]() -> Task<int> { x = co_await f(); co_return x; }, \"co_await (\");",
    "const auto executor = co_await asio::this_coro::executor;",
    "try { co_await f(); } catch (...) { }",
    "// if (co_await f())",
]
BAD = [
    "if (co_await f()) g();",
    "g(co_await f());",
    "auto x = a ? co_await f() : b;",
    "auto x = S{co_await f()};",
    "auto x = S{.a = 1, .b = co_await f()};",
    "auto x = co_await f() + 1;",
    "auto x = co_await f() ? a : b;",
    "x += co_await f();",
    "auto x = !co_await f();",
    "auto x = 1 + co_await f();",
    "auto x = (co_await f()).y;",
    "for (auto& x : co_await f()) g();",
    "co_return S{co_await f()};",
    "co_return !co_await f();",
    "return a == co_await f();",
    "while (co_await f()) {}",
]


def self_test():
    frame = "Task<void> t() {{\n    a();\n    {}\n}}\n"
    for good in GOOD:
        if check_text(frame.format(good)):
            sys.exit(f"self-test: refused: {good}")
    for bad in BAD:
        if check_text(frame.format(bad)) != [3]:
            sys.exit(f"self-test: not refused: {bad}")


def main():
    self_test()
    if sys.argv[1:] == ["--self-test"]:
        return
    source = pathlib.Path(sys.argv[1])
    faults = 0
    for path in sorted((source / "src").rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        for line in check_text(path.read_text()):
            print(f"{path.relative_to(source)}:{line}: co_await does not stand alone in its statement")
            faults += 1
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
