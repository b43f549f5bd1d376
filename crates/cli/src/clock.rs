//! What day it is. The only place that looks at a clock for what a run says.

use depslim::policy::Date;
use std::time::{SystemTime, UNIX_EPOCH};

/// Today, in UTC: the day of `SOURCE_DATE_EPOCH` where that is set, so that a run can be repeated.
///
/// Variable: <https://reproducible-builds.org/specs/source-date-epoch/>.
pub(crate) fn today() -> Date {
    let chosen = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Date::from_unix(chosen.unwrap_or_else(now))
}
