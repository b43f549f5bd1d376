//! What `setup.py` says, by the way it is written.

use super::*;
use crate::manifest::testing::{check_facts, show, source};
use proptest::prelude::*;

fn check(text: &str) -> String {
    show(text.as_bytes(), &read(&source("setup.py", text.as_bytes())))
}

#[test]
fn literal_lists() {
    insta::assert_snapshot!(check("from setuptools import setup\n\nsetup(\n    name='orchard',\n    python_requires='>=3.9',\n    install_requires=[\n        'plum>=1',  # why\n        'pear[jam] ; python_version < \"3.12\"',\n        f'fig=={V}', 'kiwi>=%s' % V, 'sloe~=' + V,\n        {'x'}, None,\n    ],\n    setup_requires=['cython'],\n    tests_require=('pytest',),\n    extras_require={'s3': 'quince', 'test': ['tox'], ':os_name == \"nt\"': ['wheel'], 's3:os_name == \"nt\"': ['medlar']},\n)\n"), @r#"
    manifest name=orchard runtime=>=3.9
    7: plum >=1 # why -        \'plum>=1\',  # why\n
    8: pear[jam] ; python_version < "3.12" -        \'pear[jam] ; python_version < \"3.12\"\',\n
    9: fig
    9: kiwi
    9: sloe
    10: x
    12: cython (build) -\'cython\'
    13: pytest (dev:test)
    14: quince (optional:s3)
    14: tox (dev:test) -\'tox\'
    14: wheel ; os_name == "nt" -\'wheel\'
    14: medlar ; os_name == "nt" (optional:s3) -\'medlar\'
    "#);
}

#[test]
fn names_bound_to_lists() {
    insta::assert_snapshot!(check("import setuptools\nBASE = ['plum']\nMORE = BASE + ['pear']\nif windows:\n    MORE.append('fig')\nMORE += ['kiwi']\nextras = {'s3': ['quince']}\nextras['dev'] = ['ruff'] + extras['s3']\nkwargs = dict(install_requires=list(MORE), extras_require={**extras})\nif __name__ == '__main__':\n    setuptools.setup(name=NAME, **kwargs)\n"), @r"
    manifest
    2: plum -\'plum\'
    3: pear -\'pear\'
    5: fig
    6: kiwi -\'kiwi\'
    7: quince (optional:s3) -\'quince\'
    8: ruff (dev:dev) -\'ruff\'
    7: quince (dev:dev) -\'quince\'
    ");
}

#[test]
fn lists_read_from_files() {
    insta::assert_snapshot!(check("from setuptools import setup\nsetup(install_requires=open('requirements.txt').read().splitlines(), long_description=open('README.txt').read())\n"), @"
    manifest
    2: includes requirements.txt as requirements
    ");
    insta::assert_snapshot!(check("from setuptools import setup\nwith open(os.path.join(here, 'requirements/base.txt')) as f:\n    required = f.read().splitlines()\nsetup(install_requires=required)\n"), @"
    manifest
    2: includes requirements/base.txt as requirements
    ");
    insta::assert_snapshot!(check("from setuptools import setup\ndef requirements():\n    with open('reqs.txt') as f:\n        return [line.strip() for line in f]\nsetup(install_requires=requirements())\n"), @"
    manifest
    3: includes reqs.txt as requirements
    ");
    insta::assert_snapshot!(check("from setuptools import setup\nsetup(install_requires=[l for l in Path('./requirements.in').read_text().split('\\n') if l])\n"), @"
    manifest
    2: includes requirements.in as requirements
    ");
    insta::assert_snapshot!(check("from setuptools import setup\nsetup(install_requires=parse_requirements('requirements.txt'), extras_require={'dev': read('requirements-dev.txt')})\n"), @"
    manifest
    2: includes requirements.txt as requirements
    ");
}

#[test]
fn strings_with_lines() {
    insta::assert_snapshot!(check("from setuptools import setup\nsetup(install_requires='''\nplum>=1\n# Web\npear  # why\n''')\n"), @"
    manifest
    3: plum >=1
    5: pear # why
    ");
    insta::assert_snapshot!(check("from setuptools import setup\nR = 'plum pear'.split()\nsetup(install_requires='''plum\npear'''.splitlines(), tests_require=R)\n"), @"
    manifest
    3: plum
    4: pear
    2: plum (dev:test)
    2: pear (dev:test)
    ");
}

#[test]
fn what_is_computed_is_said() {
    insta::assert_snapshot!(check("from setuptools import setup\nsetup(\n    install_requires=get(),\n    extras_require=compute(),\n    tests_require=A,\n)\nA = A\n"), @"
    manifest
    3: problem: install_requires is computed: not analysed
    4: problem: extras_require is computed: not analysed
    5: problem: tests_require is computed: not analysed
    ");
    insta::assert_snapshot!(check("from setuptools import setup\nsetup(install_requires=['plum',\n  name +])\n"), @r"
    manifest
    2: plum -\'plum\',
    3: problem: syntax error, read as far as possible: Expected an expression
    2: problem: install_requires is computed: not analysed
    ");
}

#[test]
fn other_files_of_this_name_are_no_manifests() {
    insta::assert_snapshot!(check("from flask import request\n\ndef setup():\n    return request\n"), @"");
    insta::assert_snapshot!(check(&format!("setup({})", "(".repeat(10_000))), @"0: problem: nests too deeply: not analysed");
}

#[test]
fn names_that_multiply_are_cut() {
    let text = format!(
        "from setuptools import setup\n{}setup(install_requires=A, extras_require=A)\n",
        "A = A + A\n".repeat(200)
    );
    assert!(read(&source("setup.py", text.as_bytes())).problems.iter().any(|p| p.message.contains("not analysed")));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check_facts(&bytes, &read(&source("setup.py", &bytes)));
    }

    #[test]
    fn no_python_like_text_panics(parts in proptest::collection::vec(prop_oneof![
        Just("setup("), Just("install_requires="), Just("extras_require="), Just("["), Just("]"), Just("{'a':"), Just("}"), Just(")"),
        Just("'plum'"), Just("'x.txt'"), Just("A"), Just(" + "), Just("\nA = "), Just(","), Just("open("), Just("**"), Just("f'p=={v}'"), Just("\nwith "), Just(" as f:\n  "), Just("'é\\n'"),
    ], 0..24)) {
        let text = parts.concat();
        check_facts(text.as_bytes(), &read(&source("setup.py", text.as_bytes())));
    }
}
