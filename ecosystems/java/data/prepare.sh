#!/bin/sh
# Compiles what depslim runs by default, and makes a Java runtime of the modules that stand beside this file. Says how that went.
set -eu
cd "$(dirname "$0")"
PATH="${JAVA_HOME:+$JAVA_HOME/bin:}$PATH"
if [ -f Prove.java ] && [ ! -f classes/Prove.class ]; then
  javac -nowarn -d classes Prove.java
fi
rm -rf jre
modules="$(cat java-modules.txt)"
if ! command -v jlink > /dev/null; then
  echo "on the machine's whole Java runtime: jlink is not there"
elif jlink --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages --output jre > jlink.log 2>&1; then
  echo "on a Java runtime of $(jre/bin/java --list-modules | wc -l) modules, made by jlink"
else
  echo "on the machine's whole Java runtime: jlink says $(tail -n 1 jlink.log)"
  rm -rf jre
fi
