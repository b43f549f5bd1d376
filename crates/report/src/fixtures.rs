//! Reports made by hand, for the tests of every format. All names, paths and sizes are invented.

use depslim_model::report::{
    Applicable, Declared, Extra, Ignored, Image, Measure, Note, Origin, Place, SCHEMA, Status, Summary, Tool, Tree,
    Usage,
};
use depslim_model::{
    Code, Confidence, Edit, Evidence, EvidenceKind, Finding, Fix, Location, Package, Project, Report, Scope, Severity,
};

/// Nothing at all.
pub(crate) fn empty() -> Report {
    Report {
        schema: SCHEMA.into(),
        tool: Tool { name: "depslim".into(), version: "0.1.0".into() },
        target: "linux-x86_64-glibc".into(),
        source: Origin::default(),
        summary: Summary::default(),
        projects: Vec::new(),
        findings: Vec::new(),
        ignored: Vec::new(),
        notes: Vec::new(),
    }
}

/// A package that production installs.
pub(crate) fn package(name: &str, version: &str, bytes: u64) -> Package {
    Package {
        id: format!("pkg:pypi/{name}@{version}"),
        name: name.into(),
        version: Some(version.into()),
        scope: Scope::Prod,
        ships: true,
        files: (bytes / 47_000) as u32,
        installed_bytes: Some(bytes),
        exclusive_bytes: bytes,
        exclusive_packages: 1,
        usage: Usage { status: Status::Transitive, confidence: Confidence::High, ..Usage::default() },
        ..Package::default()
    }
}

/// A declared package with its evidence.
pub(crate) fn direct(mut package: Package, line: u32, status: Status, evidence: Vec<Evidence>) -> Package {
    package.direct = true;
    package.declared = vec![Declared { file: "pyproject.toml".into(), line, group: "prod".into(), group_name: None }];
    package.usage.status = status;
    package.usage.sites = evidence.iter().filter(|e| e.kind == EvidenceKind::Import && !e.installed).count() as u32;
    package.usage.files = package.usage.sites;
    package.usage.evidence = evidence;
    package
}

/// A declared package that another one brings anyway: its line frees nothing.
pub(crate) fn pinned(package: Package, line: u32, by: &str) -> Package {
    let text = format!("required by {by}");
    let evidence = Evidence { kind: EvidenceKind::Metadata, text, ..Evidence::default() };
    let package = direct(package, line, Status::Transitive, vec![evidence]);
    Package { exclusive_bytes: 0, exclusive_packages: 0, ..package }
}

/// Says who needs a package.
pub(crate) fn needed_by(mut package: Package, ids: &[&str]) -> Package {
    package.required_by = ids.iter().map(|id| (*id).to_owned()).collect();
    package
}

/// Evidence with a place.
pub(crate) fn seen(kind: EvidenceKind, file: &str, line: u32, text: &str) -> Evidence {
    Evidence { kind, file: Some(file.into()), line: Some(line), text: text.into(), ..Evidence::default() }
}

/// A finding about a package.
pub(crate) fn finding(
    code: Code,
    project: &str,
    package: &str,
    bytes: u64,
    message: &str,
    file: &str,
    line: u32,
) -> Finding {
    let id = package.split('@').next().unwrap_or_default().trim_start_matches("pkg:");
    Finding {
        code,
        name: code.name().into(),
        severity: code.severity(),
        confidence: Confidence::High,
        new: true,
        project: project.into(),
        package: package.into(),
        bytes,
        message: message.into(),
        location: Some(Location { file: file.into(), line, column: 5 }),
        evidence: Vec::new(),
        help: Vec::new(),
        fix: None,
        fingerprint: format!("{code}:{project}:{id}"),
        url: code.url().into(),
    }
}

/// Adds up what the packages and findings say.
pub(crate) fn add_up(mut report: Report) -> Report {
    for project in &mut report.projects {
        let bytes = |package: &Package| crate::phrase::weight(package).map_or(0, |(bytes, _)| bytes);
        project.prod_bytes = project.packages.iter().filter(|p| p.ships).map(bytes).sum();
        project.dev_bytes = project.packages.iter().filter(|p| !p.ships && p.scope == Scope::Dev).map(bytes).sum();
        project.packages.sort_by(|a, b| a.id.cmp(&b.id));
        (project.removable_bytes, project.with_change_bytes) = (0, 0);
        for finding in report.findings.iter().filter(|f| f.project == project.id) {
            match finding.code {
                Code::Unused | Code::DevInProd => project.removable_bytes += finding.bytes,
                Code::Heavy => project.with_change_bytes += finding.bytes,
                _ => {}
            }
        }
    }
    let count = |severity| report.findings.iter().filter(|f| f.severity == severity).count() as u32;
    report.summary = Summary {
        prod_bytes: report.projects.iter().map(|p| p.prod_bytes).sum(),
        dev_bytes: report.projects.iter().map(|p| p.dev_bytes).sum(),
        base_prod_bytes: report.summary.base_prod_bytes,
        removable_bytes: report.projects.iter().map(|p| p.removable_bytes).sum(),
        with_change_bytes: report.projects.iter().map(|p| p.with_change_bytes).sum(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warn),
        projects: report.projects.len() as u32,
        not_measured: report
            .projects
            .iter()
            .filter(|p| !matches!(p.measure, Measure::Installed | Measure::Binary))
            .count() as u32,
    };
    report
}

const ROOT: &str = ".#python";

/// A web application with what the first walk-through shows: an unused package, test tools in production, a heavy package that
/// one file uses, packages that only look unused.
pub(crate) fn django() -> Report {
    use EvidenceKind::{Dockerfile, EntryPoint, Import, Metadata, Searched, Setting};
    let import = |file: &str, line, text: &str| vec![seen(Import, file, line, text)];
    let searched = || Evidence {
        kind: Searched,
        files: Some(212),
        places: ["python source", "settings", "templates", "Dockerfile", "Procfile", "CI"].map(Into::into).into(),
        ..Evidence::default()
    };
    let mut pandas = direct(
        package("pandas", "2.2.3", 72_300_000),
        21,
        Status::Used,
        import("reports/export.py", 7, "import pandas as pd"),
    );
    (pandas.exclusive_bytes, pandas.exclusive_packages) = (118_600_000, 5);
    pandas.usage.names = vec!["DataFrame.groupby".into(), "DataFrame.to_csv".into()];
    pandas.usage.sites = 3;
    let mut pytest = direct(
        package("pytest", "8.3.4", 3_400_000),
        22,
        Status::Development,
        import("tests/test_orders.py", 1, "import pytest"),
    );
    pytest.scope = Scope::Dev;
    (pytest.exclusive_bytes, pytest.exclusive_packages) = (11_200_000, 5);
    let mut twilio = direct(package("twilio", "9.3.0", 9_800_000), 18, Status::Unused, vec![searched()]);
    twilio.scope = Scope::Unused;
    let mut uvicorn = direct(
        package("uvicorn", "0.32.0", 700_000),
        26,
        Status::Used,
        vec![seen(Dockerfile, "Dockerfile", 31, "gunicorn -k uvicorn.workers.UvicornWorker shop.asgi")],
    );
    (uvicorn.exclusive_bytes, uvicorn.exclusive_packages) = (14_800_000, 2);
    uvicorn.extras = vec![
        Extra { name: "standard".into(), exclusive_bytes: 14_100_000, used: true },
        Extra { name: "docs".into(), exclusive_bytes: 300_000, used: false },
    ];
    let mut orjson = direct(
        package("orjson", "3.10.12", 400_000),
        27,
        Status::Optional,
        vec![seen(Import, "shop/api.py", 4, "try: import orjson")],
    );
    orjson.scope = Scope::Optional;
    let mut httpx = direct(package("httpx", "0.27.2", 1_100_000), 29, Status::Used, Vec::new());
    httpx.usage.evidence = vec![Evidence {
        installed: true,
        ..seen(Import, "lib/python3.12/site-packages/authlib/oauth2/client.py", 12, "import httpx")
    }];
    let mut unclaimed = package("pip", "24.3.1", 13_900_000);
    (unclaimed.scope, unclaimed.ships) = (Scope::Unused, false);
    let dev = |name: &str, version: &str, bytes: u64| Package {
        scope: Scope::Dev,
        ships: false,
        ..package(name, version, bytes)
    };
    let only_pytest = |name: &str, version: &str, bytes: u64| Package {
        scope: Scope::Dev,
        ..needed_by(package(name, version, bytes), &["pkg:pypi/pytest@8.3.4"])
    };
    let only_pandas =
        |name: &str, version: &str, bytes: u64| needed_by(package(name, version, bytes), &["pkg:pypi/pandas@2.2.3"]);
    let packages = vec![
        direct(package("django", "5.1.3", 41_800_000), 14, Status::Used, import("manage.py", 3, "import django")),
        direct(
            package("gunicorn", "23.0.0", 1_200_000),
            15,
            Status::Used,
            vec![seen(Dockerfile, "Dockerfile", 31, "gunicorn -k uvicorn.workers.UvicornWorker shop.asgi")],
        ),
        direct(
            package("psycopg", "3.2.3", 2_700_000),
            16,
            Status::Used,
            vec![seen(Setting, "shop/settings.py", 88, "ENGINE = django.db.backends.postgresql")],
        ),
        direct(
            package("whitenoise", "6.8.2", 300_000),
            17,
            Status::Used,
            vec![seen(Setting, "shop/settings.py", 41, "MIDDLEWARE = whitenoise.middleware.WhiteNoiseMiddleware")],
        ),
        direct(
            package("celery", "5.4.0", 5_900_000),
            19,
            Status::Used,
            import("shop/tasks.py", 2, "from celery import shared_task"),
        ),
        direct(
            package("django-storages", "1.14.4", 900_000),
            20,
            Status::Used,
            vec![seen(Setting, "shop/settings.py", 120, "DEFAULT_FILE_STORAGE")],
        ),
        direct(
            package("psycopg-pool", "3.2.4", 400_000),
            24,
            Status::Used,
            vec![seen(EntryPoint, "pyproject.toml", 51, "pool")],
        ),
        direct(
            package("channels-redis", "4.2.1", 200_000),
            25,
            Status::Used,
            vec![seen(Setting, "shop/settings.py", 131, "CHANNEL_LAYERS.default.BACKEND")],
        ),
        direct(
            package("django-health-check", "3.18.3", 500_000),
            28,
            Status::Used,
            vec![seen(Setting, "shop/settings.py", 45, "INSTALLED_APPS = health_check")],
        ),
        pinned(needed_by(package("kombu", "5.4.2", 3_100_000), &["pkg:pypi/celery@5.4.0"]), 23, "celery"),
        needed_by(package("vine", "5.1.0", 200_000), &["pkg:pypi/celery@5.4.0", "pkg:pypi/kombu@5.4.2"]),
        uvicorn,
        needed_by(package("uvloop", "0.21.0", 14_100_000), &["pkg:pypi/uvicorn@0.32.0"]),
        orjson,
        httpx,
        pandas,
        only_pandas("numpy", "2.1.3", 44_100_000),
        only_pandas("python-dateutil", "2.9.0", 900_000),
        only_pandas("pytz", "2024.2", 700_000),
        only_pandas("tzdata", "2024.2", 600_000),
        pytest,
        only_pytest("pygments", "2.18.0", 6_900_000),
        only_pytest("pluggy", "1.5.0", 300_000),
        only_pytest("iniconfig", "2.0.0", 100_000),
        only_pytest("packaging", "24.2", 500_000),
        twilio,
        dev("mypy", "1.13.0", 61_300_000),
        dev("ruff", "0.8.1", 35_400_000),
        unclaimed,
    ];
    let project = Project {
        id: ROOT.into(),
        ecosystem: "python".into(),
        path: ".".into(),
        manager: Some("uv".into()),
        manifest: Some("pyproject.toml".into()),
        lockfile: Some("uv.lock".into()),
        environment: Some(".venv".into()),
        runtime: Some("3.12".into()),
        measure: Measure::Installed,
        tree: Some(Tree {
            total_bytes: 309_611_392,
            on_disk_bytes: 341_200_896,
            entries: 21_480,
            packages_bytes: 307_400_000,
            unowned_bytes: 1_400_000,
            unowned: vec![
                Place { path: "bin/activate".into(), bytes: 900_000 },
                Place { path: "share/doc".into(), bytes: 500_000 },
            ],
            folders_bytes: 811_392,
        }),
        files_read: 212,
        image: Some(Image {
            current: Some("python:3.12".into()),
            recommended: Some("python:3.12-slim-bookworm".into()),
            confidence: Confidence::High,
            reasons: vec!["not alpine: 3 wheels are glibc-only".into(), "psycopg[c] links libpq.so.5".into()],
            system_packages: vec!["libpq5".into()],
        }),
        packages,
        ..Project::default()
    };
    let twilio = Finding {
        evidence: vec![searched()],
        fix: Some(Fix {
            applicable: Applicable::Safe,
            edits: vec![Edit { file: "pyproject.toml".into(), start: 412, end: 429, text: String::new() }],
        }),
        ..finding(Code::Unused, ROOT, "pkg:pypi/twilio@9.3.0", 9_800_000, "twilio is never used", "pyproject.toml", 18)
    };
    let pytest = Finding {
        evidence: vec![seen(Import, "tests/test_orders.py", 1, "import pytest")],
        fix: Some(Fix {
            applicable: Applicable::Safe,
            edits: vec![
                Edit { file: "pyproject.toml".into(), start: 480, end: 497, text: String::new() },
                Edit { file: "pyproject.toml".into(), start: 611, end: 611, text: "    \"pytest\",\n".into() },
            ],
        }),
        ..finding(
            Code::DevInProd,
            ROOT,
            "pkg:pypi/pytest@8.3.4",
            11_200_000,
            "pytest (and 4 more only it needs) is used by tests/ only",
            "pyproject.toml",
            22,
        )
    };
    let pandas = Finding {
        evidence: vec![
            Evidence {
                kind: Metadata,
                text: "pandas 72.3 MB + numpy 44.1 MB + 3 others 2.2 MB that nothing else needs".into(),
                ..Evidence::default()
            },
            seen(Import, "reports/export.py", 7, "import pandas as pd"),
        ],
        help: vec!["used: groupby, to_csv. The standard library has csv and itertools.groupby".into()],
        ..finding(
            Code::Heavy,
            ROOT,
            "pkg:pypi/pandas@2.2.3",
            118_600_000,
            "pandas is used in 1 file",
            "reports/export.py",
            7,
        )
    };
    let boto = Finding {
        confidence: Confidence::Low,
        severity: Severity::Warn,
        location: None,
        evidence: vec![Evidence {
            kind: Searched,
            text: "shop/plugins.py:9 imports by a computed name".into(),
            ..Evidence::default()
        }],
        ..finding(
            Code::Unused,
            ROOT,
            "pkg:pypi/django-storages@1.14.4",
            900_000,
            "django-storages may be unused",
            "",
            0,
        )
    };
    let mut report = Report {
        projects: vec![project],
        findings: vec![pandas, pytest, twilio, boto],
        ignored: vec![Ignored {
            fingerprint: "SLIM001:.#python:pypi/django-health-check".into(),
            by: "inline".into(),
            reason: Some("the platform calls it".into()),
        }],
        notes: vec![Note {
            project: Some(ROOT.into()),
            file: Some("shop/legacy.py".into()),
            line: Some(3),
            message: "can't be read as Python: unexpected indent; what it uses is not seen".into(),
            fatal: false,
        }],
        ..empty()
    };
    report.source.repo = Some("acme/shop".into());
    add_up(report)
}

/// Nothing to say about it.
pub(crate) fn clean() -> Report {
    let mut report = django();
    report.findings.clear();
    report.ignored.clear();
    report.notes.clear();
    let project = &mut report.projects[0];
    (project.removable_bytes, project.with_change_bytes, project.image) = (0, 0, None);
    project.packages.retain(|p| ["django", "celery", "vine"].contains(&p.name.as_str()));
    add_up(report)
}

/// No environment: sizes come from the lock.
pub(crate) fn estimated() -> Report {
    let mut report = django();
    report.notes.clear();
    report.ignored.clear();
    let project = &mut report.projects[0];
    (project.environment, project.image, project.tree, project.measure) = (None, None, None, Measure::Estimated);
    project.packages.retain(|p| p.name != "pip");
    for package in &mut project.packages {
        package.estimated_bytes = package.installed_bytes.take().map(|bytes| bytes / 4);
        package.exclusive_bytes /= 4;
        package.files = 0;
    }
    report.findings.retain(|f| f.code == Code::Unused && f.confidence == Confidence::High);
    for finding in &mut report.findings {
        (finding.confidence, finding.bytes) = (Confidence::Medium, finding.bytes / 4);
    }
    report.findings.push(Finding {
        location: None,
        ..finding(Code::NotMeasured, ROOT, "", 0, "no .venv found. For real sizes: uv sync --frozen && depslim", "", 0)
    });
    add_up(report)
}

/// Five ecosystems in one repository; one project is broken, one has no sizes, one is inside a binary.
pub(crate) fn monorepo() -> Report {
    let mut api = django();
    let mut project = api.projects.remove(0);
    (project.id, project.path) = ("services/api#python".into(), "services/api".into());
    let mut findings = api.findings;
    for finding in &mut findings {
        finding.project.clone_from(&project.id);
        finding.fingerprint = finding.fingerprint.replace(ROOT, &project.id);
        if let Some(at) = &mut finding.location {
            at.file = format!("services/api/{}", at.file);
        }
    }
    let other = |id: &str, ecosystem: &str, measure| {
        let path = id.split('#').next().unwrap_or_default().to_owned();
        Project { id: id.into(), ecosystem: ecosystem.into(), path, measure, ..Project::default() }
    };
    let mut web = other("web#node", "node", Measure::Installed);
    web.manifest = Some("web/package.json".into());
    let mut next = package("next", "15.0.3", 64_200_000);
    next.id = "pkg:npm/next@15.0.3".into();
    let mut typescript = package("typescript", "5.7.2", 32_100_000);
    (typescript.id, typescript.scope) = ("pkg:npm/typescript@5.7.2".into(), Scope::Dev);
    (next.direct, typescript.direct) = (true, true);
    web.packages = vec![next, typescript];
    findings.push(finding(
        Code::DevInProd,
        "web#node",
        "pkg:npm/typescript@5.7.2",
        32_100_000,
        "typescript is used by scripts only",
        "web/package.json",
        14,
    ));
    let mut gateway = other("tools/gateway#go", "go", Measure::Binary);
    let mut chi = direct(package("github.com/go-chi/chi", "v5.1.0", 0), 5, Status::Used, Vec::new());
    (chi.id, chi.installed_bytes, chi.binary_bytes) =
        ("pkg:golang/github.com/go-chi/chi@v5.1.0".into(), None, Some(24_800_000));
    gateway.packages = vec![chi];
    let engine = other("engine#rust", "rust", Measure::Unknown);
    findings.push(Finding {
        location: None,
        ..finding(
            Code::NotMeasured,
            "engine#rust",
            "",
            0,
            "no release binary found. For sizes: cargo build --release && depslim",
            "",
            0,
        )
    });
    let mut billing = other("services/billing#java", "java", Measure::Unknown);
    billing.failed = Some("services/billing/pom.xml:7: the element `dependencies` is not closed".into());
    add_up(Report { projects: vec![engine, project, billing, gateway, web], findings, ..empty() })
}

/// Every text that comes from outside is an attack.
pub(crate) fn hostile() -> Report {
    foreign(
        "\x1b[2J\u{202e}</script><img src=x onerror=alert(1)>|`@team` ##[error]::set-output name=a::b%0A\r\n\u{9b}x",
        None,
    )
}

/// Every text that comes from outside holds this one, and every size is this one if one is given.
pub(crate) fn foreign(evil: &str, size: Option<u64>) -> Report {
    let mut report = django();
    let add = |text: &mut String| text.push_str(evil);
    report.tool.version = evil.into();
    report.source.repo = Some(evil.into());
    for project in &mut report.projects {
        project.manifest = Some(format!("::warning::{evil}"));
        project.environment = Some(evil.into());
        add(&mut project.ecosystem);
        if let Some(image) = &mut project.image {
            image.recommended = Some(evil.into());
            image.reasons = vec![evil.into()];
            image.system_packages = vec![evil.into()];
        }
        if let Some(tree) = &mut project.tree {
            tree.unowned[0].path = evil.into();
        }
        for package in &mut project.packages {
            package.name = format!("::error::{evil}{}", package.name);
            package.version = Some(evil.into());
            for declared in &mut package.declared {
                add(&mut declared.file);
            }
            for evidence in &mut package.usage.evidence {
                add(&mut evidence.text);
                evidence.file = evidence.file.take().map(|file| format!("{file}{evil}"));
                evidence.places.push(evil.into());
            }
            package.usage.names.push(evil.into());
            for extra in &mut package.extras {
                add(&mut extra.name);
            }
        }
    }
    for finding in &mut report.findings {
        add(&mut finding.message);
        add(&mut finding.name);
        add(&mut finding.fingerprint);
        finding.url = "javascript:alert(1)".into();
        finding.help = vec![evil.into()];
        if let Some(at) = &mut finding.location {
            add(&mut at.file);
        }
        for evidence in &mut finding.evidence {
            add(&mut evidence.text);
        }
    }
    for note in &mut report.notes {
        note.message = format!("::error::{evil}");
        note.file = Some(evil.into());
        note.fatal = true;
    }
    for ignored in &mut report.ignored {
        ignored.reason = Some(evil.into());
        add(&mut ignored.by);
    }
    if let Some(size) = size {
        for package in report.projects.iter_mut().flat_map(|project| &mut project.packages) {
            (package.installed_bytes, package.exclusive_bytes) = (package.installed_bytes.map(|_| size), size);
        }
        report.findings.iter_mut().for_each(|finding| finding.bytes = size);
        for project in &mut report.projects {
            (project.prod_bytes, project.dev_bytes, project.removable_bytes) = (size, size, size);
        }
        report.summary.prod_bytes = size;
    }
    report
}

/// A project of many packages: one in ten is declared, the others belong to those.
pub(crate) fn large(count: usize) -> Report {
    let mut report = empty();
    let id = |at: usize| format!("pkg:pypi/package-{at}@1.{at}");
    let packages = (0..count)
        .map(|at| {
            let package = package(&format!("package-{at}"), &format!("1.{at}"), (at as u64 * 7919) % 1_000_003 + 1);
            if at % 10 == 0 {
                direct(
                    package,
                    at as u32 + 1,
                    Status::Used,
                    vec![seen(EvidenceKind::Import, "app/main.py", at as u32 + 1, "import it")],
                )
            } else {
                Package { required_by: vec![id(at - at % 10)], ..package }
            }
        })
        .collect();
    report.projects.push(Project {
        id: ROOT.into(),
        ecosystem: "python".into(),
        path: ".".into(),
        measure: Measure::Installed,
        packages,
        ..Project::default()
    });
    add_up(report)
}
