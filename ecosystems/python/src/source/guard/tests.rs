//! Guards, by their text.

use super::Need::{Elsewhere, Hard, Lazy, Optional, Types};
use super::{Need, branches, catches_import_error, gives_up, suppresses};

#[test]
fn conditions() {
    #[track_caller]
    fn check(text: &str, then: Need, otherwise: Need) {
        let judged = branches(text.as_bytes());
        assert_eq!((judged.then, judged.otherwise), (then, otherwise), "{text}");
    }
    for text in
        ["TYPE_CHECKING", "typing.TYPE_CHECKING", " ( t.TYPE_CHECKING ) ", "MYPY", "False", "0", "not True", "not 1"]
    {
        check(text, Types, Hard);
    }
    for text in ["not TYPE_CHECKING", "not (TYPE_CHECKING)", "True", "1", "TYPE_CHECKING or True"] {
        check(text, Hard, Types);
    }
    check("TYPE_CHECKING and x", Types, Hard);
    check("TYPE_CHECKING or x", Lazy, Lazy);
    check("TYPE_CHECKING or sys.version_info >= (3, 9)", Hard, Lazy);

    for text in [
        "sys.version_info >= (3, 8)",
        "sys.version_info > (3, 13, 99)",
        "(3, 9) <= sys.version_info",
        "sys.version_info[:2] == (3, 14)",
        "sys.version_info[0] == 3",
        "sys.version_info[0] >= 3 and sys.version_info[1] >= 11",
        "sys.version_info.major > 2",
        "sys.version_info >= (3,)",
        "version_info.minor >= 12",
        "six.PY3",
        "not PY2",
    ] {
        check(text, Hard, Lazy);
    }
    for text in [
        "sys.version_info < (3, 11)",
        "sys.version_info < (3, 8, 1)",
        "sys.version_info == (3, 14)",
        "sys.version_info >= (3, 15)",
        "sys.version_info[0] < 3",
        "sys.version_info < (3,) # why\n",
        "PY2",
    ] {
        check(text, Lazy, Hard);
    }

    for text in [
        "sys.platform == 'win32'",
        "'win32' == sys.platform",
        "os.name == \"nt\"",
        "platform.system() == 'Darwin'",
        "sys.platform.startswith('win')",
        "sys.platform.startswith(('win', 'cygwin'))",
        "sys.platform in ('win32', 'darwin')",
        "sys.platform != 'linux'",
        "platform.python_implementation() == 'PyPy'",
        "sys.implementation.name != 'cpython'",
        "x and os.name == 'nt'",
    ] {
        check(text, Elsewhere, Hard);
    }
    for text in [
        "sys.platform != 'win32'",
        "sys.platform.startswith('linux')",
        "sys.platform == 'linux2'",
        "os.name == 'posix'",
        "platform.system() not in ['Windows']",
        "platform.python_implementation() == 'CPython'",
    ] {
        check(text, Hard, Elsewhere);
    }

    for text in [
        "find_spec('x')",
        "importlib.util.find_spec('x') is not None",
        "None is find_spec(name)",
        "not find_spec(\"x\")",
        "all(find_spec(m) for m in y)",
        "apps.is_installed('x')",
        "x if find_spec('x') else y",
        "find_spec('x').loader",
        "(y := find_spec('x'))",
    ] {
        check(text, Optional, Optional);
    }

    check("__name__ == '__main__'", Lazy, Hard);
    check("'__main__' == __name__", Lazy, Hard);
    check("__name__ != '__main__'", Hard, Lazy);

    for text in [
        "",
        "x",
        "DEBUG",
        "x > 1",
        "sys.version_info",
        "sys.version_info >= x",
        "sys.version_info[x] > 2",
        "1 < x < 3",
        "x(1)[2](3)",
        "sys.platform == x",
        "sys.platform is 'win32'",
        "x not y",
        "(((x",
        "'",
        "'a",
        "x)",
        "(x))",
        "not",
        "sys.platform == 'win32' < 3",
        "sys.version_info[0",
        "((((((((((((((((((TYPE_CHECKING))))))))))))))))))",
        "lambda: TYPE_CHECKING",
        "TYPE_CHECKING is True",
        "[TYPE_CHECKING][0]",
        "sys.version_info >= (99999999999999999999,)",
        "os.name",
        "platform.system()",
        "__name__",
    ] {
        check(text, Lazy, Lazy);
    }
}

#[test]
fn handlers() {
    for (text, expect) in [
        ("", true),
        (" ", true),
        (" ImportError", true),
        ("ImportError as error", true),
        ("(KeyError,\n ModuleNotFoundError)", true),
        ("builtins.BaseException", true),
        ("* ImportError", true),
        ("KeyError, Exception", true),
        ("KeyError", false),
        ("MyImportError", false),
        ("(OSError, socket.error)", false),
    ] {
        assert_eq!(catches_import_error(text.as_bytes()), expect, "{text}");
    }
    for (text, expect) in [
        ("raise", true),
        ("raise X from e\n", true),
        ("raise(X)", true),
        ("sys.exit(1)", true),
        ("exit()", true),
        ("os._exit(1)", true),
        ("raised = 1", false),
        ("x = 1; raise", false),
        ("sys.exitcode", false),
        ("", false),
    ] {
        assert_eq!(gives_up(text.as_bytes()), expect, "{text}");
    }
}

#[test]
fn suppressors() {
    for (text, expect) in [
        ("suppress(ImportError)", true),
        ("contextlib.suppress(KeyError, (ImportError))", true),
        ("open(x), suppress(ModuleNotFoundError) as y", true),
        ("pytest.raises(Exception)", true),
        ("suppress(KeyError), ImportError(1)", false),
        ("suppress(KeyError) as ImportError", false),
        ("suppress", false),
        ("suppress(", false),
        ("x(suppress)(ImportError)", false),
        ("f(ImportError)", false),
        (")))suppress(ImportError", true),
    ] {
        assert_eq!(suppresses(text.as_bytes()), expect, "{text}");
    }
}
