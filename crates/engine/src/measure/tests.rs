//! Small trees made by hand, and random ones against a walk that is too simple to be wrong.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use tempfile::TempDir;

/// A tree from lines: `dir/`, `file 12` (bytes), `new = old` (hard link), `link -> target`.
fn tree(lines: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let at = |path: &str| {
            let path = dir.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            path
        };
        if let Some((link, target)) = line.split_once(" -> ") {
            symlink(target, at(link)).unwrap();
        } else if let Some((new, old)) = line.split_once(" = ") {
            fs_err::hard_link(dir.path().join(old), at(new)).unwrap();
        } else if let Some((file, bytes)) = line.split_once(' ') {
            fs_err::write(at(file), vec![b'x'; bytes.parse().unwrap()]).unwrap();
        } else {
            fs_err::create_dir_all(dir.path().join(line)).unwrap();
        }
    }
    dir
}

fn files(paths: &[&str]) -> Owns {
    Owns::Files(paths.iter().map(|p| (*p).to_owned()).collect())
}

fn trees(paths: &[&str]) -> Owns {
    Owns::Trees(paths.iter().map(|p| (*p).to_owned()).collect())
}

/// `cache/x.out` and `x.out` are made from `x.src`.
fn derived(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.strip_suffix(".out")?;
    Some(match folder {
        "" | "cache" => format!("{stem}.src"),
        folder => format!("{folder}/{stem}.src"),
    })
}

/// Measures with both walks and several numbers of threads: all must say the same.
fn measured(tree: &Path, claims: &[(u32, &str, &Owns)]) -> Measured {
    let claims: Vec<Claim<'_>> = claims.iter().map(|&(owner, base, owns)| Claim { owner, base, owns }).collect();
    let result = measure(tree, &claims, derived, 1).unwrap();
    assert_eq!(measure(tree, &claims, derived, 5).unwrap(), result);
    let claims = Claims::new(tree, &claims);
    let survey = Survey::new(&claims, derived);
    let tallies = portable::walk(tree, &survey, 2).unwrap();
    assert_eq!(Tally::sum(tallies, &claims, claims.weigh_outside()), result);
    let parts: u64 = result.owners.iter().map(|w| w.bytes).sum();
    assert_eq!(parts + result.unowned.bytes + result.folders.bytes, result.total);
    let parts: u64 = result.owners.iter().map(|w| w.on_disk).sum();
    assert_eq!(parts + result.unowned.on_disk + result.folders.on_disk, result.on_disk);
    result
}

fn bytes(measured: &Measured) -> Vec<u64> {
    measured.owners.iter().map(|w| w.bytes).collect()
}

fn places(measured: &Measured) -> Vec<(&str, u64)> {
    measured.unowned_places.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect()
}

#[test]
fn each_file_counts_to_who_claims_it() {
    let dir =
        tree("site/alpha/a.src 10\nsite/alpha/b.src 20\nsite/beta.src 300\nsite/alpha-1.meta/LIST 5\nbin/alpha 7");
    let alpha = files(&["../alpha/a.src", "../alpha/b.src", "LIST", "../../bin/alpha"]);
    let beta = files(&["beta.src"]);
    let m = measured(dir.path(), &[(0, "site/alpha-1.meta", &alpha), (1, "site", &beta)]);
    assert_eq!(bytes(&m), [42, 300]);
    assert_eq!(m.owners[0].files, 4);
    assert_eq!((m.unowned, places(&m)), (Weight::default(), vec![]));
    assert_eq!((m.absent, m.conflicts, m.outside), (vec![], vec![], vec![]));
    assert_eq!((m.entries, m.folders.files), (5 + 5, 5));
}

#[test]
fn what_nobody_claims_is_told_by_the_top_most_folder() {
    let dir = tree(
        "site/alpha/a.src 10\nsite/alpha/extra.txt 4\nsite/alpha/data/deep/big 500\nsite/alpha/data/more 1
         other/x 50\nother/y/z 60\nempty/",
    );
    let m = measured(dir.path(), &[(0, "", &files(&["site/alpha/a.src"]))]);
    assert_eq!(places(&m), [("site/alpha/data", 501), ("other", 110), ("site/alpha/extra.txt", 4)]);
    assert_eq!(m.unowned.bytes, 615);
    let m = measured(dir.path(), &[]);
    assert_eq!(places(&m), [(".", 625)]);
}

#[test]
fn a_folder_of_absent_files_is_nobodys() {
    let dir = tree("pkg/sub/left 9\nkept 1");
    let m = measured(dir.path(), &[(0, "", &files(&["pkg/gone.src", "pkg/sub/gone.src", "kept", "kept"]))]);
    assert_eq!(places(&m), [("pkg", 9)]);
    assert_eq!((m.absent.clone(), bytes(&m)), (vec![(0, 2)], vec![1]));
}

#[test]
fn derived_files_follow_their_source() {
    let dir = tree(
        "s/one.src 1\ns/cache/one.out 10\ns/pkg/two.src 2\ns/pkg/cache/two.out 20\ns/pkg/cache/orphan.out 500\ns/pkg/two.out 40
         s/cache/odd/one.out 3000\ntop.src 4\ntop.out 80",
    );
    let one = files(&["one.src"]);
    let two = files(&["pkg/two.src", "../top.src"]);
    let m = measured(dir.path(), &[(0, "s", &one), (1, "s", &two)]);
    assert_eq!(bytes(&m), [11, 2 + 20 + 40 + 4 + 80]);
    assert_eq!(places(&m), [("s/cache/odd", 3000), ("s/pkg/cache/orphan.out", 500)]);
}

#[test]
fn a_claimed_folder_is_owned_down_to_a_closer_claim() {
    let dir =
        tree("lib/shared/x 1\nlib/shared/sub/y 2\nlib/shared/sub/deep/z 4\nlib/shared/sub/deep/cache/z.out 8\nlone 16");
    let m = measured(
        dir.path(),
        &[
            (0, "lib", &trees(&["shared"])),
            (1, "lib/shared", &files(&["sub/", "x"])),
            (2, "lib/shared/sub/deep", &files(&["z"])),
            (3, "", &trees(&["lone"])),
        ],
    );
    assert_eq!(bytes(&m), [0, 1 + 2 + 8, 4, 16]);
    let all = measured(dir.path(), &[(0, "", &trees(&["."]))]);
    assert_eq!((bytes(&all), all.unowned.bytes), (vec![31], 0));
}

#[test]
fn a_file_with_several_names_counts_once() {
    let dir = tree("a/one 100\nb/two = a/one\nb/three = a/one\nc/lone 7");
    let (b, c) = (files(&["b/two", "b/three"]), files(&["c/lone"]));
    let m = measured(dir.path(), &[(0, "", &b), (1, "", &c)]);
    assert_eq!(bytes(&m), [100, 7]);
    assert_eq!((m.unowned.bytes, m.unowned.files, m.shared_outside), (0, 0, 0));
    // Two owners: the name whose folder comes first decides.
    let (a, b) = (files(&["a/one"]), files(&["b/two"]));
    assert_eq!(bytes(&measured(dir.path(), &[(0, "", &b), (1, "", &a)])), [0, 100]);
    assert_eq!(places(&measured(dir.path(), &[(0, "", &c)])), [("a", 100)]);
}

#[test]
fn names_outside_the_tree_are_said() {
    let dir = tree("cache/x 100\nenv/x = cache/x\nenv/y 1\nenv/z = env/y");
    let m = measured(&dir.path().join("env"), &[]);
    assert_eq!((m.shared_outside, m.unowned.bytes, m.unowned.files), (100, 101, 2));
}

#[test]
fn links_are_entries_and_never_followed() {
    let dir = tree("real/file 10\nloop/self -> .\nloop/up -> ..\nto-real -> real\ndead -> nowhere\nouter -> /usr");
    let m = measured(dir.path(), &[(0, "", &files(&["to-real", "dead/file"]))]);
    assert_eq!(bytes(&m), ["real".len() as u64]);
    assert_eq!(m.absent, [(0, 1)]);
    assert_eq!(m.unowned.bytes, 10 + (".".len() + "..".len() + "nowhere".len() + "/usr".len()) as u64);
    // The tree itself may be a link.
    let whole = measured(dir.path(), &[]);
    let outer = tree("");
    symlink(dir.path(), outer.path().join("tree")).unwrap();
    assert_eq!(measured(&outer.path().join("tree"), &[]), whole);
}

#[test]
fn claims_go_through_the_links_of_the_tree_itself() {
    let dir = tree("lib/py/site/x 1\nlib/libx.so 20\nlib64 -> lib\naround -> .\nout -> ..\nloop -> loop");
    let owns =
        files(&["x", "../../../lib64/libx.so", "../../../around/lib64/py/site/x", "../../../out/y", "../../../loop/z"]);
    let m = measured(dir.path(), &[(0, "lib/py/site", &owns)]);
    assert_eq!((bytes(&m), m.absent.clone(), m.conflicts.len()), (vec![21], vec![(0, 2)], 0));
    // The link itself is a file like any other.
    let m = measured(dir.path(), &[(0, "", &files(&["lib64"]))]);
    assert_eq!(bytes(&m), [3]);
}

#[test]
fn a_path_with_two_owners_counts_to_the_first_and_is_said() {
    let dir = tree("tests/init 5\ntests/mine 6");
    let (a, b) = (files(&["tests/init", "gone"]), files(&["tests/init", "tests/mine", "gone"]));
    let m = measured(dir.path(), &[(0, "", &a), (1, "", &b), (2, "", &a)]);
    assert_eq!(bytes(&m), [5, 6, 0]);
    let conflict = |other| Conflict { path: "tests/init".into(), counted: 0, other };
    assert_eq!(m.conflicts, [conflict(1), conflict(2)]);
    assert_eq!(m.absent, [(0, 1), (1, 1), (2, 1)]);
}

#[test]
fn claims_outside_the_tree_are_counted_apart() {
    let dir = tree("env/lib/x 10\nshare/y 500\nshare/more 30");
    let owns = files(&["x", "../../share/y", "../../share/more", "../../share/none", "../../env/lib/x"]);
    let m = measured(&dir.path().join("env"), &[(0, "lib", &owns)]);
    assert_eq!((bytes(&m), m.total - m.folders.bytes), (vec![10], 10));
    assert_eq!(m.absent, [(0, 1)]);
    let [outside] = &m.outside[..] else { panic!("{:?}", m.outside) };
    assert_eq!((outside.owner, outside.weight.bytes, outside.weight.files), (0, 530, 2));
    assert_eq!(outside.example, "../../share/y");
}

#[test]
fn absolute_claims_count_when_they_lie_in_the_tree() {
    let dir = tree("env/bin/run 9\nenv/z 1\nelse/where 70");
    let inside = dir.path().join("env/bin/run");
    let outside = dir.path().join("else/where");
    let owns = files(&[inside.to_str().unwrap(), outside.to_str().unwrap(), "../z"]);
    let m = measured(&dir.path().join("env"), &[(0, "lib/python", &owns)]);
    assert_eq!((bytes(&m), m.outside[0].weight.bytes, m.absent), (vec![9], 70, vec![(0, 1)]));
}

#[test]
fn names_that_are_no_text_survive() {
    let dir = tree("site/a.src 1");
    let odd = std::ffi::OsString::from_vec(b"odd\xff\xfe".to_vec());
    fs_err::create_dir_all(dir.path().join("site").join(&odd)).unwrap();
    fs_err::write(dir.path().join("site").join(&odd).join(&odd), [0; 77]).unwrap();
    fs_err::write(dir.path().join("site").join(&odd).join("a.out"), [0; 5]).unwrap();
    let m = measured(dir.path(), &[(0, "site", &files(&["a.src"]))]);
    assert_eq!((m.unowned.bytes, bytes(&m)), (82, vec![1]));
    assert_eq!(places(&m), [("site/odd\u{fffd}\u{fffd}", 82)]);
}

#[test]
fn many_single_files_are_told_up_to_the_limit() {
    let lines: Vec<String> = (0..300).map(|n| format!("site/f{n:03} {}", 1 + n % 150)).collect();
    let dir = tree(&format!("site/owned 1\n{}", lines.join("\n")));
    let m = measured(dir.path(), &[(0, "site", &files(&["owned"]))]);
    let mut expect: Vec<(String, u64)> = (0..300).map(|n| (format!("site/f{n:03}"), 1 + n % 150)).collect();
    expect.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    expect.truncate(PLACES);
    assert_eq!(m.unowned_places, expect);
}

#[test]
fn chains_of_folders_longer_than_any_path_are_measured() {
    // 600 folders of 40 letters: 24,000 bytes of path where the system takes 4,096. Made from the inside out.
    let dir = TempDir::new().unwrap();
    let name = "d".repeat(40);
    let inner = dir.path().join("inner");
    let outer = dir.path().join("outer");
    fs_err::create_dir_all(&inner).unwrap();
    fs_err::write(inner.join("leaf"), [0; 1234]).unwrap();
    for _ in 0..600 {
        fs_err::create_dir(&outer).unwrap();
        fs_err::rename(&inner, outer.join(&name)).unwrap();
        fs_err::rename(&outer, &inner).unwrap();
    }
    let m = measure(dir.path(), &[], derived, 2).unwrap();
    assert_eq!((m.unowned.bytes, m.folders.files, m.unreadable.clone()), (1234, 602, vec![]));

    // The walk by whole paths can't go there, and says so.
    let claims = Claims::new(dir.path(), &[]);
    let survey = Survey::new(&claims, derived);
    let m = Tally::sum(portable::walk(dir.path(), &survey, 2).unwrap(), &claims, claims.weigh_outside());
    assert!(!m.unreadable.is_empty());
    remove_chain(&inner, &name);
}

/// `remove_dir_all` needs as many open folders as the chain is deep.
fn remove_chain(inner: &Path, name: &str) {
    let spare = inner.with_file_name("spare");
    while inner.join(name).exists() {
        fs_err::rename(inner.join(name), &spare).unwrap();
        fs_err::remove_dir(inner).unwrap();
        fs_err::rename(&spare, inner).unwrap();
    }
}

#[test]
fn more_folders_than_may_be_open_are_measured() {
    // Each of 300 levels has a second branch that waits while the first is walked.
    let dir = TempDir::new().unwrap();
    let mut at = dir.path().to_owned();
    for _ in 0..300 {
        fs_err::create_dir_all(at.join("b/b")).unwrap();
        fs_err::write(at.join("b/b/file"), [0; 10]).unwrap();
        fs_err::write(at.join("b/owned"), [0; 1]).unwrap();
        at = at.join("a");
    }
    fs_err::create_dir(&at).unwrap();
    let deep = format!("{}b/owned", "a/".repeat(250));
    let m = measured(dir.path(), &[(0, "", &files(&["b/owned", &deep]))]);
    assert_eq!((m.unowned.bytes, bytes(&m)), (300 * 11 - 2, vec![2]));
    assert_eq!(m.folders.files, 1 + 300 * 3);
}

/// The administrator may read everything, so the test runs itself again as someone who may not.
#[test]
fn folders_that_may_not_be_read_are_said() {
    const AGAIN: &str = "DEPSLIM_TEST_UNREADABLE";
    if std::env::var_os(AGAIN).is_none() && fs_err::metadata("/proc/self").unwrap().uid() == 0 {
        use std::os::unix::process::CommandExt;
        let dir = TempDir::new().unwrap();
        fs_err::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let program = dir.path().join("test");
        fs_err::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let name = "measure::tests::folders_that_may_not_be_read_are_said";
        let run = std::process::Command::new(program)
            .args(["--exact", name])
            .env(AGAIN, "1")
            .env("TMPDIR", dir.path())
            .current_dir(dir.path())
            .uid(65534)
            .gid(65534)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let dir = tree("open/file 10\nopen/closed/secret 20\nopen/listed/secret 20");
    let mode = |path: &str, mode| {
        fs_err::set_permissions(dir.path().join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("open/closed", 0o000);
    mode("open/listed", 0o444);
    let m = measured(dir.path(), &[(0, "", &files(&["open/file", "open/closed/secret"]))]);
    mode("open/closed", 0o700);
    mode("open/listed", 0o700);
    assert_eq!((bytes(&m), m.unowned.bytes, m.folders.files, m.absent), (vec![10], 0, 4, vec![(0, 1)]));
    let paths: Vec<&str> = m.unreadable.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["open/closed", "open/listed/secret"]);
    assert_eq!(m.unreadable[0].1, "permission denied");
}

#[test]
fn a_tree_that_is_none_is_an_error() {
    let dir = tree("file 1");
    for path in ["file", "nowhere"] {
        assert!(measure(&dir.path().join(path), &[], derived, 1).is_err(), "{path}");
    }
}

/// A random tree: (where, what).
#[derive(Debug, Clone)]
enum Make {
    File(usize, u16),
    Folder,
    HardLink(usize),
    SymLink(usize),
}

/// Paths that collide often, with derived names among them.
fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "cache", "x.src", "x.out", "y.out", "é"]), 1..5)
        .prop_map(|parts| parts.join("/"))
}

fn claimed_path() -> impl Strategy<Value = String> {
    (prop::sample::select(vec!["", "../", "./", "../../"]), path(), prop::sample::select(vec!["", "", "", "/"]))
        .prop_map(|(up, path, slash)| format!("{up}{path}{slash}"))
}

fn build(root: &Path, makes: &[(String, Make)]) {
    for (path, make) in makes {
        let at = root.join(path);
        let above = at.parent().unwrap();
        // A file may be in the way: then this one is left out.
        if fs_err::create_dir_all(above).is_err() || at.symlink_metadata().is_ok() {
            continue;
        }
        let other = |n: usize| root.join(&makes[n % makes.len()].0);
        match make {
            Make::File(fill, size) => fs_err::write(&at, vec![*fill as u8; *size as usize]).unwrap(),
            Make::Folder => fs_err::create_dir(&at).unwrap(),
            Make::HardLink(n) => drop(fs_err::hard_link(other(*n), &at)),
            Make::SymLink(n) => symlink(other(*n), &at).unwrap(),
        }
    }
}

/// One name of an inode, in the order in which names are preferred: unowned, parts of the folder's path, owner, bytes.
type Name = (bool, Vec<String>, Option<u32>, u64);

/// The rules of attribution, said once more, without an eye on speed.
fn naive(root: &Path, claims: &[(u32, String, Owns)]) -> (u64, u64, Vec<u64>, u64) {
    // Exact and deep claims by path; the first owner has it.
    let (mut exact, mut deep) = (BTreeMap::new(), BTreeMap::new());
    for (owner, base, owns) in claims {
        let (Owns::Files(paths) | Owns::Trees(paths)) = owns else { continue };
        for path in paths {
            let mut parts: Vec<String> = Vec::new();
            let mut left = false;
            let claimed = format!("{base}/{path}");
            let all: Vec<&str> = claimed.split('/').collect();
            for (at, part) in all.iter().enumerate() {
                let link = root.join(part);
                match *part {
                    "" | "." => {}
                    ".." => left |= parts.pop().is_none(),
                    // Claims go through links in the tree itself, but the last part may be the link.
                    part => match fs_err::canonicalize(&link) {
                        Ok(to)
                            if parts.is_empty()
                                && at + 1 < all.len()
                                && link.is_symlink()
                                && to.is_dir()
                                && to.starts_with(root) =>
                        {
                            let inside = to.strip_prefix(root).unwrap().to_str().unwrap();
                            parts = inside.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
                        }
                        _ => parts.push(part.to_owned()),
                    },
                }
            }
            if left {
                continue;
            }
            let whole = parts.join("/");
            let first = *exact.entry(whole.clone()).or_insert(*owner);
            if first == *owner && (path.ends_with('/') || matches!(owns, Owns::Trees(_))) {
                deep.insert(whole, *owner);
            }
        }
    }
    let owner_of = |path: &str| -> Option<u32> {
        if let Some(owner) = exact.get(path) {
            return Some(*owner);
        }
        let parts: Vec<&str> = path.split('/').collect();
        let cut = parts.len().saturating_sub(2);
        if let Some(source) = derived(&parts[cut..].join("/")) {
            let mut whole = parts[..cut].to_vec();
            whole.extend(source.split('/'));
            if let Some(owner) = exact.get(&whole.join("/")) {
                return Some(*owner);
            }
        }
        (0..parts.len()).rev().find_map(|n| deep.get(&parts[..n].join("/")).copied())
    };

    let mut folders = 0;
    let mut inodes: BTreeMap<u64, Vec<Name>> = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![root.to_owned()];
    let mut total = 0;
    while let Some(folder) = open.pop() {
        folders += folder.symlink_metadata().unwrap().len();
        for entry in fs_err::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = path.symlink_metadata().unwrap();
            if meta.is_dir() {
                open.push(path);
                continue;
            }
            let relative = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let owner = owner_of(&relative);
            let mut place: Vec<String> = relative.split('/').map(str::to_owned).collect();
            place.pop();
            inodes.entry(meta.ino()).or_default().push((owner.is_none(), place, owner, meta.len()));
        }
    }
    let owners = claims.iter().map(|c| c.0 as usize + 1).max().unwrap_or(0);
    let mut sums = vec![0; owners + 1];
    for names in inodes.values_mut() {
        names.sort();
        let (_, _, owner, len) = &names[0];
        sums[owner.map_or(owners, |o| o as usize)] += len;
        total += len;
    }
    let unowned = sums.pop().unwrap();
    (total + folders, folders, sums, unowned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn random_trees_are_measured_as_a_simple_walk_does(
        makes in prop::collection::vec((path(), prop_oneof![
            4 => (any::<usize>(), 0..9000_u16).prop_map(|(fill, size)| Make::File(fill, size)),
            1 => Just(Make::Folder),
            2 => any::<usize>().prop_map(Make::HardLink),
            1 => any::<usize>().prop_map(Make::SymLink),
        ]), 1..40),
        claims in prop::collection::vec((0..4_u32, prop_oneof![Just(String::new()), path()], prop_oneof![
            3 => prop::collection::vec(claimed_path(), 0..8).prop_map(Owns::Files),
            1 => prop::collection::vec(claimed_path(), 0..3).prop_map(Owns::Trees),
        ]), 0..6),
    ) {
        let dir = TempDir::new().unwrap();
        let dir_path = fs_err::canonicalize(dir.path()).unwrap();
        build(&dir_path, &makes);
        let given: Vec<(u32, &str, &Owns)> = claims.iter().map(|(o, b, owns)| (*o, b.as_str(), owns)).collect();
        let m = measured(&dir_path, &given);
        let (total, folders, owners, unowned) = naive(&dir_path, &claims);
        prop_assert_eq!((m.total, m.folders.bytes, m.unowned.bytes), (total, folders, unowned));
        prop_assert_eq!(bytes(&m), owners);
        if m.unowned_places.len() < PLACES {
            prop_assert_eq!(m.unowned_places.iter().map(|p| p.1).sum::<u64>(), unowned);
        }
    }

    #[test]
    fn no_claim_ever_panics(base in ".*", paths in prop::collection::vec(".*", 0..4), deep: bool) {
        let dir = tree("a/b 1");
        let owns = if deep { Owns::Trees(paths) } else { Owns::Files(paths) };
        measured(dir.path(), &[(3, &base, &owns)]);
    }
}

#[test]
fn names_of_bytes_keep_their_order() {
    assert_eq!(portable::last(std::ffi::OsStr::new("a/b").as_bytes()), b"b");
    assert_eq!((portable::join(b".", b"x"), portable::join(b"a", b"b")), (b"x".to_vec(), b"a/b".to_vec()));
}
