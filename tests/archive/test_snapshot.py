"""Snapshots come back as they were, or an error names the reply; imports bring all or nothing."""

from __future__ import annotations

import gzip
import json
import shutil
import stat
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from darkdays.archive import exchange
from darkdays.archive.entry import entry_of
from darkdays.archive.exchange import export_snapshot, import_snapshot
from darkdays.archive.manifest import diff, manifest_of
from darkdays.archive.request import USER_SUPPLIED, Reply, Request
from darkdays.archive.snapshot import Snapshot, list_snapshots, newest_complete
from darkdays.archive.store import Store, compress, expand
from darkdays.errors import DarkdaysError, InputError
from examples import examples
from made_up_snapshots import CLOSED, OPEN, WHEN, reply, sealed


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "snapshots"


@pytest.fixture
def two(folder):
    """Two open replies and a closed one."""
    return sealed(
        folder,
        (OPEN, reply(OPEN, "/a", b"alpha " * 50, "the first")),
        (OPEN, reply(OPEN, "/b", b"", "the empty")),
        (CLOSED, reply(CLOSED, "/c", b"gamma", "the closed")),
    )


def objects(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_snapshot_comes_back_as_it_was(two, folder):
    again = Snapshot.open(folder, two.id)
    assert again == two == Snapshot.open(folder, two.id[:16]) == Snapshot.open(folder, two.id[:5])
    assert again.complete
    found = again.replies()
    assert [one.body for one in found.values()] == [b"gamma", b"alpha " * 50, b""]
    assert all(key == one.request.key for key, one in found.items())
    assert found[two.manifest.replies[1].request.key] == reply(OPEN, "/a", b"alpha " * 50)
    assert found[two.manifest.replies[1].request.key].request.about == "the first"
    assert again.verify() == 3


def test_ids_depend_on_content_alone(two, folder, tmp_path):
    pairs = [
        (CLOSED, reply(CLOSED, "/c", b"gamma", "the closed")),
        (OPEN, reply(OPEN, "/b", b"", "the empty")),
        (OPEN, reply(OPEN, "/a", b"alpha " * 50, "the first")),
    ]
    assert sealed(tmp_path / "other", *pairs).id == two.id
    path = folder / two.id[:16] / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))))
    assert Snapshot.open(folder, two.id).id == two.id


@pytest.mark.parametrize("where", range(0, 70, 3))
def test_a_flipped_bit_is_an_error_that_names_the_reply(two, folder, where):
    entry = two.manifest.replies[1]
    place = Store(folder).object_path(entry.sha256)
    content = bytearray(place.read_bytes())
    at = where * len(content) // 70
    content[at] ^= 1 << where % 8
    place.write_bytes(bytes(content))
    # Bits of gzip's own header that carry nothing leave the body as it was.
    if gzip_carries_nothing(bytes(content), b"alpha " * 50):
        assert two.verify() == 3
        return
    with pytest.raises(DarkdaysError, match="the reply to tor, the first is damaged"):
        Snapshot.open(folder, two.id).replies()


def gzip_carries_nothing(content, body):
    try:
        return gzip.decompress(content) == body
    except (OSError, EOFError, gzip.zlib.error):
        return False


@pytest.mark.parametrize(
    ("damage", "state"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), "damaged"),
        (lambda path: path.write_bytes(compress(b"alpha " * 49)), "damaged"),
        (lambda path: path.write_bytes(compress(bytes(10**8))), "damaged"),
        (lambda path: path.write_bytes(compress(b"Alpha " * 50)), "damaged"),
    ],
)
def test_missing_cut_and_exchanged_bodies(two, folder, damage, state):
    damage(Store(folder).object_path(two.manifest.replies[1].sha256))
    with pytest.raises(DarkdaysError, match=f"the reply to tor, the first is {state}"):
        two.verify()
    # What comes again mends it.
    Store(folder).put(b"alpha " * 50)
    assert two.verify() == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"trial"', '"trail"'),
        lambda text: text.replace("the first", "the worst"),
        lambda text: text.replace('"complete": true', '"complete": 1'),
        lambda text: text.replace('"format": 1', '"format": 2'),
        lambda text: text[: len(text) // 2],
        lambda _: "[" * 10**5,
        lambda _: "{}",
        lambda _: "",
        lambda text: text.replace('"sha256": "', '"sha256": "../'),
    ],
)
def test_a_changed_manifest_is_an_error(two, folder, change):
    path = folder / two.id[:16] / "manifest.json"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DarkdaysError, match=two.id[:16]):
        Snapshot.open(folder, two.id)


def test_names_that_lead_nowhere(two, folder):
    for odd in ("", "..", "abc", "../../etc", "x" * 16, two.id + "0", two.id.upper()):
        with pytest.raises(InputError, match="no snapshot id"):
            Snapshot.open(folder, odd)
    for unknown in ("0000", two.id[:20] + "0" * 44):
        with pytest.raises(DarkdaysError, match="there is no snapshot"):
            Snapshot.open(folder, unknown)
    with pytest.raises(DarkdaysError, match="there is no snapshot"):
        Snapshot.open(folder / "none", two.id)
    shutil.copytree(folder / two.id[:16], folder / (two.id[:15] + "g"))
    twin = "0" if two.id[15] != "0" else "1"
    shutil.copytree(folder / two.id[:16], folder / (two.id[:15] + twin))
    with pytest.raises(InputError, match="2 snapshots begin with"):
        Snapshot.open(folder, two.id[:15])


def test_an_unfinished_folder_is_no_snapshot(two, folder):
    (folder / ("ab" * 8)).mkdir()
    assert [one.id for one in list_snapshots(folder)] == [two.id]


def test_newest_complete_and_differences(folder):
    a, b = reply(OPEN, "/a", b"1"), reply(OPEN, "/b", b"2")
    first = sealed(folder, (OPEN, a), (OPEN, b), when="2026-01-01T00:00:00Z")
    changed = reply(OPEN, "/a", b"other"), reply(OPEN, "/c", b"3")
    later = sealed(folder, *((OPEN, one) for one in changed), when="2026-01-02T00:00:00Z")
    sealed(folder, (OPEN, a), when="2026-01-03T00:00:00Z", complete=False)
    sealed(folder, (OPEN, a), when="2026-01-04T00:00:00Z", case="else")
    assert [one.manifest.sealed[9] for one in list_snapshots(folder, "trial")] == ["1", "2", "3"]
    assert len(list_snapshots(folder)) == 4
    assert newest_complete(folder, "trial").id == later.id
    assert newest_complete(folder, "nothing") is None
    found = diff(first.manifest, later.manifest)
    assert found.lines() == [
        "new: tor, /c",
        "gone: tor, /b",
        "other bytes: tor, /a (1 bytes before, 5 now)",
    ]
    assert diff(first.manifest, first.manifest).lines() == []


def test_the_same_bytes_again_are_the_same_snapshot(folder):
    pair = (OPEN, reply(OPEN, "/a", b"1"))
    first = sealed(folder, pair)
    assert sealed(folder, pair, when="2027-01-01T00:00:00Z").id == first.id
    assert len(list_snapshots(folder)) == 1


def test_export_leaves_out_what_may_not_be_passed_on(two, tmp_path):
    path = tmp_path / "all.zip"
    done = export_snapshot(two, path)
    assert done.left_out == ("acled, the closed",)
    names = zipfile.ZipFile(path).namelist()
    assert names[0] == "manifest.json"
    assert len(names) == 3
    assert b"gamma" not in b"".join(
        expand(zipfile.ZipFile(path).read(name), 10**6) for name in names[1:]
    )
    brought = import_snapshot(tmp_path / "new", path)
    assert brought.id == two.id
    assert not brought.complete
    assert [one.words for one in brought.absent()] == ["acled, the closed"]
    assert [one.body for one in brought.replies().values()] == [b"alpha " * 50, b""]
    # An absent reply that comes by another way is used; an import elsewhere changes nothing.
    assert import_snapshot(tmp_path / "new", path).id == two.id
    Store(tmp_path / "new").put(b"gamma")
    assert Snapshot.open(tmp_path / "new", two.id).complete
    # What is here whole stays whole: a reply lost later is missed.
    assert import_snapshot(two.folder, path).verify() == 3
    Store(two.folder).object_path(two.manifest.replies[0].sha256).unlink()
    with pytest.raises(DarkdaysError, match="missing"):
        Snapshot.open(two.folder, two.id).verify()


def test_what_was_imported_is_marked_and_used_only_where_it_is_named(two, tmp_path):
    export_snapshot(two, tmp_path / "all.zip", private=True)
    brought = import_snapshot(tmp_path / "new", tmp_path / "all.zip")
    assert brought.complete
    assert brought.imported == "all.zip"
    assert newest_complete(tmp_path / "new", "trial") is None
    assert newest_complete(two.folder, "trial") is not None
    # Whoever fetches the same has fetched it.
    again = Snapshot.seal(tmp_path / "new", brought.manifest)
    assert again.id == brought.id
    assert newest_complete(tmp_path / "new", "trial").id == brought.id


@pytest.mark.parametrize("when", ["9999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-02"])
def test_a_snapshot_of_no_time_or_of_one_ahead_is_not_imported(tmp_path, when):
    later = sealed(tmp_path / "old", (OPEN, reply(OPEN, "/a", b"alpha")), when=when)
    export_snapshot(later, tmp_path / "all.zip")
    with pytest.raises(InputError, match="none or lies ahead"):
        import_snapshot(tmp_path / "new", tmp_path / "all.zip")
    assert list_snapshots(tmp_path / "new") == []


def test_terms_are_those_of_the_registry(two, tmp_path):
    done = export_snapshot(two, tmp_path / "all.zip", open_services=["ioda"])
    assert len(done.left_out) == len(two.manifest.replies)


def test_private_export_is_whole(two, tmp_path):
    done = export_snapshot(two, tmp_path / "all.zip", private=True)
    assert done.left_out == ()
    export_snapshot(two, tmp_path / "part.zip")
    import_snapshot(tmp_path / "new", tmp_path / "part.zip")
    brought = import_snapshot(tmp_path / "new", tmp_path / "all.zip")
    assert brought.complete
    assert brought.verify() == 3


def test_export_of_a_damaged_snapshot_writes_nothing(two, tmp_path, folder):
    Store(folder).object_path(two.manifest.replies[1].sha256).unlink()
    with pytest.raises(DarkdaysError, match="the reply to tor, the first is missing"):
        export_snapshot(two, tmp_path / "all.zip")
    assert not (tmp_path / "all.zip").exists()


def test_exports_are_the_same_bytes(two, tmp_path):
    export_snapshot(two, tmp_path / "a.zip", private=True)
    brought = import_snapshot(tmp_path / "new", tmp_path / "a.zip")
    export_snapshot(brought, tmp_path / "b.zip", private=True)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def members(two, tmp_path, *, private=True):
    export_snapshot(two, tmp_path / "good.zip", private=private)
    with zipfile.ZipFile(tmp_path / "good.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def other_mode(kind):
    info = zipfile.ZipInfo(f"objects/{'a' * 64}.gz")
    info.external_attr = (kind | 0o777) << 16
    return info


HOSTILE = {
    "traversal": lambda z: z.writestr("../../evil", b"x"),
    "traversal below objects": lambda z: z.writestr("objects/../../evil.gz", b"x"),
    "an absolute name": lambda z: z.writestr("/tmp/evil", b"x"),
    "a name with a drive": lambda z: z.writestr("C:\\evil", b"x"),
    "a folder": lambda z: z.writestr("objects/", b""),
    "a name cut at a null byte": lambda z: z.writestr("manifest.json~.gz", b"x"),
    "a link": lambda z: z.writestr(other_mode(stat.S_IFLNK), b"/etc/passwd"),
    "a device": lambda z: z.writestr(other_mode(stat.S_IFCHR), b""),
    "an object nobody lists": lambda z: z.writestr(f"objects/{'a' * 64}.gz", compress(b"x")),
    "a packed member": lambda z: z.writestr(
        f"objects/{'a' * 64}.gz", bytes(10**7), zipfile.ZIP_DEFLATED
    ),
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_hostile_members_are_refused(two, tmp_path, attack):
    good = members(two, tmp_path)
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in good.items():
            archive.writestr(name, content)
        HOSTILE[attack](archive)
    # Python writes no such name, others do.
    path.write_bytes(path.read_bytes().replace(b"json~", b"json\0"))
    refused(path, tmp_path)


def refused(path, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=r"evil\.zip"):
        import_snapshot(tmp_path / "new", path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicates_are_refused(two, tmp_path):
    good = members(two, tmp_path)
    for twice in good:
        path = tmp_path / "evil.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in [*good.items(), (twice, good[twice])]:
                archive.writestr(name, content)
        refused(path, tmp_path)


def rewritten(good, change):
    document = json.loads(good["manifest.json"])
    change(document)
    return good | {"manifest.json": json.dumps(document).encode()}


def first_object(good, content):
    name = min(name for name in good if name.startswith("objects/"))
    return good | {name: content(good[name])}


WRONG = {
    "other bytes": lambda good: first_object(good, lambda _: compress(b"forged")),
    "a cut body": lambda good: first_object(good, lambda old: old[:-3]),
    "no gzip": lambda good: first_object(good, lambda _: b"plain"),
    "a bomb inside": lambda good: first_object(good, lambda _: compress(bytes(2 * 10**8))),
    "no manifest": lambda good: {k: v for k, v in good.items() if k != "manifest.json"},
    "a manifest of nothing": lambda good: good | {"manifest.json": b"null"},
    "a manifest without an end": lambda good: good | {"manifest.json": b"[" * 10**6},
    "a request twice": lambda good: rewritten(good, lambda d: d["replies"].append(d["replies"][0])),
    "an unknown field": lambda good: rewritten(good, lambda d: d.update(run="rm -rf /")),
    "a digest that is a path": lambda good: rewritten(
        good, lambda d: d["replies"][0].update(sha256="../../evil")
    ),
    "a negative length": lambda good: rewritten(good, lambda d: d["replies"][0].update(bytes=-1)),
    "a length beyond all limits": lambda good: rewritten(
        good, lambda d: [one.update(bytes=10**15) for one in d["replies"]]
    ),
    "a reply left out that need not be": lambda good: {
        k: v for k, v in good.items() if k != f"objects/{EMPTY}.gz"
    },
}
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_content_is_refused(two, tmp_path, wrong):
    path = tmp_path / "evil.zip"
    good = members(two, tmp_path)
    bad = WRONG[wrong](good)
    assert bad != good
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in bad.items():
            archive.writestr(name, content)
    refused(path, tmp_path)


def test_limits_hold(two, tmp_path, monkeypatch):
    path = tmp_path / "evil.zip"
    export_snapshot(two, path)
    for name in ("LARGEST_MANIFEST", "LARGEST_BODY", "LARGEST_TOTAL"):
        with monkeypatch.context() as patch:
            patch.setattr(exchange, name, 10)
            refused(path, tmp_path)
    assert import_snapshot(tmp_path / "new", path).id == two.id


def test_what_is_no_export(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        import_snapshot(tmp_path, tmp_path / "none.zip")
    with pytest.raises(InputError, match="cannot read"):
        import_snapshot(tmp_path, tmp_path)


slow = settings(
    max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@slow
@given(where=st.integers(0, 2**16), bit=st.integers(0, 7), cut=st.booleans())
def test_damaged_exports_bring_all_or_nothing(tmp_path_factory, where, bit, cut):
    base = tmp_path_factory.mktemp("x")
    snapshot = sealed(base / "old", (OPEN, reply(OPEN, "/a", b"alpha", "the first")))
    export_snapshot(snapshot, base / "a.zip")
    content = bytearray((base / "a.zip").read_bytes())
    where %= len(content)
    if cut:
        del content[where:]
    else:
        content[where] ^= 1 << bit
    (base / "a.zip").write_bytes(bytes(content))
    try:
        brought = import_snapshot(base / "new", base / "a.zip")
    except InputError:
        assert not (base / "new").exists()
    else:
        # A bit that carries nothing, or one of the manifest: then it is another snapshot.
        assert [one.body for one in brought.replies().values()] == [b"alpha"]
        assert (brought.id == snapshot.id) == (brought.manifest == snapshot.manifest)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
bodies = st.binary(max_size=300)
requests = st.builds(
    Request,
    st.sampled_from(["tor", "acled"]),
    words.map(lambda text: f"/{text}"),
    st.lists(st.tuples(words, words), max_size=3).map(tuple),
    words,
)


@slow
@given(
    replies=st.dictionaries(requests, st.tuples(bodies, st.booleans()), max_size=6),
    private=st.booleans(),
)
def test_round_trips(tmp_path_factory, replies, private):
    base = tmp_path_factory.mktemp("y")
    known = {"tor": OPEN, "acled": CLOSED}
    pairs = [
        (known[request.service], Reply(request, body, WHEN, USER_SUPPLIED if own else "service"))
        for request, (body, own) in replies.items()
    ]
    store, entries = Store(base / "old"), []
    for service, one in pairs:
        store.keep("trial", entry_of(one, service), one.body)
        entries.append(entry_of(one, service))
    kept = store.kept("trial")
    assert {key: store.get(one.sha256, one.bytes) for key, one in kept.items()} == {
        one.request.key: one.body for _, one in pairs
    }
    snapshot = Snapshot.seal(store.folder, manifest_of("trial", WHEN, entries))
    reverse = manifest_of("trial", WHEN, entries[::-1])
    assert reverse.id == snapshot.id
    assert snapshot.replies() == {one.request.key: one for _, one in pairs}
    for name in ("a.zip", "b.zip"):
        export_snapshot(snapshot, base / name, private=private)
    assert (base / "a.zip").read_bytes() == (base / "b.zip").read_bytes()
    brought = import_snapshot(base / "new", base / "a.zip")
    assert brought.manifest == snapshot.manifest
    open_bodies = {one.body for service, one in pairs if service.redistributable or private}
    assert brought.replies() == {
        one.request.key: one for _, one in pairs if one.body in open_bodies
    }


def test_a_damaged_journal_is_asked_again(folder):
    store, one = Store(folder), reply(OPEN, "/a", b"1")
    store.keep("trial", entry_of(one, OPEN), one.body)
    path = folder / "pending" / "trial" / f"{one.request.key}.json"
    whole = path.read_bytes()
    assert list(store.kept("trial")) == [one.request.key]
    for content in (b"", whole[:-3], whole.replace(b"/a", b"/b"), b"\xff"):
        path.write_bytes(content)
        assert store.kept("trial") == {}
    path.write_bytes(whole)
    store.object_path(one.digest).write_bytes(b"x")
    assert store.kept("trial") == {}
    for case in ("../x", "", ".hidden", "a/b"):
        with pytest.raises(InputError, match="cannot name a folder"):
            store.kept(case)
