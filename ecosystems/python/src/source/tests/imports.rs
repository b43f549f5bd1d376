//! Import statements and the blocks around them; both engines.

use super::{facts, imports, shown, uses};
use crate::source::skim;
use depslim_model::{How, Settings, Source};

#[test]
fn import_statements() {
    insta::assert_snapshot!(imports("import a\nimport b.c as d, e\nfrom f.g import h, i as j\nfrom k import *\n"), @r"
    1 hard a
    2 hard b.c
    2 hard e
    3 hard f.g h
    3 hard f.g i
    4 hard k *
    ");
    insta::assert_snapshot!(imports("from . import a\nfrom .b import c\nfrom ...d.e import (f,\n  g as h, # why\n)\nfrom .. import *\n"), @r"
    1 hard . a
    2 hard .b c
    3 hard ...d.e f
    3 hard ...d.e g
    6 hard .. *
    ");
    insta::assert_snapshot!(imports("x = 1; import a; from b import c\nimport d \\\n  . e\nfrom f \\\n  import g\nfrom h import \\\n  i\n"), @r"
    1 hard a
    1 hard b c
    2 hard d.e
    4 hard f g
    6 hard h i
    ");
    insta::assert_snapshot!(imports("lazy import a\nlazy from b import c\nlazy = 1\n"), @r"
    1 lazy a
    2 lazy b c
    ");
}

#[test]
fn text_that_only_looks_like_an_import() {
    insta::assert_snapshot!(imports("'''\nimport a\n'''\n# import b\nx = 'import c'\nimport_d = 1\nf('''\n''', [\n'import e'])\n"), @"");
    insta::assert_snapshot!(imports("x = f'''{\n'import a'\n}\nimport b\n'''\nimport c\n"), @"6 hard c");
    insta::assert_snapshot!(imports("x = '\\\nimport a'\nimport b\n"), @"3 hard b");
}

#[test]
fn functions_and_classes() {
    insta::assert_snapshot!(imports("class A:\n  import a\n  def f(self):\n    import b\n    class B:\n      import c\nimport d\nasync def g():\n\timport e\n"), @r"
    2 hard a
    4 lazy b
    6 lazy c
    7 hard d
    9 lazy e
    ");
    insta::assert_snapshot!(imports("def f(): import a\nclass B: import b; import c\nfor x in y: import d\nelse: import e\nimport f\n"), @r"
    1 lazy a
    2 hard b
    2 hard c
    3 hard d
    4 hard e
    5 hard f
    ");
    insta::assert_snapshot!(imports("@f(lambda: {1: 2})\ndef g(x: 'a' = {1: (lambda: 2)()}, *,\n  y=lambda z: z) -> {1: 2}:\n  import a\n"), @"4 lazy a");
    insta::assert_snapshot!(imports("if lambda: 1: import a\nwhile x := 1: import b\nwith a as b, c: import c\n"), @r"
    1 lazy a
    2 hard b
    3 hard c
    ");
}

#[test]
fn guarded_imports() {
    insta::assert_snapshot!(imports("try:\n  import a\nexcept ImportError:\n  import b\nelse:\n  import c\nfinally:\n  import d\n"), @r"
    2 optional a
    4 optional b
    6 optional c
    8 hard d
    ");
    insta::assert_snapshot!(imports("try: import a\nexcept (KeyError, mod.ModuleNotFoundError) as e: a = None\ntry: import b\nexcept: b = None\ntry: import c\nexcept Exception: pass\n"), @r"
    1 optional a
    3 optional b
    5 optional c
    ");
    insta::assert_snapshot!(imports("try:\n  import a\nexcept KeyError:\n  import b\ntry:\n  import c\nfinally:\n  pass\n"), @r"
    2 hard a
    4 lazy b
    6 hard c
    ");
    // A handler that raises or exits forgives nothing.
    insta::assert_snapshot!(imports("try:\n  import a\nexcept ImportError as e:\n  import b\n  raise X('no a') from e\ntry:\n  import c\nexcept ImportError: sys.exit(1)\ntry:\n  import d\nexcept ImportError:\n  if x:\n    raise\n"), @r"
    2 hard a
    4 lazy b
    7 hard c
    10 optional d
    ");
    // The first handler that catches it decides.
    insta::assert_snapshot!(imports("try:\n  import a\nexcept ImportError:\n  raise\nexcept Exception:\n  import b\ntry:\n  import c\nexcept KeyError:\n  raise\nexcept ImportError:\n  pass\n"), @r"
    2 hard a
    6 optional b
    8 optional c
    ");
    insta::assert_snapshot!(imports("def f():\n  try:\n    import a\n  except ImportError:\n    raise\n  try:\n    import b\n  except ImportError:\n    try:\n      import c\n    except ImportError:\n      raise\n"), @r"
    3 lazy a
    7 optional b
    10 optional c
    ");
    insta::assert_snapshot!(imports("try:\n  import a\nexcept* (ImportError, X):\n  pass\ntry:\n  import b\nexcept A, ImportError:\n  pass\n"), @r"
    2 optional a
    6 optional b
    ");
    insta::assert_snapshot!(imports("with suppress(ImportError):\n  import a\nwith contextlib.suppress(\n  KeyError, ImportError), open(x) as f:\n  import b\nwith suppress(KeyError) as ImportError:\n  import c\nasync def f():\n  async with pytest.raises(Exception): import d\n"), @r"
    2 optional a
    5 optional b
    7 hard c
    9 optional d
    ");
}

#[test]
fn conditions() {
    insta::assert_snapshot!(imports("if TYPE_CHECKING:\n  import a\nelif x:\n  import b\nelse:\n  import c\nif t.TYPE_CHECKING or MYPY: import d\nif not typing.TYPE_CHECKING:\n  import e\nelse:\n  import f\nif False:\n  import g\n"), @r"
    2 types a
    4 lazy b
    6 lazy c
    7 types d
    9 hard e
    11 types f
    13 types g
    ");
    insta::assert_snapshot!(imports("if sys.version_info >= (3, 11):\n  import a\nelse:\n  import b\nif sys.version_info[0] == 2:\n  import c\nelif sys.version_info < (3, 8, 1):\n  import d\nelse:\n  import e\nif (3, 9) <= sys.version_info[:2]: import f\nif six.PY2: import g\nif sys.version_info == (3, 14): import h\n"), @r"
    2 hard a
    4 lazy b
    6 lazy c
    8 lazy d
    10 hard e
    11 hard f
    12 lazy g
    13 lazy h
    ");
    insta::assert_snapshot!(imports("if x:\n  import a\nif __name__ == '__main__':\n  import b\nif find_spec('c') is not None and x:\n  import c\nelse:\n  import d\nmatch x:\n  case 1:\n    import e\n  case f(import_=2): import g\nmatch = 1\nmatch: int\n"), @r"
    2 lazy a
    4 lazy b
    6 optional c
    8 lazy d
    11 lazy e
    12 lazy g
    ");
    insta::assert_snapshot!(imports("if a:\n  if TYPE_CHECKING:\n    import b\n  else:\n    import c\nelif sys.version_info < (3,):\n  import d\nimport e\n"), @r"
    3 types b
    5 lazy c
    7 lazy d
    8 hard e
    ");
}

#[test]
fn other_systems() {
    // What runs elsewhere is optional for a project, and nothing for an installed package.
    let text = "if sys.platform == 'win32':\n  import a\nelse:\n  import b\nif os.name != 'nt': import c\nif platform.system() in ('Darwin', 'Windows'): import d\nif sys.platform.startswith(('linux', 'x')): import e\nif platform.python_implementation() == 'PyPy': import f\n";
    insta::assert_snapshot!(uses(text, &[How::Import]), @r"
    2 optional a
    4 hard b
    5 hard c
    6 optional d
    7 hard e
    8 optional f
    ");
    let scanned = skim(&Source { path: "x.py", bytes: text.as_bytes(), settings: &Settings::default() });
    insta::assert_snapshot!(shown(&scanned, &[How::Import]), @r"
    4 hard b
    5 hard c
    7 hard e
    ");
}

#[test]
fn new_grammar() {
    // PEP 695, 696, 701, 750, 758, and a decorator of PEP 614.
    insta::assert_snapshot!(imports("type A[T: int = str] = list[T]\ndef f[T](x: T) -> T:\n  import a\nx = f\"{x[\"import b\"]}\"\ntry:\n  import c\nexcept ImportError, KeyError:\n  pass\ny = t\"{import_}\"\n@(yield_)[0].x\nclass C[T]: import d\n"), @r"
    3 lazy a
    6 optional c
    11 hard d
    ");
}

#[test]
fn line_ends_and_encodings() {
    for text in
        ["import a\r\nif x:\r\n\timport b\r\n", "import a\rif x:\r\timport b\r", "\u{feff}import a\nif x:\n\timport b"]
    {
        assert_eq!(imports(text), "1 hard a\n3 lazy b\n", "{text:?}");
    }
    insta::assert_snapshot!(imports("\x0cimport a\n \x0cimport b\nif x:\n\timport c\n\timport d\n"), @r"
    1 hard a
    2 hard b
    4 lazy c
    5 lazy d
    ");
    let latin = facts("x.py", b"# coding: latin-1\nx = '\xe4'\nimport a\n");
    assert_eq!((shown(&latin, &[How::Import]), latin.problems.len()), ("3 hard a\n".to_owned(), 0));
    insta::assert_snapshot!(imports("import größe.ä\nfrom größe import ü\n"), @r"
    1 hard größe.ä
    2 hard größe ü
    ");
}

#[test]
fn stubs_are_for_type_checkers() {
    let stub = facts("shop/app.pyi", b"import a\ndef f(x: a.B): ...\n");
    insta::assert_snapshot!(shown(&stub, &[How::Import, How::Name]), @r"
    1 types import a
    2 types name a.B
    ");
}
