//! What expressions say; the parser alone.

use super::{facts, uses};
use depslim_model::How;

#[test]
fn imports_through_functions() {
    insta::assert_snapshot!(uses("import importlib, pkgutil\nfrom importlib import import_module as im\nimportlib.import_module('a.b')\nim(\".c\", __name__)\nim('..d', package='e.f')\n__import__('g').h()\npytest.importorskip('i')\nimport_string('j.k.L')\npkgutil.resolve_name('m:n')\nif find_spec('o'): pass\ndef f(): im('p')\nx = lambda: im('q')\n", &[How::Dynamic]), @r"
    3 hard a.b import_module
    4 hard .c import_module
    5 hard e.d import_module
    6 hard g __import__
    7 optional i importorskip
    8 hard j.k.L import_string
    9 hard m.n resolve_name
    10 optional o find_spec
    11 lazy p import_module
    12 lazy q import_module
    ");
    insta::assert_snapshot!(uses("from importlib import import_module\nBACKEND = 'a.b'\nimport_module(BACKEND)\nfor name in ['c', 'd.e']:\n  import_module(name)\nimport_module(f'plugins.{x}')\nimport_module('drivers.' + x)\nimport_module('x.{}.y'.format(x))\nimport_module('x.%s' % x)\nimport_module(x)\nfind_spec(x)\nimport_module(settings.ENGINE)\nself.resolve_name(x)\n", &[How::Dynamic, How::Computed]), @r"
    3 hard dynamic a.b import_module
    5 hard dynamic c import_module
    5 hard dynamic d.e import_module
    5 hard computed import_module
    6 hard computed import_module plugins.
    7 hard computed import_module drivers.
    8 hard computed import_module x.
    9 hard computed import_module x.
    10 hard computed import_module
    ");
}

#[test]
fn names_through_imports() {
    insta::assert_snapshot!(uses("import pandas as pd, os.path\nfrom django.db import models\nfrom fastapi import UploadFile\nfrom .x import y\npd.DataFrame.groupby(z)\npd.DataFrame.groupby(z)\nclass A(models.Model):\n  f = models.ImageField()\ndef g(u: UploadFile, *, e: 'list[pd.Series]' = os.path.sep) -> 'os.PathLike': ...\ny.z()\nstripe.api_key = pd\n", &[How::Name]), @r"
    5 hard pandas.DataFrame.groupby
    7 hard django.db.models.Model
    8 hard django.db.models.ImageField
    9 hard os.path.sep
    9 hard fastapi.UploadFile
    9 hard pandas.Series
    9 hard os.PathLike
    11 hard pandas
    ");
    // The strongest place of a name counts; a name is not needed more than its import.
    insta::assert_snapshot!(uses("from a import b\nif TYPE_CHECKING:\n  from c import d\ndef f():\n  b.x\n  b.y\nb.x\nv: d.e\n@b.z\ndef g(): pass\n", &[How::Name]), @r"
    6 lazy a.b.y
    7 hard a.b.x
    8 types c.d.e
    9 hard a.b.z
    ");
    insta::assert_snapshot!(uses("try:\n  import simplejson as json\nexcept ImportError:\n  import json\njson.dumps(x)\n", &[How::Name]), @r"
    5 optional simplejson.dumps
    5 optional json.dumps
    ");
}

#[test]
fn names_through_star_imports() {
    insta::assert_snapshot!(uses("from django.db.models import *\nfrom .x import *\nfrom a import B\nif x: pass\nclass C(Model):\n  d = ImageField(upload_to='e')\n  f = [B, C, g, h()]\n", &[How::Name, How::Call]), @r"
    5 hard name django.db.models.Model
    6 hard name django.db.models.ImageField
    6 hard call django.db.models.ImageField upload_to=e
    7 hard name a.B
    ");
}

#[test]
fn calls_with_constants() {
    insta::assert_snapshot!(uses("from bs4 import BeautifulSoup\nimport httpx, jwt\nfrom passlib.context import CryptContext\nBeautifulSoup(x, 'lxml')\nhttpx.Client(http2=True, timeout=2.5, verify=None)\nCryptContext(schemes=['bcrypt', 'argon2'])\njwt.encode(p, key='sesame', algorithm='RS256')\ndf.to_parquet(p)\ndf.to_excel(p, engine='openpyxl')\ndf.to_parquet(q)\nlogger.info('several words here')\n', '.join(x)\nprint('x')\nhttpx.get('https://me:pw@example.invalid/x?token=1')\n", &[How::Call]), @r"
    4 hard bs4.BeautifulSoup lxml
    5 hard httpx.Client http2=True
    5 hard httpx.Client timeout=2.5
    5 hard httpx.Client verify=None
    6 hard passlib.context.CryptContext schemes=bcrypt
    6 hard passlib.context.CryptContext schemes=argon2
    7 hard jwt.encode algorithm=RS256
    8 hard .to_parquet
    9 hard .to_excel engine=openpyxl
    11 hard .info
    14 hard httpx.get https://example.invalid/x
    ");
    insta::assert_snapshot!(uses("from importlib.metadata import version\nversion('email-validator')\n", &[How::Call]), @"2 hard importlib.metadata.version email-validator");
}

#[test]
fn secrets_stay_in_the_file() {
    let text = "import os, jwt\nK = os.getenv('SECRET_KEY', 'hunter2')\nenv('DB_PASS', default='hunter2')\njwt.encode(p, 'hQ7x9ZkW2mN4vB6cD8fG')\nf.connect(password='hunter2', url='redis://me:hunter2@h/0?password=hunter2')\nTOKEN = 'hunter2'\nD = {'PASSWORD': 'hunter2', 'URL': 'amqp://me:hunter2@h//'}\nstripe.api_key = 'hunter2'\nos.environ['API_KEY'] = 'hunter2'\n";
    let facts = facts("x.py", text.as_bytes());
    assert!(
        facts.uses.iter().all(|one| !format!("{one:?}").contains("hunter2") && !one.value.contains("hQ7x")),
        "{facts:#?}"
    );
    assert!(facts.uses.iter().any(|one| one.how == How::Url && one.name == "amqp"));
}

#[test]
fn settings() {
    insta::assert_snapshot!(uses("INSTALLED_APPS = ['a', *b, 'c.d'] + ['e']\nINSTALLED_APPS += ('f',)\nINSTALLED_APPS.append('g')\nDATABASES = {'default': {'ENGINE': 'h.i', 'OPTIONS': {x: 'j'}}, **z}\nif DEBUG:\n  CACHE = 'k' if x else 'l'\nclass Config(BaseSettings):\n  url: str = 'redis://me:pw@cache/1'\n  broker: str = Field(default='m')\n  name: str = Field('n', description='two words')\n", &[How::Setting]), @r"
    1 hard INSTALLED_APPS a
    1 hard INSTALLED_APPS c.d
    1 hard INSTALLED_APPS e
    2 hard INSTALLED_APPS f
    3 hard INSTALLED_APPS g
    4 hard DATABASES.default.ENGINE h.i
    4 hard DATABASES.default.OPTIONS.* j
    6 lazy CACHE k
    6 lazy CACHE l
    8 hard url redis://cache/1
    9 hard broker m
    10 hard name n
    ");
    insta::assert_snapshot!(uses("import os\nBROKER = os.environ.get('BROKER_URL', 'amqp://')\nos.environ['A_B'] = 'c'\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\nDB = env('DB_URL', default='sqlite://')\nx = config('CACHE', default='d')\ndef create_app():\n  y = 'e'\n  app.config['CACHE_TYPE'] = 'f'\n  app.conf.task_serializer = 'g'\n  app.conf.update(result_backend='h', SECRET_KEY='i')\n  app.config.from_mapping({'K': 'l'})\n  self.z = 'm'\nsettings.configure(APPS=['n'])\nclient.request('GET', 'o')\nAPI_KEY = 'p'\nLONG = 'two words'\n", &[How::Setting]), @r"
    2 hard BROKER amqp://
    2 hard BROKER_URL amqp://
    3 hard A_B c
    4 hard DJANGO_SETTINGS_MODULE shop.settings
    5 hard DB sqlite://
    5 hard DB_URL sqlite://
    6 hard x d
    6 hard CACHE d
    9 lazy CACHE_TYPE f
    10 lazy task_serializer g
    11 lazy result_backend h
    12 lazy K l
    14 hard APPS n
    ");
    insta::assert_snapshot!(uses("LOGGING = dict(handlers={'c': {'()': 'a.B'}})\nTEMPLATES = [{'BACKEND': 'c.D'}]\nX = (A or 'e') | {'f'}\n", &[How::Setting]), @r"
    1 hard LOGGING.handlers.c.() a.B
    2 hard TEMPLATES.BACKEND c.D
    3 hard X e
    3 hard X f
    ");
}

#[test]
fn strings_that_name_services() {
    insta::assert_snapshot!(uses("from celery import Celery\nfrom sqlalchemy import create_engine\nDB = 'postgresql+asyncpg://me:pw@db/x'\napp = Celery('x', broker='redis://h')\ncreate_engine(f'mysql+pymysql://{u}:{p}@h')\ndef f(u='amqp://h'): return g('S3://b' + x)\ny = 'https://example.invalid'\nQ = env('Q_URL', 'sqs://')\n'''redis://docstring'''\n", &[How::Url]), @r"
    3 hard postgresql+asyncpg DB
    4 hard redis celery.Celery.broker
    5 hard mysql+pymysql sqlalchemy.create_engine
    6 hard amqp
    6 lazy s3 g
    8 hard sqs Q
    ");
}

#[test]
fn strings_that_name_modules() {
    insta::assert_snapshot!(uses("'''a.docstring'''\nimport logging\nBACKEND = 'a.b.C'\nlogging.getLogger('d.e')\nLOGGING = {'loggers': {'f.g': {'class': 'h.i'}}, 'j.k': 1}\nf('l.m:n', x='o.p')\ny: 'q.r' = f'{s}.t.u'\ndef g():\n  '''v.w'''\n  return ['x.y', 'readme.txt', '1.2', 'z']\npatch('httpx.get')\n", &[How::Text]), @r"
    3 hard a.b.C BACKEND
    5 hard h.i LOGGING
    5 hard j.k LOGGING
    6 hard l.m.n f
    6 hard o.p f.x
    10 lazy x.y
    11 hard httpx.get patch
    ");
}

#[test]
fn folders_on_the_module_path() {
    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let text =
            format!("import os, sys, site\nfrom pathlib import Path\nfrom os.path import dirname, abspath\n{text}");
        let facts = facts("services/api/manage.py", text.as_bytes());
        assert_eq!(facts.module_roots, expect, "{text}");
    }
    check("sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'apps'))", &["services/api/apps"]);
    check("BASE = Path(__file__).resolve().parent.parent\nsys.path.append(str(BASE / 'lib'))", &["services/lib"]);
    check(
        "BASE_DIR = dirname(dirname(abspath(__file__)))\nsys.path.insert(0, os.path.join(BASE_DIR, 'extra', 'x'))",
        &["services/extra/x"],
    );
    check("sys.path.append(os.path.join(BASE_DIR, 'apps'))", &["apps"]);
    check("sys.path.append(f'{BASE_DIR}/apps')", &["apps"]);
    check("sys.path.append(Path(__file__).parents[2].as_posix())", &["."]);
    check("sys.path.append(os.path.dirname(__file__) + '/../common')", &["services/common"]);
    check("sys.path.append('/srv/app/src')", &["src"]);
    check("sys.path.append('..')", &["services"]);
    check("sys.path += ['a', 'b']", &["a", "b"]);
    check("sys.path[:0] = ['a']", &["a"]);
    check("sys.path = ['a'] + sys.path", &["a"]);
    check("site.addsitedir(os.getcwd())", &["."]);
    check("sys.path.extend([os.path.join(os.pardir, 'x')])", &["x"]);
    // What is not known, or is not the module path.
    check("sys.path.append(folder)", &[]);
    check("sys.path.append(find())", &[]);
    check("other.path.append('a')", &[]);
    check("A = B\nB = A\nsys.path.append(A)", &[]);
}

#[test]
fn command_lines() {
    insta::assert_snapshot!(uses("import subprocess, sys, os\ncmd = [sys.executable, '-mgrafter', path]\nrun(python, '-m', 'pruner.main', x)\nsubprocess.run(['orchard-serve', host])\nsubprocess.check_call('sower --deep rows', shell=True)\nos.execvp('picker', ['picker', '-q'])\nfruit = ['plum', 'pear']\nargs = ['mulcher', '--thick', 2]\nrest = ['-mtrellis', '-v']\nparser.add_argument('-m', 'mode')\nflags = ['-march=native', '-O2']\ndef f():\n  subprocess.Popen((sys.executable, '-I', '-m', name))\n", &[How::Load, How::Command]), @"
    2 lazy load grafter python -m
    3 lazy load pruner.main python -m
    4 lazy command orchard-serve
    5 lazy command sower --deep rows
    6 lazy command picker
    6 lazy command picker -q
    8 lazy command mulcher --thick
    9 lazy load trellis python -m
    ");
}
