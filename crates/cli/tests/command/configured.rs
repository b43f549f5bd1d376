//! Configuration files at work, from the folder that they are found in to what a run says.

use crate::bench::{empty, shop};

#[test]
fn the_nearest_file_up_to_the_repository_counts() {
    let bench = empty();
    bench.write(".git/HEAD", "");
    bench.fill("services/till");
    bench.write("depslim.toml", "rules.SLIM002 = 'off'\n[[project]]\npath = 'services/till'\nrules.SLIM001 = 'off'\n");
    assert_eq!(bench.findings(&[]), [""; 0]);
    assert_eq!(bench.findings(&["services/till"]), [""; 0]);
    let run = bench.run(&["services/till", "-v"]);
    assert!(run.err.starts_with("configuration: depslim.toml\n"), "{}", run.err);
    bench.write("services/till/.depslim.toml", "rules.SLIM001 = 'off'\n");
    assert_eq!(bench.findings(&["services/till"]), ["SLIM002 damson"]);
    assert_eq!(bench.findings(&["services/till", "--isolated"]), ["SLIM001 quince", "SLIM002 damson"]);
}

#[test]
fn parts_of_the_tree_can_be_left_out() {
    let bench = empty();
    bench.fill("till");
    bench.fill("samples/till");
    bench.write("depslim.toml", "exclude = ['samples/**']\n");
    let report = bench.json(&[]);
    let ids: Vec<_> =
        report["projects"].as_array().unwrap().iter().map(|project| project["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["till#python"]);
}

#[test]
fn tables_of_ecosystems_reach_their_readers() {
    let bench = empty();
    bench.write("requirements.txt", "plum==2.1\nquince==0.9\n");
    bench.write("shop/till.py", "import plum\nimport stone\n");
    assert!(bench.findings(&[]).contains(&"SLIM001 quince".to_owned()));
    bench.write("depslim.toml", "[python]\nmodule-map = { quince = ['stone'] }\n");
    assert!(!bench.findings(&[]).contains(&"SLIM001 quince".to_owned()));
}

#[test]
fn a_configuration_for_all_ecosystems_does_not_disturb() {
    let bench = shop();
    bench.write(
        "depslim.toml",
        "ecosystems = ['python', 'node']\n[go]\nbinary = 'bin/app'\n[comment]\nmode = 'never'\n",
    );
    assert_eq!(bench.findings(&[]), ["SLIM001 quince", "SLIM002 damson"]);
}
