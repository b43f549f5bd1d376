"""A package index on this machine: makes small wheels in the folder that it is given, prints its port, and serves until it is ended."""

import hashlib
import http.server
import os
import sys
import zipfile

# Name, version, what it requires.
PACKAGES = [("plum", "1.0", ["pear>=1"]), ("pear", "1.1", []), ("pear", "1.4", []), ("sloe", "2.0", ["hay"]), ("hay", "3.0", [])]


def wheel(folder, name, version, requires):
    info = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(f"Requires-Dist: {r}\n" for r in requires)
    tag = "Wheel-Version: 1.0\nGenerator: index\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {f"{name}/__init__.py": "", f"{info}/METADATA": about, f"{info}/WHEEL": tag}
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    path = os.path.join(folder, f"{name}-{version}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(member, text)
    with open(path, "rb") as made:
        digest = hashlib.sha256(made.read()).hexdigest()
    with open(os.path.join(folder, "index.html"), "a") as page:
        page.write(f'<a href="{os.path.basename(path)}#sha256={digest}">{os.path.basename(path)}</a>\n')


os.chdir(sys.argv[1])
for name, version, requires in PACKAGES:
    os.makedirs(f"simple/{name}", exist_ok=True)
    wheel(f"simple/{name}", name, version, requires)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_address[1], flush=True)
server.serve_forever()
