#include "gc/commits.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/ids.h"
#include "gc/internal/history.h"
#include "gc/internal/places.h"
#include "gc/records.pb.h"
#include "gc/rules.h"

namespace tarn::gc {
namespace {

constexpr int page_rows = 1'000;

Time threshold_of(Time now, std::int32_t days) {
    constexpr std::int32_t century = 36'525;  // further away all is the same
    return now - std::chrono::hours(24) * std::clamp(days, -century, century);
}

Task<void> load(catalog::Catalog& catalog, const refs::Repository& repository, History& history,
                const versions::Checkpoint& checkpoint) {
    std::string after;
    bool more = true;
    while (more) {
        checkpoint();
        const auto page = co_await catalog.stores().refs.list_commits(repository, after, page_rows);
        for (const refs::Commit& commit : page.items) history.add(commit);
        more = page.more && !page.items.empty();
        if (more) after = page.items.back().id;
    }
    history.finish();
}

Task<void> keep_heads(catalog::Catalog& catalog, const refs::Repository& repository,
                      const Rules& rules, Time now, History& history) {
    std::string after;
    bool more = true;
    while (more) {
        const auto page =
            co_await catalog.stores().refs.list_branches(repository, "", after, page_rows, true);
        for (const refs::Branch& branch : page.items) {
            history.keep_head(branch.commit_id, threshold_of(now, rules.days_of(branch.id)));
        }
        more = page.more && !page.items.empty();
        if (more) after = page.items.back().id;
    }
}

// The list as the text of a file.
class KeptCommits final : public ByteSource {
public:
    KeptCommits(refs::Refs& refs, const refs::Repository& repository, const History& history,
                const versions::Checkpoint& checkpoint)
        : refs_(refs), repository_(repository), history_(history), checkpoint_(checkpoint) {}

    Task<Slice> next() override {
        auto text = std::make_shared<std::string>(std::exchange(header_, {}));
        while (more_ && text->empty()) {
            checkpoint_();
            const auto page = co_await refs_.list_commits(repository_, after_, page_rows);
            for (const refs::Commit& commit : page.items) {
                if (!history_.is_kept(commit.id)) continue;
                *text += fmt::format("{},false,{}\n", commit.id, commit.tree_id);
            }
            more_ = page.more && !page.items.empty();
            if (more_) after_ = page.items.back().id;
        }
        co_return Slice{text, *text};
    }

    std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    refs::Refs& refs_;
    const refs::Repository& repository_;
    const History& history_;
    const versions::Checkpoint& checkpoint_;
    std::string header_ = "commit_id,expired,metarange_id\n";
    std::string after_;
    bool more_ = true;
};

}  // namespace

Task<PreparedCommits> prepare_commits(catalog::Catalog& catalog, refs::Repository repository,
                                      versions::Checkpoint checkpoint) {
    const auto rules = co_await find_rules(catalog, repository);
    if (!rules) {
        throw Error(Code::not_found,
                    fmt::format("repository '{}' has no retention rules", repository.id),
                    "no_gc_rules");
    }
    const Time now = catalog.stores().clock.now();
    History history;
    co_await load(catalog, repository, history, checkpoint);
    co_await keep_heads(catalog, repository, *rules, now, history);
    history.keep_tips(threshold_of(now, rules->default_days));

    PreparedCommits prepared;
    prepared.run_id = new_descending_xid(now, Descending::from_year_4000);
    prepared.file =
        file_at(catalog, repository, fmt::format("commits/run_id={}/commits.csv", prepared.run_id));
    KeptCommits text(catalog.stores().refs, repository, history, checkpoint);
    co_await catalog.blocks().put(prepared.file, text, false);
    prepared.commits_location = catalog.blocks().show(prepared.file);
    prepared.addresses_location = folder_at(catalog, repository, "addresses");
    co_return prepared;
}

Task<std::string> submit_prepare_commits(catalog::Catalog& catalog, refs::Repository repository,
                                         catalog::Tasks::Describe describe) {
    catalog::Tasks::Step step = [&catalog, repository]() -> Task<std::string> {
        versions::Checkpoint checkpoint = [&catalog] { catalog.background().checkpoint(); };
        const PreparedCommits prepared =
            co_await prepare_commits(catalog, repository, std::move(checkpoint));
        co_return encode(prepared);
    };
    std::vector<catalog::Tasks::Step> steps{std::move(step)};
    co_return co_await catalog.tasks().submit(std::move(repository), catalog::gc_commits_task,
                                              std::move(steps), std::move(describe));
}

std::string encode(const PreparedCommits& prepared) {
    records::PreparedCommits record;
    record.set_run_id(prepared.run_id);
    record.set_commits_location(prepared.commits_location);
    record.set_addresses_location(prepared.addresses_location);
    return record.SerializeAsString();
}

PreparedCommits decode_prepared(std::string_view bytes) {
    records::PreparedCommits record;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        throw Error(Code::corrupted, "the result of a task is not what it must be");
    }
    return {.run_id = record.run_id(),
            .commits_location = record.commits_location(),
            .addresses_location = record.addresses_location(),
            .file = {}};
}

}  // namespace tarn::gc
