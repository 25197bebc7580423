//! What people are told may go nowhere: the line of JSON and the exit code come all the same.
#![cfg(unix)]

use std::process::Command;

use partnerstack_tests::binary::binary;
use serde_json::Value;

#[test]
fn standard_error_may_be_closed_or_full_and_a_sandbox_needs_no_home() {
    let _limit = partnerstack_tests::limit();
    let full = if cfg!(target_os = "linux") { "2>/dev/full" } else { "2>&-" };
    for stderr in [full, "2>&-"] {
        let folder = tempfile::tempdir().unwrap();
        let rows = "email,partner_key,customer_key\nada@example.com,gstest,a-1\nnobody,gstest,a-2\n";
        std::fs::write(folder.path().join("rows.csv"), rows).unwrap();
        let output = Command::new("sh")
            .args(["-c", &format!(r#"exec "$0" "$@" {stderr}"#)])
            .arg(binary())
            .args(["sync", "--object", "customers", "--mode", "insert", "--source", "rows.csv"])
            .args(["--sandbox", "--json"])
            .env_clear()
            .current_dir(folder.path())
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}: {report}");
        assert_eq!((&report["rows"]["created"], &report["rows"]["invalid"]), (&1.into(), &1.into()));
        assert_eq!(report["failures"], "./failures/sandbox/sandbox/customers.customers.ndjson");
        assert!(folder.path().join("failures/sandbox/sandbox/customers.customers.ndjson").is_file());
    }
}
