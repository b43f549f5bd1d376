//! Cases: what configuration files name.

use super::{READERS, read};
use depslim_model::{How, Settings, Source};

/// Modules that a file names, and programs that it runs, by `$`.
fn names(path: &str, text: &str) -> Vec<String> {
    let facts = read(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() });
    let said = facts.uses.into_iter().filter_map(|used| match used.how {
        How::Dynamic => Some(used.name),
        How::Command => Some(format!("${}", used.name)),
        _ => None,
    });
    said.collect()
}

/// All of `expect` are named, and nothing of `not`.
fn check(path: &str, text: &str, expect: &[&str], not: &[&str]) {
    let found = names(path, text);
    for name in expect {
        assert!(found.iter().any(|f| f == name), "{path}: {name} is not in {found:?}");
    }
    for name in not {
        assert!(!found.iter().any(|f| f == name), "{path}: {name} is in {found:?}");
    }
}

#[test]
fn eslint_makes_names() {
    let text = r#"{
        // comments are fine
        "extends": ["airbnb", "airbnb/hooks", "plugin:plum/recommended", "plugin:@orchard/pear/strict", "plugin:@fig/all", "@kiwi", "eslint:recommended"],
        "plugins": ["import", "@typescript-eslint", "@orchard/quince"],
        "parser": "@typescript-eslint/parser",
        "settings": { "import/resolver": { "typescript": {} }, "react": { "version": "detect" } },
        "rules": { "no-restricted-imports": ["error", "lodash"] },
        "overrides": [{ "extends": "next" }]
    }"#;
    let expect = [
        "eslint-config-airbnb",
        "eslint-config-airbnb/hooks",
        "eslint-plugin-plum",
        "@orchard/eslint-plugin-pear",
        "@fig/eslint-plugin",
        "@kiwi/eslint-config",
        "eslint-plugin-import",
        "@typescript-eslint/eslint-plugin",
        "@orchard/eslint-plugin-quince",
        "@typescript-eslint/parser",
        "eslint-import-resolver-typescript",
        "eslint-config-next",
    ];
    check(".eslintrc.json", text, &expect, &["lodash", "react"]);
    check("e2e/.eslintrc", text, &expect, &["lodash"]);
    check(".eslintrc", "extends:\n  - plum\nplugins: [pear]\n", &["eslint-config-plum", "eslint-plugin-pear"], &[]);
    check(
        ".eslintrc.cjs",
        "module.exports = { extends: ['plum', 'plugin:pear/x'], rules: { a: ['error', 'fig'] } }",
        &["eslint-config-plum", "eslint-plugin-pear"],
        &["fig"],
    );
    check(
        "eslint.config.mjs",
        "export default [...compat.extends('next/core-web-vitals', 'plugin:plum/x')]",
        &["eslint-config-next/core-web-vitals", "eslint-plugin-plum"],
        &[],
    );
    check(
        "package.json",
        r#"{"name": "plum", "keywords": ["fig"], "dependencies": {"pear": "1"}, "eslintConfig": {"extends": "react-app"}}"#,
        &["eslint-config-react-app"],
        &["plum", "fig", "pear"],
    );
}

#[test]
fn other_tools_make_names() {
    check(
        "babel.config.js",
        "module.exports = { presets: [['@babel/env', {}], 'plum', 'module:fig'], plugins: ['@babel/transform-runtime', '@orchard/pear'] }",
        &[
            "@babel/preset-env",
            "babel-preset-plum",
            "fig",
            "@babel/plugin-transform-runtime",
            "@orchard/babel-plugin-pear",
        ],
        &[],
    );
    check(
        "postcss.config.js",
        "module.exports = { plugins: { tailwindcss: {}, 'postcss-plum': {} } }",
        &["tailwindcss", "postcss-plum"],
        &[],
    );
    check(
        "jest.config.ts",
        "export default { preset: 'ts-jest', testEnvironment: 'jsdom', transform: { '^.+\\\\.tsx?$': ['@swc/jest'] }, moduleNameMapper: { '^x$': 'lodash' } }",
        &["ts-jest", "jest-environment-jsdom", "@swc/jest"],
        &["lodash"],
    );
    check("test/jest-e2e.json", r#"{"transform": {"^.+\\.(t|j)s$": "ts-jest"}}"#, &["ts-jest"], &[]);
    check(
        "vitest.config.ts",
        "export default defineConfig({ test: { environment: 'happy-dom', coverage: { provider: 'istanbul' } } })",
        &["happy-dom", "@vitest/coverage-istanbul"],
        &[],
    );
    check(
        "tsconfig.base.json",
        r#"{"extends": "@tsconfig/node20/tsconfig.json", "compilerOptions": {"target": "es2022", "types": ["node", "@orchard/plum"], "importHelpers": true, "jsxImportSource": "preact", "plugins": [{"name": "next"}], "paths": {"a": ["lodash"]}}}"#,
        &[
            "@tsconfig/node20/tsconfig.json",
            "node",
            "@types/node",
            "@types/orchard__plum",
            "tslib",
            "preact/jsx-runtime",
            "next",
        ],
        &["lodash", "es2022"],
    );
    check(
        "nest-cli.json",
        r#"{"collection": "@nestjs/schematics", "compilerOptions": {"builder": "swc", "plugins": ["@nestjs/swagger"]}}"#,
        &["@nestjs/schematics", "@swc/cli", "@swc/core", "@nestjs/swagger"],
        &[],
    );
    check(
        "angular.json",
        r#"{"projects": {"a": {"architect": {"build": {"builder": "@angular-devkit/build-angular:browser", "options": {"styles": ["node_modules/plum/a.css"]}}}}}}"#,
        &["@angular-devkit/build-angular", "plum/a.css"],
        &[],
    );
    check(
        ".commitlintrc.json",
        r#"{"extends": ["@commitlint/config-conventional", "plum"]}"#,
        &["@commitlint/config-conventional", "commitlint-config-plum"],
        &[],
    );
    check(
        ".storybook/main.ts",
        "export default { addons: ['@storybook/addon-links'], framework: { name: '@storybook/react-vite' } }",
        &["@storybook/addon-links", "@storybook/react-vite"],
        &[],
    );
    check(
        ".release-it.json",
        r#"{"plugins": {"@release-it/plum": {"preset": "angular"}}, "hooks": {"before:init": "npx fig"}}"#,
        &["@release-it/plum", "conventional-changelog-angular"],
        &[],
    );
    check(
        "serverless.yml",
        "service: plum\nplugins:\n  - serverless-offline\nprovider:\n  name: aws\n",
        &["serverless-offline"],
        &["plum", "aws"],
    );
    check("next.config.js", "module.exports = { transpilePackages: ['plum'] }", &[], &["plum"]);
    check("knip.json", r#"{"ignoreDependencies": ["plum"]}"#, &[], &["plum"]);
}

#[test]
fn hooks_run_programs() {
    check(
        "package.json",
        r#"{"lint-staged": {"*.ts": ["eslint --fix", "prettier --write"]}, "husky": {"hooks": {"pre-commit": "plum"}}}"#,
        &["$eslint", "$prettier", "$plum"],
        &["prettier"],
    );
    check("nodemon.json", r#"{"exec": "ts-node src/app.ts", "watch": ["plum"]}"#, &["$ts-node"], &["plum"]);
}

#[test]
fn prisma_runs_generators() {
    let reader = READERS.iter().find(|reader| reader.name == "Prisma schema").unwrap();
    let text =
        "datasource db {\n  provider = \"postgresql\"\n}\ngenerator client {\n  provider = \"prisma-client-js\"\n}\n";
    let facts =
        (reader.read)(&Source { path: "prisma/schema.prisma", bytes: text.as_bytes(), settings: &Settings::default() });
    let said: Vec<_> =
        facts.uses.iter().map(|used| (used.how, used.name.as_str(), used.value.as_str(), used.line)).collect();
    assert_eq!(
        said,
        [
            (How::Setting, "datasource.provider", "postgresql", 2),
            (How::Setting, "generator.provider", "prisma-client-js", 5),
            (How::Dynamic, "prisma-client-js", "provider", 5),
        ]
    );
}

#[test]
fn broken_files_name_nothing_and_end() {
    for text in ["{", "[[[[", "\"", "a: &a [*a, *a]", &"[".repeat(100_000), &"a:\n ".repeat(1000), "\0"] {
        for path in [".eslintrc", ".eslintrc.json", ".eslintrc.yml", "babel.config.js", "package.json"] {
            read(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() });
        }
    }
}
