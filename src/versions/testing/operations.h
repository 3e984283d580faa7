#pragma once

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing/await.h"
#include "kv/memory/memory_store.h"
#include "versions/branches.h"
#include "versions/compare.h"
#include "versions/history.h"
#include "versions/read.h"
#include "versions/reset.h"
#include "versions/stage.h"
#include "versions/testing/house.h"

namespace tarn::versions {

// Writes down what it hears; refuses events of one kind.
class Notebook final : public Observer {
public:
    Task<void> on(Event event) override {
        heard.push_back(event);
        if (refused && event.kind == *refused) {
            throw Error(Code::precondition_failed, "no", "hook_failed");
        }
        co_return;
    }

    std::vector<Event> heard;
    std::optional<Event::Kind> refused;
};

// One repository, worked with in few words.
// Threads  One.
class OperationsTest : public ::testing::Test {
protected:
    void write(const std::string& branch, const std::string& key, const std::string& content) {
        await(put(stores, repository, branch, key, value_of(content), {}));
    }

    void erase(const std::string& branch, const std::string& key) {
        await(remove(stores, repository, branch, key, {}));
    }

    refs::Commit save(const std::string& branch, const std::string& message = "saved") {
        house.clock.advance(std::chrono::seconds(1));
        CommitRequest request;
        request.branch = branch;
        request.committer = "me";
        request.message = message;
        return await(commit(stores, repository, request));
    }

    refs::Commit join(const std::string& source, const std::string& destination,
                      committed::Strategy strategy = committed::Strategy::none) {
        house.clock.advance(std::chrono::seconds(1));
        MergeRequest request;
        request.source = source;
        request.destination = destination;
        request.strategy = strategy;
        return await(merge(stores, repository, request));
    }

    // "key=content key=content ..." at a ref.
    std::string shown(const std::string& ref) {
        std::string text;
        const ListPage page = await(list(stores, repository, ref, {}));
        for (const ListItem& item : page.items) {
            text += (text.empty() ? "" : " ") + item.key + "=" + item.data;
        }
        return text;
    }

    std::string keys(ListQuery query, const std::string& ref = "main") {
        std::string text;
        const ListPage page = await(list(stores, repository, ref, std::move(query)));
        for (const ListItem& item : page.items) text += (text.empty() ? "" : " ") + item.key;
        return text + (page.more ? " ..." : "");
    }

    static std::string in_words(const DiffPage& page) {
        std::string text;
        for (const DiffItem& item : page.items) {
            const char* sign = item.type == committed::DiffType::added     ? "+"
                               : item.type == committed::DiffType::removed ? "-"
                                                                           : "~";
            text += (text.empty() ? "" : " ") + std::string(item.conflict ? "!" : "") + sign;
            text += item.key;
        }
        return text + (page.more ? " ..." : "");
    }

    std::string uncommitted(DiffQuery query = {}) {
        return in_words(await(diff_branch(stores, repository, "main", std::move(query))));
    }

    std::string between(const std::string& left, const std::string& right, bool three_dot) {
        return in_words(await(diff_refs(stores, repository, left, right, three_dot, {})));
    }

    // The code and detail of what `action` throws; "nothing" if it does not.
    template <class Action>
    static std::string failure_of(Action action) {
        try {
            action();
        } catch (const Error& error) {
            return std::string(name(error.code())) + "/" + error.detail();
        }
        return "nothing";
    }

    void branch_off(const std::string& name, const std::string& source = "main") {
        await(create_branch(stores, repository, name, source, false, false));
    }

    kv::MemoryStore store;
    Notebook notebook;
    House house{store, {.trees = small_ranges(), .observer = &notebook}};
    Stores& stores = house.stores;
    const refs::Repository repository = house.create_repository("lake");
};

}  // namespace tarn::versions
