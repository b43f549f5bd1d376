"""Imports what production is made of, one module after the other, and writes down how that went.

Started by depslim on a copy of the environment. Takes nothing but the standard library.
"""

import importlib
import importlib.util
import os
import subprocess
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ITEMS = os.path.join(HERE, "modules.txt")
RESULTS = os.path.join(HERE, "results.txt")
SETUP = "django.setup()"


def write(line):
    with open(RESULTS, "a", encoding="utf-8", errors="replace") as results:
        results.write(" ".join(line.splitlines()) + "\n")


def load_file(path, name):
    """Runs a file as a module of its own, with its folder on the path, as a script has it."""
    folder = os.path.dirname(os.path.abspath(path))
    sys.path.insert(0, folder)
    try:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def load(root, name, path):
    root = os.path.abspath(root or ".")
    if root not in sys.path:
        sys.path.insert(0, root)
    try:
        importlib.import_module(name)
    except ImportError as error:
        # A folder without `__init__.py` may be a place for scripts: what is lacking then is the name itself, not something in it.
        own = error.name and (name == error.name or name.startswith(error.name + "."))
        relative = "relative import" in str(error) or "is not a package" in str(error)
        if not own or relative or "." not in name:
            raise
        load_file(path, name.rsplit(".", 1)[-1])


def child(items, first):
    sys.argv = [__file__]
    start = next((item[1] for item in items if item[0] == "setup"), None)
    if start:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", start)
        sys.path.insert(0, os.getcwd())
        outcome = "ok " + SETUP
        try:
            importlib.import_module("django").setup()
        except BaseException as error:
            print("depslim: %s failed" % SETUP, file=sys.stderr)
            traceback.print_exc()
            outcome = "fail %s\t%s: %s" % (SETUP, type(error).__name__, error)
        if first == 0:
            write(outcome)
    items = [item for item in items if item[0] == "import"]
    for _, root, name, path in items[first:]:
        write("try " + path)
        try:
            load(root, name, path)
        except BaseException as error:
            sys.stdout.flush()
            print("depslim: %s can't be imported" % path, file=sys.stderr)
            traceback.print_exc()
            sys.stderr.flush()
            write("fail %s\t%s: %s" % (path, type(error).__name__, error))
        else:
            write("ok " + path)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that a module has started do not matter.
    os._exit(0)


def done():
    try:
        with open(RESULTS, encoding="utf-8") as results:
            lines = results.read().splitlines()
    except OSError:
        lines = []
    tried = [line[4:] for line in lines if line.startswith("try ")]
    known = sum(1 for line in lines if line.startswith(("ok ", "fail ")) and SETUP not in line.split("\t")[0])
    return tried, known


def main():
    with open(ITEMS, encoding="utf-8") as lines:
        items = [line.rstrip("\n").split("\t") for line in lines]
    if len(sys.argv) > 1:
        child(items, int(sys.argv[1]))
    count = sum(1 for item in items if item[0] == "import")
    while done()[1] < count:
        before = done()[1]
        code = subprocess.call([sys.executable, os.path.abspath(__file__), str(before)], stdin=subprocess.DEVNULL)
        tried, known = done()
        if len(tried) > known:
            write("fail %s\tended the interpreter with %s" % (tried[-1], code))
        elif known == before:
            print("depslim: the interpreter ended with %s before it imported anything" % code, file=sys.stderr)
            sys.exit(1)
    write("end")


main()
