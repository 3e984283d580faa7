"""The generated Python SDK, lakefs-sdk from PyPI: the operations of one administrator, by tag.

Its models are checked against the answers: a missing member or an unknown value of an enumeration raises.
"""

import datetime
import inspect
import shutil
import tempfile
import time
import uuid

import lakefs_sdk
import pytest
from lakefs_sdk.exceptions import ApiException

from support.server import ACCESS_KEY, Server
from support.stores import IMPORTS


class Sdk:
    """Every operation of the SDK under its own name, whatever class it is in."""

    def __init__(self, server, access_key=None, secret_key=None):
        configuration = lakefs_sdk.Configuration(
            host=server.endpoint + "/api/v1", username=access_key or server.access_key,
            password=secret_key or server.secret_key)
        self.client = lakefs_sdk.ApiClient(configuration)
        self.classes = [value(self.client) for name, value in inspect.getmembers(lakefs_sdk)
                        if name.endswith("Api") and name != "ExperimentalApi"]
        self.classes.append(lakefs_sdk.ExperimentalApi(self.client))

    def __getattr__(self, name):
        for group in self.classes:
            if hasattr(group, name):
                return getattr(group, name)
        raise AttributeError(name)


def refused(status, call, *arguments, **options):
    with pytest.raises(ApiException) as failure:
        call(*arguments, **options)
    assert failure.value.status == status, failure.value.body
    return failure.value


@pytest.fixture(scope="module")
def sdk(server):
    return Sdk(server)


@pytest.fixture
def lake(sdk, repo):
    """A repository with a commit on main and one more on dev."""
    put(sdk, repo, "main", "a.txt", b"alpha")
    sdk.commit(repo, "main", lakefs_sdk.CommitCreation(message="first", metadata={"k": "v"}))
    sdk.create_branch(repo, lakefs_sdk.BranchCreation(name="dev", source="main"))
    put(sdk, repo, "dev", "folder/b.txt", b"beta")
    sdk.commit(repo, "dev", lakefs_sdk.CommitCreation(message="second"))
    return repo


def put(sdk, repo, branch, path, content, **options):
    """The SDK uploads files by name."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return sdk.upload_object(repo, branch, path, content=file.name, **options)


def test_configuration(sdk, server):
    config, kind = sdk.get_config(), server.stores.blocks.kind
    assert config.version_config.version and config.storage_config.blockstore_type == kind
    assert sdk.get_storage_config().blockstore_namespace_example.startswith(f"{kind}://")
    assert sdk.get_lake_fs_version().version
    assert sdk.get_garbage_collection_config().grace_period == 86400
    assert sdk.health_check() is None
    assert sdk.post_stats_events(lakefs_sdk.StatsEventsList(
        events=[lakefs_sdk.StatsEvent(var_class="c", name="n", count=1)])) is None
    assert sdk.get_setup_state().state == "initialized"
    refused(409, sdk.setup, lakefs_sdk.Setup(username="again"))
    refused(400, sdk.setup_comm_prefs, lakefs_sdk.CommPrefsInput(
        email="nobody", feature_updates=False, security_updates=False))


def test_authentication(sdk, server):
    assert sdk.get_current_user().user.id == "admin"
    token = sdk.login(lakefs_sdk.LoginInformation(
        access_key_id=server.access_key, secret_access_key=server.secret_key))
    bearer = lakefs_sdk.ApiClient(lakefs_sdk.Configuration(host=server.endpoint + "/api/v1", access_token=token.token))
    assert lakefs_sdk.AuthApi(bearer).get_current_user().user.id == "admin"
    refused(401, sdk.login, lakefs_sdk.LoginInformation(access_key_id="no", secret_access_key="no"))


def test_users_of_one_administrator(sdk):
    assert [u.id for u in sdk.list_users().results] == ["admin"]
    assert sdk.get_user("admin").id == "admin"
    refused(404, sdk.get_user, "nobody")
    refused(409, sdk.create_user, user_creation=lakefs_sdk.UserCreation(id="second"))
    refused(409, sdk.delete_user, "admin")


def test_own_keys_are_made_used_and_revoked(sdk, server):
    made = sdk.create_credentials("admin")
    other = Sdk(server, made.access_key_id, made.secret_access_key)
    assert other.get_current_user().user.id == "admin"
    listed = [c.access_key_id for c in sdk.list_user_credentials("admin").results]
    assert sorted([ACCESS_KEY, made.access_key_id]) == listed
    first = sdk.list_user_credentials("admin", amount=1)
    assert first.pagination.has_more and first.pagination.next_offset == listed[0]
    rest = sdk.list_user_credentials("admin", amount=1, after=listed[0])
    assert [c.access_key_id for c in rest.results] == listed[1:] and not rest.pagination.has_more
    assert sdk.get_credentials("admin", made.access_key_id).access_key_id == made.access_key_id
    sdk.delete_credentials("admin", made.access_key_id)
    refused(404, sdk.get_credentials, "admin", made.access_key_id)
    refused(401, other.list_repositories)
    refused(409, sdk.delete_credentials, "admin", ACCESS_KEY)


def test_repositories(sdk, server):
    name = "sdk-" + uuid.uuid4().hex[:8]
    namespace = server.namespace(name)
    made = sdk.create_repository(lakefs_sdk.RepositoryCreation(name=name, storage_namespace=namespace))
    assert made.id == name and made.default_branch == "main" and not made.read_only
    assert sdk.get_repository(name).storage_namespace == namespace
    assert [r.id for r in sdk.list_repositories(prefix=name).results] == [name]
    sdk.set_repository_metadata(name, lakefs_sdk.RepositoryMetadataSet(metadata={"a": "1", "b": "2"}))
    sdk.delete_repository_metadata(name, lakefs_sdk.RepositoryMetadataKeys(keys=["a"]))
    assert sdk.get_repository_metadata(name) == {"b": "2"}
    sdk.delete_repository(name)
    refused(404, sdk.get_repository, name)


def test_branch_protection(sdk, repo):
    rule = lakefs_sdk.BranchProtectionRule(pattern="rel*")
    sdk.set_branch_protection_rules(repo, [rule])
    assert [r.pattern for r in sdk.get_branch_protection_rules(repo)] == ["rel*"]
    sdk.internal_create_branch_protection_rule(repo, lakefs_sdk.BranchProtectionRule(pattern="x"))
    assert [r.pattern for r in sdk.internal_get_branch_protection_rules(repo)] == ["rel*", "x"]
    sdk.internal_delete_branch_protection_rule(
        repo, lakefs_sdk.InternalDeleteBranchProtectionRuleRequest(pattern="x"))
    assert [r.pattern for r in sdk.get_branch_protection_rules(repo)] == ["rel*"]
    assert sdk.create_branch_protection_rule_preflight(repo) is None


def test_garbage_collection_rules(sdk, repo):
    rules = lakefs_sdk.GarbageCollectionRules(
        default_retention_days=7, branches=[lakefs_sdk.GarbageCollectionRule(branch_id="main", retention_days=9)])
    sdk.set_gc_rules(repo, rules)
    assert sdk.get_gc_rules(repo).branches[0].retention_days == 9
    sdk.delete_gc_rules(repo)
    refused(404, sdk.get_gc_rules, repo)
    sdk.internal_set_garbage_collection_rules(repo, rules)
    assert sdk.internal_get_garbage_collection_rules(repo).default_retention_days == 7
    sdk.internal_delete_garbage_collection_rules(repo)
    assert sdk.set_garbage_collection_rules_preflight(repo) is None


def test_branches(sdk, lake):
    assert sorted(b.id for b in sdk.list_branches(lake).results) == ["dev", "main"]
    page = sdk.list_branches(lake, amount=1)
    assert page.pagination.has_more and page.pagination.next_offset == "dev"
    head = sdk.get_branch(lake, "dev").commit_id
    assert sdk.create_branch(lake, lakefs_sdk.BranchCreation(name="copy", source="dev")) == head
    put(sdk, lake, "copy", "c", b"c")
    assert [d.path for d in sdk.diff_branch(lake, "copy").results] == ["c"]
    sdk.reset_branch(lake, "copy", lakefs_sdk.ResetCreation(type="reset"))
    assert sdk.diff_branch(lake, "copy").results == []
    sdk.hard_reset_branch(lake, "copy", "copy~1")
    assert sdk.get_branch(lake, "copy").commit_id == sdk.get_branch(lake, "main").commit_id
    sdk.delete_branch(lake, "copy")
    refused(404, sdk.get_branch, lake, "copy")
    refused(403, sdk.delete_branch, lake, "main")


def test_history(sdk, lake):
    main = sdk.get_commit(lake, "main")
    assert main.message == "first" and main.metadata == {"k": "v"} and len(main.parents) == 1
    assert [c.message for c in sdk.log_commits(lake, "dev", amount=2).results] == ["second", "first"]
    assert [d.path for d in sdk.diff_refs(lake, "main", "dev").results] == ["folder/b.txt"]
    base = sdk.find_merge_base(lake, "dev", "main")
    assert base.base_commit_id == main.id == base.destination_commit_id
    merged = sdk.merge_into_branch(lake, "dev", "main", merge=lakefs_sdk.Merge(message="m"))
    assert sdk.get_branch(lake, "main").commit_id == merged.reference
    refused(400, sdk.merge_into_branch, lake, "dev", "main")
    sdk.revert_branch(lake, "main", lakefs_sdk.RevertCreation(ref=merged.reference, parent_number=1))
    picked = sdk.cherry_pick(lake, "main", lakefs_sdk.CherryPickCreation(ref="dev"))
    assert picked.message == "second" and picked.metadata["cherry-pick-origin"] == sdk.get_branch(lake, "dev").commit_id
    later = sdk.log_commits(lake, "main", since=datetime.datetime.now() + datetime.timedelta(days=2))
    assert later.results == []


def test_commit_records(sdk, lake):
    main = sdk.get_commit(lake, "main")
    record = lakefs_sdk.CommitRecordCreation(
        commit_id=main.id, version=1, committer=main.committer, message=main.message,
        metarange_id=main.meta_range_id, creation_date=main.creation_date, parents=main.parents,
        metadata=main.metadata, generation=main.generation)
    refused(409, sdk.create_commit_record, lake, record)


def test_tags(sdk, lake):
    made = sdk.create_tag(lake, lakefs_sdk.TagCreation(id="v1", ref="main"))
    assert sdk.get_tag(lake, "v1").commit_id == made.commit_id == sdk.get_branch(lake, "main").commit_id
    assert [t.id for t in sdk.list_tags(lake).results] == ["v1"]
    sdk.delete_tag(lake, "v1")
    refused(404, sdk.get_tag, lake, "v1")


def test_objects(sdk, lake, server):
    stats = sdk.stat_object(lake, "main", "a.txt")
    assert stats.size_bytes == 5 and stats.path_type == "object" and stats.checksum
    assert sdk.get_object(lake, "main", "a.txt") == b"alpha"
    assert sdk.get_object(lake, "main", "a.txt", range="bytes=1-2") == b"lp"
    assert sdk.head_object(lake, "main", "a.txt") is None
    refused(404, sdk.head_object, lake, "main", "nosuch")
    listed = sdk.list_objects(lake, "dev", delimiter="/")
    assert [(o.path, o.path_type) for o in listed.results] == [("a.txt", "object"), ("folder/", "common_prefix")]
    storage_class = sdk.get_underlying_properties(lake, "main", "a.txt").storage_class
    assert storage_class == {"local": None, "s3": "STANDARD"}[server.stores.blocks.kind]
    refused(412, put, sdk, lake, "main", "a.txt", b"x", if_none_match="*")
    assert sdk.upload_object_preflight(lake, "main", "a.txt") is None
    copied = sdk.copy_object(lake, "main", "copy.txt", lakefs_sdk.ObjectCopyCreation(src_path="a.txt"))
    assert copied.checksum == stats.checksum and copied.physical_address != stats.physical_address
    sdk.update_object_user_metadata(lake, "main", "copy.txt", lakefs_sdk.UpdateObjectUserMetadata(set={"x": "y"}))
    assert sdk.stat_object(lake, "main", "copy.txt").metadata == {"x": "y"}
    sdk.delete_object(lake, "main", "copy.txt")
    put(sdk, lake, "main", "1", b"1")
    assert sdk.delete_objects(lake, "main", lakefs_sdk.PathList(paths=["1", "2", ""])).errors == []
    assert sdk.diff_branch(lake, "main").results == []


def test_staging(sdk, lake):
    place = sdk.get_physical_address(lake, "main", "linked")
    linked = sdk.link_physical_address(lake, "main", "linked", lakefs_sdk.StagingMetadata(
        staging=place, checksum="abc", size_bytes=3))
    assert linked.checksum == "abc" and linked.size_bytes == 3
    address = sdk.stat_object(lake, "main", "a.txt").physical_address
    staged = sdk.stage_object(lake, "main", "staged", lakefs_sdk.ObjectStageCreation(
        physical_address=address, checksum="abc", size_bytes=5))
    assert staged.path == "staged"
    assert sdk.get_object(lake, "main", "staged") == b"alpha"


def test_pull_requests(sdk, rest, lake):
    made = sdk.create_pull_request(lake, lakefs_sdk.PullRequestCreation(
        title="t", description="d", source_branch="dev", destination_branch="main"))
    pull = sdk.get_pull_request(lake, made.id)
    assert (pull.status, pull.author, pull.title, pull.description) == ("open", "admin", "t", "d")
    # The SDK asks each item of a list for a description, which lakeFS never sends there, nor Tarn to others.
    assert [(p.id, p.description) for p in sdk.list_pull_requests(lake).results] == [(made.id, "d")]
    assert "description" not in rest.call("GET", f"/repositories/{lake}/pulls")[1]["results"][0]
    sdk.update_pull_request(lake, made.id, lakefs_sdk.PullRequestBasic(status="closed"))
    assert sdk.get_pull_request(lake, made.id).closed_date is not None
    refused(400, sdk.merge_pull_request, lake, made.id)
    refused(400, sdk.update_pull_request, lake, made.id, lakefs_sdk.PullRequestBasic(status="merged"))
    sdk.update_pull_request(lake, made.id, lakefs_sdk.PullRequestBasic(status="open", title="better"))
    pull = sdk.get_pull_request(lake, made.id)
    assert pull.closed_date is None and pull.title == "better"
    merged = sdk.merge_pull_request(lake, made.id)
    pull = sdk.get_pull_request(lake, made.id)
    assert pull.status == "merged" and pull.merged_commit_id == merged.reference
    assert sdk.get_branch(lake, "main").commit_id == merged.reference
    refused(400, sdk.update_pull_request, lake, made.id, lakefs_sdk.PullRequestBasic(status="open"))
    refused(400, sdk.merge_pull_request, lake, made.id)


def test_runs_of_actions(sdk, lake):
    assert sdk.list_repository_runs(lake).results == []
    refused(404, sdk.get_run, lake, "ft5sc6jksdu92hkmb5pg")
    assert sdk.list_run_hooks(lake, "ft5sc6jksdu92hkmb5pg").results == []
    refused(404, sdk.get_run_hook_output, lake, "ft5sc6jksdu92hkmb5pg", "0000_0000")


def test_identity_providers_are_a_later_matter(sdk):
    refused(501, sdk.external_principal_login, external_login_information=lakefs_sdk.ExternalLoginInformation(
        identity_request={}))
    refused(501, sdk.sts_login, lakefs_sdk.StsAuthRequest(code="c", state="s", redirect_uri="http://x"))
    refused(501, sdk.get_external_principal, principal_id="p")


def test_anybody_may_ask_what_the_login_offers(rest):
    """getAuthCapabilities and oauthCallback; the SDK has no methods for them."""
    assert rest.call("GET", "/auth/capabilities") == (200, {"invite_user": False})
    assert rest.call("GET", "/oidc/callback") == (200, None)


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def test_uploads_keep_type_and_metadata(sdk, repo, tmp_path):
    (tmp_path / "a.json").write_text("{}")
    stats = sdk.upload_object(repo, "main", "a.json", content=str(tmp_path / "a.json"))
    assert stats.content_type == "application/json" and stats.size_bytes == 2 and stats.path == "a.json"


def test_imports(tmp_path):
    server = Server(IMPORTS).start().set_up()
    try:
        sdk = Sdk(server)
        server.make_repository("lake")
        folder, address = server.stores.blocks.outside(tmp_path)
        (folder / "a.csv").write_text("a")
        started = sdk.import_start("lake", "main", lakefs_sdk.ImportCreation(
            paths=[lakefs_sdk.ImportLocation(type="common_prefix", path=f"{address}/", destination="d/")],
            commit=lakefs_sdk.CommitCreation(message="bring in")))
        done = until(lambda: (s := sdk.import_status("lake", "main", started.id)).completed and s)
        assert done.ingested_objects == 1 and done.commit.message == "bring in" and done.error is None
        assert sdk.get_object("lake", "main", "d/a.csv") == b"a"
        refused(409, sdk.import_cancel, "lake", "main", started.id)
        refused(404, sdk.import_status, "lake", "main", "ft5sc6jksdu92hkmb5pg")
    finally:
        server.discard()


def test_dumps_are_restored(sdk, lake, server):
    dump = sdk.dump_refs(lake)
    task = sdk.dump_submit(lake)
    done = until(lambda: (s := sdk.dump_status(lake, task.id)).done and s)
    assert done.refs.commits_meta_range_id == dump.commits_meta_range_id
    refused(404, sdk.dump_status, lake, "DRnosuch")
    home = server.stores.blocks.file(sdk.stat_object(lake, "main", "a.txt").physical_address.rsplit("/data/", 1)[0])
    for number, restore in enumerate(("now", "later")):
        name = f"{lake[:40]}-{number}"
        server.make_repository(name, query="?bare=true")
        shutil.copytree(home / "_lakefs", home.with_name(name) / "_lakefs", dirs_exist_ok=True)
        if restore == "now":
            sdk.restore_refs(name, dump)
        else:
            begun = sdk.restore_submit(name, lakefs_sdk.RefsRestore(**dump.dict()))
            until(lambda: sdk.restore_status(name, begun.id).done)
        assert sdk.get_branch(name, "dev").commit_id == sdk.get_branch(lake, "dev").commit_id
        refused(400, sdk.restore_refs, name, dump)


@pytest.mark.only_on("local")
def test_presigned_multipart_uploads_need_a_store_that_presigns(sdk, lake):
    refused(501, sdk.create_presign_multipart_upload, lake, "main", "p")
    refused(501, sdk.complete_presign_multipart_upload, lake, "main", "id", "p")
    refused(501, sdk.abort_presign_multipart_upload, lake, "main", "id", "p")
    place = sdk.get_physical_address(lake, "main", "p").physical_address
    refused(400, sdk.upload_part, lake, "main", "id", "other", 1, lakefs_sdk.UploadPartFrom(physical_address=place))
    refused(400, sdk.upload_part_copy, lake, "main", "id", "other", 1, lakefs_sdk.UploadPartCopyFrom(
        physical_address=place, copy_source=lakefs_sdk.CopyPartSource(repository=lake, ref="main", path="a.txt")))


def test_committed_files_can_be_found(sdk, lake):
    tree = sdk.get_commit(lake, "main").meta_range_id
    assert sdk.get_meta_range(lake, tree).location.endswith(tree)
    assert len(sdk.get_metadata_object(lake, object_id=tree, type="meta_range")) > 100
    assert sdk.get_range(lake, tree).location.endswith(tree)


def test_symlink_files(sdk, lake):
    assert "symlinks" in sdk.create_symlink_file(lake, "main").location


def test_garbage_collection_is_prepared(sdk, lake):
    sdk.set_gc_rules(lake, lakefs_sdk.GarbageCollectionRules(default_retention_days=7, branches=[]))
    run = sdk.prepare_garbage_collection_commits(lake)
    assert run.run_id in run.gc_commits_location
    task = sdk.prepare_garbage_collection_commits_async(lake)
    done = until(lambda: (s := sdk.prepare_garbage_collection_commits_status(lake, task.id)).completed and s)
    assert done.result.gc_commits_location.endswith("commits.csv")
    put(sdk, lake, "main", "uncommitted", b"u")
    assert sdk.prepare_garbage_collection_uncommitted(lake).gc_uncommitted_location


def test_usage_is_reported(sdk):
    assert isinstance(sdk.get_usage_report_summary().reports, list)
