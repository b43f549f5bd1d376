//! `--fix` and `--diff`.

use crate::bench::shop;

const PATCH: &str = "--- a/requirements.txt
+++ b/requirements.txt
@@ -1,4 +1,3 @@
 # what the shop needs
 plum==2.1
-quince==0.9
 damson==3.0
";

#[test]
fn a_patch_is_printed_and_nothing_is_written() {
    let bench = shop();
    let before = bench.read("requirements.txt");
    let run = bench.run(&["--diff", "--select", "SLIM001"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, PATCH, ""));
    assert_eq!(bench.read("requirements.txt"), before);
    let run = bench.run(&["--diff", "--select", "SLIM003"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
}

#[test]
fn a_fix_is_made_once_and_then_there_is_nothing_left() {
    let bench = shop();
    let run = bench.run(&["--fix", "--select", "SLIM001"]);
    assert_eq!((run.code, run.err.as_str()), (0, "fixed requirements.txt: removed quince\n"), "{}", run.all());
    assert_eq!(bench.read("requirements.txt"), "# what the shop needs\nplum==2.1\ndamson==3.0\n");
    let run = bench.run(&["--fix", "--select", "SLIM001"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.all());
    assert_eq!(bench.read("requirements.txt"), "# what the shop needs\nplum==2.1\ndamson==3.0\n");
}

#[test]
fn comments_order_and_line_ends_stay() {
    let bench = shop();
    bench.write(
        "requirements.txt",
        "damson==3.0\r\n# the old till\r\nquince==0.9 ; python_version > '3'\r\n\r\nplum==2.1 # keep",
    );
    bench.run(&["--fix", "--select", "SLIM001"]);
    let text = bench.read("requirements.txt");
    assert!(text.starts_with("damson==3.0\r\n") && text.ends_with("\r\nplum==2.1 # keep"), "{text:?}");
    assert!(!text.contains("quince"), "{text:?}");
}

#[test]
fn what_is_ignored_is_not_fixed() {
    let bench = shop();
    bench.write("depslim.toml", "[[ignore]]\npackage = 'quince'\n");
    let before = bench.read("requirements.txt");
    bench.run(&["--fix", "--select", "SLIM001"]);
    assert_eq!(bench.read("requirements.txt"), before);
}

#[test]
fn the_lock_is_brought_up_to_date_by_its_own_client() {
    let bench = shop();
    bench.remove("requirements.txt");
    bench.write(
        "pyproject.toml",
        "[project]\nname = \"shop\"\nversion = \"1\"\nrequires-python = \">=3.11\"\ndependencies = [\n    \"plum==2.1\",\n    \
         \"quince==0.9\",  # since the fair\n    \"damson==3.0\",\n]\n",
    );
    bench.write(
        "uv.lock",
        "version = 1\nrequires-python = \">=3.11\"\n\n[[package]]\nname = \"shop\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\
         dependencies = [\n    { name = \"plum\" },\n    { name = \"quince\" },\n    { name = \"damson\" },\n]\n\n\
         [[package]]\nname = \"plum\"\nversion = \"2.1\"\nsource = { registry = \"https://example.invalid/simple\" }\n\n\
         [[package]]\nname = \"quince\"\nversion = \"0.9\"\nsource = { registry = \"https://example.invalid/simple\" }\n\n\
         [[package]]\nname = \"damson\"\nversion = \"3.0\"\nsource = { registry = \"https://example.invalid/simple\" }\n",
    );
    let run = bench.run(&["--fix"]);
    assert!(run.err.contains("fixed pyproject.toml: ") && run.err.contains("removed quince"), "{}", run.all());
    assert!(run.err.ends_with("next: uv lock\n"), "{}", run.all());
    let text = bench.read("pyproject.toml");
    assert!(!text.contains("quince") && text.contains("\"plum==2.1\""), "{text}");
    assert!(text.contains("[dependency-groups]") && text.contains("damson"), "{text}");
}
