//! Renders reports: pure functions from a report to text.
